"""A tray that is full says so, and loses nothing that was in it."""

from pytestqt.qtbot import QtBot

from tokensim_gui.core import paths
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.session import Session
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Tray


def test_what_a_full_tray_leaves_out_is_counted_and_is_new() -> None:
    vocabulary = Vocabulary.load(paths.resource("starter"))
    tray = Tray((), vocabulary)
    tray.toggle(range(9_999))
    assert tray.left_out == 0
    tray.insert([20_000, 20_001, 20_002], 0)
    assert tray.left_out == 2 and len(tray.tokens) == 10_000
    assert tray.ids[:2] == (20_000, 0) and set(range(9_999)) <= set(tray.ids)
    tray.undo()
    assert (tray.left_out, len(tray.tokens)) == (0, 9_999)
    # What is kept for the next start is all that is shown.
    assert len(Tray(tray.log, vocabulary).tokens) == 9_999


def test_undo_is_offered_only_for_what_a_full_tray_took(qtbot: QtBot) -> None:
    session = Session(Settings(), TableLibrary())
    session.show_first()
    search, said = session.search, list[Notice]()
    search.noticed.connect(said.append)
    search.change_tray(lambda tray: tray.toggle(range(9_999)))
    search.change_tray(lambda tray: tray.toggle([20_000, 20_001]))
    search.change_tray(lambda tray: tray.toggle([20_002, 20_003]))
    session.close()
    full = "The tray is full: it holds 10,000 tokens, and"
    assert [(notice.text, [offer.words for offer in notice.offers]) for notice in said] == [
        (f"{full} 1 was left out.", ["Undo"]),
        (f"{full} 2 were left out.", []),  # the change before would be taken back
    ]
