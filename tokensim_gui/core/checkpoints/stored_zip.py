"""Where the uncompressed members of a zip archive lie, as PyTorch writes them.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. The standard library's
reader takes the whole directory into memory, however large a stranger made it.
"""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tokensim_gui.core.checkpoints.entries import read_exactly
from tokensim_gui.core.errors import FileError

_MAX_DIRECTORY_BYTES = 32 * 2**20
_MAX_MEMBERS = 200_000
_MAX_COMMENT_BYTES = 65_535

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_DIRECTORY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


class Member(NamedTuple):
    """A member of an archive.

    Attributes:
        header: Offset of its local header.
        nbytes: Size of its content.
        is_stored: Whether the content lies there as it is, neither compressed nor encrypted.
    """

    header: int
    nbytes: int
    is_stored: bool


def members(file: BinaryIO, path: Path, size: int) -> dict[str, Member]:
    """Read the directory of an archive of ``size`` bytes.

    Raises:
        FileError: The archive can't be read or is not well-formed.
    """
    offset, nbytes, count = _directory(file, path, size)
    if nbytes > _MAX_DIRECTORY_BYTES or count > _MAX_MEMBERS:
        raise FileError(f"{path.name} lists more files than a checkpoint has.")
    raw = read_exactly(file, path, offset, nbytes)
    found: dict[str, Member] = {}
    position = 0
    for _ in range(count):
        if position + _DIRECTORY.size > nbytes:
            raise damaged(path)
        fields = _DIRECTORY.unpack_from(raw, position)
        magic, flags, method = fields[0], fields[3], fields[4]
        packed, unpacked, name_size, extra_size, comment_size = fields[8:13]
        start = position + _DIRECTORY.size
        position = start + name_size + extra_size + comment_size
        if magic != b"PK\x01\x02" or position > nbytes:
            raise damaged(path)
        name = raw[start : start + name_size].decode("utf-8", "replace")
        extra = raw[start + name_size : start + name_size + extra_size]
        unpacked, packed, header = _wide(extra, [unpacked, packed, fields[16]], path)
        if name in found:
            raise FileError(f"{path.name} is damaged: it lists {name[:80]!r} twice.")
        is_stored = method == 0 and not flags & 1 and packed == unpacked
        found[name] = Member(header, unpacked, is_stored)
    return found


def content_start(file: BinaryIO, path: Path, size: int, member: Member) -> int:
    """Return the offset of the content of a stored member, which lies within the file.

    Raises:
        FileError: The member is not stored as it is, or not where the directory says.
    """
    if not member.is_stored:
        raise FileError(f"{path.name} is compressed. Unpack it, or save it again with PyTorch.")
    if member.header + _LOCAL.size > size:
        raise damaged(path)
    fields = _LOCAL.unpack(read_exactly(file, path, member.header, _LOCAL.size))
    start: int = member.header + _LOCAL.size + fields[9] + fields[10]
    # A method here that differs from the directory's is what readers disagree about.
    if fields[0] != b"PK\x03\x04" or fields[3] != 0 or start + member.nbytes > size:
        raise damaged(path)
    return start


def damaged(path: Path) -> FileError:
    """Return the sentence for an archive that contradicts itself."""
    return FileError(f"{path.name} is damaged or cut short. Download it again.")


def _directory(file: BinaryIO, path: Path, size: int) -> tuple[int, int, int]:
    """Return offset, size and number of members of the directory."""
    tail_start = max(0, size - _END.size - _MAX_COMMENT_BYTES)
    tail = read_exactly(file, path, tail_start, size - tail_start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise damaged(path)
    count, nbytes, offset = _END.unpack_from(tail, at)[4:7]
    place_at = tail_start + at - _END64_PLACE.size
    if 0xFFFFFFFF in (offset, nbytes) or count == 0xFFFF:
        if place_at < 0:
            raise damaged(path)
        place = _END64_PLACE.unpack(read_exactly(file, path, place_at, _END64_PLACE.size))
        if place[0] != b"PK\x06\x07" or place[2] + _END64.size > size:
            raise damaged(path)
        end = _END64.unpack(read_exactly(file, path, place[2], _END64.size))
        if end[0] != b"PK\x06\x06":
            raise damaged(path)
        count, nbytes, offset = end[7:10]
    if offset + nbytes > size:
        raise damaged(path)
    return offset, nbytes, count


def _wide(extra: bytes, values: list[int], path: Path) -> list[int]:
    """Replace the values that did not fit 32 bits by those of the zip64 field."""
    if 0xFFFFFFFF not in values:
        return values
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        position += 4
        if kind == 1:
            wide = [index for index, value in enumerate(values) if value == 0xFFFFFFFF]
            if length < 8 * len(wide) or position + length > len(extra):
                break
            numbers = struct.unpack_from(f"<{len(wide)}Q", extra, position)
            for index, number in zip(wide, numbers, strict=True):
                values[index] = number
            return values
        position += length
    raise damaged(path)
