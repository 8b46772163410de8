"""The tokens of one tokenizer: id, piece, text, kind, script and how each is typed."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, NoTokenizer, TokenSimError
from tokensim_gui.core.files.table import read_info
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import AS_WORDS, KINDS, TYPEABLES, IntArray, frozen_array
from tokensim_gui.core.vocabulary import derived_arrays as stored
from tokensim_gui.core.vocabulary import pieces as spelling
from tokensim_gui.core.vocabulary.packed_strings import Strings
from tokensim_gui.core.vocabulary.scripts import SCRIPTS, is_word_anywhere
from tokensim_gui.core.vocabulary.splitting import LoadedTokenizer, Split, Splitter
from tokensim_gui.core.vocabulary.typeable import REASONS, openai_clean

__all__ = ["REASONS", "SCRIPTS", "Vocabulary"]

_TOKENIZER: Final = "tokenizer.json"
_STORED: Final = "vocabulary.npz"
_ANCHOR: Final = "a"  # a word that stands before a text, which every encoder has
_CLIP_ROWS: Final = 49_408
_TYPED: Final = tuple(map(TYPEABLES.index, AS_WORDS))
_WITH_TEXT: Final = (KINDS.index("word"), KINDS.index("part"))

OpenSplitter: TypeAlias = Callable[[Path], Splitter]


class Vocabulary:
    """All tokens of one tokenizer; immutable.

    Strings stay in blobs and are decoded when asked for, so that loading is cheap and no
    150,000 Python strings exist.

    Attributes:
        rows: Rows of the table, which may be more than the tokenizer has pieces.
        family: One of `pieces.FAMILIES`.
        unknown: The token that stands for characters without a piece; None if all have one.
        kinds: uint8 [rows], codes into `KINDS`.
        scripts: uint8 [rows], codes into `SCRIPTS`.
        typeable: uint8 [rows], codes into `TYPEABLES`.
        reasons: uint8 [rows], codes into `REASONS`.
        same_text: int32 [rows]; tokens with exactly the same text share the lowest id among
            them, tokens without a text have their own.
    """

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]],
        tokenizer: Path | None,
        open_splitter: OpenSplitter = LoadedTokenizer,
    ) -> None:
        """Take what was derived or stored; `build` and `load` are the ways in.

        Args:
            arrays: The arrays that `derived_arrays` describes.
            tokenizer: The tokenizer.json; None if there is none.
            open_splitter: Opens it, at the first `encode` or by `prepare`.

        Raises:
            ValueError, TypeError, KeyError: The arrays do not describe a vocabulary.
        """
        meta = json.loads(arrays["meta"].tobytes())
        if meta["version"] != stored.VERSION or meta["family"] not in spelling.FAMILIES:
            raise ValueError("a vocabulary of another version")
        self.family: str = meta["family"]
        self._learned = int(meta["learned"])
        self.unknown: int | None = meta["unknown"]
        strings = {
            name: Strings(arrays[name], arrays[f"{name}_offsets"]) for name in stored.STRINGS
        }
        self._pieces = strings["pieces"]
        self._displays = strings["displays"]
        self._hosts = strings["hosts"]
        self.rows = len(self._pieces)
        if any(len(item) != self.rows for item in strings.values()):
            raise ValueError("strings are missing")
        if np.any(arrays["displays"] == ord("\n")):
            raise ValueError("a display of several lines")
        for name, count in stored.CODES.items():
            _check(arrays[name], np.uint8, self.rows, 0, count)
        _check(arrays["same_text"], np.int32, self.rows, 0, self.rows)
        _check(arrays["by_piece"], np.int32, self.rows, 0, self.rows)
        _check(arrays["commonness"], np.int32, self.rows, -1, self._learned)
        self._arrays = {name: frozen_array(array) for name, array in arrays.items()}
        self.kinds: NDArray[np.uint8] = arrays["kinds"]
        self.scripts: NDArray[np.uint8] = arrays["scripts"]
        self.typeable: NDArray[np.uint8] = arrays["typeable"]
        self.reasons: NDArray[np.uint8] = arrays["reasons"]
        self.same_text: IntArray = arrays["same_text"]
        self._commonness: IntArray = arrays["commonness"]
        self._by_piece: IntArray = arrays["by_piece"]
        self._path, self._open_splitter = tokenizer, open_splitter

    @classmethod
    def build(cls, tokenizer_json: Path | None, rows: int, job: Job | None = None) -> "Vocabulary":
        """Derive everything from a tokenizer, which takes seconds.

        Args:
            tokenizer_json: The tokenizer, or None for rows of which nothing is known.
            rows: Rows of the table.
            job: Reports progress, and may be cancelled.

        Raises:
            FileError: The file is no tokenizer that TokenSim can read, or has more than ``rows``.
            JobCancelled: The job was cancelled.
        """
        return cls(stored.derive(tokenizer_json, rows, job or Job()), tokenizer_json)

    @classmethod
    def load(
        cls,
        folder: Path,
        job: Job | None = None,
        open_splitter: OpenSplitter = LoadedTokenizer,
    ) -> "Vocabulary":
        """Read the vocabulary of a table's folder.

        ``vocabulary.npz`` is taken if it was derived from the ``tokenizer.json`` beside it, for
        as many rows as the ``table.safetensors`` beside it has (where these exist); otherwise
        it is built again and, if the folder allows, stored. A table of CLIP whose tokenizer is
        gone takes the one that ships with TokenSim.

        Raises:
            FileError: Nothing in the folder describes a vocabulary.
            JobCancelled: The job was cancelled.
        """
        tokenizer, rows = _sources(folder)
        known = cls._stored(folder, tokenizer, rows, open_splitter)
        if known is not None:
            return known
        if rows is None:
            if tokenizer is None:
                raise FileError(f"{folder} holds no vocabulary: {_TOKENIZER} is missing.")
            rows = 1 + max(stored.open_tokenizer(tokenizer).get_vocab().values(), default=-1)
        vocabulary = cls(stored.derive(tokenizer, rows, job or Job()), tokenizer, open_splitter)
        with suppress(FileError):  # a folder that can't be written costs the next start seconds
            vocabulary.save(folder)
        return vocabulary

    @classmethod
    def load_stored(
        cls, folder: Path, open_splitter: OpenSplitter = LoadedTokenizer
    ) -> "Vocabulary | None":
        """Read what `load` reads if nothing has to be derived for it, else return None."""
        return cls._stored(folder, *_sources(folder), open_splitter)

    @classmethod
    def _stored(
        cls, folder: Path, tokenizer: Path | None, rows: int | None, open_splitter: OpenSplitter
    ) -> "Vocabulary | None":
        arrays = stored.read_arrays(folder / _STORED)
        if arrays is not None and stored.is_current(arrays, tokenizer):
            with suppress(ValueError, TypeError, KeyError):
                vocabulary = cls(arrays, tokenizer, open_splitter)
                if rows in (None, vocabulary.rows):
                    return vocabulary
        return None

    def save(self, folder: Path) -> None:
        """Write ``vocabulary.npz`` into ``folder``, all of it or nothing.

        Raises:
            FileError: The folder can't be written.
        """
        stored.write_arrays(folder / _STORED, self._arrays)

    def has_pieces_of(self, other: "Vocabulary") -> bool:
        """Whether its tokens are the first of another's, which has none beside them."""
        rows = min(self.rows, other.rows)
        longer = self if self.rows > rows else other
        return bool(
            all(not longer.piece(token) for token in range(rows, longer.rows))
            and all(self.piece(token) == other.piece(token) for token in range(rows))
        )

    def piece(self, token: int) -> str:
        """The entry as the tokenizer writes it, ``banana</w>``; "" for an unused row."""
        return self._pieces[token]

    def text(self, token: int) -> str | None:
        """What the token reads, without the space that joins it; None for bytes and specials."""
        if self.kinds[token] not in _WITH_TEXT:
            return None
        return spelling.text_of(self.family, self._pieces[token])

    def display(self, token: int) -> str:
        """What to show, never empty: text, ``U+0007``, ``⟨f0 9f⟩``, the piece, or ``#123``."""
        return self._displays[token]

    def raw_bytes(self, token: int) -> bytes:
        """The bytes that the piece stands for; a leading space is one of them."""
        return spelling.raw_bytes(self.family, self._pieces[token])

    def host(self, token: int) -> str | None:
        """A text that is more than the token's own and gives it in a prompt, or None.

        For a special token what is typed for it, for bytes the characters that have them.
        """
        return self._hosts[token] or None

    def commonness(self, token: int) -> tuple[int, int] | None:
        """The token's rank among the pieces learned, and how many were.

        The rank is the merge rank (CLIP: id - 512, Qwen: id - 256) or the rank of a Unigram
        score; None for what was not learned, and for WordPiece, which keeps no order.
        """
        rank = int(self._commonness[token])
        return None if rank < 0 else (rank, self._learned)

    @property
    def learned_ranks(self) -> IntArray:
        """The rank of `commonness` of every token, int32 [rows]; below 0 where there is none."""
        return self._commonness

    def id_of_piece(self, piece: str) -> int | None:
        """The id of exactly that piece, or None."""
        wanted = piece.encode("utf-8", "surrogatepass")
        place = self._place(wanted)
        if not wanted or place == self.rows:
            return None
        token = int(self._by_piece[place])
        return token if self._pieces.bytes_at(token) == wanted else None

    def id_of_spelling(self, written: str) -> int | None:
        """The id of a piece as this vocabulary or another one writes it, or None.

        ``cat</w>``, ``Ġcat`` and ``▁cat`` are all the word where there is one; ``cat`` is the part.
        T5 has no ``▁king``: a prompt gives a blank and ``king`` there, and that is the word.
        """
        token = self.id_of_piece(written)
        if token is not None or not written:
            return token
        found = map(self.id_of_piece, spelling.respellings(self.family, written))
        token = next((token for token in found if token is not None), None)
        text, is_word = spelling.read_spelling(written)
        return self._typed(text) if token is None and is_word else token

    def _place(self, piece: bytes) -> int:
        """Where a piece is, or would be, among the rows sorted by piece."""
        low, high, sorted_rows = 0, self.rows, self._by_piece.data
        while low < high:
            middle = (low + high) // 2
            if self._pieces.bytes_at(sorted_rows[middle]) < piece:
                low = middle + 1
            else:
                high = middle
        return low

    def ids_of_text(self, text: str) -> tuple[int, ...]:
        """All tokens that read exactly ``text``, lowest id first."""
        found = {self.id_of_piece(piece) for piece in spelling.spellings(self.family, text)}
        return tuple(
            sorted(token for token in found if token is not None and self.text(token) == text)
        )

    def id_typed(self, text: str) -> int | None:
        """The token that ``text`` is as a word of a prompt, if it is one; asks no tokenizer."""
        return self._typed(self._cased(text))

    def _typed(self, text: str) -> int | None:
        tokens = self.ids_of_text(text)
        found = [one for typed in _TYPED for one in tokens if self.typeable[one] == typed]
        return found[0] if found else None

    def completion(self, beginning: str) -> str | None:
        """What the commonest longer word that begins with ``beginning`` adds to it.

        Only words that are typed as they are. None where no word begins so; asks no tokenizer.
        """
        beginning = self._cased(beginning)
        for token in self._beginning_with(beginning):
            text = self.text(token) or ""
            if len(text) > len(beginning) and text.isalpha():
                return text[len(beginning) :]
        return None

    def words_beginning(self, beginning: str, most: int) -> list[int]:
        """The ids of at most ``most`` words that begin so, the commonest first.

        Only words that are typed as they are; asks no tokenizer.
        """
        return list(islice(self._beginning_with(self._cased(beginning)), most))

    def _beginning_with(self, beginning: str) -> Iterator[int]:
        piece = spelling.beginning_of_word(self.family, beginning).encode("utf-8", "surrogatepass")
        rows = self._by_piece[self._place(piece) : self._place(piece + b"\xff")]
        rows = rows[
            (self.kinds[rows] == KINDS.index("word"))
            & (self.typeable[rows] == TYPEABLES.index("alone"))
        ]
        ranks = np.where(self._commonness[rows] < 0, rows, self._commonness[rows])
        for token in rows[np.argsort(ranks, kind="stable")].tolist():
            # A character that is cut after its first bytes begins otherwise.
            if (self.text(token) or "").startswith(beginning):
                yield token

    def _cased(self, text: str) -> str:
        return text.lower() if self.family == "clip" else text  # which writes every letter small

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of ``text`` under the encoder's own fast tokenizer, no special tokens added.

        Raises:
            TokenSimError: The table has no tokenizer, or it can't split this text.
        """
        if not text:  # nothing to cut, which needs no tokenizer
            return ()
        return tuple(token for token, _, _ in self.encode_offsets(text))

    def encode_in_prompt(self, text: str) -> tuple[int, ...]:
        """The ids of ``text`` as it stands in the middle of a prompt, behind a blank.

        A blank that is a token of its own, as before a digit, is left out. A word of a script
        without blanks stands behind none, unless there is a token of it with its blank.

        Raises:
            TokenSimError: The table has no tokenizer, or it can't split this text.
        """
        if self.family not in spelling.BLANK_LED or not text:
            return self.encode(text)
        words = text.split(" ")
        unspaced = any(map(is_word_anywhere, words))
        if unspaced and len(words) > 1:
            return tuple(token for word in words for token in self.encode_in_prompt(word))
        before = self.encode(_ANCHOR)
        ids = self.encode(f"{_ANCHOR} {text}")
        found = self._parted(ids[len(before) :]) if ids[: len(before)] == before else ()
        if not found or (unspaced and len(found) > 1):
            return self._parted(self.encode(text))
        return found

    def _parted(self, ids: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(token for token in ids if token != self._blank)

    def encode_offsets(self, text: str) -> list[Split]:
        """Like `encode`, each id with the code points of ``text`` it covers.

        Raises:
            TokenSimError: The table has no tokenizer, or it can't split this text.
        """
        # Half of a surrogate pair, as some editors deliver it, is no text to a tokenizer.
        return self._splitter.split(text.encode("utf-8", "replace").decode("utf-8"))

    def prepare(self) -> bool:
        """Begin to open the tokenizer, if that was not; returns whether `encode` answers at once.

        Where there is none, or none that can be read, it does, with an error.
        """
        try:
            return self._splitter.is_ready
        except TokenSimError:
            return True

    def openai_disagrees(self, text: str) -> bool:
        """Whether OpenAI's own CLIP tokenizer makes other tokens of ``text``.

        It repairs and cleans a text first (curly quotes, ``&amp;``, full width, ligatures).
        """
        if self.family != "clip":
            return False
        cleaned = openai_clean(text)
        return cleaned != text and self.encode(cleaned) != self.encode(text)

    @cached_property
    def order(self) -> IntArray:
        """int32 [rows], the order for browsing, by id within each group.

        Words of Latin letters that can be typed alone; other tokens with something to see;
        spaces and control characters; bytes; specials; unused rows.
        """
        group = np.full(self.rows, 1, np.uint8)
        group[
            (self.kinds == KINDS.index("word"))
            & (self.typeable == TYPEABLES.index("alone"))
            & (self.scripts == SCRIPTS.index("Latin"))
        ] = 0
        group[self.scripts == SCRIPTS.index("None")] = 2
        for place, kind in enumerate(("bytes", "special", "unused"), start=3):
            group[self.kinds == KINDS.index(kind)] = place
        order = np.argsort(group, kind="stable").astype(np.int32)
        order.flags.writeable = False
        return order

    @property
    def displays(self) -> Strings:
        """`display` of every row, as one blob."""
        return self._displays

    @cached_property
    def _blank(self) -> int | None:
        return self.id_of_piece(spelling.BLANK_LED.get(self.family, ""))

    @cached_property
    def _splitter(self) -> Splitter:
        if self._path is None:
            raise NoTokenizer
        return self._open_splitter(self._path)


def _check(array: NDArray[Any], dtype: type, rows: int, low: int, high: int) -> None:
    if array.dtype != dtype or array.shape != (rows,):
        raise ValueError("not one number a row")
    if rows and not (array.min() >= low and array.max() < high):
        raise ValueError("a number out of range")


def _sources(folder: Path) -> tuple[Path | None, int | None]:
    """The tokenizer of a table's folder and the rows of its table, where these are there."""
    path = folder / _TOKENIZER
    tokenizer = path if os.path.isfile(path) else None  # also of a locked folder
    rows = None
    with suppress(FileError):
        info = read_info(folder)
        rows = info.rows
        if tokenizer is None and info.family == "clip" and rows == _CLIP_ROWS:
            tokenizer = paths.resource(f"starter/{_TOKENIZER}")  # CLIP's, and there is one
    return tokenizer, rows
