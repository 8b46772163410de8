"""The part that compares prompts by their encodings."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsView,
    QLineEdit,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from tests.ui.by_words import button, said
from tests.ui.on_screen import on_screen
from tokensim_gui.core.job import Progress
from tokensim_gui.core.text_encoders.likeness import Influence, Swap, Variation
from tokensim_gui.state.prompt_encoder import Compared, OpenEncoder, Varied, Whole
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.heat_strip import HeatStrip
from tokensim_gui.ui.charts.matrix_view import letter
from tokensim_gui.ui.prompt_page.compare_part import NEEDED, ComparePart
from tokensim_gui.ui.prompt_page.prompts_table import PromptsTable
from tokensim_gui.ui.prompt_page.variations_view import VariationsView

KEY, MOD = Qt.Key, Qt.KeyboardModifier

ENCODER = OpenEncoder(Path("a.safetensors"), "CLIP-L", 12, "CPU", model=None)


def compared() -> Compared:
    whole = np.array([[1, 0.5, 0.9], [0.5, 1, 0.6], [0.9, 0.6, 1]])
    return Compared(("a cat", "a dog", "a kitten"), whole, whole**2, (1, 1, 1))


@pytest.fixture
def part(qtbot: QtBot) -> ComparePart:
    return on_screen(qtbot, ComparePart(), 900, 500)


def test_without_an_encoder_the_page_says_what_to_open(part: ComparePart) -> None:
    assert said(part, NEEDED) and not part.prompts.isVisible()
    assert not button(part, "Use it").isVisible()
    asked = QSignalSpy(part.openRequested)
    button(part, "Open encoder…").click()
    assert asked.count() == 1


def test_an_open_checkpoint_with_an_encoder_is_offered(part: ComparePart, tmp_path: Path) -> None:
    part.set_whole(Whole(tmp_path, ("CLIP-L",)))
    assert said(part, "The checkpoint you opened has one.")
    used = QSignalSpy(part.useRequested)
    button(part, "Use it").click()
    assert used.at(0) == [tmp_path, "CLIP-L"]


def test_the_matrix_holds_numbers_on_colours_and_the_list_ranks_the_pairs(
    part: ComparePart,
) -> None:
    part.set_prompts(compared().prompts)
    part.show_answer(compared())
    words = part.matrix.accessibleDescription()
    assert words.startswith("A and B 50.0%, A and C 90.0%, B and C ")
    part.matrix.resize(400, 300)
    image = part.matrix.grab().toImage()
    for column, share in ((0, 1.0), (1, 0.0)):
        corner = part.matrix.cell(0, column).topLeft().toPoint() + QPoint(2, 2)
        assert image.pixelColor(corner) == theme.cividis(share)[0]
    pairs = part.list.model()
    assert [pairs.index(r, 0).data()[:5] for r in range(3)] == ["A – C", "B – C", "A – B"]
    assert pairs.index(0, 1).data() == "90.00%"


def test_the_strip_shows_the_influence_of_every_token(qtbot: QtBot) -> None:
    strip = on_screen(qtbot, HeatStrip(), 90, 200)
    spans = np.array([[0, 1], [2, 6], [7, 10]], np.int32)
    values = np.array([0.01, 0.2, 0.1])
    strip.set_influence(
        Influence("a cute cat", np.arange(3, dtype=np.int32), spans, values, values)
    )
    assert strip.accessibleDescription() == "a 1.0%, cute 20.0%, cat 10.0%"
    assert len({rect.top() for rect, _ in strip._places}) > 1
    assert not strip.grab().isNull()


def influence(prompt: str) -> Influence:
    spans = np.array([[0, 1], [2, len(prompt)]], np.int32)
    values = np.array([0.01, 0.2])
    return Influence(prompt, np.arange(2, dtype=np.int32), spans, values, values)


def test_no_answer_stands_beside_prompts_it_is_not_of(part: ComparePart) -> None:
    part.set_encoder(ENCODER)
    part.set_prompts(compared().prompts)
    part.show_answer(compared())
    part.prompts.item(0, 0).setText("a sea")
    assert not part.matrix.isVisible()
    part.show_answer(compared())  # of the prompts before
    assert not part.matrix.isVisible()

    part.show_view("influence")
    part.show_answer(influence("a sea"))
    assert part.strip.isVisible() and said(part, "Influence of each token of “a sea”")
    part.show_problem("It is too long.")
    part.prompts.setCurrentCell(1, 0)
    assert not part.strip.isVisible() and not said(part, "It is too long.")
    part.show_answer(influence("a sea"))
    assert not part.strip.isVisible()


def test_influence_is_measured_of_a_prompt_and_not_of_the_empty_row(part: ComparePart) -> None:
    part.set_encoder(ENCODER)
    part.set_prompts(["a cat"])
    part.show_view("influence")
    go = button(part, "Measure influence")
    part.prompts.setCurrentCell(1, 0)
    assert not go.isEnabled()
    part.prompts.item(1, 0).setText("a dog")
    assert go.isEnabled()


def test_variations_are_a_list_and_a_scatter_that_follow_each_other(part: ComparePart) -> None:
    made = tuple(
        Variation(f"a {word}", Swap(2, 5, word, token), likeness)
        for word, token, likeness in (("kitten", 0.8, 0.99), ("dog", 0.6, 0.9), ("sea", 0.2, 0.5))
    )
    part.set_encoder(ENCODER)
    part.set_prompts(["a cat"])
    part.views.set_current("variations")
    part.show_answer(Varied("a cat", made))
    assert [part.variations.list.model().index(r, 0).data() for r in range(3)] == [
        *("cat → kitten", "cat → dog", "cat → sea")
    ]
    assert said(part, "nearer tokens gave nearer encodings (rank correlation 1.00)")
    part.variations.resize(500, 500)
    QApplication.processEvents()
    plot = part.variations.scatter.findChild(QGraphicsView)
    dot = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(0.6, 0.9)))
    before = plot.grab().toImage()
    QTest.mouseMove(plot.viewport(), dot)
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=dot)
    assert part.variations.list.currentIndex().row() == 1
    assert plot.grab().toImage() != before  # a ring
    chosen = QSignalSpy(part.promptChosen)
    QTest.keyClick(part.variations.list, KEY.Key_Return)
    assert chosen.at(0) == ["a dog"]


def test_a_scatter_gives_way_to_the_list_where_there_is_no_room_for_both(qtbot: QtBot) -> None:
    view = VariationsView()
    qtbot.addWidget(view)
    made = tuple(Variation("", Swap(0, 0, "", n / 9), 1 - n / 9) for n in range(9))
    view.set_varied(Varied("a cat", made))
    for height in range(60, 400, 10):
        view.resize(320, height)
        view.show()
        QApplication.processEvents()
        scatter = view.scatter
        if scatter.isVisible():
            assert scatter.geometry().bottom() < view.list.geometry().top()
            box = scatter.findChild(QGraphicsView).getViewBox()
            assert box.height() >= scatter.fontMetrics().height()
    assert scatter.isVisible()
    view.resize(320, 120)
    QApplication.processEvents()
    assert not scatter.isVisible() and view.list.height() > 2 * theme.row_height()


def test_the_heading_names_the_file_of_the_encoder(part: ComparePart) -> None:
    path = Path("/models/anime.safetensors")
    part.set_encoder(OpenEncoder(path, "CLIP-L", 12, "CPU", model=None))
    assert said(part, "CLIP-L · anime.safetensors · 12 layers · CPU")
    assert str(path) in part._name.toolTip()


def test_prompts_are_rows_under_letters_with_room_for_another(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    table.set_prompts(["a cat", "  a\ndog ", ""])
    assert table.prompts() == ["a cat", "a dog"]

    def names() -> list[str]:
        return [table.verticalHeaderItem(row).text() for row in range(table.rowCount())]

    assert names() == ["A", "B", "+"]
    table.item(2, 0).setText("a fox")
    assert names() == ["A", "B", "C", "+"] and table.prompts()[-1] == "a fox"
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, KEY.Key_Delete)
    assert table.prompts() == ["a dog", "a fox"]
    QGuiApplication.clipboard().setText("one\ntwo")
    QTest.keyClick(table, KEY.Key_V, MOD.ControlModifier)
    assert table.prompts() == ["a dog", "a fox", "one", "two"]


def test_prompts_are_typed_one_after_the_other_with_enter(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    with qtbot.waitExposed(table):
        table.show()
    prompts = ["a cat", "a dog", "a fox"]
    for number, prompt in enumerate(prompts):
        QTest.keyClick(table, prompt[0])
        field = table.findChildren(QLineEdit)[-1]
        QTest.keyClicks(field, prompt[1:])
        with qtbot.waitSignal(field.destroyed):
            QTest.keyClick(field, KEY.Key_Return)
        assert table.prompts() == prompts[: number + 1] and table.chosen() == ""


def test_the_empty_row_says_what_it_is_for(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)

    def drawn(row: int) -> str:
        option = QStyleOptionViewItem()
        table.itemDelegate().initStyleOption(option, table.model().index(row, 0))
        return option.text

    assert drawn(0) == "Type a prompt here"
    table.set_prompts(["a cat"])
    assert (drawn(0), drawn(1)) == ("a cat", "Type another prompt here")


def test_a_change_of_the_compared_prompts_can_be_undone(qtbot: QtBot) -> None:
    table = PromptsTable()
    qtbot.addWidget(table)
    table.set_prompts(["a cat", "a dog"])
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, KEY.Key_Delete)
    table.item(0, 0).setText("a fox")
    table.setCurrentCell(1, 0)
    QTest.keyClick(table, KEY.Key_Delete)  # the empty row: nothing to take back
    changed = QSignalSpy(table.promptsChanged)
    seen = []
    for _ in range(2):
        table.undo()
        seen.append(table.prompts())
    assert seen == [["a dog"], ["a cat", "a dog"]] and changed.count() == 2


def test_letters_go_on_behind_z() -> None:
    assert [letter(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


@pytest.mark.parametrize("share", [n / 50 for n in range(51)])
def test_numbers_can_be_read_on_every_colour_of_a_matrix(share: float) -> None:
    def luminance(channels: tuple[int, ...]) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in channels[:3])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(luminance(colour.getRgb()) for colour in theme.cividis(share))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_busy_and_problem_are_said_without_moving_what_is_above(part: ComparePart) -> None:
    part.set_encoder(None)
    part.show_busy(Progress(3, 64, "Encoding prompts"))
    assert said(part, "Encoding prompts…") and button(part, "Cancel").isVisible()
    part.show_busy(None)
    assert not button(part, "Cancel").isVisible()
    part.show_problem("It has no tokenizer.")
    assert said(part, "It has no tokenizer.")
