"""Files made to harm: each is refused with one sentence, within three seconds and little memory."""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import (
    numbers,
    write_gguf,
    write_pickle,
    write_safetensors,
)
from tests.core.checkpoints.refusals import refusal
from tokensim_gui.core.checkpoints import candidates, read_vectors
from tokensim_gui.core.checkpoints.inert_pickle import MAX_STEPS

# Reads files in a process that may take no more than so much memory beside what it has.
LIMITED = """
import os
import sys
from pathlib import Path
from tests.core.damaged_files import MAX_GROWTH, limit_memory
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.checkpoints import candidates

limit_memory(MAX_GROWTH)
for path in Path(sys.argv[1]).iterdir():
    child = os.fork()  # what one file leaves behind is not the next one's
    if not child:
        try:
            candidates(path)
        except FileError:
            os._exit(0)
        os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"{path} was not refused within the memory allowed")
"""


def safetensors(path: Path, header: object, length: int | None = None, data: bytes = b"") -> Path:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw) if length is None else length) + raw + data)
    return path


def tensor(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


SIZE = 1000 * 64 * 4
HEADERS = {
    "overlap": {"shared.weight": tensor(0, SIZE, [1000, 64]), "b": tensor(8, 16, [2])},
    "negative": {"shared.weight": tensor(-8, SIZE - 8, [1000, 64])},
    "beyond the end": {"shared.weight": tensor(0, 2**62, [2**54, 64])},
    "product overflows": {"shared.weight": tensor(0, 0, [2**62, 2**62, 0])},
    "wrong size": {"shared.weight": tensor(0, SIZE, [1000, 65])},
    "unknown dtype": {"shared.weight": tensor(0, SIZE, [1000, 64], "F33")},
    "duplicate": b'{"a": {}, "a": {}}',
    "deep": b'{"a":' * 200_000,
    "deep list": b'{"a":' + b"[" * 1_000_000,
    "many commas": b"{" + b"," * 9_000_000 + b"}",
    "long number": b'{"a": ' + b"9" * 1_000_000 + b"}",
    "surrogate": b'{"\\ud800": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}',
    "not UTF-8": b'{"\xff": 1}',
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_safetensors_header_that_lies_is_refused(name, tmp_path):
    refusal(safetensors(tmp_path / "a.safetensors", HEADERS[name], data=b"\0" * SIZE))


@pytest.mark.parametrize("length", [0, 1, 2**63, 2**64 - 1, 99_999_999])
def test_a_safetensors_length_that_lies_is_refused(length, tmp_path):
    refusal(safetensors(tmp_path / "a.safetensors", {}, length))


def test_a_header_of_twenty_million_spaces_is_refused_in_time(tmp_path):
    refusal(
        safetensors(tmp_path / "a.safetensors", b'{"' + "😅".encode() + b" " * 20_000_000 + b"}")
    )


class Harm:
    def __init__(self, call: object, *arguments: object) -> None:
        self._call = (call, arguments)

    def __reduce__(self):
        return self._call


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_that_would_run_code_runs_nothing(legacy, tmp_path):
    mark = tmp_path / "ran"
    harm = [Harm(os.mkdir, str(mark)), Harm(exec, f"open({str(mark)!r}, 'w')"), Harm(eval, "1/0")]
    path = write_pickle(tmp_path / "a.pt", {"x": harm, "shared.weight": numbers()}, legacy)
    (one,) = candidates(path)
    assert b"".join(read_vectors(one)) == numbers().numpy().tobytes()
    assert not mark.exists()


def zipped(path: Path, data: bytes, compression: int = zipfile.ZIP_STORED, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a/data.pkl", data)
        for name, content in more.items():
            archive.writestr(f"a/{name.replace('__', '/')}", content)
    return path


def legacy(path: Path, data: bytes) -> Path:
    head = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
    keys = pickle.dumps(["0"], protocol=2)
    path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in head) + data + keys)
    return path


def storage(numel: int, key: str = "0") -> bytes:
    return (
        b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0" + key.encode() + b"X\x03\0\0\0cpu"
        b"\x8a\x09" + numel.to_bytes(9, "little") + b"tQ"
    )


def pickled_tensor(shape: tuple[int, ...], numel: int, offset: int = 0) -> bytes:
    def integer(value: int) -> bytes:
        return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)

    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = min(step * size, 2**62)
    sizes = b"(" + b"".join(map(integer, shape)) + b"t(" + b"".join(map(integer, strides)) + b"t"
    return (
        b"\x80\x02}X\x0d\0\0\0shared.weightctorch._utils\n_rebuild_tensor_v2\n("
        + storage(numel) + integer(offset) + sizes + b"\x89}tRs."
    )  # fmt: skip


N = 3 * MAX_STEPS // 2
PICKLES = {
    "empty": b"",
    "endless marks": b"\x80\x02" + b"(" * N,
    "endless dictionaries": b"\x80\x02" + b"}" * N,
    "endless calls": b"\x80\x02" + b"cos\nsystem\n)R" * N,
    "huge bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".",
    "huge bytes": b"\x80\x05\x8e" + struct.pack("<Q", 2**62) + b".",
    "huge frame": b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"}.",
    "huge decimal": b"L" + b"9" * 1_000_000 + b"\n.",
    "extension": b"\x80\x02\x82\x01.",
    "out of band": b"\x80\x05\x97.",
    # A tuple of a tuple of a tuple ..., each twice: its hash takes 2^60 steps.
    "laughs": b"\x80\x02})" + b"q\0h\0\x86" * 60 + b"Ns.",
    "laughs as a set": b"\x80\x04\x8f()" + b"q\0h\0\x86" * 60 + b"\x90.",
    "a list in itself": b"\x80\x02]q\0h\0a.",
    "long equal keys": b"\x80\x02}" + 2 * (b"X\x40\x42\x0f\0" + b"a" * 1_000_000 + b"q\0Ns")
    + b"h\0Ns" * 90_000 + b".",
    "deep": b"\x80\x02" + b"]" * 90_000 + b"a" * 89_999 + b".",
    "arguments": b"\x80\x02(" + b"N" * 90_000 + b"tq\0" + b"ca\nb\nh\0R" * 90_000 + b".",
    "state": b"\x80\x02}(" + b"N" * 90_000 + b"tq\0" + b"ca\nb\n)\x81h\0b" * 60_000 + b".",
    "underflow": b"\x80\x02\x87.",
    "no storage": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(NK\0))\x89}tR.",
    "larger than its storage": pickled_tensor((1000, 64), 63_999),
    "beyond its storage": pickled_tensor((1000, 64), 64_000, offset=1),
    "before its storage": pickled_tensor((1000, 64), 64_000, offset=-1),
    "impossible shape": pickled_tensor((2**62, 2**62), 64_000),
    "more than its member": pickled_tensor((1000, 64), 2**61),
}  # fmt: skip


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_made_to_harm_is_refused(name, tmp_path):
    refusal(zipped(tmp_path / "a.pt", PICKLES[name], data__0=b"\0" * SIZE))
    refusal(legacy(tmp_path / "b.pt", PICKLES[name]))


def test_the_same_pickle_without_harm_is_read(tmp_path):
    path = zipped(tmp_path / "a.pt", pickled_tensor((1000, 64), 64_000), data__0=b"\1" * SIZE)
    (one,) = candidates(path)
    assert b"".join(read_vectors(one)) == b"\1" * SIZE


def test_a_zip_bomb_and_any_compressed_member_are_refused(tmp_path):
    bomb = zipped(tmp_path / "a.pt", b"\0" * 100_000_000, zipfile.ZIP_DEFLATED)
    assert "is compressed" in refusal(bomb)
    data = io.BytesIO()
    torch.save({"shared.weight": numbers()}, data)
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(tmp_path / "b.pt", "w") as new:
        for name in old.namelist():
            method = zipfile.ZIP_DEFLATED if name.endswith("data/0") else zipfile.ZIP_STORED
            new.writestr(name, old.read(name), method)
    assert "is compressed" in refusal(tmp_path / "b.pt")


def test_a_zip_that_is_not_from_pytorch_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("model.safetensors", b"")
    assert "not from PyTorch" in refusal(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w"):
        pass
    assert "is an empty archive" in refusal(tmp_path / "b.zip")


def test_a_zip_directory_that_lies_is_refused(tmp_path):
    path = write_pickle(tmp_path / "a.pt", {"shared.weight": numbers()})
    whole = path.read_bytes()
    end = whole.rindex(b"PK\5\6")
    for at, code, number in (
        (10, "<H", 65_534),
        (12, "<L", 2**32 - 2),
        (16, "<L", 2**32 - 2),
        (16, "<L", 0),
    ):
        changed = bytearray(whole)
        struct.pack_into(code, changed, end + at, number)
        path.write_bytes(changed)
        refusal(path)
    with zipfile.ZipFile(tmp_path / "b.pt", "w") as archive:
        archive.writestr("a/data.pkl", b"")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/data.pkl", b"")
    assert "twice" in refusal(tmp_path / "b.pt")


def test_the_largest_zip_directory_that_is_read_is_read_in_time(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"a/data/{number}"), b"")
    assert "not from PyTorch" in refusal(tmp_path / "a.pt")


def gguf_bytes(*parts: bytes, tensors: int = 0, pairs: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs) + b"".join(parts)


def text(value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(value) if length is None else length) + value


def tensor_info(name: bytes, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + sizes + struct.pack("<IQ", kind, offset)


def array(kind: int, count: int, content: bytes = b"") -> bytes:
    return text(b"k") + struct.pack("<IIQ", 9, kind, count) + content


GGUFS = {
    "nothing": b"GGUF",
    "version": gguf_bytes(version=1),
    "big-endian": gguf_bytes(version=0x03000000),
    "tensors": gguf_bytes(tensors=2**63),
    "pairs": gguf_bytes(pairs=2**63),
    "text": gguf_bytes(text(b"k", 2**63), pairs=1),
    "value of text": gguf_bytes(text(b"k") + struct.pack("<I", 8) + text(b"", 2**40), pairs=1),
    "unknown type": gguf_bytes(text(b"k") + struct.pack("<I", 99), pairs=1),
    "array": gguf_bytes(array(4, 2**62), pairs=1),
    "array of texts": gguf_bytes(array(8, 2**62), pairs=1),
    "array of arrays": gguf_bytes(array(9, 1) * 1000, pairs=1),
    "text within array": gguf_bytes(array(8, 1, text(b"", 2**63)), pairs=1),
    "many texts": gguf_bytes(array(8, 1_000_000, b"\0" * 8_000_000) * 5, pairs=5),
    "alignment": gguf_bytes(text(b"general.alignment") + struct.pack("<II", 4, 0), pairs=1),
    "alignment of text": gguf_bytes(
        text(b"general.alignment") + struct.pack("<I", 8) + text(b"32"), pairs=1
    ),
    "dimensions": gguf_bytes(tensor_info(b"shared.weight", (64,) * 5, 0, 0), tensors=1),
    "shape": gguf_bytes(tensor_info(b"shared.weight", (2**63, 2**63), 0, 0), tensors=1),
    "offset": gguf_bytes(tensor_info(b"shared.weight", (64, 1000), 0, 2**63), tensors=1),
    "half a block": gguf_bytes(tensor_info(b"shared.weight", (65, 1000), 8, 0), tensors=1),
    "other type": gguf_bytes(tensor_info(b"shared.weight", (64, 1000), 77, 0), tensors=1),
    "not UTF-8": gguf_bytes(tensor_info(b"\xff", (64, 1000), 0, 0), tensors=1),
}


@pytest.mark.parametrize("name", GGUFS)
def test_a_gguf_header_that_lies_is_refused(name, tmp_path):
    path = tmp_path / "a.gguf"
    path.write_bytes(GGUFS[name])
    refusal(path)


def test_none_of_these_takes_more_memory_than_allowed(tmp_path):
    for number, header in enumerate(HEADERS.values()):
        safetensors(tmp_path / f"{number}.safetensors", header, data=b"\0" * SIZE)
    safetensors(tmp_path / "blank.safetensors", b'{"' + "😅".encode() + b" " * 20_000_000 + b"}")
    for number, data in enumerate(PICKLES.values()):
        zipped(tmp_path / f"{number}.zip", data, data__0=b"\0" * SIZE)
        legacy(tmp_path / f"{number}.pt", data)
    for number, data in enumerate(GGUFS.values()):
        (tmp_path / f"{number}.gguf").write_bytes(data)
    subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=Path(__file__).parents[3], check=True
    )


def test_a_file_that_is_cut_short_is_refused_wherever_it_is_cut(tmp_path):
    whole = {
        write_safetensors(tmp_path / "a.safetensors", {"shared.weight": numbers()}),
        write_pickle(tmp_path / "b.pt", {"shared.weight": numbers()}),
        write_pickle(tmp_path / "c.pt", {"shared.weight": numbers()}, legacy=True),
        write_gguf(tmp_path / "d.gguf"),
    }
    for path in whole:
        content = path.read_bytes()
        for share in (0, 1, 7, 9, 60, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:share])
            refusal(path)
