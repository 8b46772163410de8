"""The end of the word that is being typed, as the commonest word would have it."""

from dataclasses import dataclass
from typing import Protocol

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.lexer import lex

_SHORTEST = 2  # characters; after one, a guess is noise


class Completing(Protocol):
    """What a completion asks of a vocabulary."""

    def completion(self, beginning: str, /) -> str | None:
        """What the commonest longer word that begins so adds to it, or None."""

    def id_typed(self, text: str, /) -> int | None:
        """The token that ``text`` is as a word of a prompt, if it is one."""


@dataclass(frozen=True, slots=True)
class Completion:
    """How the last word of a query might go on.

    Attributes:
        rest: The characters to add; shown after the cursor, never searched.
        typed_is_token: Whether what is typed is a token already; Tab then leaves the field.
    """

    rest: str
    typed_is_token: bool


def completion(text: str, vocabulary: Completing) -> Completion | None:
    """Complete the last word of a query by commonness; None where there is nothing to add.

    Only of words that a prompt gives as they are typed, and only where the query ends in a word of
    letters: not in quotes, a piece or an id. No tokenizer is needed; a few binary searches.
    """
    try:
        lexemes = lex(text, lambda piece: False)
    except QueryError:
        return None
    last, word = lexemes[-2], lexemes[-2].value
    if last.kind != "text" or not last.bare or last.end != len(text):
        return None
    if len(word) < _SHORTEST or not word.isalpha():
        return None
    rest = vocabulary.completion(word)
    return None if rest is None else Completion(rest, vocabulary.id_typed(word) is not None)
