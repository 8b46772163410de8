"""A damaged picture gives its prompts or one sentence, in little time and memory."""

import contextlib
import json
import os
import random
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.core.prompt import test_comfyui_pictures
from tests.core.prompt.comfyui_graphs import GRAPHS, drawn, encode, node
from tests.core.prompt.comfyui_workflows import WORKFLOWS
from tests.core.prompt.made_pictures import (
    avif,
    chunk,
    exif,
    jpeg,
    png,
    png_of,
    text_chunk,
    webp,
)
from tests.core.prompt.test_pictures import CANVAS, INVOKE, INVOKE_GRAPH, NOVEL_4, PICTURES
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.picture_prompts import prompts_in, read_picture

MANY = 100_000 if os.environ.get("TOKENSIM_SOAK") == "1" else 10_000
MOST_GROWTH_MB = 200
MOST_SECONDS = 1.0  # of the processor, a picture: the slowest takes a thousandth of it


OBJECTS = [
    *(("prompt", graph) for graph, _, _ in GRAPHS.values()),
    *(("workflow", workflow) for workflow, _, _ in WORKFLOWS.values()),
    ("invokeai_graph", INVOKE_GRAPH),
    ("invokeai_metadata", {**INVOKE, "canvas_v2_metadata": CANVAS}),
    ("Comment", NOVEL_4),
]
ODD = (None, True, -1, 1e99, "", "a cat", [], {}, ["3"], [[], 0], {"a": []})


def disarranged(value: Any, rng: random.Random) -> Any:
    """JSON of which some parts are of another kind, or left out."""
    if rng.random() < 0.02:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {key: disarranged(one, rng) for key, one in value.items() if rng.random() > 0.01}
    if isinstance(value, list):
        return [disarranged(one, rng) for one in value if rng.random() > 0.01]
    return value


def test_objects_whose_parts_are_of_another_kind_are_read_as_far_as_they_go() -> None:
    rng = random.Random(17)
    read = 0
    for number in range(MANY // 4):
        keyword, whole = OBJECTS[number % len(OBJECTS)]
        read += prompts_in({keyword: json.dumps(disarranged(whole, rng))}) is not None
    assert read > MANY // 8


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A picture with bytes changed, cut out, doubled or cut off, mostly where its texts are."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(made)) if made else 0
        if rng.random() < 0.5:
            at = min(at, rng.randrange(1, 200))
        kind = rng.randrange(6)
        if kind == 0:
            made[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            made[at : at + 4] = rng.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
        elif kind == 2:
            del made[at : at + rng.randrange(1, 40)]
        elif kind == 3:
            made[at:at] = made[at : at + rng.randrange(1, 200)]
        elif kind == 4:
            made[at:at] = rng.randbytes(rng.randrange(1, 40))
        else:
            del made[rng.randrange(len(made) + 1) :]
    return bytes(made)


def read_damaged(folder: Path, count: int) -> tuple[float, str]:
    """Read damaged pictures; whatever is no sentence for the user is raised.

    Returns:
        Processor time of the slowest, in seconds, and of which picture it was made.
    """
    rng = random.Random(17)
    slowest = (0.0, "")
    pictures = sorted((PICTURES | test_comfyui_pictures.PICTURES).items())
    path = folder / "a.png"
    for number in range(count):
        name, (whole, *_) = pictures[number % len(pictures)]
        path.write_bytes(damaged(whole, rng))
        began = time.process_time()  # of the processor: others may be at work beside it
        try:
            read_picture(path)
        except FileError as error:
            said = str(error)
            assert said.startswith("“a.png” ") and said.endswith(".") and "\n" not in said, said
        slowest = max(slowest, (time.process_time() - began, name))
    return slowest


def test_damaged_pictures_give_one_sentence_and_take_little_time_and_memory(
    tmp_path: Path,
) -> None:
    code = (
        "import resource, sys; from pathlib import Path; "
        "from tests.core.prompt.test_damaged_pictures import read_damaged; "
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024; "
        "folder = Path(sys.argv[1]); read_damaged(folder, 300); before = peak(); "
        "slowest = read_damaged(folder, int(sys.argv[2])); print(peak() - before, *slowest)"
    )
    command = [sys.executable, "-c", code, str(tmp_path), str(MANY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    growth, seconds, picture = done.stdout.split(maxsplit=2)
    print(f"{MANY:,} damaged pictures: {growth} MB more; {seconds} s for the slowest, of {picture}")
    assert int(growth) <= MOST_GROWTH_MB
    assert float(seconds) <= MOST_SECONDS, picture


@pytest.mark.parametrize("data", [png(), jpeg(), webp(), avif(exif(x010e="x"))])
def test_a_picture_that_is_cut_off_is_called_damaged(saved, data):
    with pytest.raises(FileError, match=r"“a\.png” is damaged"):
        read_picture(saved(data[: len(data) // 3]))


HOSTILE = {
    "packed 64 MB": chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"x" * (64 << 20))),
    "packed iTXt": text_chunk("parameters", "x" * (9 << 20), "packed"),
    "not packed": chunk(b"zTXt", b"parameters\0\0not packed"),
    "unknown packing": chunk(b"zTXt", b"parameters\0\1" + zlib.compress(b"x")),
    "empty iTXt": chunk(b"iTXt", b"parameters\0"),
    "longer than the file": b"\xff\xff\xff\xfftEXtabc",
    "longer than told": struct.pack(">I", 90_000) + b"tEXtparameters\0short",
    "many chunks": chunk(b"abcd", b"") * 30_000,
    "broken EXIF": chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 400),
}


def test_a_text_that_is_too_large_is_not_called_damage(saved):
    text = chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a" * 2_000_000))
    with pytest.raises(FileError, match="holds a text that is too large to be read"):
        read_picture(saved(png(text)))


def slots_upon_slots():
    """A graph in which each node joins all outputs of the next one."""
    links = {n: [[f"s{n + 1}", slot] for slot in range(200)] for n in range(10)}
    nodes = {
        f"s{n}": node("JoinStrings", **{f"string{at}": link for at, link in enumerate(links[n])})
        for n in range(10)
    }
    return drawn(p=encode(["s0", 0]), **nodes, s10=node("String", value="cat " * 25_000))


SLOW = {
    "EXIF of nothing but headers": png(chunk(b"eXIf", b"Exif\0\0" * 350_000)),
    "outputs that join outputs": png_of("iTXt", prompt=slots_upon_slots()),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_picture_made_to_be_slow_is_read_at_once(saved, name):
    path = saved(SLOW[name])
    began = time.process_time()
    with contextlib.suppress(FileError):
        read_picture(path)
    assert time.process_time() - began <= MOST_SECONDS


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_chunk_yields_one_sentence(saved, name):
    with pytest.raises(FileError) as error:
        read_picture(saved(png(HOSTILE[name])))
    assert str(error.value).startswith("“a.png”")
