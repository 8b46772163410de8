"""Deriving the arrays of a vocabulary from its tokenizer, and keeping them in vocabulary.npz."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.files.regular_file import open_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import KINDS, TYPEABLES, Kind
from tokensim_gui.core.vocabulary import pieces as spelling
from tokensim_gui.core.vocabulary.packed_strings import Strings
from tokensim_gui.core.vocabulary.scripts import SCRIPTS, script_of
from tokensim_gui.core.vocabulary.typeable import REASONS, find_typing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

Arrays: TypeAlias = dict[str, NDArray[Any]]

STRINGS: Final = ("pieces", "displays", "hosts")
"""Each a UTF-8 blob (uint8) and, under ``<name>_offsets``, int32 [rows + 1]."""

CODES: Final = {
    "kinds": len(KINDS),
    "scripts": len(SCRIPTS),
    "typeable": len(TYPEABLES),
    "reasons": len(REASONS),
}
"""uint8 [rows], each below its count."""

NUMBERS: Final = ("same_text", "commonness", "by_piece")
"""int32 [rows]: the first row with the same text; how many pieces were learned before, or -1;
the rows sorted by their piece's UTF-8."""

VERSION: Final = 3
"""Of the file; to be raised when what is derived changes."""

_NAMES: Final = {"meta", *CODES, *NUMBERS, *STRINGS, *(f"{name}_offsets" for name in STRINGS)}
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error)
_LIMIT: Final = 256 * 2**20  # bytes; the arrays of a million rows need less


def open_tokenizer(path: Path) -> "Tokenizer":
    """Load a tokenizer.json; 0.1 s for CLIP's, 0.6 s for one with 152,000 pieces.

    Raises:
        FileError: The file can't be read as one.
    """
    from tokenizers import Tokenizer

    try:
        with open_regular(path):  # no pipe, whose end it would wait for
            tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the binding raises plain Exception
        raise FileError(f"{path} is not a tokenizer that TokenSim can read.") from error
    # Files saved beside a model often cut or fill every text to the model's length.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode_all(tokenizer: "Tokenizer", texts: "Sequence[str]") -> list[list[int]]:
    """The ids of each text, no special tokens added; none of a text that it can't split."""
    try:
        encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    except Exception:  # a plain one, as from a WordPiece without its unknown piece
        if len(texts) == 1:
            return [[]]
        half = len(texts) // 2
        return encode_all(tokenizer, texts[:half]) + encode_all(tokenizer, texts[half:])
    return [encoding.ids for encoding in encodings]


def derive(tokenizer_json: Path | None, rows: int, job: Job) -> Arrays:
    """Everything that a vocabulary.npz holds.

    Args:
        tokenizer_json: The tokenizer, or None for rows of which nothing is known.
        rows: Rows of the table.
        job: Reports progress, and may be cancelled.

    Raises:
        FileError: The file is no tokenizer that TokenSim can read, or has more than ``rows``.
        JobCancelled: The job was cancelled.
    """
    if tokenizer_json is None:
        tokenizer = None
        found = spelling.Pieces("none", ("",) * rows, frozenset(), None, {})
    else:
        tokenizer = open_tokenizer(tokenizer_json)
        found = spelling.read_pieces(tokenizer_json, rows)
    family = found.family
    kinds: list[Kind] = [
        spelling.kind_of(family, piece, number in found.special)
        for number, piece in enumerate(found.pieces)
    ]
    texts = [
        spelling.text_of(family, piece) if kind in ("word", "part") else None
        for piece, kind in zip(found.pieces, kinds, strict=True)
    ]

    def encode(batch: "Sequence[str]") -> list[list[int]]:
        return [[] for _ in batch] if tokenizer is None else encode_all(tokenizer, batch)

    fragments = {
        number: spelling.raw_bytes(family, found.pieces[number])
        for number, kind in enumerate(kinds)
        if kind == "bytes"
    }
    signs = {row: found.pieces[row] for row, kind in enumerate(kinds) if kind == "special"}
    lone = spelling.BLANK_LED.get(family)
    blank = found.pieces.index(lone) if lone in found.pieces else None
    typing = find_typing(family, kinds, texts, fragments, signs, blank, encode, job)
    displays = [
        spelling.display_of(family, piece, kind) or f"#{number}"
        for number, (piece, kind) in enumerate(zip(found.pieces, kinds, strict=True))
    ]
    first: dict[str, int] = {}
    blobs = {
        "pieces": Strings.pack(found.pieces),
        "displays": Strings.pack(displays),
        "hosts": Strings.pack(typing.hosts.get(number, "") for number in range(rows)),
    }
    arrays: Arrays = {
        "meta": _meta(found, tokenizer_json),
        "kinds": _codes(KINDS, kinds),
        "scripts": _codes(SCRIPTS, [script_of(text or "") for text in texts]),
        "typeable": _codes(TYPEABLES, typing.typeable),
        "reasons": _codes(REASONS, typing.reasons),
        "same_text": np.array(
            [
                number if text is None else first.setdefault(text, number)
                for number, text in enumerate(texts)
            ],
            np.int32,
        ),
        "commonness": np.array([found.ranks.get(row, -1) for row in range(rows)], np.int32),
        "by_piece": np.array(
            sorted(range(rows), key=lambda row: found.pieces[row].encode("utf-8")), np.int32
        ),
    }
    for name, strings in blobs.items():
        arrays[name] = strings.blob
        arrays[f"{name}_offsets"] = strings.offsets
    return arrays


def _codes(names: "Sequence[str]", values: "Sequence[str]") -> NDArray[np.uint8]:
    code = {name: number for number, name in enumerate(names)}
    return np.array([code[value] for value in values], np.uint8)


def _meta(found: spelling.Pieces, tokenizer_json: Path | None) -> NDArray[np.uint8]:
    meta = {
        "version": VERSION,
        "family": found.family,
        "learned": len(found.ranks),
        "unknown": found.unknown,
        "tokenizer": tokenizer_json and fingerprint(tokenizer_json),
    }
    return np.frombuffer(json.dumps(meta).encode("ascii"), np.uint8)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, in hex.

    Raises:
        FileError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror}.") from error


def read_arrays(path: Path) -> Arrays | None:
    """The arrays of a vocabulary.npz, or None if it is missing, damaged or far too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if {member.filename for member in members} != {f"{name}.npy" for name in _NAMES}:
                return None
            # A compressed member could unfold to any size.
            if sum(member.file_size for member in members) > _LIMIT:
                return None
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in _NAMES}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, MemoryError, *_DAMAGE):
        return None


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a vocabulary.npz, all of it or nothing.

    Raises:
        FileError: The folder can't be written.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomically(path, buffer.getvalue())


def is_current(arrays: Arrays, tokenizer: Path | None) -> bool:
    """Whether ``arrays`` were derived by this version from that tokenizer, if it is there."""
    try:
        meta = json.loads(arrays["meta"].tobytes())
        return meta["version"] == VERSION and (
            tokenizer is None or meta["tokenizer"] == fingerprint(tokenizer)
        )
    except (ValueError, TypeError, KeyError):
        return False
