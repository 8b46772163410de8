"""Textual inversions: a few vectors for each of one or more text encoders, in any of their forms.

Forms: A1111's ``.pt`` (``string_to_param``) and pictures, ``emb_params``, a tensor for each encoder
(SDXL, ComfyUI, FLUX), diffusers' ``{"<token>": …}``, and inversions inside of LoRAs. A pickle is
never run; see `core.checkpoints.inert_pickle`.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.checkpoints import numpy_file, pickle_file, safetensors_file
from tokensim_gui.core.checkpoints.entries import TensorEntry, read_exactly, stamp_of, unreadable
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.number_formats import ITEM_BYTES, decode
from tokensim_gui.core.paths import displayed, resolved

if TYPE_CHECKING:
    from PIL import Image

FORMS = ("a1111", "comfyui", "diffusers")
"""Programs for which inversions are saved."""

ENCODER_TITLES = {
    "clip_l": "CLIP-L",
    "clip_h": "OpenCLIP-H",
    "clip_g": "OpenCLIP bigG",
    "t5xxl": "T5-XXL",
    "gemma2_2b": "Gemma-2-2B",
    "qwen3_4b": "Qwen3-4B",
    "qwen25_7b": "Qwen2.5-VL-7B",
    "mistral3_24b": "Mistral-Small",
}
"""What users call the encoders that ComfyUI names so."""

_MAX_VECTORS, _MIN_DIM, _MAX_DIM = 1_000, 64, 16_384
_MAX_PARTS = 64
_MAX_PICTURE_BYTES, _MAX_PIXELS, _MAX_JSON_BYTES = 50_000_000, 30_000_000, 64 * 2**20
_ENCODERS = {768: "clip_l", 1024: "clip_h", 1280: "clip_g", 4096: "t5xxl"}
_ENCODERS |= {2304: "gemma2_2b", 2560: "qwen3_4b", 3584: "qwen25_7b", 5120: "mistral3_24b"}
_NAMES = {
    **dict.fromkeys(("clip_l", "l", "te1", "text_encoder"), "clip_l"),
    **dict.fromkeys(("clip_g", "g", "te2", "text_encoder_2"), "clip_g"),
    **dict.fromkeys(("clip_h", "h"), "clip_h"),
    **dict.fromkeys(("t5", "t5xxl", "te3", "text_encoder_3"), "t5xxl"),
}
_MODELS = {
    ("clip_l",): ("SD 1.5",),
    ("clip_h",): ("SD 2.x",),
    ("clip_g",): (),
    ("clip_g", "clip_l"): ("SDXL", "SD 3"),
    ("clip_l", "t5xxl"): ("FLUX.1",),
    ("clip_g", "clip_l", "t5xxl"): ("SD 3",),
    ("t5xxl",): ("Chroma", "PixArt"),
    ("qwen3_4b",): ("Z-Image",),
    ("qwen25_7b",): ("Qwen-Image",),
}
_BUNDLED = re.compile(r"bundle_emb\.([^.]+)\.(.+)")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class InversionPart:
    """The vectors of an inversion for one text encoder.

    Attributes:
        encoder: ComfyUI's name for it, such as ``clip_l``; ``dim 512`` for one that is not known.
        vectors: float32 [count, dim], read-only.
    """

    encoder: str
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Inversion:
    """A textual inversion.

    Attributes:
        name: What it is used by: its file's name, or its own inside of a LoRA.
        token: What diffusers replaces by it, or "".
        parts: One for each text encoder.
    """

    name: str
    token: str
    parts: tuple[InversionPart, ...]

    @property
    def fits(self) -> tuple[str, ...]:
        """Image models whose encoders are all there."""
        return _MODELS.get(tuple(sorted(part.encoder for part in self.parts)), ())


def read_inversions(path: Path) -> list[Inversion]:
    """Read the textual inversions of a file: one, or those inside of a LoRA.

    Raises:
        FileError: It can't be read, is damaged, or holds none; the sentence says what can be done.
    """
    path = resolved(path)
    size = stamp_of(path).size
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise unreadable(path, error) from error
    name = displayed(path.stem)
    if start.startswith(_PNG):
        found = _of_picture(path, size)
        return [Inversion(name, "", tuple(found))]
    if start[8:9] == b"{":
        entries = safetensors_file.entries(path)
    elif start.startswith(pickle_file.STARTS):
        entries = pickle_file.weights(path)
    elif start.startswith(numpy_file.START):
        entries = numpy_file.entries(path)
    else:
        raise FileError(
            f"{path.name} is not a textual inversion: TokenSim reads those in safetensors, PyTorch "
            "and PNG files."
        )
    bundled: dict[str, list[tuple[str, TensorEntry]]] = {}
    for entry in entries:
        if match := _BUNDLED.fullmatch(entry.name):
            bundled.setdefault(match[1], []).append((match[2], entry))
    if bundled:
        return [Inversion(one, "", _parts(path, inner)) for one, inner in bundled.items()]
    parts = _parts(path, [(entry.name, entry) for entry in entries])
    token = entries[0].name if len(entries) == 1 and not _is_known(entries[0].name) else ""
    return [Inversion(name, token, parts)]


def _is_known(name: str) -> bool:
    return name in _NAMES or name in ("", "emb_params") or name.startswith("string_to_param")


def _parts(path: Path, entries: Sequence[tuple[str, TensorEntry]]) -> tuple[InversionPart, ...]:
    found = []
    for name, entry in entries:
        shape = (1, *entry.shape) if len(entry.shape) == 1 else entry.shape
        if len(shape) != 2 or entry.dtype not in ITEM_BYTES or entry.offset < 0:
            continue
        count, dim = shape
        if not (1 <= count <= _MAX_VECTORS and _MIN_DIM <= dim <= _MAX_DIM):
            continue
        found.append(InversionPart(_encoder(name, dim), _vectors(path, entry, count, dim)))
    if not found or len(found) > _MAX_PARTS or len(found) < len(entries):
        raise FileError(
            f"{path.name} is not a textual inversion, which is a few vectors of "
            f"{_MIN_DIM} to {_MAX_DIM:,} numbers. Open it as a checkpoint or a LoRA."
        )
    return tuple(found)


def _encoder(name: str, dim: int) -> str:
    last = name.removeprefix("string_to_param.").rpartition(".")[2]
    return _NAMES.get(name) or _NAMES.get(last) or encoder_of(dim)


def _vectors(path: Path, entry: TensorEntry, count: int, dim: int) -> NDArray[np.float32]:
    try:
        with path.open("rb") as file:
            raw = read_exactly(file, path, entry.offset, entry.nbytes)
    except OSError as error:
        raise unreadable(path, error) from error
    values = decode(np.frombuffer(raw, np.uint8), entry.dtype).reshape(count, dim)
    return _checked(path, values)


def _checked(path: Path, values: NDArray[np.float32]) -> NDArray[np.float32]:
    if not np.isfinite(values).all():
        raise FileError(f"{path.name} holds NaN or infinity, so it is damaged. Fetch it again.")
    values = values.copy()
    values.flags.writeable = False
    return values


# A1111's pictures: the vectors as JSON in a text chunk, or in the lower bits of the pixels.


def _of_picture(path: Path, size: int) -> Iterator[InversionPart]:
    from PIL import Image

    none = FileError(f"{path.name} is a picture without a textual inversion in it.")
    if size > _MAX_PICTURE_BYTES:
        raise none
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise none
            picture.load()
            text = getattr(picture, "text", {}).get("sd-ti-embedding")
            raw = base64.b64decode(text) if isinstance(text, str) else _in_pixels(picture)
        content = json.loads(raw[:_MAX_JSON_BYTES])
        listed = content["string_to_param"]
        for value in listed.values():
            numbers = value["TORCHTENSOR"] if isinstance(value, dict) else value
            vectors = np.asarray(numbers, np.float32)
            if vectors.ndim != 2 or not 1 <= len(vectors) <= _MAX_VECTORS:
                raise none
            dim = vectors.shape[1]
            yield InversionPart(encoder_of(dim), _checked(path, vectors))
    except FileError:
        raise
    except Exception as error:  # whatever Pillow, zlib and JSON make of a stranger's picture
        raise none from error


def _in_pixels(picture: "Image.Image") -> bytes:
    """Return what lies in the lower four bits on the left and right of a picture.

    Format: ``extract_image_data_embed`` of A1111's ``textual_inversion/image_embedding.py``: two
    blocks between black borders, each masked by the numbers of an LCG, hold the lower and upper
    halves of the bytes.
    """
    pixels: NDArray[np.uint8] = np.asarray(picture.convert("RGB"), np.uint8)
    inside = np.min(pixels, axis=2) > 0
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    low = (pixels[np.ix_(rows, columns)] & 15).astype(np.uint8)
    black = np.flatnonzero(low.sum(axis=(0, 2)) == 0)
    halves = [low[:, : black.min()], low[:, black.max() + 1 :]]
    lower, upper = (half ^ _mask(half.size).reshape(half.shape) for half in halves)
    raw = ((upper << 4) | lower).astype(np.uint8).tobytes()
    unpacker = zlib.decompressobj()
    return unpacker.decompress(raw, _MAX_JSON_BYTES)


def _mask(count: int) -> NDArray[np.uint8]:
    mask = bytearray(count)
    seed = 0
    for place in range(count):
        seed = (1664525 * seed + 1013904223) % 2**32
        mask[place] = (seed % 255) & 15
    return np.frombuffer(bytes(mask), np.uint8)


# Written anew -------------------------------------------------------------------------------


def encoder_of(dim: int) -> str:
    """Return ComfyUI's name for the encoder with vectors of a width, or ``dim 512``."""
    return _ENCODERS.get(dim, f"dim {dim}")


def named_vectors(inversion: Inversion, form: str) -> dict[str, NDArray[np.float32]]:
    """Return the vectors by the names under which a program of `FORMS` looks for them.

    Raises:
        TokenSimError: The program has no form for such an inversion.
    """
    parts = {part.encoder: part.vectors for part in inversion.parts}
    if form == "comfyui" or set(parts) == {"clip_l", "clip_g"}:
        return parts
    if len(parts) != 1:
        raise TokenSimError(
            f"{form} reads inversions for one encoder or for SDXL, not for {', '.join(parts)}. "
            "Save it for comfyui."
        )
    (vectors,) = parts.values()
    token = inversion.token or f"<{inversion.name}>"
    return {"emb_params" if form == "a1111" else token: vectors}


def norms(part: InversionPart) -> list[float]:
    """Return the lengths of the vectors."""
    lengths: list[float] = np.sqrt((part.vectors.astype(np.float64) ** 2).sum(axis=1)).tolist()
    return lengths
