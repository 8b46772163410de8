"""A tray that is full says so, and loses nothing that was in it."""

from tokensim_gui.core import paths
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
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
