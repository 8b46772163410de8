"""The widgets of the Compare page by themselves."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.on_screen import on_screen
from tokensim_gui.core.values import Query, Results
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.slope_lines import SlopeLine, SlopeLines
from tokensim_gui.ui.compare_page.common_words import CommonWords
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.compare_page.encoder_mark import SHAPES, draw_mark
from tokensim_gui.ui.compare_page.invitation import Invitation
from tokensim_gui.ui.compare_page.moved_model import MOVED_COLUMNS, MovedModel, distance_text
from tokensim_gui.ui.compare_page.rank_delegate import RankDelegate
from tokensim_gui.ui.compare_page.rank_model import RankModel
from tokensim_gui.ui.compare_page.token_list import TokenList

ADORABLE, CUTER, CHIBI = 6298, 27151, 22306
IDS = np.array([ADORABLE, CUTER, CHIBI], np.int32)


@pytest.fixture
def model(vocabulary: Vocabulary, qapp: QApplication) -> RankModel:
    model = RankModel(vocabulary, None)
    others = [("T5", {"cuter": 7, "chibi": 12}), ("Qwen", {"chibi": 1})]
    model.show_answer(vocabulary, answer(), others, {"chibi"})
    return model


@pytest.fixture
def tokens(model: RankModel, qtbot: QtBot) -> Iterator[TokenList]:
    tokens = TokenList(model)
    tokens.set_painter(RankDelegate(model))
    tokens.horizontalHeader().hide()
    on_screen(qtbot, tokens, 400, 300)
    tokens.selectRow(1)
    yield tokens
    tokens.close()


def answer() -> Results:
    none = np.empty(0, np.int32)
    coords = np.zeros((1, 2), np.float32)
    scores = np.array([0.7, 0.6, 0.5])
    return Results(
        Query("cute"), "starter", IDS, scores, 3, 3, 0.1, (), none, coords, none,
        1.0, 1.0, "", None, 1.0, "CPU",
    )  # fmt: skip


def test_a_row_knows_who_else_has_its_word(model: RankModel) -> None:
    assert [model.is_shared(row) for row in range(3)] == [False, True, True]
    assert [model.is_in_all(row) for row in range(3)] == [False, False, True]
    assert model.row_of_word("chibi") == 2 and model.row_of_word("tree") is None


def test_a_row_says_all_of_it_to_a_screen_reader(model: RankModel) -> None:
    said = model.data(model.index(2, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "chibi: 3. here with 50.00%, also 12. in T5, 1. in Qwen"
    alone = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert alone == "adorable: 1. here with 70.00%, in no other list here"


def test_escape_leads_out_of_a_list(tokens: TokenList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tokens.escapePressed):
        qtbot.keyClick(tokens, Qt.Key.Key_Escape)


def test_a_list_looks_up_by_a_double_click_of_the_left_button(
    tokens: TokenList, qtbot: QtBot
) -> None:
    looked_up = QSignalSpy(tokens.gestures.lookedUp)
    where = tokens.visualRect(tokens.model().index(2, 0)).center()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        qtbot.mouseClick(tokens.viewport(), button, pos=where)
        qtbot.mouseDClick(tokens.viewport(), button, pos=where)
    assert [looked_up.at(n) for n in range(looked_up.count())] == [[CHIBI]]


def test_a_list_knows_what_is_in_view(tokens: TokenList) -> None:
    assert tokens.visible_ids() == IDS.tolist()
    tokens.resize(400, theme.row_height() + 4)
    tokens.scrollToBottom()
    assert tokens.visible_ids()[-1] == CHIBI and ADORABLE not in tokens.visible_ids()


def test_a_row_that_is_shown_sends_no_signal(tokens: TokenList) -> None:
    spy = QSignalSpy(tokens.tokenActivated)
    tokens.show_row(2)
    assert tokens.selected_ids() == [CHIBI]
    tokens.show_row(None)
    assert tokens.selected_ids() == [] and spy.count() == 0


def mark(number: int) -> QImage:
    image = QImage(QSize(16, 16), QImage.Format.Format_RGB32)
    image.fill(theme.colours().colour("base"))
    painter = QPainter(image)
    draw_mark(painter, number, QPointF(8, 8), theme.colours().colour("text"))
    painter.end()
    return image


def test_marks_differ_in_shape_and_not_in_colour_alone(qapp: QApplication) -> None:
    marks = [mark(number) for number in range(len(SHAPES))]
    for number, one in enumerate(marks):
        assert all(one != other for other in marks[number + 1 :])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("ground", ["base", "window"])
@pytest.mark.parametrize("name", ["LIGHT", "DARK"])
def test_marks_stand_out_from_their_ground(name: str, ground: str, number: int) -> None:
    colours = getattr(theme, name)
    mark, on = (
        luminance(getattr(colours, f"encoder{number + 1}")),
        luminance(getattr(colours, ground)),
    )
    assert (max(mark, on) + 0.05) / (min(mark, on) + 0.05) >= 3


def test_a_bar_is_grey_where_no_other_list_has_the_word(tokens: TokenList) -> None:
    tokens.show_row(None)
    tokens.horizontalHeader().resizeSection(0, 200)
    image = tokens.viewport().grab().toImage()

    def painted(row: int) -> set[str]:
        y = tokens.rowViewportPosition(row) + tokens.rowHeight(row) // 2
        return {
            image.pixelColor(x, y + by).name() for x in range(200, image.width()) for by in (-1, 1)
        }

    grey, blue = theme.colours().map_far.lower(), theme.colours().score_bar.lower()
    assert grey in painted(0) and blue not in painted(0)
    assert blue in painted(1) and grey not in painted(1)


@pytest.fixture
def lines(qtbot: QtBot) -> SlopeLines:
    lines = SlopeLines()
    qtbot.addWidget(lines)
    lines.resize(120, 200)
    return lines


def darkest(lines: SlopeLines, x: int) -> int:
    """How far the line at ``x`` stands out from the ground."""
    image = lines.grab().toImage()
    return max(
        abs(image.pixelColor(x, y).lightness() - image.pixelColor(0, 0).lightness())
        for y in range(image.height())
    )


def test_a_line_runs_from_row_to_row_and_stands_out_where_it_is_looked_at(
    lines: SlopeLines,
) -> None:
    ground = lines.grab().toImage()
    for role in ("some", "all", "lifted"):
        lines.show_lines([SlopeLine(40, 160, role)], (0, 200))
        image = lines.grab().toImage()
        for x, y in ((8, 40), (60, 100), (112, 160)):
            column = [n for n in range(200) if image.pixel(x, n) != ground.pixel(x, n)]
            assert column and abs(column[len(column) // 2] - y) <= 3
    accent = theme.colours().colour("accent")
    assert any(image.pixelColor(60, y) == accent for y in range(200))


def test_a_line_fades_away_towards_a_row_out_of_sight(lines: SlopeLines) -> None:
    lines.show_lines([SlopeLine(40, 150, "all")], (0, 200))
    plain = [darkest(lines, x) for x in (20, 95)]
    lines.show_lines([SlopeLine(40, 205, "all")], (0, 200))
    fading = [darkest(lines, x) for x in (20, 95)]
    assert abs(plain[0] - plain[1]) < 60
    assert fading[0] > 2 * fading[1]
    lines.show_lines([], (0, 200))
    assert darkest(lines, 20) == 0


def test_common_words_are_as_many_as_there_is_room_for(qtbot: QtBot) -> None:
    common = on_screen(qtbot, CommonWords(), 600, 28)
    common.show_words("In the first 50 of both:", ["woods", "tree", "rock & roll"])
    assert common.words() == ["woods", "tree", "rock & roll"]
    with qtbot.waitSignal(common.wordChosen) as chosen:
        button = next(b for b in common.findChildren(QPushButton) if "roll" in b.text())
        button.click()
    assert chosen.args == ["rock & roll"]
    counts = []
    for width in range(600, 40, -20):
        common.resize(width, 28)
        counts.append(len(common.words()))
        assert common.words() == ["woods", "tree", "rock & roll"][: counts[-1]]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (3, 0)


def test_a_chooser_offers_encoders_and_sends_the_one_chosen(qtbot: QtBot) -> None:
    chooser = EncoderChooser("Encoder 1")
    qtbot.addWidget(chooser)
    chooser.show_choice("clip-l", {"clip-l": "CLIP-L · SDXL", "t5": "T5 & others"}, "")
    assert chooser.accessibleName() == "Encoder 1: CLIP-L · SDXL"
    assert chooser.choices() == ["clip-l", "t5"]
    spy = QSignalSpy(chooser.chosen)
    chooser.menu().actions()[1].trigger()
    assert spy.at(0) == ["t5"]


def test_a_long_name_is_cut_and_whole_in_the_tooltip(qtbot: QtBot) -> None:
    chooser = on_screen(qtbot, EncoderChooser("Encoder 1"), 120, 28)
    chooser.show_choice("a", {"a": "A fine-tune with a name without end"}, "/models/a.ckpt")
    assert "…" in chooser.text()
    assert chooser.toolTip() == "A fine-tune with a name without end\n/models/a.ckpt"


def test_an_invitation_names_the_button_that_was_clicked(qtbot: QtBot) -> None:
    invitation = Invitation("Nothing here.", "Get some.", {"OPEN": "Open…", "FIND": "Find…"})
    qtbot.addWidget(invitation)
    spy = QSignalSpy(invitation.buttonClicked)
    for button in invitation.findChildren(QPushButton):
        button.click()
    assert [spy.at(n) for n in range(spy.count())] == [["OPEN"], ["FIND"]]


@pytest.mark.parametrize(
    ("turned", "words"),
    [(0.0, "0.0000"), (0.3064, "0.3064"), (0.00012, "1.2e-04"), (2.0, "2.0000")],
)
def test_small_moves_keep_digits_that_say_something(turned: float, words: str) -> None:
    assert distance_text(turned) == words


def test_a_row_of_two_checkpoints_says_length_and_neighbours(vocabulary: Vocabulary) -> None:
    model = MovedModel(vocabulary, None)
    lengths = (np.ones(vocabulary.rows), np.full(vocabulary.rows, 1.25))
    model.show_moved(vocabulary, IDS, np.array([0.5, 0.2, 0.1]), lengths)
    assert [model.text(0, column) for column in range(5)] == [
        "adorable", "0.5000", "+0.2500", "…", "…",
    ]  # fmt: skip
    model.nearest = {ADORABLE: (CUTER, CHIBI), CUTER: (CHIBI, CHIBI), CHIBI: (None, CUTER)}
    assert [model.text(row, 4) for row in range(3)] == ["chibi", "chibi", "cuter"]
    assert model.text(2, 3) == "no vector"
    assert [model.changed_neighbour(row) for row in range(3)] == [True, False, True]
    assert model.tooltip(0, 1) == "Turned by 60.00°. Rank 1 of 3."
    assert model.share(0) == 1.0 and model.share(1) == pytest.approx(0.4)


def test_what_moved_is_sorted_by_what_can_be_sorted_and_keeps_its_ranks(
    vocabulary: Vocabulary, qapp: QApplication
) -> None:
    model = MovedModel(vocabulary, None)
    after = np.ones(vocabulary.rows)
    after[[ADORABLE, CUTER, CHIBI]] = (1.5, 0.5, 1.25)
    model.show_moved(vocabulary, IDS, np.array([0.5, 0.2, 0.1]), (np.ones(vocabulary.rows), after))
    keys = [column.key for column in MOVED_COLUMNS]
    sorted_by = {}
    for key in keys:
        model.sort(keys.index(key), Qt.SortOrder.AscendingOrder)
        sorted_by[key] = [model.text(row, 0) for row in range(3)]
    best_first = ["adorable", "cuter", "chibi"]
    assert sorted_by == {
        "token": ["adorable", "chibi", "cuter"],
        "moved": ["chibi", "cuter", "adorable"],
        "length": ["cuter", "chibi", "adorable"],
        "before": best_first,
        "after": best_first,
    }
    model.sort(keys.index("moved"), Qt.SortOrder.AscendingOrder)
    assert model.tooltip(0, 1).endswith("Rank 3 of 3.")
