"""Texts in the metadata of pictures, read within bounds."""

import re
import unicodedata
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from PIL import Image, PngImagePlugin

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import open_regular

FORMATS: Final = ("PNG", "JPEG", "WEBP", "AVIF", "GIF")

_MOST_CHUNKS = 20_000
_MOST_TEXTS = 64
_MOST_BYTES = 8 << 20  # of one text
_MOST_FILE = 64 << 20  # of a file that has to be read whole
_HEAD = 4 << 20  # in which JPEG and GIF have their texts
_MOST_BYTES_OF_ALL = 16 << 20
_MOST_PIXELS = {"PNG": 24_000_000, "WEBP": 8_000_000}  # decoded to look for a hidden text

_NO_PIXELS = "“{}” is damaged: its pixels can't be read."
_COMFYUI_CHUNK = b"comf"  # as tEXt, in animated pictures
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")
_EXIF_HEADER = b"Exif\0\0"
_EXIF_IFD = 0x8769
_USER_COMMENT = 0x9286
_EXIF_TEXTS = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9F: "XPSubject",
}
_XMP_COMMENT = re.compile(r"<exif:UserComment\b[^>]*>(.*?)</exif:UserComment>", re.DOTALL)
_XMP_DESCRIPTION = re.compile(r"<dc:description\b[^>]*>(.*?)</dc:description>", re.DOTALL)
_TAG = re.compile(r"<[^>]{0,1000}>")
_NAMED = re.compile(r"\s*(prompt|workflow|parameters)\s*:\s*", re.IGNORECASE)
_MAGICS = {  # of a text in the lowest bits, with whether it is packed
    b"stealth_pnginfo": False,
    b"stealth_pngcomp": True,
    b"stealth_rgbinfo": False,
    b"stealth_rgbcomp": True,
}


def read_texts(path: Path) -> dict[str, str]:
    """Return the texts of a picture by keyword, the first where one occurs twice.

    Keywords are those of PNG and EXIF (``parameters``, ``UserComment``); ``comment`` is the
    comment of a JPEG or GIF. No pixel is decoded. A text beyond 8 MB, or 1 MB packed, is left out.

    Raises:
        FileError: The file can't be read, is no picture, or is damaged before any text.
    """
    with _opened(path) as file:
        head = file.read(16)
        file.seek(0)
        kind = _format(head)
        if kind == "PNG":
            texts, whole = _png_texts(file)
        else:
            texts, whole = _other_texts(file, kind, path.name)
    if not texts and not whole:
        raise FileError(f"“{path.name}” is damaged: it ends in the middle of the picture.")
    return texts


def hidden_text(path: Path) -> str | None:
    """Return the text that NovelAI and Forge hide in the lowest bits of the pixels, if there is.

    The bits stand column by column, in alpha or in red, green, blue; see
    https://github.com/ashen-sensored/sd_webui_stealth_pnginfo. Pictures of more than 24 million
    pixels (WebP, which takes more memory: 8) and formats that lose bits are not looked at.

    Raises:
        FileError: The file can't be read, or its pixels are damaged.
    """
    with _opened(path) as file:
        kind = _format(file.read(16))
        file.seek(0)
        if kind not in _MOST_PIXELS or _size(file) > _MOST_FILE:
            return None
        try:
            with _quietly_opened(file, kind) as image:
                if image.width * image.height > _MOST_PIXELS[kind] or image.mode not in (
                    "RGB",
                    "RGBA",
                ):
                    return None
                for channels in ("A", "RGB") if image.mode == "RGBA" else ("RGB",):
                    text = _text_in_bits(image, channels)
                    if text is not None:
                        return text
        except Image.DecompressionBombError:
            return None
        except ValueError as error:
            if "MAX_TEXT" not in str(error):  # Pillow's own bounds
                raise FileError(_NO_PIXELS.format(path.name)) from error
            raise FileError(f"“{path.name}” holds a text that is too large to be read.") from error
        except Exception as error:  # a damaged file makes the decoders raise whatever they like
            raise FileError(_NO_PIXELS.format(path.name)) from error
    return None


def _opened(path: Path) -> BinaryIO:
    try:
        return open_regular(path)
    except OSError as error:
        raise FileError(f"“{path.name}” can't be read: {error.strerror}.") from error


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _format(head: bytes) -> str:
    """Name the format that a file begins like, or ""."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"mif1", b"miaf"):
        return "AVIF"
    return "GIF" if head.startswith((b"GIF87a", b"GIF89a")) else ""


def _quietly_opened(file: BinaryIO, kind: str) -> Image.Image:
    with warnings.catch_warnings():  # of many pixels, or of odd EXIF: nothing to tell a user
        warnings.simplefilter("ignore")
        return Image.open(file, formats=(kind,))


def _png_texts(file: BinaryIO) -> tuple[dict[str, str], bool]:
    """Return the texts, and whether the file does not stop in the middle.

    The chunks are walked, so that neither a huge picture nor a wrong checksum elsewhere matters.
    """
    texts: dict[str, str] = {}
    size = _size(file)
    stream = PngImagePlugin.PngStream(file)
    file.seek(8)
    for _ in range(_MOST_CHUNKS):
        try:
            kind, at, length = stream.read()
        except Exception:  # cut off, or no chunk any more
            return texts, False
        if kind == b"IEND" or len(texts) >= _MOST_TEXTS:
            break
        if length > _MOST_BYTES or at + length > size:
            pass
        elif kind == _COMFYUI_CHUNK:
            name, _, value = file.read(length).partition(b"\0")
            _add(texts, name.decode("latin-1"), _decoded(value))
        elif kind in _TEXT_CHUNKS:
            try:
                stream.call(kind, at, length)
            except Exception:  # damaged, or unpacked beyond Pillow's own bound: left out
                stream.im_text.clear()
            for keyword, text in stream.im_text.items():
                is_international = isinstance(text, PngImagePlugin.iTXt)
                _add(texts, keyword, text if is_international else _perhaps_utf8(text))
            if kind == b"eXIf":
                _add_exif(texts, bytes(stream.im_info.get("exif", b"")))
            stream.im_text.clear()
            stream.im_info.clear()
        file.seek(at + length + 4)
    return texts, True


def _perhaps_utf8(text: "str | PngImagePlugin.iTXt") -> str:
    """Latin-1 is what PNG prescribes; several programs write UTF-8 none the less."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return str(text)


def _other_texts(file: BinaryIO, kind: str, name: str) -> tuple[dict[str, str], bool]:
    if not kind:
        raise FileError(
            f"“{name}” is no picture that is known here: PNG, JPEG, WebP, AVIF and GIF are read."
        )
    if kind in ("WEBP", "AVIF"):
        size = _size(file)
        if size > _MOST_FILE:
            raise FileError(
                f"“{name}” is too large to be read: {size >> 20} MB, and {_MOST_FILE >> 20} MB is "
                "the most."
            )
        data = file.read()
    else:  # more would have to be copied again and again while it is put together
        data = file.read(_HEAD)
    texts: dict[str, str] = {}
    whole = True
    try:
        with _quietly_opened(BytesIO(data), kind) as image:
            whole = kind != "JPEG" or bool(getattr(image, "tile", ()))
            _add_exif(texts, bytes(image.info.get("exif", b"")))
            comment = image.info.get("comment", b"")
            if comment:
                _add(texts, "comment", _decoded(comment))
            if image.info.get("xmp"):
                _add_xmp(texts, _decoded(image.info["xmp"]))
    except Image.DecompressionBombError as error:
        raise FileError(f"“{name}” has too many pixels to be read.") from error
    except Exception as error:  # a damaged file makes the decoders raise whatever they like
        raise FileError(f"“{name}” is damaged: no picture can be read out of it.") from error
    return texts, whole


def _add(texts: dict[str, str], keyword: str, text: str) -> None:
    text = text.strip("\0")
    if not text.strip() or len(text) > _MOST_BYTES or len(texts) >= _MOST_TEXTS:
        return
    if len(text) + sum(map(len, texts.values())) > _MOST_BYTES_OF_ALL:
        return
    if keyword == "XML:com.adobe.xmp":
        _add_xmp(texts, text)
    elif keyword.lower() in ("raw profile type exif", "raw profile type app1"):
        try:  # ImageMagick: a name, a length, and hexadecimal digits
            raw = bytes.fromhex("".join(text.split("\n")[3:]))
        except ValueError:
            return
        _add_exif(texts, raw)
    else:
        named = _NAMED.match(text, 0, 40)
        if named and text[named.end() : named.end() + 1] == "{":  # ComfyUI in Make and Model
            texts.setdefault(named[1].lower(), text[named.end() :])
        texts.setdefault(keyword, text)


def _add_xmp(texts: dict[str, str], xmp: str) -> None:
    """Add what is told as comment or description; no XML parser for XML of strangers."""
    import html

    for keyword, pattern in (("UserComment", _XMP_COMMENT), ("Description", _XMP_DESCRIPTION)):
        match = pattern.search(xmp)
        if match:
            _add(texts, keyword, html.unescape(_TAG.sub("", match[1])).strip())


def _add_exif(texts: dict[str, str], raw: bytes) -> None:
    """Add the texts of EXIF; of damaged EXIF those that come before the damage."""
    if len(raw) > _MOST_BYTES:
        return
    begin = 0
    while raw.startswith(_EXIF_HEADER, begin):  # of JPEG, which some write in a PNG, too
        begin += len(_EXIF_HEADER)
    if begin == len(raw):
        return
    exif = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif.load(raw[begin:])
            little = exif.endian == "<"
            for tag, keyword in _EXIF_TEXTS.items():
                value = exif.get(tag)
                if isinstance(value, bytes) and keyword.startswith("XP"):
                    _add(texts, keyword, value.decode("utf-16-le", "replace"))
                elif isinstance(value, str | bytes):
                    _add(texts, keyword, _decoded(value))
            comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, exif.get(_USER_COMMENT))
            if isinstance(comment, str | bytes):
                _add(texts, "UserComment", _user_comment(comment, little))
    except Exception:  # see above: what a damaged block makes of Pillow can't be foreseen
        return


def _user_comment(comment: str | bytes, little: bool) -> str:
    """Decode a UserComment: eight bytes that name the encoding, and the text.

    ``UNICODE`` says UTF-16 and not in which byte order; the TIFF header's is often another.
    """
    if isinstance(comment, str):
        comment = comment.encode("latin-1", "replace")
    name, text = comment[:8].upper(), comment[8:]
    if name.startswith(b"UNICODE"):
        return _utf16(text, little)
    if name.startswith(b"JIS"):
        return _japanese(text)
    if name.startswith(b"ASCII") or not name.strip(b"\0"):
        return _decoded(text)
    return _decoded(comment)


def _japanese(text: bytes) -> str:
    """Decode a text that is said to be JIS, which some take for any Japanese encoding."""
    for encoding in ("iso2022_jp", "utf-8", "cp932"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text.decode("iso2022_jp", "replace")


def _decoded(value: str | bytes) -> str:
    """Decode a text of which nothing is said."""
    if isinstance(value, str):
        return _perhaps_utf8(value)
    if value[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in value.strip(b"\0"):
        return _utf16(value, little=True)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _utf16(value: bytes, little: bool) -> str:
    """Decode UTF-16 by its mark, else in the byte order that gives the likelier text."""
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", "replace")
    if b"\0" not in value:  # any blank or comma of UTF-16 has one: it says UNICODE and is none
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if len(value) % 2:
        value = value[:-1]
    orders = ("utf-16-le", "utf-16-be") if little else ("utf-16-be", "utf-16-le")
    return max((value.decode(order, "replace") for order in orders), key=_likelihood)


def _likelihood(text: str) -> float:
    """How much a text looks like one: the share of ASCII less that of what is no character."""
    sample = text[:2000]
    good = sum(character.isascii() and character != "\0" for character in sample)
    bad = sum(
        character == "\ufffd" or unicodedata.category(character) in ("Cn", "Co", "Cs", "Cc")
        for character in sample
        if character not in "\n\r\t"
    )
    return (good - 2 * bad) / max(len(sample), 1)


def _text_in_bits(image: Image.Image, channels: str) -> str | None:
    """Return a text in the lowest bits: 15 bytes that name it, its length in bits, itself."""
    header = _bytes_in_bits(image, channels, 0, 19)
    packed = _MAGICS.get(header[:15])
    if packed is None or len(header) < 19 or (channels == "A") != (header[8:11] == b"png"):
        return None
    length = int.from_bytes(header[15:], "big") // 8
    if length > _MOST_BYTES:
        return None
    data = _bytes_in_bits(image, channels, 19, length)
    if packed:
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, _MOST_BYTES)
        except zlib.error:
            return None
    return data.decode("utf-8", "replace")


def _bytes_in_bits(image: Image.Image, channels: str, first: int, count: int) -> bytes:
    """Return bytes out of the lowest bits, read down the columns."""
    a_column = image.height * len(channels)  # bits
    begin, end = 8 * first // a_column, -(-8 * (first + count) // a_column)
    columns = image.crop((begin, 0, min(end, image.width), image.height))
    if channels == "A":
        columns = columns.getchannel("A")
    planes = np.asarray(columns).reshape(image.height, columns.width, -1)[:, :, : len(channels)]
    bits = planes.transpose(1, 0, 2).ravel() & 1
    skipped = 8 * first - begin * a_column
    return np.packbits(bits[skipped : skipped + 8 * count]).tobytes()
