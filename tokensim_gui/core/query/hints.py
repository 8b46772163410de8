"""What a query is likely to mean instead: arithmetic that quotes or a glued / made into text."""

import re
from collections.abc import Sequence
from typing import Final

from tokensim_gui.core.query.shape import shape
from tokensim_gui.core.query.terms import Term
from tokensim_gui.core.values import Hint

_QUOTED: Final = re.compile(r'"(.*)"|“(.*)”', re.DOTALL)
_DIVIDED: Final = re.compile(r"(.*[^\W\d].*)/([0-9]+)", re.DOTALL)
_LONGEST_LABEL: Final = 40
# How word processors, phones and East Asian keyboards write the signs of arithmetic.
_SIGNS: Final = str.maketrans("−－＋×＊÷／（）", "--+**//()")


def arithmetic_hint(text: str, terms: Sequence[Term]) -> Hint | None:
    """The sum that a query was meant as, if it looks like one: read as it is, but not silently.

    ``"cute+girl"/2`` searches the sign + as text, and in ``cute+girl/2`` the last word is
    ``girl/2``: both get the offer of ``(cute + girl) / 2``. So do signs that a keyboard or a word
    processor writes otherwise: ``king − man``, ``2 × cat``.

    Args:
        text: The query.
        terms: What it was read as.
    """
    for term in terms:
        literal = _QUOTED.fullmatch(text[term.start : term.end])
        if literal and abs(term.coefficient) != 1:
            inner = literal[1] or literal[2] or ""
            mixed = _mix(inner)
            if mixed:
                rest = re.sub(r"\A\s*([*/])\s*", r" \1 ", text[term.end :])
                fix = f"{text[: term.start]}({mixed}){rest}"
                return _offer("Between quotes, signs are text.", fix)
    last = terms[-1] if len(terms) > 1 and "(" not in text else None
    divided = last and _DIVIDED.fullmatch(text[last.start : last.end])
    if last and divided and text[last.end :].strip() == "" and int(divided[2]) == len(terms):
        mixed = _mix(text[: last.start] + divided[1])
        if mixed:
            word = divided[0].split()[-1]
            return _offer(f"“{word}” is read as a word.", f"({mixed}) / {divided[2]}")
    return _sign_hint(text, terms)


def _sign_hint(text: str, terms: Sequence[Term]) -> Hint | None:
    plain = text.translate(_SIGNS)
    if plain == text:
        return None
    parsed = shape(plain)
    meant = [term.coefficient for term in parsed.terms]
    if parsed.unfinished or not meant or meant == [term.coefficient for term in terms]:
        return None
    sign = next(sign for sign in text if sign.translate(_SIGNS) != sign)
    return _offer(f"“{sign}” is read as text.", plain)


def _mix(text: str) -> str:
    """A sum with a blank on either side of its signs; "" if ``text`` is none."""
    parsed = shape(text)
    if len(parsed.terms) < 2 or parsed.unfinished:
        return ""
    if any(abs(term.coefficient) != 1 for term in parsed.terms) or "(" in text:
        return text
    signs = ["-" if term.coefficient < 0 else "+" for term in parsed.terms]
    words = [text[term.start : term.end] for term in parsed.terms]
    mixed = " ".join(f"{sign} {word}" for sign, word in zip(signs, words, strict=True))
    return mixed.removeprefix("+ ")


def _offer(sentence: str, fix: str) -> Hint:
    return Hint(sentence, fix, f"Search {fix}" if len(fix) <= _LONGEST_LABEL else "Search the sum")
