"""What a file is that holds no checkpoint, by how it begins: a sentence with the way out."""

import re
from collections.abc import Sequence
from pathlib import Path

_WHERE_FROM = "Open the safetensors or PyTorch file that it was made of"
_CUT_OFF = "Download it again"

_ARCHIVE = "is an archive. Unpack it, and open the checkpoint inside."
_PICTURE = "is a picture. Drop it on the Prompt page to read the prompt in it."
_FOREIGN = f"TokenSim does not read. {_WHERE_FROM}."

START_BYTES = 512
"""As much of a file as `by_start` looks at."""

# Where in a file, the bytes there, and what such a file is.
_STARTS: tuple[tuple[int, tuple[bytes, ...], str], ...] = (
    (0, (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
         b"\x04\x22\x4d\x18"), _ARCHIVE),
    (257, (b"ustar",), _ARCHIVE),
    (0, (b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), _PICTURE),
    (8, (b"WEBP", b"avif"), _PICTURE),
    (0, (b"\x89HDF",), f"is an HDF5 file, as Keras writes them, which {_FOREIGN}"),
    (4, (b"TFL3",), f"is a TensorFlow Lite model, which {_FOREIGN}"),
    (0, (b"lmgg", b"fmgg", b"tjgg", b"algg"),
     "is in GGML, the format before GGUF. Open the same model as GGUF or safetensors."),
    (0, (b"%PDF",), "is a PDF document, not a checkpoint."),
)  # fmt: skip
_UNFINISHED = (".part", ".crdownload", ".download", ".aria2", ".incomplete")
_PIECE = re.compile(
    r".+\.(safetensors|gguf|ggml|ckpt|pth?|bin|zip|7z|rar)"
    r"(-split-\w+|\.part[-_]?\d+(of\d+)?|\.\d{3})",
    re.IGNORECASE,
)
_NOT_ENDED = "is a download that has not ended. Open it once it is complete."
# Formats that nothing tells but the name.
_BY_ENDING = {
    ".onnx": f"is an ONNX model, which {_FOREIGN}",
    ".msgpack": f"holds weights for Flax, which {_FOREIGN}",
    ".pb": f"is a TensorFlow model, which {_FOREIGN}",
    ".mlmodel": f"is a Core ML model, which {_FOREIGN}",
    ".engine": f"is a model compiled for one graphics card, which {_FOREIGN}",
    ".plan": f"is a model compiled for one graphics card, which {_FOREIGN}",
}
ENDINGS = (
    *_BY_ENDING,
    *_UNFINISHED,
    ".npz",
    ".h5",
    ".hdf5",
    ".keras",
    ".tflite",
    ".zip",
    ".7z",
    ".rar",
    ".tar",
    ".gz",
)
"""How the names of such files end."""

_MERGES = "has only the merges of a tokenizer. Open the vocab.json that belongs to it."
_NAMED = 3
_QUOTED = 40
_MAX_ANSWER_BYTES = 10_000  # longer texts are word vectors, and the like


def no_file(start: bytes) -> str:
    """Say of a download that it did not bring the file, by its first bytes; or "".

    Returns:
        Predicate and advice for a sentence that begins with the name of the file.
    """
    if not _text(start):
        return f"is empty. {_CUT_OFF}."
    if start.startswith(b"version https://git-lfs"):
        return "only points to the real file (Git LFS). Download the file itself."
    if _text(start).lower().startswith(("<!doctype", "<html", "<?xml")):
        return f"is a web page, not a checkpoint. {_CUT_OFF}."
    return ""


def _text(start: bytes) -> str:
    """Return what a file begins with as the text that it may be, in UTF-8 or UTF-16."""
    coding = "utf-8-sig"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        coding = "utf-16"
    elif start[1:4:2] == b"\0\0":
        coding = "utf-16-le"
    return start.decode(coding, "replace").strip()


def by_name(path: Path) -> str:
    """Say of a file whose name is that of a part of a download what it is; as `no_file`."""
    if _PIECE.fullmatch(path.name):
        return (
            "is a piece of a file that was cut. Join the pieces in their order, and open the whole."
        )
    return _NOT_ENDED if path.suffix.lower() in _UNFINISHED else ""


def answer_of_server(start: bytes, size: int) -> str:
    """Say of a checkpoint that holds a short text what it says, as servers answer; as `no_file`."""
    text = _text(start)
    if (
        size > _MAX_ANSWER_BYTES
        or not text.replace("\n", " ").replace("\t", " ").replace("\r", " ").isprintable()
    ):
        return ""
    said = " ".join(text.split())
    said = said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
    return f"is no checkpoint but a text, “{said}”, as a server may send. {_CUT_OFF}."


def by_start(path: Path, start: bytes) -> str:
    """Say what a file is that is none of the formats TokenSim reads; or "".

    Args:
        path: The file; its name tells formats that have no mark of their own.
        start: Its first `START_BYTES` bytes.

    Returns:
        As `no_file`.
    """
    for place, marks, what in _STARTS:
        if start[place:].startswith(marks):
            return what
    if what := _BY_ENDING.get(path.suffix.lower(), ""):
        return what
    if not any(start):
        return f"begins with zeros alone, as a download does that was cut off. {_CUT_OFF}."
    return _MERGES if start.startswith(b"#version:") else ""


def of_zip(names: Sequence[str], checkpoints: Sequence[str]) -> str:
    """Say the same of a zip archive that is not from PyTorch.

    Args:
        names: Of its members.
        checkpoints: Endings of checkpoints.
    """
    if not names:
        return "is an empty archive. Save or download it again."
    if all(name.endswith(".npy") for name in names):
        arrays = [name.removesuffix(".npy") for name in names]
        listed = ", ".join(arrays[:_NAMED]) + (", …" if len(arrays) > _NAMED else "")
        many = "1 array" if len(arrays) == 1 else f"{len(arrays):,} arrays"
        return f"is a NumPy archive of {many} ({listed}). Save the one with the vectors as .npy."
    if any(name.endswith(".h5") for name in names):
        return f"is a Keras model, which {_FOREIGN}"
    inside = [name for name in names if name.lower().endswith(tuple(checkpoints))]
    if inside:
        return f"is a zip archive, not from PyTorch. Unpack it, and open {inside[0]}."
    return "is a zip archive, not from PyTorch, and no checkpoint is in it. Choose another file."
