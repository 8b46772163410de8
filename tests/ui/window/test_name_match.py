"""How what is typed names something."""

import pytest

from tokensim_gui.ui.window.name_match import Match, is_misspelt, match


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("Quit", "quit", Match.EXACT),
        ("exp", "Export table…", Match.BEGINNING),
        ("tab", "Export table…", Match.WORD_BEGINNING),
        ("dark theme", "Theme: Dark", Match.WORDS),
        ("port", "Export table…", Match.PART),
        ("exptab", "Export table…", Match.INITIALS),
        ("cad", "Copy as: dynamic", Match.INITIALS),
        ("diagnstics", "Copy diagnostics", Match.SCATTERED),
        ("dark", "Add to tray, or take out", None),
        ("xyz", "Export table…", None),
        ("(cute", "(cute + girl) / 2", Match.BEGINNING),
        ("  Sunset ", "sunset", Match.EXACT),
        ("aaaaaaaaaaaaaaaaaaaaaaaab", "a" * 2000, None),
    ],
)
def test_a_name_is_met_in_the_best_way_there_is(typed: str, name: str, how: Match | None) -> None:
    assert match(typed, name) is how


def test_a_slip_of_the_fingers_still_names_it() -> None:
    assert is_misspelt("comapre", "Compare") and is_misspelt("encodres", "Encoder: CLIP-L")
    assert not is_misspelt("sunset", "Settings…") and not is_misspelt("ct", "Cut")
