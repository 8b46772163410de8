"""LoRAs and embeddings on the Encoders page: searched, read, put into the prompt."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.core.checkpoints.layouts_on_disk import write_safetensors
from tests.core.loras.lora_files import CASES, UNET_1, Case, write
from tests.core.text_encoders.small_encoders import clip_model, state_of
from tests.made_tables import WORDS, add_little
from tests.ui.on_screen import on_screen
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.loras.inversion_file import norms, read_inversions
from tokensim_gui.core.loras.trained_files import look_through, store_list
from tokensim_gui.core.text_encoders.encoder_layouts import candidates_for_encoding
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.encoders_page.encoders_page import EncodersPage
from tokensim_gui.ui.widgets.plain_table import PlainTable

LONG_MS = 30_000
NAMES = {
    "kohya, SD 1.5": "hero",
    "SimpleTuner": "lights",
    "musubi-tuner": "silent",
    "with an inversion inside": "bundle",
}


class Shown:
    """The page over four LoRAs and an embedding."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        for case, name in NAMES.items():
            write(CASES[case], folder / f"{name}.safetensors")
        torch.save({"<toy>": torch.ones(2, 768)}, folder / "toy.pt")
        store_list(look_through([folder], ()))
        self.qtbot = qtbot
        self.session = Session(Settings(), TableLibrary())
        self.page = EncodersPage(self.session)
        qtbot.addWidget(self.page)
        self.page.resize(1200, 800)
        self.page.show()
        qtbot.waitExposed(self.page)
        self.page.show_part("loras")
        self.part = self.page.loras

    def names(self) -> list[str]:
        model = self.part.table.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def select(self, name: str) -> str:
        """Select a file by a click; returns all that its card says."""
        index = self.part.table.model().index(self.names().index(name), 0)
        place = self.part.table.visualRect(index).center()
        with self.qtbot.waitSignal(self.session.loras.cardChanged, timeout=LONG_MS):
            self.qtbot.mouseClick(self.part.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        labels = self.part.details.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.part))

    def button(self, name: str) -> QPushButton:
        buttons = self.part.details.findChildren(QPushButton)
        return next(
            b for b in buttons if name in (b.accessibleName(), b.text()) and not b.isHidden()
        )


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Shown]:
    theme.apply(qapp, "light")
    (tmp_path / "files").mkdir()
    shown = Shown(qtbot, tmp_path / "files")
    yield shown
    shown.page.close()
    shown.session.close()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("boreal", ["lights"]),
        ("1BOY", ["hero"]),
        ("qwen", ["silent"]),
        ("toy", ["toy"]),
        ("sd 1.5", ["hero", "toy"]),
        ("", ["bundle", "hero", "lights", "silent", "toy"]),
        ("nothing like it", []),
    ],
)
def test_the_list_is_searched_by_word_tag_base_and_name(shown, typed, names):
    shown.part.field.setText(typed)
    assert shown.names() == names


def test_the_card_names_words_with_how_sure_they_are(shown):
    said = shown.select("hero")
    assert "ohwx man\nin 20 captions · 2 tokens of Starter words: “ohwx · man”" in said
    assert "LoRA of rank 8 · for SD 1.5 · trained at 512 × 512 · by kohya" in said
    assert "The text encoder CLIP-L was trained in layers 0 to 3." in said
    assert "Trained on 4 tags" in said


def test_a_file_that_says_nothing_says_so_and_what_its_keys_tell(shown):
    said = shown.select("silent")
    assert "The file names no word. It changes the image model alone" in said
    assert "No text encoder was trained" in said
    assert "Embeddings inside: mychar." in shown.select("bundle")


def test_a_common_word_is_told_with_a_rarer_spelling(shown, tmp_path):
    case = Case(dict(UNET_1), {"modelspec.trigger_phrase": "cat"})
    write(case, tmp_path / "files" / "pet.safetensors")
    found = look_through([tmp_path / "files"], ())
    with shown.qtbot.waitSignal(shown.session.loras.filesChanged, timeout=LONG_MS):
        shown.session.loras.look([tmp_path / "files"])
    assert len(found) == len(shown.names())
    said = shown.select("pet")
    assert "the model has a meaning for this already. A rarer spelling: catt." in said


def test_the_call_is_copied_as_the_interface_writes_it(shown):
    shown.select("hero")
    shown.button("Copy: <lora:hero:1>").click()
    assert QGuiApplication.clipboard().text() == "<lora:hero:1>"
    shown.select("toy")
    shown.button("Copy: toy").click()
    assert QGuiApplication.clipboard().text() == "toy"


def test_words_and_tags_go_into_the_prompt_escaped(shown, tmp_path):
    tags = '{"3_x": {"hero (series)": 9, "sky": 4, "sea": 2, "sun": 1}}'
    write(Case(dict(UNET_1), {"ss_tag_frequency": tags}), tmp_path / "files" / "tags.safetensors")
    with shown.qtbot.waitSignal(shown.session.loras.filesChanged, timeout=LONG_MS):
        shown.session.loras.look([tmp_path / "files"])
    asked: list[str] = []
    shown.page.promptRequested.connect(asked.append)
    shown.select("tags")
    shown.part.details.table.selectRow(1)
    shown.button("Add the tags to the prompt").click()
    shown.button("Add hero (series) to the prompt").click()
    assert asked == ["sky", r"hero \(series\)"]


def test_tags_are_filtered_and_exported(shown, tmp_path, monkeypatch):
    shown.select("hero")
    table = shown.part.details.table
    shown.part.details.filter.setText("o")
    assert [table.model().index(row, 0).data() for row in range(table.model().rowCount())] == [
        "ohwx man",
        "1boy",
        "outdoors",
    ]
    out = tmp_path / "tags.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    shown.button("Export…").click()
    assert out.read_text().splitlines()[:2] == ["tag,count", "ohwx man,20"]


def test_the_part_asks_before_it_looks(shown, tmp_path, monkeypatch):
    (tmp_path / "comfy" / "models" / "loras").mkdir(parents=True)
    write(CASES["OneTrainer"], tmp_path / "comfy" / "models" / "loras" / "new.safetensors")
    monkeypatch.setenv("COMFYUI_PATH", str(tmp_path / "comfy"))
    find = next(
        b for b in shown.part.head.findChildren(QPushButton) if b.text() == "Find on this computer…"
    )
    find.click()
    assert shown.part.finder.isVisible() and "new" not in shown.names()
    look = next(
        b
        for b in shown.part.finder.findChildren(QPushButton)
        if b.text() == "Look in these folders"
    )
    with shown.qtbot.waitSignal(shown.session.loras.filesChanged, timeout=LONG_MS):
        look.click()
    assert "new" in shown.names() and not shown.part.finder.isVisible()


@pytest.fixture
def opened(shown: Shown, tmp_path: Path) -> Shown:
    """The same with two more embeddings, and a table of their width in front."""
    folder = tmp_path / "files"
    slug = add_little(shown.session.library, "little")
    for name, seed in (("one", 1), ("two", 2)):
        generator = torch.Generator().manual_seed(seed)
        torch.save({f"<{name}>": torch.randn(2, 64, generator=generator)}, folder / f"{name}.pt")
    with shown.qtbot.waitSignal(shown.session.loras.filesChanged, timeout=LONG_MS):
        shown.session.loras.look([folder])
    with shown.qtbot.waitSignal(shown.session.tables.frontChanged, timeout=LONG_MS):
        shown.session.tables.show(slug)
    return shown


def test_an_embedding_is_read_in_the_tokens_of_the_encoder_in_front(opened):
    said = opened.select("one")
    assert "2 vectors of 64 numbers for an unknown encoder" in said
    table = opened.part.details.findChild(PlainTable)
    model = table.model()
    assert [model.index(row, 0).data() for row in range(2)] == ["[1]", "[2]"]
    assert len(model.index(0, 1).data().split(", ")) == 5
    assert "Open an encoder of that width" in opened.select("toy")


def test_a_vector_is_searched_with(opened):
    opened.select("one")
    pages: list[str] = []
    opened.session.pageRequested.connect(pages.append)
    table = opened.part.details.findChild(PlainTable)
    table.setCurrentIndex(table.model().index(1, 0))
    opened.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert pages == ["search"] and opened.session.search.query.text == "emb:one[2]"
    opened.qtbot.waitUntil(lambda: opened.session.search.is_current, timeout=LONG_MS)
    assert opened.session.search.results.own[0].name == "one[2]"
    opened.button("Search with one").click()
    assert opened.session.search.query.text == "emb:one"


def test_two_that_are_selected_are_compared(opened):
    opened.select("one")
    model = opened.part.table.model()
    place = opened.part.table.visualRect(model.index(opened.names().index("two"), 0)).center()
    with opened.qtbot.waitSignal(opened.session.loras.cardChanged, timeout=LONG_MS):
        opened.qtbot.mouseClick(
            opened.part.table.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ControlModifier,
            place,
        )
    labels = opened.part.details.findChildren(QLabel)
    said = [label.text() for label in labels if label.isVisibleTo(opened.part)]
    assert any(text.startswith("Like one: ") and "% (dim 64)" in text for text in said)
    assert len(opened.part.table.selectionModel().selectedRows()) == 2


def test_an_embedding_is_made_of_lines_and_listed(opened, tmp_path, monkeypatch):
    maker, search = opened.part.maker, opened.session.search
    next(
        b for b in opened.part.head.findChildren(QPushButton) if b.text() == "Make an embedding…"
    ).click()
    assert maker.isVisible() and not maker.save.isEnabled()
    search.set_text("cat + dog")
    {b.text(): b for b in maker.findChildren(QPushButton)}["Take the query"].click()
    maker.add_lines(["emb:one"])
    maker.scale.setChecked(True)
    out = tmp_path / "mix.pt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    with opened.qtbot.waitSignal(opened.session.loras.made, timeout=LONG_MS):
        maker.save.click()
    (part,) = read_inversions(out)[0].parts
    assert part.vectors.shape == (3, 64) and len({round(norm, 4) for norm in norms(part)}) == 1
    assert "mix" in opened.names() and not maker.isVisible()


def test_what_makes_no_embedding_is_said_and_the_lines_stay(opened, tmp_path, monkeypatch):
    maker = opened.part.maker
    maker.ask()
    maker.add_lines(["cat +"])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "x.pt"), ""))
    with opened.qtbot.waitSignal(opened.session.noticed, timeout=LONG_MS) as said:
        maker.save.click()
    assert "Nothing follows the +" in said.args[0].text
    assert maker.isVisible() and maker.lines.toPlainText() == "cat +"


def test_the_words_that_a_lora_moves_are_found_once_its_base_is_open(shown, tmp_path):
    clip = clip_model(width=64, layers=2)
    checkpoint = write_safetensors(tmp_path / "clip.safetensors", state_of(clip))
    part = f"lora_te_{'text_model_encoder_layers_0_self_attn_v_proj'}"
    pair = {"lora_up": torch.randn(64, 4), "lora_down": torch.randn(4, 64)}
    made = {f"{part}.{name}.weight": value for name, value in pair.items()}
    write(Case(made), tmp_path / "files" / "moving.safetensors")
    with shown.qtbot.waitSignal(shown.session.loras.filesChanged, timeout=LONG_MS):
        shown.session.loras.look([tmp_path / "files"])
    assert "once a whole text encoder of its base is open" in shown.select("moving")
    assert shown.part.details.moved.start.isHidden()
    name = candidates_for_encoding(checkpoint)[0].name
    slug = add_little(shown.session.library, "clip", source=str(checkpoint), whole=name)
    with shown.qtbot.waitSignal(shown.session.loras.cardChanged, timeout=LONG_MS):
        shown.session.tables.show(slug)
    moved = shown.part.details.moved
    moved.start.click()
    assert moved.stop.isVisible() and moved.start.isHidden()
    shown.qtbot.waitUntil(lambda: moved.table.isVisible(), timeout=4 * LONG_MS)
    model = moved.table.model()
    words = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert set(words) <= {*WORDS} | set("abcdefghijklmnopqrstuvwxyz") and len(words) > 8
    assert f"words through {name} with and without it" in moved.text.text()
    assert moved.stop.isHidden()


def test_without_any_file_there_is_one_sentence_and_no_empty_half(
    qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(qapp, "light")
    session = Session(Settings(), TableLibrary())
    page = on_screen(qtbot, EncodersPage(session), 1200, 800)
    page.show_part("loras")
    assert page.loras.table.isVisible() and not page.loras.details.isVisible()
    page.close()
    session.close()
