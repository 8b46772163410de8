"""Connects the foot, Weights, Vary, Compare prompts and the captions with the state."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.job import Progress
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.prompt import IN_EDITOR
from tokensim_gui.state.prompt_encoder import OpenEncoder, Whole
from tokensim_gui.ui.prompt_page.caption_list import CaptionList
from tokensim_gui.ui.prompt_page.compare_part import ComparePart
from tokensim_gui.ui.prompt_page.dropped_files import CAPTIONS
from tokensim_gui.ui.prompt_page.prompt_foot import PromptFoot
from tokensim_gui.ui.prompt_page.vary_part import VaryPart
from tokensim_gui.ui.prompt_page.weights_part import WeightsPart

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.captions import CaptionFile
    from tokensim_gui.core.prompt.interfaces import Interface
    from tokensim_gui.core.prompt.mutations import Mutations
    from tokensim_gui.state.session import Session


class PartLinks(QObject):
    """What the parts ask for goes to the state, and what comes of it back."""

    partAsked = Signal(str)

    def __init__(
        self,
        session: "Session",
        foot: PromptFoot,
        weights: WeightsPart,
        vary: VaryPart,
        compare: ComparePart,
        captions: CaptionList,
    ) -> None:
        super().__init__(weights)
        self._session, self._prompt = session, session.prompt
        self._foot, self._weights, self._vary, self._compare = foot, weights, vary, compare
        self._captions = captions
        foot.set_interface(self._prompt.written_for)
        foot.set_steps(self._prompt.steps)
        foot.interfaceChanged.connect(self._prompt.set_written_for)
        foot.stepsChanged.connect(self._prompt.set_steps)
        foot.convertRequested.connect(self._prompt.convert_to)
        foot.tokensUseRequested.connect(self._on_tokens_use_requested)
        foot.copyRequested.connect(self._on_copy_requested)
        self._prompt.interfaceChanged.connect(foot.set_interface)
        self._prompt.stepsChanged.connect(foot.set_steps)
        prompt, encodings = self._prompt, self._session.encoder
        weights.targetChanged.connect(prompt.set_target)
        weights.copyRequested.connect(session.clipboard.copy_text)
        weights.useRequested.connect(self._on_use_requested)
        prompt.weightsChanged.connect(weights.set_weights)
        vary.makeRequested.connect(self._on_make_requested)
        vary.useRequested.connect(self._on_prompt_chosen)
        vary.copyRequested.connect(self._on_prompts_copy_requested)
        vary.exportRequested.connect(self._on_export_requested)
        vary.compareRequested.connect(self._on_vary_compare_requested)
        prompt.template.changed.connect(self._on_mutations_changed)
        compare.promptAboveRequested.connect(self._on_prompt_above_requested)
        compare.openRequested.connect(self._on_open_requested)
        compare.useRequested.connect(encodings.open)
        compare.compareRequested.connect(self._on_compare_requested)
        compare.influenceRequested.connect(self._on_influence_requested)
        compare.variationsRequested.connect(self._on_variations_requested)
        compare.cancelRequested.connect(encodings.cancel)
        compare.promptChosen.connect(self._on_prompt_chosen)
        encodings.asked.connect(self._on_compare_asked)
        encodings.encoderChanged.connect(self._on_encoder_changed)
        encodings.wholeFound.connect(self._on_whole_found)
        encodings.answered.connect(compare.show_answer)
        encodings.busyChanged.connect(compare.show_busy)
        encodings.problemChanged.connect(compare.show_problem)
        captions.closed.connect(prompt.captions.leave)
        captions.fileChosen.connect(prompt.files.read_caption)
        prompt.captions.progressed.connect(self._on_captions_progressed)
        prompt.captions.changed.connect(self._on_captions_changed)
        session.tables.frontChanged.connect(self._on_table_opened)

    def show_part(self, key: str) -> None:
        """A part came to the front: see to it that it has what it needs."""
        self._prompt.want_weights(key == "weights")
        self._foot.set_converts_above(key == "weights")
        if key == "vary" and not self._vary.template.text():
            self._vary.template.setText(" ".join(self._prompt.text.split()))
        elif key == "compare":
            self._session.encoder.look_at(self._session.tables.info.source)
            if not self._compare.prompts.prompts():
                self._compare.set_prompts([self._prompt.plain(self._prompt.text)])

    def take_file(self, path: Path) -> None:
        """Read a picture, a caption, or a folder of captions."""
        if os.path.isdir(path):
            self._prompt.captions.check(path, self._prompt.places)
        elif path.suffix.lower() in CAPTIONS:
            self._prompt.files.read_caption(path)
        else:
            self._prompt.files.read_picture(path)

    @Slot()
    def _on_compare_asked(self) -> None:
        self.partAsked.emit("compare")

    @Slot()
    def _on_copy_requested(self) -> None:
        self._session.clipboard.copy_text(self._prompt.text)

    @Slot()
    def _on_tokens_use_requested(self) -> None:
        """Put the tokens of the prompt into the tray, and show where they are looked up."""
        reading = self._prompt.reading
        if reading is not None:
            ids = dict.fromkeys(
                token.id
                for token in reading.prompt.tokens
                if any(map(str.isalnum, reading.text[token.start : token.end]))
            )
            more = [token for token in ids if token not in self._session.search.tray]
            self._session.search.change_tray(lambda tray: tray.toggle(more))
            self._session.pageRequested.emit("search")

    # Weights and variations ---------------------------------------------------------------------

    @Slot(str, str)
    def _on_use_requested(self, text: str, target: "Interface") -> None:
        self._session.prompt.write_for(text, target)

    @Slot(str, int, int, object)
    def _on_make_requested(
        self, template: str, count: int, seed: int, token_filter: TokenFilter
    ) -> None:
        self._prompt.template.fill(template, count, seed, token_filter, self._prompt.interface)

    @Slot(object)
    def _on_mutations_changed(self, made: "Mutations | str | None") -> None:
        if made is None:
            self._vary.show_making()
        elif isinstance(made, str):
            self._vary.show_problem(made)
        else:
            self._vary.show_mutations(made)

    @Slot(str)
    def _on_prompt_chosen(self, prompt: str) -> None:
        self._prompt.write(prompt)
        self._prompt.noticed.emit(Notice(IN_EDITOR))

    @Slot(str)
    def _on_prompts_copy_requested(self, prompts: str) -> None:
        self._session.clipboard.copy_text(prompts, "prompts")

    @Slot(list)
    def _on_export_requested(self, prompts: list[str]) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._vary, "Export prompts", "prompts.txt", "Text files (*.txt)"
        )
        if not name:
            return
        try:
            write_atomically(Path(name), ("\n".join(prompts) + "\n").encode())
        except TokenSimError as error:
            self._prompt.noticed.emit(Notice(str(error)))
        else:
            words = f"Wrote {len(prompts):,} prompts to {name}."
            self._prompt.noticed.emit(Notice(words))

    @Slot(list)
    def _on_vary_compare_requested(self, prompts: list[str]) -> None:
        self._compare.set_prompts([self._prompt.plain(prompt) for prompt in prompts])
        self.partAsked.emit("compare")

    # Text encodings -------------------------------------------------------------------------------

    @Slot()
    def _on_open_requested(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._compare,
            "Open encoder",
            "",
            "Model files (*.safetensors *.gguf *.ckpt *.pt *.pth *.bin config.json);;All files (*)",
        )
        if name:
            path = Path(name)
            # Of a folder one file must be picked; its config.json stands for the whole of it.
            self._session.encoder.open(path.parent if path.name == "config.json" else path)

    @Slot(list, int)
    def _on_compare_requested(self, prompts: list[str], clip_skip: int) -> None:
        if len(prompts) < 2:
            self._compare.show_problem(
                "There is one prompt only. Type another one below it."
                if prompts
                else "There is no prompt yet. Type two or more."
            )
            return
        self._session.encoder.compare(prompts, clip_skip)

    @Slot()
    def _on_prompt_above_requested(self) -> None:
        self._compare.prompts.add(self._prompt.plain(self._prompt.text))

    @Slot(str, int)
    def _on_influence_requested(self, prompt: str, clip_skip: int) -> None:
        self._session.encoder.influence(prompt, clip_skip)

    @Slot(str, int)
    def _on_variations_requested(self, prompt: str, clip_skip: int) -> None:
        self._prompt.vary(prompt, clip_skip)

    @Slot(object)
    def _on_encoder_changed(self, encoder: OpenEncoder | None) -> None:
        self._compare.set_encoder(encoder)

    @Slot(object)
    def _on_whole_found(self, whole: Whole) -> None:
        self._compare.set_whole(whole)

    @Slot(object)
    def _on_table_opened(self, _opened: object) -> None:
        if self._compare.isVisible():
            self._session.encoder.look_at(self._session.tables.info.source)

    # Captions -------------------------------------------------------------------------------------

    @Slot(object)
    def _on_captions_progressed(self, progress: Progress) -> None:
        self._captions.show_progress(progress)
        if not progress.done:
            self.partAsked.emit("captions")

    @Slot(object)
    def _on_captions_changed(self, answer: "tuple[CaptionFile, ...] | str | None") -> None:
        if answer is None:
            self.partAsked.emit("tokens")
        elif isinstance(answer, str):
            self._captions.show_problem(answer)
        else:
            self._captions.show_files(answer)
