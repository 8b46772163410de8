"""Texts in the metadata of PNG files, read within bounds."""

import zlib
from pathlib import Path
from typing import BinaryIO

from tokensim_gui.core.errors import FileError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 20_000
_MOST_BYTES = 8 << 20  # of one text, packed or unpacked
_MOST_TEXTS = 32


def read_texts(path: Path) -> dict[str, str]:
    """Return the texts of a PNG file by keyword, the first where one occurs twice.

    Chunks other than tEXt, zTXt and iTXt (https://www.w3.org/TR/png-3/#11textinfo) are skipped
    unread, so the size of the picture does not matter; checksums are not looked at. A text that
    is damaged or beyond 8 MB is left out.

    Raises:
        FileError: The file can't be read, or is not a PNG file.
    """
    return _read(path)[0]


def is_cut_off(path: Path) -> bool:
    """Whether a PNG file ends before its end is marked.

    Raises:
        FileError: The file can't be read, or is not a PNG file.
    """
    return not _read(path)[1]


def _read(path: Path) -> tuple[dict[str, str], bool]:
    try:
        with path.open("rb") as file:
            if file.read(len(_SIGNATURE)) != _SIGNATURE:
                raise FileError(
                    f"“{path.name}” is not a PNG picture; prompts are read out of those only."
                )
            return _texts(file)
    except OSError as error:
        raise FileError(f"“{path.name}” can't be read: {error.strerror}.") from error


def _texts(file: BinaryIO) -> tuple[dict[str, str], bool]:
    """Return the texts, and whether the file does not stop in the middle."""
    texts: dict[str, str] = {}
    for _ in range(_MOST_CHUNKS):
        header = file.read(8)
        size, kind = int.from_bytes(header[:4], "big"), header[4:]
        if len(header) < 8:
            return texts, False
        if kind == b"IEND" or len(texts) == _MOST_TEXTS:
            break
        if kind in (b"tEXt", b"zTXt", b"iTXt") and size <= _MOST_BYTES:
            data = file.read(size)
            keyword, _, rest = data.partition(b"\0")
            text = _text(kind, rest) if len(data) == size else None
            if text is not None:
                texts.setdefault(keyword.decode("latin-1"), text)
            size = 0
        file.seek(size + 4, 1)
    return texts, True


def _text(kind: bytes, data: bytes) -> str | None:
    """Return the text behind a keyword; None if it is damaged or too long."""
    if kind == b"tEXt":
        return data.decode("latin-1")
    if kind == b"zTXt":
        unpacked = _unpacked(data[1:])
        return None if unpacked is None else unpacked.decode("latin-1")
    packed, data = data[:1] == b"\1", data[2:]
    parts = data.split(b"\0", 2)  # language, translated keyword, text
    if len(parts) < 3:
        return None
    text = _unpacked(parts[2]) if packed else parts[2]
    return None if text is None else text.decode("utf-8", "replace")


def _unpacked(data: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, _MOST_BYTES)
    except zlib.error:
        return None
    return text if unpacker.eof else None
