"""Prompts taken whole out of a block or a picture: both sides and the settings, and back."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokensim_gui.state.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokensim_gui.core.prompt.picture_prompts import PicturePrompts


@dataclass(frozen=True, slots=True)
class _State:
    texts: dict[str, str]
    settings: str


class PromptBlocks(QObject):
    """Hands prompts to the editors, each of which undoes by itself, and keeps them together."""

    textsTaken = Signal(str, str)  # prompt, negative prompt: to be written into the editors
    stepAsked = Signal(str, bool)  # side; whether to undo there, else to redo
    settingsChanged = Signal(str)  # Steps, Sampler and so on of what was taken, in one line
    noticed = Signal(object)  # Notice

    def __init__(
        self, texts: "Mapping[str, str]", settings: str = "", parent: QObject | None = None
    ) -> None:
        """Take the prompts by side, only to be looked at, and the line of the last time."""
        super().__init__(parent)
        self._texts = texts
        self._settings = settings
        self._told = ""
        self._steps: list[tuple[_State, _State]] = []  # before and after

    @property
    def settings(self) -> str:
        """Steps, Sampler and so on of the prompts, in one line; "" without a prompt."""
        return self._settings if any(self._texts.values()) else ""

    def take(self, prompt: str, negative: str = "", settings: str = "") -> None:
        """Put a prompt into the editors; one undo, in either of them, takes all of it back."""
        before = _State(dict(self._texts), self._settings)
        steps, self._steps = self._steps, []  # what is written now is no undo
        self.textsTaken.emit(prompt, negative)
        self._settings = settings
        self._tell()
        after = _State(dict(self._texts), settings)  # as the editors have it: lines end in \\n
        self._steps = [*steps, (before, after)]

    def take_block(self, block: str) -> bool:
        """Take what A1111 writes under a picture; False if the text is a prompt alone."""
        from tokensim_gui.core.prompt.infotext import parse_infotext

        info = parse_infotext(block)
        if info is None:
            return False
        self.take(info.prompt, info.negative, _in_a_line(tuple(info.settings.items())))
        return True

    def take_picture(self, path: Path, found: "PicturePrompts") -> None:
        """Take the prompts that were found in a picture."""
        self.take("\n".join(found.prompts), "\n".join(found.negatives), _in_a_line(found.settings))
        said = f"Took the prompt of {found.source} out of “{path.name}”."
        if found.notes:
            said += " " + found.notes[0][0].upper() + found.notes[0][1:]
        self.noticed.emit(Notice(said))

    def follow(self, side: str, was: str) -> None:
        """A side was changed: if that was an undo or redo of what was taken, the rest follows."""
        for before, after in reversed(self._steps):
            for start, goal in ((after, before), (before, after)):
                if (was, self._texts[side]) == (start.texts[side], goal.texts[side]):
                    self._settings = goal.settings
                    self._go_along(side, start, goal)
                    self._tell()
                    return
        self._tell()

    def _go_along(self, side: str, start: _State, goal: _State) -> None:
        other = "negative" if side == "prompt" else "prompt"
        if self._texts[other] == start.texts[other] != goal.texts[other]:
            is_undo = any(before is goal for before, _ in self._steps)
            self.stepAsked.emit(other, is_undo)

    def _tell(self) -> None:
        """Settings without a prompt would be nobody's."""
        shown = self.settings
        if shown != self._told:
            self._told = shown
            self.settingsChanged.emit(shown)


def _in_a_line(settings: tuple[tuple[str, str], ...]) -> str:
    return " · ".join(f"{name}: {value}" for name, value in settings)
