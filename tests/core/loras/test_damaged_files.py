"""LoRAs and inversions with damage: a sentence each, no code run, in little time and memory."""

import os
import random
import time

import torch
from safetensors.torch import save_file

from tests.core.loras.lora_files import CASES, write
from tests.core.loras.test_inversions import A1111, G, L
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.loras.inversion_file import read_inversions
from tokensim_gui.core.loras.lora_card import read_lora

CASES_OF_DAMAGE = 100_000 if os.environ.get("TOKENSIM_SOAK") else 4_000
WORDS = (b"{", b"[" * 300, b'"', b"\xff", b"-1", b"1e999", b"null", b"\x80", b".", b"\x00" * 9)


def damaged(content: bytes, chosen: random.Random, head: int) -> bytes:
    data = bytearray(content)
    for _ in range(chosen.choice((1, 1, 2, 5))):
        place = chosen.randrange(min(head, len(data)))
        match chosen.randrange(5):
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
        if not data:
            break
    return bytes(data)


def test_damaged_files_are_refused_with_a_sentence_or_read(tmp_path):
    seeds = []
    for number, name in enumerate(("kohya, SD 1.5", "OneTrainer", "LyCORIS LoHa")):
        path = write(CASES[name], tmp_path / f"{number}.safetensors")
        seeds.append((path.read_bytes()[:60_000], read_lora, 4_000))
    torch.save({**A1111, "string_to_param": {"*": L[:1]}}, tmp_path / "a.pt")
    seeds.append(((tmp_path / "a.pt").read_bytes(), read_inversions, 1_200))
    torch.save({"<x>": L[:1]}, tmp_path / "b.pt", _use_new_zipfile_serialization=False)
    seeds.append(((tmp_path / "b.pt").read_bytes(), read_inversions, 600))
    save_file({"clip_l": L[:1], "clip_g": G[:1]}, tmp_path / "c.safetensors")
    seeds.append(((tmp_path / "c.safetensors").read_bytes(), read_inversions, 300))
    outcomes = {True: 0, False: 0}
    path = tmp_path / "case.safetensors"
    for case in range(CASES_OF_DAMAGE):
        chosen = random.Random(case)
        content, read, head = chosen.choice(seeds)
        path.write_bytes(damaged(content, chosen, head))
        begun = time.process_time()
        try:
            read(path)
            outcomes[True] += 1
        except TokenSimError as error:
            assert "case.safetensors" in str(error) and "\n" not in str(error)
            outcomes[False] += 1
        assert time.process_time() - begun < 1
    assert outcomes[False] > CASES_OF_DAMAGE // 3
