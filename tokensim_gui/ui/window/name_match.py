"""How well what is typed names something: a few tiers, the best first."""

import difflib
import re
from enum import IntEnum

_SHORTEST_SCATTERED = 3  # characters; fewer are found in every name
_WIDEST_GAP = 3
_SHORTEST_MISSPELT = 4
_ALIKE = 0.75  # ratio of Ratcliff and Obershelp
_WORD_START = re.compile(r"\b\w")


class Match(IntEnum):
    """How a name was met; the smaller the better."""

    EXACT = 0
    BEGINNING = 1
    WORD_BEGINNING = 2
    WORDS = 3
    PART = 4
    INITIALS = 5
    SCATTERED = 6


def match(typed: str, name: str) -> Match | None:
    """Tell how ``typed`` (case and blanks around it ignored) names something; None if not.

    ``INITIALS`` are letters in order of which each run begins a word: *exptab* for Export table;
    ``SCATTERED`` are letters in order with few between them; ``WORDS`` the beginnings of words in
    any order.
    """
    typed, name = " ".join(typed.casefold().split()), name.casefold()
    if name == typed:
        return Match.EXACT
    if name.startswith(typed):
        return Match.BEGINNING
    if re.search(rf"(?<!\w){re.escape(typed)}", name):
        return Match.WORD_BEGINNING
    if all(re.search(rf"(?<!\w){re.escape(word)}", name) for word in typed.split()):
        return Match.WORDS
    if typed in name:
        return Match.PART
    letters = typed.replace(" ", "")
    if _are_initials(letters, name):
        return Match.INITIALS
    if len(letters) >= _SHORTEST_SCATTERED and _are_scattered(letters, name):
        return Match.SCATTERED
    return None


def is_misspelt(typed: str, name: str) -> bool:
    """Tell whether ``typed`` is a word of the name but for a slip of the fingers."""
    typed = typed.strip().casefold()
    if len(typed) < _SHORTEST_MISSPELT:
        return False
    words = re.findall(r"\w+", name.casefold())
    return bool(difflib.get_close_matches(typed, words, 1, _ALIKE))


def _are_initials(letters: str, name: str) -> bool:
    starts = [found.start() for found in _WORD_START.finditer(name)]
    ends = {start + 1 for start in starts if name[start] == letters[0]}
    for letter in letters[1:]:
        first = min(ends, default=len(name))
        ends = {end + 1 for end in ends if name[end : end + 1] == letter}
        ends |= {start + 1 for start in starts if start >= first and name[start] == letter}
    return bool(ends)


def _are_scattered(letters: str, name: str) -> bool:
    ends = {place + 1 for place, letter in enumerate(name) if letter == letters[0]}
    for letter in letters[1:]:
        reach = {end + gap for end in ends for gap in range(_WIDEST_GAP + 1)}
        ends = {place + 1 for place in reach if name[place : place + 1] == letter}
    return bool(ends)
