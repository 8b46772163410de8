"""The query language: what is typed becomes a weighted sum of texts."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.lexer import (
    MAX_LENGTH,
    WORD_MARK,
    Kind,
    Lexeme,
    isolated,
    lex,
    mistake,
    quote,
    quoted,
    visible,
)
from tokensim_gui.core.query.terms import Embedded, Parsed, Term, Tokenizing
from tokensim_gui.core.vocabulary.pieces import byte_text, is_cut_character, read_spelling

__all__ = ["Encode", "parse", "quote"]

MAX_NESTING = 64

Encode: TypeAlias = Callable[[str], tuple[int, ...]]
# A text, or a factor with what it scales: multiplied out once, so deep brackets cost no more.
_Part: TypeAlias = "Term | tuple[float, list[_Part]]"

_STOPS: tuple[Kind, ...] = ("close", "weight", "end")
_TEXTS: tuple[Kind, ...] = ("text", "piece", "id", "embedding")
_NAMES = {"(": "bracket", '"': "quote", "`": "backtick"}
# What tokenizers write for the end (CLIP) or the beginning of a word (T5, Qwen), or for a part
# (WordPiece): a bare word with such a mark can only be meant as a piece. So can a line break.
_THREE_BYTES = 0x800  # the first character that UTF-8 writes with three
_PREFIX_MARKS = ("▁", "Ġ", "##", "Ċ")


def parse(text: str, vocabulary: Tokenizing, encode: Encode | None = None) -> Parsed:
    """Read a query, in time linear in its length.

    Args:
        text: What is typed.
        vocabulary: Tokenizes the texts and knows the pieces.
        encode: Tokenizes them in its place.

    Returns:
        The terms, with a hint if the query is unfinished.

    Raises:
        QueryError: The query can't be read; the error says where and what would mend it.
    """
    if len(text) > MAX_LENGTH:
        sentence = f"A query may have {MAX_LENGTH:,} characters; this one has {len(text):,}."
        raise QueryError(sentence, MAX_LENGTH, len(text))
    if not text.strip():
        raise QueryError("The query is empty: type a word.", 0, len(text))
    return _Parser(text, vocabulary, encode or cache(vocabulary.encode_in_prompt)).run()


class _Parser:
    """Recursive descent; brackets are its only recursion and nest at most `MAX_NESTING` deep.

    sum = {product}; product = factor {"*" factor | "/" number};
    factor = {sign} (number | text {text} | "(" sum [weight] ")"). Things side by side are added.
    """

    def __init__(self, text: str, vocabulary: Tokenizing, encode: Encode) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.encode = encode
        self.lexemes = lex(text, lambda piece: vocabulary.id_of_spelling(piece) is not None)
        self.index = 0
        self.open: list[Lexeme] = []
        self.unknown = ""  # a sentence without its end
        # The last operator that nothing follows, the end of what can be searched so far, and the
        # stretches before a closing bracket that can't.
        self.dangling: Lexeme | None = None
        self.complete = 0
        self.cuts: list[tuple[int, int]] = []

    @property
    def here(self) -> Lexeme:
        return self.lexemes[self.index]

    def run(self) -> Parsed:
        terms = self.read()
        where = self.unfinished_at()
        if where is not None:
            return self._unfinished(terms, where)
        return Parsed(terms, unknown=f"{self.unknown}." if self.unknown else "")

    def read(self) -> tuple[Term, ...]:
        terms = tuple(_multiplied_out(self._sum(), 1.0))
        for term in terms:
            if not math.isfinite(term.coefficient):
                raise self._mistake(f"The factor of {quoted(term.text)} is too large.", term)
        return terms

    def unfinished_at(self) -> Lexeme | None:
        """What is still open, or else the operator that nothing follows, once it was read."""
        literal = next((lexeme for lexeme in self.lexemes if not lexeme.closed), None)
        return literal or (self.open[-1] if self.open else self.dangling)

    def _mistake(self, sentence: str, where: Lexeme | Term) -> QueryError:
        return mistake(self.text, sentence, where.start, where.end)

    def _next(self) -> Lexeme:
        lexeme = self.here
        self.index += 1
        return lexeme

    def _sum(self) -> list[_Part]:
        parts: list[_Part] = []
        while self.here.kind not in _STOPS:
            parts += self._product()
        return parts

    def _product(self) -> list[_Part]:
        factor = 1.0
        parts: list[_Part] | None = None
        operator: Lexeme | None = None
        while True:
            sign, flip = None, 1.0
            while self.here.kind == "sign":
                sign = self._next()
                flip = -flip if sign.value == "-" else flip
            if self.here.kind in _STOPS:
                self.dangling = sign or operator
                if self.here.kind != "end":
                    self.cuts.append((self.complete, self.here.start))
                break
            if self.here.kind == "number":
                number = self._next()
                factor = self._scaled(flip * factor, number, operator)
                self.complete = number.end if parts else self.complete
            elif parts is None:
                factor *= flip
                parts = self._group() if self.here.kind == "open" else self._text()
            else:
                assert operator is not None
                place = "on one side" if operator.kind == "star" else "at its right"
                where = f"The {operator.value} at character {operator.start + 1}"
                raise self._mistake(f"{where} needs a number {place}.", operator)
            if self.here.kind not in ("star", "slash"):
                break
            operator = self._next()
        return [(factor, parts)] if parts else []

    def _scaled(self, factor: float, number: Lexeme, operator: Lexeme | None) -> float:
        value = self._value(number)
        if operator is None or operator.kind == "star":
            return factor * value
        if value == 0:
            sentence = f"The / at character {operator.start + 1} divides by zero."
            raise mistake(self.text, sentence, operator.start, number.end)
        return factor / value

    def _value(self, number: Lexeme) -> float:
        value = float(number.value)
        if not math.isfinite(value):
            sentence = f"The number at character {number.start + 1} is too large."
            raise self._mistake(sentence, number)
        return value

    def _group(self) -> list[_Part]:
        bracket = self._next()
        self.open.append(bracket)
        if len(self.open) > MAX_NESTING:
            sentence = (
                f"Brackets nest more than {MAX_NESTING} deep at character {bracket.start + 1}."
            )
            raise self._mistake(sentence, bracket)
        parts = self._sum()
        weight = self._next() if self.here.kind == "weight" else None
        if weight is not None and weight.value:
            factor = self._value(replace(weight, start=weight.start + 1))
            if parts:
                parts = [(factor, parts)]
                self.complete = weight.end
        if self.here.kind == "close":
            close = self._next()
            self.open.pop()
            if not parts:
                sentence = f"The brackets at character {bracket.start + 1} are empty."
                raise mistake(self.text, sentence, bracket.start, close.end)
            self.complete = close.end
        return parts

    def _text(self) -> list[_Part]:
        """Read the texts, ids and pieces that stand side by side: one term, or none."""
        start = self.here.start
        end = start
        ids: list[int] = []
        words: list[str] = []
        shown: list[str] = []
        embedded: list[Embedded] = []
        while self.here.kind in _TEXTS:
            part = self._next()
            one = Embedded.at(self.text, part.start) if part.kind == "embedding" else None
            embedded += [one] if one is not None else []
            id = one.id if one is not None else self._id(part)
            if (
                not part.closed
                and id is None
                and not (part.kind == "text" and self.encode(part.value))
            ):
                break
            end = part.end
            if id is None:
                words.append(part.value)
                shown.append(part.value)
                continue
            ids += self._known(words)
            ids.append(id)
            words.clear()
            shown.append(self.text[part.start : part.end])
        ids += self._known(words)
        if not shown:
            return []
        text = " ".join(filter(None, shown))
        if not ids and self.unknown:
            raise QueryError(f"{self.unknown}.", start, end)
        if not ids:
            raise QueryError(f"{quoted(text)} holds nothing that becomes a token.", start, end)
        self.complete = end
        return [Term(1.0, tuple(ids), text, start, end, tuple(embedded))]

    def _known(self, words: list[str]) -> list[int]:
        """The tokens of a text but for what stands for characters without a piece."""
        text, unknown = " ".join(words), self.vocabulary.unknown
        ids = self.encode(text)
        if unknown is None or unknown not in ids:
            return [*ids]
        sent = self.vocabulary.piece(unknown)
        if sent and sent in text:  # it was typed
            return [*ids]
        whole = all(id == unknown for id in ids)
        what = quoted(text) if whole else f"part of {quoted(text)}"
        self.unknown = f"This encoder has no token for {what}: a prompt sends {sent}"
        return [id for id in ids if id != unknown]

    def _id(self, part: Lexeme) -> int | None:
        """Id of a part that names one token; None for text and for an open, unknown piece."""
        if part.kind == "id":
            return self._numbered(part)
        if part.kind == "piece":
            id = self.vocabulary.id_of_spelling(part.value)
            if id is None and part.closed:
                raise self._unknown_piece(part)
            return id
        if not part.bare:
            return None
        if part.value.startswith(_PREFIX_MARKS):
            id = self.vocabulary.id_of_spelling(part.value)
            if id is not None:
                return id
        self._refuse_bytes(part)
        return None

    def _numbered(self, part: Lexeme) -> int:
        id = int(part.value)
        if id < self.vocabulary.rows:
            return id
        sentence = (
            f"There is no #{visible(part.value)}: ids run from #0 to #{self.vocabulary.rows - 1}."
        )
        raise self._mistake(sentence, part)

    def _refuse_bytes(self, part: Lexeme) -> None:
        """Refuse ``ðŁĺħ``, as it stands in CLIP's vocab.json: read as text it is gibberish."""
        text = byte_text(part.value)
        if text is None and is_cut_character(part.value):
            self._refuse_cut_character(part)
        if text is None or text in part.value:
            return
        # Where no token is spelled so, two letters may be a word: only long sequences are sure.
        spelled = (part.value, part.value + WORD_MARK, "Ġ" + part.value)
        sure = any(ord(character) >= _THREE_BYTES for character in text)
        if sure or any(self.vocabulary.id_of_spelling(piece) is not None for piece in spelled):
            before, after = self.text[: part.start], self.text[part.end :]
            raise QueryError(
                f"{quoted(part.value)} is how CLIP writes {isolated(text)}.",
                part.start,
                part.end,
                f"{before}{text}{after}",
                f"Search {isolated(text)}",
            )

    def _refuse_cut_character(self, part: Lexeme) -> None:
        """Refuse ``ðŁĺ``, which a vocab.json holds too, where it is the piece of a token."""
        id = self.vocabulary.id_of_spelling(part.value)
        if id is None or self.vocabulary.piece(id) != part.value:
            return
        piece = f"`{part.value}`"
        raise QueryError(
            f"{quoted(part.value)} is how CLIP writes {self.vocabulary.display(id)}, "
            "which is no whole character.",
            part.start,
            part.end,
            self.text[: part.start] + piece + self.text[part.end :],
            f"Search {piece}",
        )

    def _unknown_piece(self, part: Lexeme) -> QueryError:
        text, _ = read_spelling(part.value)
        sentence = f"No token is written `{visible(part.value)}`."
        ids = self.encode(text)
        if ids and all(id == self.vocabulary.unknown for id in ids):
            sent = self.vocabulary.piece(ids[0])
            sentence = f"{sentence} A prompt sends {sent} for {quoted(text)}."
            return QueryError(sentence, part.start, part.end)
        if not ids:
            return QueryError(sentence, part.start, part.end)
        split = "·".join(self.vocabulary.display(id) for id in ids)
        count = "1 token" if len(ids) == 1 else f"{len(ids)} tokens"
        before, after = self.text[: part.start], self.text[part.end :]
        alone = text.isalpha() and not (before + after).strip()
        return QueryError(
            f"{sentence} As text it is {count}: {visible(split)}.",
            part.start,
            part.end,
            before + (text if alone else quote(text)) + after,
            "Search as text",
        )

    def _unfinished(self, terms: tuple[Term, ...], where: Lexeme) -> Parsed:
        name = _NAMES.get(self.text[where.start])
        if name:
            hint = f"A {name} is open"
            sentence = f"The {name} at character {where.start + 1} is never closed."
            label = "Close it" if where.start < self.complete else "Leave it out"
        else:
            hint = f"Nothing follows the {where.value} yet"
            sentence = f"Nothing follows the {where.value} at character {where.start + 1}."
            label = "Leave it out"
        error = mistake(self.text, sentence, where.start, where.start + 1)
        if not terms:
            return Parsed((), f"{hint}; there is nothing to search yet.", strict_error=error)
        fix, shown = self._finished(where)
        if len(fix) <= MAX_LENGTH and self._means(fix, terms):
            error = QueryError(sentence, where.start, where.start + 1, fix, label)
        if len(terms) == 1 and terms[0].coefficient == 1:
            shown = terms[0].text
        return Parsed(terms, f"{hint}; searching {quoted(shown)} for now.", strict_error=error)

    def _means(self, fix: str, terms: tuple[Term, ...]) -> bool:
        """Whether ``fix`` is a finished query for the same vector.

        It seldom is not: in ``cat / "`` the slash is text, in ``cat /`` an operator.
        """
        try:
            parser = _Parser(fix, self.vocabulary, self.encode)
            read = [(term.coefficient, term.ids) for term in parser.read()]
        except QueryError:
            return False
        same = read == [(term.coefficient, term.ids) for term in terms]
        return same and parser.unfinished_at() is None

    def _finished(self, where: Lexeme) -> tuple[str, str]:
        """Return the query as if it were finished, and the same without brackets round it all."""
        kept = []
        start = 0
        for stop, resume in [*self.cuts, (self.complete, len(self.text))]:
            kept.append(self.text[start:stop])
            start = resume
        text = "".join(kept)
        literal = not where.closed and self.complete == where.end
        brackets = sum(bracket.start < self.complete for bracket in self.open)
        if (literal or brackets) and (len(text) - len(text.rstrip("\\"))) % 2:
            text += "\\"  # a last backslash, itself text, would escape what closes
        text += self.text[where.start] if literal else ""
        outer = 0
        while outer < brackets and self.open[outer].start == outer:
            outer += 1
        return text + ")" * brackets, text[outer:] + ")" * (brackets - outer)


def _multiplied_out(parts: list[_Part], factor: float) -> list[Term]:
    terms: list[Term] = []
    for part in parts:
        if isinstance(part, Term):
            one = (part.ids, part.text, part.start, part.end, part.embedded)
            terms.append(Term(factor, *one))
        else:
            terms += _multiplied_out(part[1], factor * part[0])
    return terms
