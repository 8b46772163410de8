"""Damage LoRAs and embeddings at random; whatever comes of it, only a sentence may come out.

``python -m tests.core.loras.damage SEED CASES`` prints one line of JSON: how many were refused
and how many read, and the growth of memory in bytes.
"""

import base64
import json
import random
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image, PngImagePlugin
from safetensors.torch import save_file

from tests.core.damaged_files import Seed, main, read_damaged
from tests.core.loras.lora_files import CASES, write
from tokensim_gui.core.loras.inversion_file import read_inversions
from tokensim_gui.core.loras.lora_card import read_lora
from tokensim_gui.core.loras.trained_files import identify

WORDS = (b"{", b"[" * 300, b'"', b"\xff", b"-1", b"1e999", b"null", b"\x80", b".", b"\x00" * 9)
NUMBERS = (0, 1, 2**15, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)
# What a file that runs code would have to do; imports are done before.
FORBIDDEN = ("pickle.", "os.system", "os.exec", "os.posix_spawn", "subprocess.", "socket.")


class Evil:
    """Pickled, it asks whoever unpickles it to run a command."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        import os

        return os.system, ("touch code_was_run",)


def _damaged(seed: Seed, chosen: random.Random, _: list[Seed]) -> bytes:
    data = bytearray(seed.content)
    for _ in range(chosen.choice((1, 1, 2, 5))):
        if not data:
            break
        place = chosen.randrange(min(len(seed.places), len(data)))
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

    def add(path: Path, head: int, read: Callable[[Path], object]) -> None:
        content, suffix = path.read_bytes(), path.suffix
        seeds.append(Seed(suffix, content, range(head), _listed(read), suffix))

    for name in ("kohya, SD 1.5", "OneTrainer", "LyCORIS LoHa", "with an inversion inside"):
        path = write(CASES[name], folder / "a.safetensors")
        add(path, 4_000, read_lora)

    def pickled(content: object, head: int, *, zipped: bool = True) -> None:
        path = folder / "a.pt"
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        add(path, head, read_inversions)

    pickled(a1111, 1_200)
    pickled({"<x>": vector}, 600, zipped=False)
    pickled({**a1111, "callback": Evil()}, 1_200)
    pickled({**a1111, "callback": Evil()}, 600, zipped=False)
    save_file({"clip_l": vector, "clip_g": torch.ones(1, 1280)}, folder / "c.safetensors")
    add(folder / "c.safetensors", 300, read_inversions)
    info = PngImagePlugin.PngInfo()
    told = json.dumps({"string_to_param": {"*": {"TORCHTENSOR": vector.tolist()}}}).encode()
    info.add_text("sd-ti-embedding", base64.b64encode(told).decode())
    Image.new("RGB", (8, 8)).save(folder / "a.png", pnginfo=info)
    add(folder / "a.png", 600, read_inversions)
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
    read_damaged(_seeds, _damaged, 0, 100)  # have everything imported
    sys.addaudithook(_watch)
    main(_seeds, _damaged)
