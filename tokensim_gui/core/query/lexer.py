"""Splits a typed query into tokens, and decides which signs are operators and which are text."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from string import punctuation
from typing import Literal, TypeAlias

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.terms import Embedded

MAX_LENGTH = 2_000
WORD_MARK = "</w>"  # what CLIP writes at the end of a word

Kind: TypeAlias = Literal[
    "text", "piece", "id", "embedding", "number", "sign", "star", "slash", "open", "close",
    "weight", "end",
]  # fmt: skip

# Possessive quantifiers: no input makes these patterns backtrack.
# No possessive groups, (?:…)?+ and the like: Python before 3.11.5 matches too much with them.
_NUMBER = r"(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_WHOLE_NUMBER = re.compile(_NUMBER)
_LEFT_FACTOR = re.compile(rf"{_NUMBER}(?=\s*+\*)")
_FACTOR = re.compile(rf"[\s,]*+([+-]?{_NUMBER})(?=[\s,()*/+:-]|\Z)")
_WEIGHT = re.compile(rf":\s*+(?:([+-]?{_NUMBER})\s*+(?=\)|\Z)|[+-]?\.?\Z)")
_ID = re.compile(r"#([0-9]{1,3}(?:,[0-9]{3})+|[0-9]++)(?=[\s,()*/+:-]|\Z)")
_SMILEY = re.compile(r"[:;=][-'^]?(?:\)++|\(++(?=[\s,)]|\Z))")
# What may follow an operator that has nothing at its right.
_NOTHING = re.compile(r"(?:[\s,]|([+-])(?!\1))*(?=\)|\Z)")

_LONGEST_PIECE = 128  # CLIP's longest has 32 characters
_SHOWN = 40
_OPERANDS = ("text", "piece", "id", "embedding", "number", "close")
_CLOSING = {'"': '"', "`": "`", "“": "”"}
_CURLY_CLOSER = re.compile(r"\\.|(”)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One token of the query language.

    Attributes:
        kind: What it is; an ``end`` closes every list.
        start: First character, a code-point index into the query.
        end: One past the last character.
        value: The unescaped text, the piece, the digits of an id or number, or the operator; for a
            ``weight``, "" where the number is still missing.
        bare: Whether it was typed without quotes, backticks and escapes.
        closed: False for a quote or backtick that the query ends inside.
    """

    kind: Kind
    start: int
    end: int
    value: str
    bare: bool = True
    closed: bool = True


def is_punctuation(char: str) -> bool:
    """Whether ``char`` is ASCII or Unicode punctuation; an emoji is not."""
    return char in punctuation or unicodedata.category(char).startswith("P")


def is_gap(char: str) -> bool:
    """Whether ``char`` only separates."""
    return char == "," or char.isspace()


def escaped(text: str, delimiter: str) -> str:
    """Return ``text`` with a backslash before what would end a literal.

    Curly quotes get one too: an open “ further left would find its end in the literal.
    """
    return re.sub(rf"[\\{delimiter}“”]", r"\\\g<0>", text)


def quote(text: str) -> str:
    """Return the literal that, as a query, means exactly ``text``."""
    return '"' + escaped(text, '"') + '"'


def mistake(text: str, sentence: str, start: int, end: int) -> QueryError:
    """Return the error for ``text[start:end]``, with the offer to search the literal text."""
    literal = quote(text.strip())
    if len(literal) > MAX_LENGTH:
        return QueryError(sentence, start, end)
    return QueryError(sentence, start, end, literal, "Search as text")


def visible(text: str) -> str:
    """Shorten ``text`` for a sentence; spell out what has no shape, but keep emoji joined."""
    shown = "".join(
        char
        if char in " \u200d" or unicodedata.category(char)[0] not in "CZ"
        else f"U+{ord(char):04X}"
        for char in text[:_SHOWN]
    )
    return shown + "…" * (len(text) > _SHOWN)


def quoted(text: str) -> str:
    """Return ``text`` as it stands in a sentence, which it does not turn around."""
    return f"“{isolated(visible(text))}”"


def isolated(text: str) -> str:
    """Return ``text``, between FSI and PDI if it runs from right to left."""
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"\u2068{text}\u2069"
    return text


def lex(text: str, is_piece: Callable[[str], bool]) -> list[Lexeme]:
    """Split a query into lexemes, in time linear in its length.

    Args:
        text: The query, at most `MAX_LENGTH` characters.
        is_piece: Tells whether the vocabulary holds a piece; asked for words that end in ``</w>``.

    Returns:
        At least one lexeme; the last one is of kind ``end``.

    Raises:
        QueryError: A ``)`` closes nothing.
    """
    return _Lexer(text, is_piece).run()


class _Lexer:
    def __init__(self, text: str, is_piece: Callable[[str], bool]) -> None:
        self.text = text
        self.is_piece = is_piece
        self.at = 0
        self.depth = 0
        self.lexemes: list[Lexeme] = []
        # The word that is being read: its unescaped characters and where it began.
        self.word: list[str] = []
        self.word_start = 0
        self.escaped = False
        self.marks = [match.end() for match in re.finditer(WORD_MARK, text)]
        self.closers = [match.start() for match in _CURLY_CLOSER.finditer(text) if match[1]]
        self.gaps = [*(index for index, char in enumerate(text) if is_gap(char)), len(text)]

    def run(self) -> list[Lexeme]:
        while self.at < len(self.text):
            if is_gap(self.text[self.at]):
                self._end_word()
                self.at += 1
            elif self.word or not self._read_at_word_start():
                self._read_in_word(self.text[self.at])
        self._end_word()
        if not self.lexemes:
            # Commas separate, but punctuation alone is text.
            commas = self.text.strip()
            start = self.text.index(commas)
            self.lexemes.append(Lexeme("text", start, start + len(commas), commas))
        self.lexemes.append(Lexeme("end", len(self.text), len(self.text), ""))
        return self._numbers_alone_are_text()

    def _push(self, kind: Kind, end: int, value: str) -> None:
        self.lexemes.append(Lexeme(kind, self.at, end, value))
        self.at = end

    def _operator(self, kind: Kind) -> None:
        self._end_word()
        self._push(kind, self.at + 1, self.text[self.at])

    def _take(self, end: int) -> None:
        """Append the characters up to ``end`` to the word, as they are."""
        if not self.word:
            self.word_start = self.at
        self.word.append(self.text[self.at : end])
        self.at = end

    def _end_word(self) -> None:
        if self.word:
            word = "".join(self.word)
            self.lexemes.append(
                Lexeme("text", self.word_start, self.at, word, bare=not self.escaped)
            )
            self.word.clear()
            self.escaped = False

    def _char(self, index: int) -> str:
        return self.text[index] if 0 <= index < len(self.text) else ""

    def _read_at_word_start(self) -> bool:
        """Read what only the start of a word can be; False if it is none of it."""
        text, at = self.text, self.at
        if self._opens_literal(at):
            self._read_literal(text[at])
        elif match := _ID.match(text, at):
            self._push("id", match.end(), match[1].replace(",", ""))
        elif one := Embedded.at(text, at):
            self._push("embedding", one.end, one.name)
        elif end := self._end_of_bare_piece():
            self._push("piece", end, text[at:end])
        elif end := self._end_of_punctuation():
            self._take(end)
        elif text[at] in "+-" and self._char(at + 1) != text[at]:
            self._operator("sign")
        else:
            return False
        return True

    def _opens_literal(self, index: int) -> bool:
        """Whether a quote or backtick begins at ``index``; a “ that no ” closes is text."""
        if self._char(index) == "“":
            return bool(self.closers) and self.closers[-1] > index
        return self._char(index) in tuple('"`')

    def _read_literal(self, delimiter: str) -> None:
        chars: list[str] = []
        end = self.at + 1
        while end < len(self.text) and self.text[end] != _CLOSING[delimiter]:
            if self.text[end] == "\\" and end + 1 < len(self.text):
                end += 1
            chars.append(self.text[end])
            end += 1
        closed = end < len(self.text)
        end += closed
        kind: Kind = "piece" if delimiter == "`" else "text"
        self.lexemes.append(Lexeme(kind, self.at, end, "".join(chars), bare=False, closed=closed))
        self.at = end

    def _end_of_bare_piece(self) -> int:
        """End of a piece such as ``cat</w>`` that begins here, 0 if there is none."""
        index = bisect_right(self.marks, self.at)
        if index == len(self.marks):
            return 0
        end = self.marks[index]
        gap = self.gaps[bisect_right(self.gaps, self.at)]
        if end > min(gap, self.at + _LONGEST_PIECE) or (
            end < gap and self.text[end] not in "()+-*/:"
        ):
            return 0
        return end if self.is_piece(self.text[self.at : end]) else 0

    def _end_of_punctuation(self) -> int:
        """End of a run of punctuation that is text, such as ``-_-`` or ``->``, 0 if none is here.

        A run of nothing but signs is left to the rules for operators.
        """
        if self.lexemes and self.lexemes[-1].end == self.at and self.lexemes[-1].kind != "open":
            return 0
        if self.depth and _WEIGHT.match(self.text, self.at):
            return 0
        end = self.at
        while end < len(self.text) and self.text[end] not in "()" and not is_gap(self.text[end]):
            if self.text[end] == "\\" or not is_punctuation(self.text[end]):
                return 0
            if self._opens_literal(end):
                return 0
            if self._end_of_smiley(end):
                return 0
            end += 1
        run = self.text[self.at : end]
        # `*` and `/` have no left side within a run, so there they can't be operators.
        if run.strip("+-*/") or "*" in run[1:] or "/" in run[1:]:
            return end
        return 0

    def _read_in_word(self, char: str) -> None:
        if char == "\\":
            self._read_escape()
        elif char == "(":
            self.depth += 1
            self._operator("open")
        elif char == ")":
            self._read_close()
        elif char in "+-" and self._is_sign(char):
            self._operator("sign")
        elif char == "*" and self._is_star():
            self._read_product("star")
        elif char == "/" and self._is_slash():
            self._read_product("slash")
        elif char in ":;=" and self._read_colon():
            pass
        else:
            self._take(self.at + 1)

    def _read_escape(self) -> None:
        if not self.word:
            self.word_start = self.at
        self.escaped = True
        self.at += self.at + 1 < len(self.text)
        self.word.append(self.text[self.at])
        self.at += 1

    def _read_close(self) -> None:
        if self.depth == 0:
            sentence = f"The ) at character {self.at + 1} closes no bracket."
            raise mistake(self.text, sentence, self.at, self.at + 1)
        self.depth -= 1
        self._operator("close")

    def _read_colon(self) -> bool:
        """Read ``:1.2)`` as a weight or ``:)`` as text; False if it is neither."""
        if self.depth and (match := _WEIGHT.match(self.text, self.at)):
            self._end_word()
            self._push("weight", match.end(), match[1] or "")
            return True
        end = self._end_of_smiley(self.at)
        if end:
            self._take(end)
        return bool(end)

    def _end_of_smiley(self, index: int) -> int:
        """End of a smiley with a bracket that begins at ``index``, 0 if there is none."""
        smiley = _SMILEY.match(self.text, index)
        # Inside a bracket `:)` closes it.
        if smiley is None or (self.depth and smiley[0].endswith(")")):
            return 0
        return smiley.end()

    def _is_sign(self, char: str) -> bool:
        """Whether a sign within or right after a word is an operator."""
        before, after = self._char(self.at - 1), self._char(self.at + 1)
        if not self.word or is_punctuation(before) or not after:
            return False
        if self._opens_operand(self.at + 1):
            return True
        number = _LEFT_FACTOR.match(self.text, self.word_start)
        if number and number.end() > self.at:  # the exponent's own, as in 1e+5*cat
            return False
        return char == "+" and not is_gap(after) and not is_punctuation(after)

    def _follows_operand(self) -> bool:
        return bool(self.word or (self.lexemes and self.lexemes[-1].kind in _OPERANDS))

    def _follows_number(self) -> bool:
        if self.word:
            return _WHOLE_NUMBER.fullmatch(self.text, self.word_start, self.at) is not None
        return _is_number(self.lexemes[-1])

    def _is_star(self) -> bool:
        """Whether ``*`` is an operator; one that lacks a number is left to the parser to refuse."""
        before, after = self._char(self.at - 1), self._char(self.at + 1)
        if not self._follows_operand() or "*" in (before, after):
            return False
        if self._follows_number() or _FACTOR.match(self.text, self.at + 1):
            return True
        # No number on either side: refused where it can only be meant as a product, else text.
        if self.word:
            return self._opens_operand(self.at + 1)
        left = self.lexemes[-1]
        if left.kind != "text" or not left.bare or is_gap(after):
            return True
        return self._opens_operand(self.at + 1) or self._ends(self.at + 1)

    def _is_slash(self) -> bool:
        if self.word or not self._follows_operand():
            return False
        if _FACTOR.match(self.text, self.at + 1):
            return True
        return self._ends(self.at + 1)

    def _ends(self, index: int) -> bool:
        """Whether nothing but signs is left from ``index`` on, up to a ``)`` or the end."""
        return _NOTHING.match(self.text, index) is not None

    def _opens_operand(self, index: int) -> bool:
        """Whether a bracket, a quote, a backtick or an id begins at ``index``."""
        if self._char(index) == "(" or self._opens_literal(index):
            return True
        return _ID.match(self.text, index) is not None

    def _read_product(self, kind: Kind) -> None:
        self._end_word()
        if kind == "star" and _is_number(self.lexemes[-1]):
            self.lexemes[-1] = replace(self.lexemes[-1], kind="number")
        self._operator(kind)
        if match := _FACTOR.match(self.text, self.at):
            self.at = match.start(1)
            self._push("number", match.end(), match[1])

    def _numbers_alone_are_text(self) -> list[Lexeme]:
        """Turn products of nothing but numbers, such as ``1920*1080``, back into text."""
        lexemes: list[Lexeme] = []
        index = 0
        while index < len(self.lexemes):
            first = last = index
            if self.lexemes[index].kind == "number":
                while (
                    self.lexemes[last + 1].kind in ("star", "slash")
                    and self.lexemes[last + 2].kind == "number"
                ):
                    last += 2
                factor = lexemes and lexemes[-1].kind in ("star", "slash")
                finished = self.lexemes[last + 1].kind == "star" and self.lexemes[
                    last + 2
                ].kind not in ("end", "close")
                if not factor and not finished:
                    start, end = self.lexemes[first].start, self.lexemes[last].end
                    lexemes.append(Lexeme("text", start, end, self.text[start:end]))
                    index = last + 1
                    continue
            lexemes += self.lexemes[first : last + 1]
            index = last + 1
        for left, right in pairwise(lexemes):
            if "number" in (left.kind, right.kind) and _is_number(left) and _is_number(right):
                self._refuse_comma(left, right)
        return lexemes

    def _refuse_comma(self, left: Lexeme, right: Lexeme) -> None:
        """Refuse ``1,000*cat`` and ``0,7*cat``: commas separate, which nobody means there."""
        if self.text[left.end : right.start] == ",":
            where = f"The comma at character {right.start} parts two numbers"
            way = "leave it out of thousands, write a point for a fraction, or a space after it"
            raise mistake(self.text, f"{where}: {way}.", left.start, right.end)


def _is_number(lexeme: Lexeme) -> bool:
    if lexeme.kind == "number":
        return True
    return (
        lexeme.kind == "text" and lexeme.bare and _WHOLE_NUMBER.fullmatch(lexeme.value) is not None
    )
