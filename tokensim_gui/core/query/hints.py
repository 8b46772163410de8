"""What a query is likely to mean instead: arithmetic that quotes or a glued / made into text."""

import re
from collections.abc import Sequence
from typing import Final

from tokensim_gui.core.query.lexer import quote
from tokensim_gui.core.query.shape import shape
from tokensim_gui.core.query.terms import Term
from tokensim_gui.core.values import Hint
from tokensim_gui.core.vocabulary.typeable import CLEANERS

_QUOTED: Final = re.compile(r'"(.*)"|“(.*)”', re.DOTALL)
_DIVIDED: Final = re.compile(r"(.*[^\W\d].*)/([0-9]+)", re.DOTALL)
_LONGEST_LABEL: Final = 40
# How word processors, phones and East Asian keyboards write the signs of arithmetic.
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑‒﹣－➖", "-"),
        **dict.fromkeys("＋﹢➕", "+"),
        **dict.fromkeys("×✕⋅·∙＊", "*"),
        **dict.fromkeys("÷∕⁄／➗", "/"),
        **dict(zip("（）：．٫", "():..", strict=True)),
        **{chr(zero + n): str(n) for zero in map(ord, "０٠۰०๐") for n in range(10)},
    }
)
_FRACTIONS: Final = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_FOREIGN: Final = {*map(chr, _SIGNS), *_FRACTIONS}
_FRACTION_OF: Final = re.compile(r"[½¼¾](?=\s*[*×✕⋅·∙＊])")  # alone they are words
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d+(?=\s*[×✕⋅·∙＊])")
_LITERAL: Final = re.compile(r'("(?:\\.|[^"\\])*"|“[^“”]*”|`[^`]*`)')
_GLUED_MINUS: Final = re.compile(r"(?<=\w)[−－](?=\w)")  # which, unlike a hyphen, is never text
_GLUED_SUM: Final = re.compile(r"[^\W\d_]{2,}(?:[+-][^\W\d_]{2,})+")  # not t-shirt+jeans
_APOSTROPHE: Final = re.compile(r"(?<=\w)[’‘](?=\w)")
# Quotes of other languages and keyboards round a whole operand.
_QUOTES: Final = re.compile(
    r"(?<![^\s,(+*/-])"
    r"(?:„([^„“”]+)[“”]|”([^“”]+)[“”]|“([^“”]+)“|‚([^‚‘’]+)[‘’]|‘([^‘’]+)’|«([^«»]+)»|»([^«»]+)«"
    r"|‹([^‹›]+)›|›([^‹›]+)‹|「([^「」]+)」|『([^『』]+)』|〝([^〝〞〟]+)[〞〟]|❝([^❝❞]+)❞|＂([^＂]+)＂)"
    r"(?![^\s,)+*/:-])"
)


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
    if len(terms) > 1 and "-" in text and _GLUED_SUM.fullmatch(text.strip()):
        word = next(word for word in text.split("+") if "-" in word).strip()
        return _offer(
            f"“{word}” is read as a word.", re.sub(r"\s*([+-])\s*", r" \1 ", text.strip())
        )
    return _keyboard_hint(text, terms)


def apostrophe_hint(text: str) -> Hint | None:
    """What some programs make of ``girl’s`` before CLIP reads it; to the others, ’ is bytes."""
    plain = _APOSTROPHE.sub("'", text)
    return _offer(f"{CLEANERS} read ’ as '.", plain) if plain != text else None


def _keyboard_hint(text: str, terms: Sequence[Term]) -> Hint | None:
    """The query in the signs and quotes of the language, if its author's keyboard has others."""
    foreign = _QUOTES.search(text)
    plain, read = text, [term.coefficient for term in terms]
    if foreign and not set('"`“”').intersection(_QUOTES.sub("", text)):
        plain = _QUOTES.sub(lambda match: quote(match[match.lastindex or 0].strip()), text)
        read = _coefficients(plain)
    signed = "".join(
        part if place % 2 else _plain_arithmetic(part)
        for place, part in enumerate(_LITERAL.split(plain))
    )
    if signed == text:
        return None
    meant = _coefficients(signed)
    if foreign and plain != text:
        sign = foreign[0][0]
    else:
        sign = next((sign for sign in _LITERAL.sub("", text) if sign in _FOREIGN), "")
    if meant and meant != read:
        return _offer(f"“{sign}” is read as text.", signed)
    return _offer(f"“{sign}” is read as text.", plain) if plain != text and read else None


def _plain_arithmetic(text: str) -> str:
    text = _FRACTION_OF.sub(lambda match: _FRACTIONS[match[0]], text)
    text = _DECIMAL_COMMA.sub(lambda match: match[0].replace(",", "."), text)
    return _GLUED_MINUS.sub(" - ", text).translate(_SIGNS)


def _coefficients(text: str) -> list[float]:
    """The factors of a query's terms; none of one that is unfinished."""
    parsed = shape(text)
    return [] if parsed.unfinished else [term.coefficient for term in parsed.terms]


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
