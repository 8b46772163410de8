"""Cutting texts into tokens: by a tokenizer in this process, or by whatever else can."""

from pathlib import Path
from typing import NamedTuple, Protocol

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.vocabulary.derived_arrays import open_tokenizer


class Split(NamedTuple):
    """A token and the code points of a text that it covers, from ``start`` to before ``end``."""

    id: int
    start: int
    end: int


class Splitter(Protocol):
    """Cuts texts as one tokenizer does."""

    @property
    def is_ready(self) -> bool:
        """Whether `split` answers at once."""

    def split(self, text: str, /) -> list[Split]:
        """The tokens of ``text``, no special tokens added.

        Raises:
            NotReady: The tokenizer is still being loaded.
            TokenSimError: The tokenizer can't be read, or can't split this text.
        """


class LoadedTokenizer:
    """A tokenizer.json in the memory of this process; loading a large one takes a second or two.

    Raises:
        FileError: The file can't be read as one.
    """

    is_ready = True

    def __init__(self, path: Path) -> None:
        self._tokenizer = open_tokenizer(path)

    def split(self, text: str, /) -> list[Split]:
        """The tokens of ``text``, no special tokens added.

        Raises:
            TokenSimError: The tokenizer can't split this text.
        """
        try:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
        except Exception as error:  # a plain one, as from a WordPiece without its unknown piece
            raise TokenSimError(f"This encoder's tokenizer can't split “{text}”.") from error
        return [Split(id, *span) for id, span in zip(encoding.ids, encoding.offsets, strict=True)]
