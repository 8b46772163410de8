"""Damage LoRAs and embeddings at random; whatever comes of it, only a sentence may come out.

``python -m tests.core.loras.damage SEED CASES`` prints one line of JSON: how many were refused
and how many read, and the growth of memory in bytes.
"""

import base64
import io
import json
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image, PngImagePlugin
from safetensors.torch import save_file

from tests.core.checkpoints.fuzz import MAX_GROWTH, MAX_SECONDS, limit_memory, peak_memory
from tests.core.loras.lora_files import CASES, write
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.loras.inversion_file import read_inversions
from tokensim_gui.core.loras.lora_card import read_lora
from tokensim_gui.core.loras.trained_files import identify

WORDS = (b"{", b"[" * 300, b'"', b"\xff", b"-1", b"1e999", b"null", b"\x80", b".", b"\x00" * 9)
NUMBERS = (0, 1, 2**15, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)
# What a file that runs code would have to do; imports are done before.
FORBIDDEN = ("pickle.", "os.system", "os.exec", "os.posix_spawn", "subprocess.", "socket.")


class Seed(NamedTuple):
    """A well-formed file, how many bytes at its start say what it is, and who reads it."""

    suffix: str
    content: bytes
    head: int
    read: Callable[[Path], object]


class Evil:
    """Pickled, it asks whoever unpickles it to run a command."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        import os

        return os.system, ("touch code_was_run",)


def damage_and_read(seed: int, cases: int) -> dict[str, int]:
    """Read ``cases`` damaged files; returns ``refused``, ``read`` and ``growth`` in bytes.

    Raises:
        AssertionError: A case took too long, or a sentence does not name its file.
        Exception: Anything but TokenSimError that a reader let out.
    """
    outcomes: Counter[str] = Counter()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        seeds = _seeds(Path(folder))
        for one in seeds:
            path = Path(folder) / f"case{one.suffix}"
            path.write_bytes(one.content)
            one.read(path)
        before = peak_memory()
        for case in range(cases):
            chosen = random.Random(f"{seed} {case}")
            one = chosen.choice(seeds)
            path = Path(folder) / f"case{one.suffix}"
            path.write_bytes(damaged(one, chosen))
            begun = time.process_time()
            try:
                one.read(path)
                outcomes["read"] += 1
            except TokenSimError as error:
                assert "case" in str(error) and "\n" not in str(error), str(error)
                outcomes["refused"] += 1
            except BaseException as error:
                error.add_note(f"{one.suffix}: seed {seed}, case {case}")
                raise
            took = time.process_time() - begun
            assert took < MAX_SECONDS, f"{one.suffix}: seed {seed}, case {case} took {took} s"
        return {**outcomes, "growth": peak_memory() - before}


def damaged(seed: Seed, chosen: random.Random) -> bytes:
    data = bytearray(seed.content)
    for _ in range(chosen.choice((1, 1, 2, 5))):
        if not data:
            break
        place = chosen.randrange(min(seed.head, len(data)))
        match chosen.randrange(6):
            case 0:
                data[place] ^= 1 << chosen.randrange(8)
            case 1:
                del data[place:]
            case 2:
                word = chosen.choice(WORDS)
                data[place : place + len(word)] = word
            case 3:
                data[place : place + chosen.randrange(1, 9)] = b""
            case 4:
                data[place] = chosen.randrange(256)
            case 5:
                code = chosen.choice(("<Q", "<I", "<H", ">I"))
                size = struct.calcsize(code)
                number = chosen.choice(NUMBERS) & (256**size - 1)
                data[place : place + size] = struct.pack(code, number)
    return bytes(data)


def _seeds(folder: Path) -> list[Seed]:
    generator = torch.Generator().manual_seed(0)
    vector = torch.randn(1, 768, generator=generator)
    a1111 = {"string_to_token": {"*": 265}, "string_to_param": {"*": vector}, "name": "x"}
    seeds = []
    for name in ("kohya, SD 1.5", "OneTrainer", "LyCORIS LoHa", "with an inversion inside"):
        path = write(CASES[name], folder / "a.safetensors")
        seeds.append(Seed(".safetensors", path.read_bytes(), 4_000, _listed(read_lora)))

    def pickled(content: object, head: int, *, zipped: bool = True) -> None:
        path = folder / "a.pt"
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        seeds.append(Seed(".pt", path.read_bytes(), head, _listed(read_inversions)))

    pickled(a1111, 1_200)
    pickled({"<x>": vector}, 600, zipped=False)
    pickled({**a1111, "callback": Evil()}, 1_200)
    pickled({**a1111, "callback": Evil()}, 600, zipped=False)
    save_file({"clip_l": vector, "clip_g": torch.ones(1, 1280)}, folder / "c.safetensors")
    content = (folder / "c.safetensors").read_bytes()
    seeds.append(Seed(".safetensors", content, 300, _listed(read_inversions)))
    info = PngImagePlugin.PngInfo()
    told = json.dumps({"string_to_param": {"*": {"TORCHTENSOR": vector.tolist()}}}).encode()
    info.add_text("sd-ti-embedding", base64.b64encode(told).decode())
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG", pnginfo=info)
    seeds.append(Seed(".png", picture.getvalue(), 600, _listed(read_inversions)))
    return seeds


def _listed(read: Callable[[Path], object]) -> Callable[[Path], object]:
    """Read a file as the list does, and then as its card does."""

    def both(path: Path) -> object:
        identify(path)
        return read(path)

    return both


def _watch(event: str, _: object) -> None:
    if event.startswith(FORBIDDEN):
        raise AssertionError(f"a file did {event}")


if __name__ == "__main__":
    damage_and_read(0, 100)  # have everything imported
    sys.addaudithook(_watch)
    limit_memory(2 * MAX_GROWTH)
    print(json.dumps(damage_and_read(int(sys.argv[1]), int(sys.argv[2]))))
