"""A query read by its shape alone: where its terms stand and their weights, without a tokenizer."""

import re
import sys

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.lexer import WORD_MARK
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.terms import Parsed


def shape(text: str) -> Parsed:
    """The terms of a query as any vocabulary would part it; none where it can't be read.

    Fast enough for every key. ``ids`` only tell equal texts from different ones.
    """
    try:
        return parse(text, AnyTokens())
    except QueryError:
        return Parsed(())


class AnyTokens:
    """Stands for a vocabulary where only the shape of a query counts: different texts differ."""

    rows = sys.maxsize
    unknown = None

    def encode_in_prompt(self, text: str, /) -> tuple[int, ...]:
        """One token a character."""
        return tuple(map(ord, "".join(text.split())))

    def id_of_spelling(self, piece: str, /) -> int | None:
        """A number of its own for every piece."""
        # No tokenizer has a piece of letters and signs, which would hide the bracket of (cat</w>.
        body = piece.removesuffix(WORD_MARK)
        if re.search(r"\w", body) and re.search(r"[-()+*/:]", body):
            return None
        return -1 - int.from_bytes(piece.encode("utf-8", "surrogatepass"))

    def piece(self, id: int, /) -> str:
        """The number."""
        return str(id)

    text = display = piece

    def id_typed(self, text: str, /) -> int | None:
        """None: no text is known to be one token."""
