"""How a token is written in a query."""

import re

from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.lexer import escaped
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.terms import Tokenizing


def reference(vocabulary: Tokenizing, id: int) -> str:
    """Return how a token is written in a query: its text, else its piece, else its id.

    Asks no tokenizer: the window names tokens while that is being loaded.
    """

    def encode(text: str) -> tuple[int, ...]:
        token = vocabulary.id_typed(text)
        return () if token is None else (token,)

    piece = escaped(vocabulary.piece(id), "`")
    for written in (vocabulary.text(id) or "", f"`{piece}`"):
        if not written.isprintable() or re.search(r"(?<!\\)[“”]", written):
            continue  # a curly quote opens or closes at another one, further along
        try:
            # Written twice, so that it also means the same beside a sign.
            parsed = parse(f"{written} + {written}", vocabulary, encode)
        except QueryError:
            continue
        if (
            not parsed.unfinished
            and [(t.coefficient, t.ids) for t in parsed.terms] == [(1.0, (id,))] * 2
        ):
            return written
    return f"#{id}"
