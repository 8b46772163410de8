"""Files that hold no checkpoint: each is told for what it is, with a way out that is one."""

import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import numbers, write_safetensors
from tokensim_gui.core.checkpoints import candidates
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.converting import tokenizer_of

TABLE = numbers().numpy()
MADE_OF = "which TokenSim does not read. Open the safetensors or PyTorch file that it was made of."


def zipped(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return content.getvalue()


def tarred(mode: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        archive.add(__file__, "model.safetensors")
    return content.getvalue()


def saved(save: object, *arrays: object, **named: object) -> bytes:
    content = io.BytesIO()
    save(content, *arrays, **named)
    return content.getvalue()


ARCHIVE = "is an archive. Unpack it, and open the checkpoint inside."
PICTURE = "is a picture. Drop it on the Prompt page to read the prompt in it."
PAGE = "is a web page, not a checkpoint. Download it again."
PIECE = "is a piece of a file that was cut. Join the pieces in their order, and open the whole."
ENDLESS = "is a download that has not ended. Open it once it is complete."
FILES = {
    "one.npz": (
        saved(np.savez, vectors=TABLE),
        "is a NumPy archive of 1 array (vectors). Save the one with the vectors as .npy.",
    ),
    "four.npz": (
        saved(np.savez_compressed, a=TABLE, b=TABLE, c=TABLE, d=TABLE),
        "is a NumPy archive of 4 arrays (a, b, c, …). Save the one with the vectors as .npy.",
    ),
    "empty.npz": (saved(np.savez), "is an empty archive. Save or download it again."),
    "model.zip": (
        zipped(README__md=b"", model__safetensors=b""),
        "is a zip archive, not from PyTorch. Unpack it, and open model.safetensors.",
    ),
    "photos.zip": (
        zipped(a__png=b""),
        "is a zip archive, not from PyTorch, and no checkpoint is in it. Choose another file.",
    ),
    "model.keras": (zipped(model__weights__h5=b""), f"is a Keras model, {MADE_OF}"),
    "model.tar": (tarred("w"), ARCHIVE),
    "model.tar.gz": (tarred("w:gz"), ARCHIVE),
    "model.tar.xz": (tarred("w:xz"), ARCHIVE),
    "model.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), ARCHIVE),
    "model.rar": (b"Rar!\x1a\x07\x01\x00", ARCHIVE),
    "model.onnx": (b"\x08\x07\x12\x07pytorch", f"is an ONNX model, {MADE_OF}"),
    "flax_model.msgpack": (b"\x81\xaatext_model\x83", f"holds weights for Flax, {MADE_OF}"),
    "tf_model.h5": (b"\x89HDF\r\n\x1a\n", f"is an HDF5 file, as Keras writes them, {MADE_OF}"),
    "saved_model.pb": (b"\x08\x01\x12\xff", f"is a TensorFlow model, {MADE_OF}"),
    "clip.tflite": (b"\x1c\0\0\0TFL3", f"is a TensorFlow Lite model, {MADE_OF}"),
    "clip.mlmodel": (b"\x08\x01\x12", f"is a Core ML model, {MADE_OF}"),
    "llama.bin": (
        b"tjgg\x03\0\0\0",
        "is in GGML, the format before GGUF. Open the same model as GGUF or safetensors.",
    ),
    "picture.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", PICTURE),
    "picture.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF", PICTURE),
    "picture.webp": (b"RIFF\xff\0\0\0WEBPVP8 ", PICTURE),
    "paper.pdf": (b"%PDF-1.7", "is a PDF document, not a checkpoint."),
    "merges.txt": (
        b"#version: 0.2\ni n\nt h\n",
        "has only the merges of a tokenizer. Open the vocab.json that belongs to it.",
    ),
    "t5.safetensors.part": (bytes(2000), ENDLESS),
    "t5.crdownload": (bytes(2000), ENDLESS),
    "t5.safetensors.crdownload": (b"\x40\x10" + bytes(6) + b'{"a":' + b"0" * 99, ENDLESS),
    "t5.gguf.incomplete": (b"GGUF\3\0\0\0", ENDLESS),
    "error.safetensors": (
        b'{"error":"Repository not found"}',
        'is no checkpoint but a text, “{"error":"Repository not found"}”, as a server may send. '
        "Download it again.",
    ),
    "denied.gguf": (
        b"Invalid username\nor password, or a token that is too old.\n",
        "is no checkpoint but a text, “Invalid username or password, or a token…”, as a server may "
        "send. Download it again.",
    ),
    "sd.ckpt": (
        bytes(2000),
        "begins with zeros alone, as a download does that was cut off. Download it again.",
    ),
    "sd.safetensors": (
        bytes(2000),
        "begins with zeros alone, as a download does that was cut off. Download it again.",
    ),
    "rows.pkl": (
        pickle.dumps(TABLE),
        "can't be read: it is a pickle, but not from PyTorch; save its vectors with torch.save or "
        "as .npy.",
    ),
    "array.pt": (
        saved(lambda file, array: torch.save(array, file), TABLE),
        "holds no tensors that TokenSim reads. Choose a checkpoint, or save vectors as a tensor or "
        "as .npy.",
    ),
    "utf16.safetensors": ("<!DOCTYPE html><html>".encode("utf-16"), PAGE),
    "utf16be.ckpt": (b"\xfe\xff" + "<html>".encode("utf-16-be"), PAGE),
    "unmarked.gguf": ("<html><body>".encode("utf-16-le"), PAGE),
    "marked.pt": (b"\xef\xbb\xbf<!doctype html>", PAGE),
    "answer.safetensors": (
        b'{"data":{"a":1}}',
        'is no checkpoint but a text, “{"data":{"a":1}}”, as a server may send. Download it again.',
    ),
    "blanks.safetensors": (b" \r\n\t" * 50, "is empty. Download it again."),
    "word2vec.bin": (
        b"400000 50\n" + b"the 0.418 0.24968 -0.41242 0.1217\n" * 999,
        "is not a checkpoint: TokenSim reads safetensors, PyTorch, GGUF and NumPy files, and "
        "tokenizers.",
    ),
    "model.safetensors.001": (b"\x10" + bytes(600), PIECE),
    "q8_0.gguf-split-b": (bytes(range(256)), PIECE),
    "q8_0.gguf.part2of3": (bytes(range(256)), PIECE),
    "number.npy": (saved(np.save, np.float32(1)), None),
    "list.npy": (saved(np.save, TABLE[0]), None),
    "deep.npy": (saved(np.save, TABLE[None]), None),
    "narrow.npy": (saved(np.save, TABLE[:, :3]), None),
    "big-endian.npy": (
        saved(np.save, TABLE.astype(">f4")),
        "has a token table that can't be used: its tensor is stored as big-endian float32, "
        "which TokenSim does not read. Save it again in the usual order of bytes, with "
        ".astype('<f4').",
    ),
    "notes.txt": (
        b"the quick brown fox",
        "is not a checkpoint: TokenSim reads safetensors, PyTorch, GGUF and NumPy files, and "
        "tokenizers.",
    ),
}
SHAPES = {
    "number.npy": "holds one number, not a table with a row for every token. ",
    "list.npy": "holds one list of 64 numbers, not a table with a row for every token. ",
    "deep.npy": "holds a tensor of 3 dimensions, 1 × 1,000 × 64, and a table has two. ",
    "narrow.npy": "holds a tensor of 1,000 × 3, which is not the shape of a token table. ",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_a_checkpoint_says_what_it_is_and_the_way_out(
    name: str, tmp_path: Path
) -> None:
    content, sentence = FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError) as caught:
        candidates(tmp_path / name)
    if sentence is None:
        assert str(caught.value).startswith(f"{name} {SHAPES[name]}")
    else:
        assert str(caught.value) == f"{name} {sentence}"


@pytest.mark.parametrize("name", ["one.npz", "flax_model.msgpack", "model.onnx", "model.7z"])
def test_a_folder_of_another_programs_files_says_what_is_in_it(name: str, tmp_path: Path) -> None:
    content, sentence = FILES[name]
    inner = tmp_path / "clip" / "text_encoder"
    inner.mkdir(parents=True)
    (inner / "config.json").write_text("{}")
    (inner / name).write_bytes(content)
    with pytest.raises(FileError) as caught:
        candidates(tmp_path / "clip")
    assert str(caught.value) == f"clip holds no checkpoint: {name} {sentence}"
    write_safetensors(inner / "model.safetensors", {"shared.weight": numbers()})
    assert len(candidates(tmp_path / "clip")) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"model_type": "clip", "vocab_size": 49_408},
        [[0.5, 1.5], [2.5, 3.5]],
        {"0": "!", "1": "a"},
        "text",
        7,
    ],
)
@pytest.mark.parametrize("name", ["config.json", "vocab.json"])
def test_json_that_is_no_tokenizer_says_so(name: str, content: object, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(content))
    (one,) = candidates(path)
    with pytest.raises(FileError, match=rf"/{name} is JSON, but no tokenizer\. Choose a tok"):
        tokenizer_of(one)


def test_a_pipeline_of_nothing_but_its_tokenizer_leads_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "sd15" / "tokenizer"
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text('{"a": 0}')
    with pytest.raises(FileError) as caught:
        candidates(tmp_path / "sd15")
    assert str(caught.value) == (
        "sd15 holds no checkpoint, only a tokenizer. Open tokenizer in it to browse its tokens "
        "without vectors."
    )


def test_a_tokenizer_in_a_folder_that_is_only_a_pointer_says_so(tmp_path: Path) -> None:
    for content, what in ((b"version https://git-lfs", "only points to the"), (b"", "is empty")):
        (tmp_path / "tokenizer.json").write_bytes(content)
        (one,) = candidates(tmp_path)
        with pytest.raises(FileError, match=rf"/tokenizer\.json {what}"):
            tokenizer_of(one)


def test_a_pointer_to_a_tokenizer_says_that_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0")
    with pytest.raises(FileError, match=r"^tokenizer\.json only points to the real file"):
        candidates(path)
