"""What others wrote stands in a tooltip letter by letter, and loads no picture."""

from collections.abc import Callable

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.notice import Notice
from tokensim_gui.ui.compare_page.encoder_chooser import EncoderChooser
from tokensim_gui.ui.encoders_page.checkpoint_card import CheckpointCard
from tokensim_gui.ui.encoders_page.table_row import TableRow
from tokensim_gui.ui.tokens.token_chips import TokenChips
from tokensim_gui.ui.widgets.elided_label import ElidedLabel
from tokensim_gui.ui.widgets.plain_model import Cell, PlainModel
from tokensim_gui.ui.widgets.plain_tip import plain_tip
from tokensim_gui.ui.window.menu_opener import MenuOpener

NAME = "a <img src='file:///x.png'> & <b>b</b>  c.safetensors"


def read(tip: str) -> str:
    """The letters that a tooltip shows."""
    if not QtGui.Qt.mightBeRichText(tip):
        return tip
    document = QtGui.QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize("words", [NAME, f"/models\n{NAME}", f"{NAME}\nRevision 1", "a < b", ""])
def test_a_text_is_shown_letter_by_letter(words: str, qapp: object) -> None:
    assert read(plain_tip(words)) == words


def labelled(qtbot: QtBot, _vocabulary: Vocabulary) -> QWidget:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText(NAME)
    return label


def info() -> TableInfo:
    return TableInfo(
        *("one", NAME, "clip", 1000, 64, "F16", NAME, "0a1b", "k", "00", "2026-01-01", 128_000),
        guess=NAME,
    )


def row(qtbot: QtBot, _vocabulary: Vocabulary) -> QWidget:
    row = TableRow("one")
    qtbot.addWidget(row)
    row.show_info(info())
    return row


def card(qtbot: QtBot, _vocabulary: Vocabulary) -> QWidget:
    card = CheckpointCard()
    qtbot.addWidget(card)
    card.show_tables([info()], [])
    return card


def chips(qtbot: QtBot, vocabulary: Vocabulary) -> QWidget:
    chips = TokenChips(vocabulary, weighted=True)
    qtbot.addWidget(chips)
    chips.set_notice(Notice(f"{NAME} can't be read."))
    return chips


def chooser(qtbot: QtBot, _vocabulary: Vocabulary) -> QWidget:
    chooser = EncoderChooser("Encoder")
    qtbot.addWidget(chooser)
    chooser.show_choice("one", {"one": NAME}, f"/models/{NAME}")
    return chooser


@pytest.mark.parametrize("make", [labelled, row, card, chips, chooser])
def test_a_name_with_a_tag_is_no_markup_in_any_tooltip(
    make: Callable[[QtBot, Vocabulary], QWidget], qtbot: QtBot, vocabulary: Vocabulary
) -> None:
    made = make(qtbot, vocabulary)
    tips = [one.toolTip() for one in (made, *made.findChildren(QWidget))]
    named = [tip for tip in tips if "img" in tip]
    assert named and all(NAME in read(tip) for tip in named)


def test_a_name_with_a_tag_is_no_markup_in_tables_and_menus(qtbot: QtBot) -> None:
    model = PlainModel(["Name"], [])
    model.set_rows([(Cell(NAME),)])
    assert read(str(model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole))) == NAME
    window = QMainWindow()
    qtbot.addWidget(window)
    opener = MenuOpener(window, [])
    opener.set_message(NAME)
    assert NAME in [read(action.toolTip()) for action in opener.popup.actions()]
