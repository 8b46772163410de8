"""Which tokens pass a filter: kinds, typeable classes, scripts and what the filter field holds."""

import re
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import KINDS, TYPEABLES, BoolArray, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary

if TYPE_CHECKING:
    import regex

_TIMEOUT_S: Final = 0.2
_KEPT: Final = 4  # masks; while a query is typed the filter stays the same
_RANGE: Final = re.compile(r"#(\d[\d,]{0,15})(?:(\.\.)(?:#?(\d[\d,]{0,15}))?)?")

_NAMES: Final = (
    r"(?:L[ulto]?|N[dlo]?|P[cdfieos]?|S[mcko]?|M[nce]?|Latin|Greek|Cyrillic|Arabic|Hebrew"
    r"|Devanagari|Thai|Han|Hiragana|Katakana|Hangul|Emoji|Extended_Pictographic)"
)
# What can match no line break and sees no further than the next one, given MULTILINE.
_LOCAL: Final = re.compile(
    r"""
      (?P<same>
          [^\\\[\](){}\n]                   # a plain character, ^ $ . * + ? |
        | \{\d+(?:,\d*)?\} | \{,\d+\}       # a count
        | \((?![?*]) | \(\?(?:-?i?:|[>=!|]|<[=!]|P?<[A-Za-z]\w*>)    # groups and lookaround
        | \)
        | \\[dwbBS1-9] | \\[^\w\s] | \\p\{NAMES\}    # classes, references, escaped signs
      )
    | (?P<space>\\s) | (?P<nondigit>\\D) | (?P<nonword>\\W) | \\P(?P<other>\{NAMES\})
    | (?P<first>\\A) | (?P<last>\\Z)
    | \[(?P<negated>\^?)(?P<set>(?:[^\\\[\]&|~\n-]|\w-\w|\\[dw]|\\[^\w\s]|\\p\{NAMES\})+)\]
    """.replace("NAMES", _NAMES),
    re.VERBOSE,
)
_REWRITTEN: Final = {
    "space": r"[^\S\n]",
    "nondigit": r"[^\d\n]",
    "nonword": r"[^\w\n]",
    "first": "^",
    "last": "$",
}
_ENDINGS: Final = ("s", "es", "ed", "er", "est", "ing", "ly", "y", "'s")
_SHORTEST_STEM: Final = 3


def mask(vocabulary: Vocabulary, token_filter: TokenFilter) -> BoolArray:
    """Tell for each token whether it passes, bool [rows], read-only.

    What the filter field holds is matched against `Vocabulary.display`, case ignored: as part
    of it, or as ``/regular expression/`` found anywhere in it. ``#100``, ``#100..#120`` and
    ``#100..`` are ids, with thousands commas if wanted.

    Raises:
        TokenSimError: The regular expression is invalid or takes over 0.2 s, or the ids run
            backwards or beyond the last.
    """
    searcher = _searchers.get(vocabulary)
    if searcher is None:
        searcher = _searchers[vocabulary] = _Searcher(vocabulary)
    return searcher.mask(token_filter)


class _Searcher:
    """Searches the texts of one vocabulary; what it needs for that is made at first need."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._rows = vocabulary.rows
        self._has_names = vocabulary.family != "none"
        self._displays = vocabulary.displays
        self._columns = (vocabulary.kinds, vocabulary.typeable, vocabulary.scripts)
        self._masks: dict[TokenFilter, BoolArray] = {}

    def mask(self, token_filter: TokenFilter) -> BoolArray:
        known = self._masks.get(token_filter)
        if known is not None:
            return known
        passing = np.ones(self._rows, np.bool_)
        wanted = (token_filter.kinds, token_filter.typeable, token_filter.scripts)
        for codes, names, shown in zip(
            self._columns, (KINDS, TYPEABLES, SCRIPTS), wanted, strict=True
        ):
            if shown and self._has_names:  # of what has none nothing is known, and all is shown
                passing &= np.array([name in shown for name in names])[codes]
        text = token_filter.text.strip()
        if text:
            passing &= self._matching(text)
        passing.flags.writeable = False
        while len(self._masks) >= _KEPT:
            self._masks.pop(next(iter(self._masks)), None)
        self._masks[token_filter] = passing
        return passing

    def _matching(self, text: str) -> BoolArray:
        ids = _RANGE.fullmatch(text)
        if ids is not None:
            return self._in_range(ids)
        if len(text) > 2 and text.startswith("/") and text.endswith("/"):
            return self._by_regex(text[1:-1])
        return self._by_part(text.casefold())

    def _in_range(self, ids: re.Match[str]) -> BoolArray:
        first = _number(ids[1])
        last = first if ids[2] is None else self._rows - 1 if ids[3] is None else _number(ids[3])
        if max(first, last) >= self._rows:
            raise TokenSimError(f"The last token is #{self._rows - 1}.")
        if last < first:
            raise TokenSimError(f"The ids run backwards: write “#{last}..#{first}”.")
        found = np.zeros(self._rows, np.bool_)
        found[first : last + 1] = True
        return found

    def _by_part(self, part: str) -> BoolArray:
        """Find ``part``, case-folded, by comparing bytes: UTF-8 finds no half characters."""
        needle = part.encode("utf-8", "surrogatepass")
        blob, starts = self._folded
        if b"\n" in needle:  # as a pasted text may have, and no token is shown with
            return np.zeros(self._rows, np.bool_)
        candidates = np.flatnonzero(blob[: max(0, blob.size - len(needle) + 1)] == needle[0])
        for place in range(1, len(needle)):
            candidates = candidates[blob[candidates + place] == needle[place]]
        return self._rows_at(starts, candidates)

    def _by_regex(self, expression: str) -> BoolArray:
        import regex

        try:
            pattern = regex.compile(expression, regex.IGNORECASE)
        except (regex.error, RecursionError, OverflowError) as error:
            reason = getattr(error, "msg", str(error))
            raise TokenSimError(f"“/{expression}/” is no regular expression: {reason}.") from error
        try:
            by_line = line_pattern(expression)
            if by_line is None:
                return self._by_rows(pattern)
            text, starts = self._joined
            matches = regex.compile(by_line, regex.IGNORECASE | regex.MULTILINE).finditer(
                text, timeout=_TIMEOUT_S
            )
            return self._rows_at(starts, np.array([match.start() for match in matches], np.int64))
        except TimeoutError as error:
            raise TokenSimError(f"“/{expression}/” takes too long: try a simpler one.") from error

    def _by_rows(self, pattern: "regex.Pattern[str]") -> BoolArray:
        deadline = perf_counter() + _TIMEOUT_S
        found = np.zeros(self._rows, np.bool_)
        for row, text in enumerate(self._joined[0].split("\n")):
            left = deadline - perf_counter()
            if left <= 0:
                raise TimeoutError
            found[row] = pattern.search(text, timeout=left) is not None
        return found

    def _rows_at(self, starts: NDArray[np.int64], places: NDArray[np.int64]) -> BoolArray:
        found = np.zeros(self._rows, np.bool_)
        found[np.searchsorted(starts, places, side="right") - 1] = True
        return found

    @cached_property
    def _joined(self) -> tuple[str, NDArray[np.int64]]:
        """All displays, a line each, and the code point at which each line begins."""
        text = self._displays.joined()
        return text, _line_starts(np.frombuffer(text.encode("utf-32-le"), np.uint32))

    @cached_property
    def _folded(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The same, case-folded, in UTF-8, and the byte at which each line begins."""
        blob = np.frombuffer(self._joined[0].casefold().encode("utf-8"), np.uint8)
        return blob, _line_starts(blob)


_searchers: WeakKeyDictionary[Vocabulary, _Searcher] = WeakKeyDictionary()


def _line_starts(text: NDArray[np.uint8] | NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.flatnonzero(text == ord("\n")) + 1))


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))


def line_pattern(expression: str) -> str | None:
    r"""Return an expression that, MULTILINE, matches once in each line where ``expression`` does.

    The lines hold no other line breaks. Negated classes are kept from the line break; a match
    swallows the rest of its line, so that the next one is in another.

    Args:
        expression: A valid expression for the ``regex`` package.

    Returns:
        The expression, or None where ``expression`` holds anything that this simple reader
        does not know to stay within its line.
    """
    parts = []
    place = 0
    while place < len(expression):
        match = _LOCAL.match(expression, place)
        if match is None:
            return None
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "set":
            opening = r"[^\n" if match["negated"] else "["
            parts.append(f"{opening}{match['set']}]")
        elif kind == "other":
            parts.append(rf"[^\p{match['other']}\n]")
        else:
            parts.append(_REWRITTEN.get(kind, match[0]))
    return rf"(?:{''.join(parts)})[^\n]*+\n?"


def word_forms(text: str) -> frozenset[str]:
    """Return the texts that share a stem with ``text``: itself, and what endings make of it.

    The stems of a text are the text and what is left, 3 characters or more, when it loses one of
    s, es, ed, er, est, ing, ly, y, 's. The forms are its stems with one of these or none. A
    silent e is neither dropped nor put back: of ``cute`` and ``cuter`` neither is a form.
    """
    stems = [text]
    for ending in _ENDINGS:
        stem = text.removesuffix(ending)
        if _SHORTEST_STEM <= len(stem) < len(text):
            stems.append(stem)
    return frozenset(stem + ending for stem in stems for ending in ("", *_ENDINGS))
