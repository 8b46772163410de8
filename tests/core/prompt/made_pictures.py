"""Pictures as the programs write them, made for the tests."""

import gzip
import json
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

COMMENT, EXIF_IFD = 0x9286, 0x8769

PROMPT = "a (cute:1.2) cat,\n<lora:x:1>"
NEGATIVE = "ugly, (bad:1.3)\nblurry"
SETTINGS = 'Steps: 20, Sampler: Euler a, Seed: 7, Lora hashes: "x: 1, y: 2", Size: 512x512'
INFOTEXT = f"{PROMPT}\nNegative prompt: {NEGATIVE}\n{SETTINGS}"


def chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def _image(mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> Image.Image:
    return Image.new(mode, size, (200, 100, 50, 255)[: len(mode)])


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def text_chunk(keyword: str, text: str, how: str = "tEXt") -> bytes:
    """A text as PNG: ``tEXt``, ``utf-8`` in a tEXt, ``zTXt``, ``iTXt`` or ``packed`` iTXt."""
    name = keyword.encode("latin-1") + b"\0"
    if how == "tEXt":
        return chunk(b"tEXt", name + text.encode("latin-1"))
    if how == "utf-8":
        return chunk(b"tEXt", name + text.encode())
    if how == "zTXt":
        return chunk(b"zTXt", name + b"\0" + zlib.compress(text.encode()))
    packed = how == "packed"
    body = zlib.compress(text.encode()) if packed else text.encode()
    return chunk(b"iTXt", name + bytes([packed, 0]) + b"\0\0" + body)


def png(*chunks: bytes, after: bool = False, end: bool = True) -> bytes:
    """A PNG with chunks before or after its pixels."""
    whole = _saved(_image(), "PNG")
    at = whole.index(b"IEND") - 4 if after else whole.index(b"IDAT") - 4
    made = whole[:at] + b"".join(chunks) + whole[at:]
    return made if end else made[: -len(chunk(b"IEND", b""))]


def png_of(how: str = "tEXt", **texts: Any) -> bytes:
    """A PNG with texts by keyword; what is no string becomes JSON."""
    chunks = []
    for keyword, value in texts.items():
        text = value if isinstance(value, str) else json.dumps(value)
        chunks.append(text_chunk(keyword.replace("_-", " "), text, how))
    return png(*chunks)


def exif(comment: bytes | None = None, *, big: bool = False, **tags: str) -> bytes:
    """EXIF with a UserComment and other tags by number: ``x010f="…"``."""
    made = Image.Exif()
    made.endian = ">" if big else "<"
    for tag, value in tags.items():
        number = int(tag[1:], 16)
        made[number] = value.encode("utf-16-le") if number >= 0x9C00 else value
    if comment is not None:
        made.get_ifd(EXIF_IFD)[COMMENT] = comment
    return made.tobytes()


def user_comment(text: str, how: str = "be") -> bytes:
    if how in ("be", "le"):
        return b"UNICODE\0" + text.encode(f"utf-16-{how}")
    names = {"ascii": b"ASCII\0\0\0", "none": b"\0" * 8, "bare": b""}
    return names[how] + text.encode()


def jpeg(raw: bytes = b"", comment: str = "") -> bytes:
    return _saved(_image(), "JPEG", exif=raw, comment=comment.encode())


def webp(raw: bytes = b"", xmp: str = "") -> bytes:
    return _saved(_image(), "WEBP", exif=raw, xmp=xmp.encode())


def avif(raw: bytes) -> bytes:
    return _saved(_image(size=(16, 16)), "AVIF", exif=raw)


def gif(comment: str) -> bytes:
    return _saved(_image(), "GIF", comment=comment.encode())


def png_with_exif(raw: bytes) -> bytes:
    return _saved(_image(), "PNG", exif=raw)


def png_with_xmp(comment: str) -> bytes:
    return png(text_chunk("XML:com.adobe.xmp", xmp(comment), "iTXt"))


def xmp(comment: str) -> str:
    from html import escape

    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description><exif:UserComment><rdf:Alt>'
        f'<rdf:li xml:lang="x-default">{escape(comment)}</rdf:li></rdf:Alt></exif:UserComment>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def stealth(text: str, channels: str = "alpha", *, packed: bool = True, kind: str = "PNG") -> bytes:
    """A picture with a text in the lowest bits of its pixels, column by column."""
    name = f"stealth_{'png' if channels == 'alpha' else 'rgb'}{'comp' if packed else 'info'}"
    data = gzip.compress(text.encode()) if packed else text.encode()
    data = name.encode() + struct.pack(">I", 8 * len(data)) + data
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    pixels = np.full((40, 128, 4 if channels == "alpha" else 3), 254, np.uint8)
    planes = pixels[:, :, 3:] if channels == "alpha" else pixels
    columns = planes.transpose(1, 0, 2).copy()
    flat = columns.reshape(-1)
    flat[: len(bits)] |= bits
    planes[:] = columns.transpose(1, 0, 2)
    return _saved(Image.fromarray(pixels), kind, **({"lossless": True} if kind == "WEBP" else {}))


def raw_profile(raw: bytes) -> bytes:
    """EXIF as ImageMagick keeps it in a PNG: hexadecimal digits in a text."""
    text = f"\nexif\n{len(raw):8}\n" + raw.hex()
    return png(text_chunk("Raw profile type exif", text, "zTXt"))
