import json
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.infotext import Infotext, parse_infotext
from tokensim_gui.core.prompt.picture_prompts import read_picture
from tokensim_gui.core.prompt.picture_texts import read_texts

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BLOCK = (
    "a (cute:1.2) cat,\n<lora:x:1>\n"
    "Negative prompt: ugly, (bad:1.3)\nblurry\n"
    'Steps: 20, Sampler: Euler a, Seed: 7, Lora hashes: "x: 1, y: 2", Size: 512x512'
)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(tmp_path, *chunks, end=True):
    path = tmp_path / "a.png"
    header = chunk(b"IHDR", b"\0" * 13)
    path.write_bytes(SIGNATURE + header + b"".join(chunks) + end * chunk(b"IEND", b""))
    return path


def itxt(keyword, text, *, packed=False):
    body = zlib.compress(text.encode()) if packed else text.encode()
    return chunk(b"iTXt", keyword + b"\0" + bytes([packed]) + b"\0en\0\0" + body)


def test_a_block_of_a1111_is_read_in_its_parts():
    info = parse_infotext(BLOCK)
    assert info.prompt == "a (cute:1.2) cat,\n<lora:x:1>"
    assert info.negative == "ugly, (bad:1.3)\nblurry"
    assert info.settings == {
        "Steps": "20",
        "Sampler": "Euler a",
        "Seed": "7",
        "Lora hashes": "x: 1, y: 2",
        "Size": "512x512",
    }


@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("a cat", None),
        ("(a:1.1), (b:1.2), (c:1.3), (d:1.4)", None),
        ("", None),
        ("cat\nSteps: 20", Infotext("cat", "", {"Steps": "20"})),
        ("cat\nNegative prompt: dog", Infotext("cat", "dog")),
        ("Negative prompt: dog\nSteps: 1", Infotext("", "dog", {"Steps": "1"})),
    ],
)
def test_a_block_may_lack_parts_and_a_prompt_alone_is_no_block(text, info):
    assert parse_infotext(text) == info


@given(st.text(st.sampled_from('Steps: ,"\\\nNegative prompt:a'), max_size=60))
@settings(deadline=None, derandomize=True)
def test_any_text_is_read_as_a_block_or_not(text):
    parse_infotext(text)


def test_all_three_kinds_of_text_are_read(tmp_path):
    path = picture(
        tmp_path,
        chunk(b"tEXt", b"one\0caf\xe9"),
        chunk(b"zTXt", b"two\0\0" + zlib.compress(b"packed")),
        chunk(b"IDAT", b"\0" * 100_000),
        itxt(b"three", "猫 😅"),
        itxt(b"four", "猫" * 9, packed=True),
        chunk(b"tEXt", b"one\0again"),
    )
    assert read_texts(path) == {
        "one": "café",
        "two": "packed",
        "three": "猫 😅",
        "four": "猫" * 9,
    }


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * (64 << 20)))],
        [itxt(b"a", "x" * (9 << 20), packed=True)],
        [chunk(b"zTXt", b"a\0\0not packed")],
        [chunk(b"zTXt", b"a\0\0" + zlib.compress(b"cut off")[:-6])],
        [chunk(b"iTXt", b"a\0")],
        [b"\xff\xff\xff\xfftEXtabc"],
        [struct.pack(">I", 900) + b"tEXta\0short"],
        [chunk(b"abcd", b"")] * 30_000,
    ],
)
def test_a_hostile_file_costs_little_and_yields_nothing(tmp_path, chunks):
    path = picture(tmp_path, *chunks, end=False)
    start = time.process_time()
    assert read_texts(path) == {}
    assert time.process_time() - start < 1


def test_other_files_are_named(tmp_path):
    path = tmp_path / "b.png"
    with pytest.raises(FileError, match="can't be read"):
        read_texts(path)
    path.write_bytes(b"GIF89a")
    with pytest.raises(FileError, match=r"“b\.png” is not a PNG picture"):
        read_texts(path)
    with pytest.raises(FileError, match=r"“a\.png” holds no prompt"):
        read_picture(picture(tmp_path))


def test_a_picture_that_is_cut_off_is_called_damaged(tmp_path):
    path = picture(tmp_path, chunk(b"IDAT", b"\0" * 1000))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(FileError, match=r"“a\.png” is damaged"):
        read_picture(path)


def test_a_picture_of_a1111_gives_its_prompts(tmp_path):
    found = read_picture(picture(tmp_path, chunk(b"tEXt", b"parameters\0" + BLOCK.encode())))
    assert found.interface == "a1111"
    assert found.prompts == ("a (cute:1.2) cat,\n<lora:x:1>",)
    assert found.negatives == ("ugly, (bad:1.3)\nblurry",)
    assert dict(found.settings)["Seed"] == "7"


def comfyui(tmp_path, nodes):
    return read_picture(picture(tmp_path, itxt(b"prompt", json.dumps(nodes))))


def test_a_workflow_of_comfyui_is_followed_to_its_texts(tmp_path):
    nodes = {
        "3": {"class_type": "KSampler", "inputs": {"positive": ["9", 0], "negative": ["7", 0]}},
        "9": {"class_type": "ConditioningConcat", "inputs": {"a": ["6", 0], "b": ["8", 0]}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
        "8": {"class_type": "CLIPTextEncode", "inputs": {"text": ["5", 0]}},
        "5": {"class_type": "PrimitiveString", "inputs": {"value": "on a mat"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "not connected"}},
    }
    found = comfyui(tmp_path, nodes)
    assert (found.interface, found.prompts, found.negatives) == (
        "comfyui",
        ("a cat", "on a mat"),
        ("ugly",),
    )


def test_a_workflow_without_a_negative_gives_the_texts_it_has(tmp_path):
    nodes = {
        "1": {"inputs": {"conditioning": ["2", 0]}},
        "2": {"inputs": {"clip_l": "cat", "t5xxl": "a cat"}},
    }
    assert comfyui(tmp_path, nodes).prompts == ("cat", "a cat")


def test_a_text_whose_meaning_is_taken_off_is_no_negative_prompt(tmp_path):
    nodes = {
        "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "negative": ["3", 0]}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat"}},
        "3": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["2", 0]}},
    }
    found = comfyui(tmp_path, nodes)
    assert (found.prompts, found.negatives) == (("a cat",), ())


def test_a_workflow_that_links_in_circles_ends(tmp_path):
    nodes = {
        "1": {"inputs": {"positive": ["2", 0], "negative": ["missing", 0]}},
        "2": {"inputs": {"a": ["3", 0], "text": "x"}},
        "3": {"inputs": {"a": ["2", 0], "b": [None, 0], "c": [[], 1]}},
        "4": "no node",
    }
    assert comfyui(tmp_path, nodes).prompts == ("x",)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, "[]", '{"1": {"inputs": 3}}', "{"])
def test_a_broken_workflow_is_no_prompt(tmp_path, text):
    with pytest.raises(FileError, match="holds no prompt"):
        read_picture(picture(tmp_path, itxt(b"prompt", text)))


def test_pictures_of_novelai_and_invokeai_are_read(tmp_path):
    comment = json.dumps({"prompt": "{cat}", "uc": "dog"})
    path = picture(tmp_path, itxt(b"Description", "{cat}"), itxt(b"Comment", comment))
    found = read_picture(path)
    assert (found.interface, found.prompts, found.negatives) == ("novelai", ("{cat}",), ("dog",))
    data = json.dumps({"positive_prompt": "cat+", "negative_prompt": ""})
    found = read_picture(picture(tmp_path, itxt(b"invokeai_metadata", data)))
    assert (found.interface, found.prompts, found.negatives) == ("compel", ("cat+",), ())
