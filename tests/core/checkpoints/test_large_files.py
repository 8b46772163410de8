"""Out of a file of 7 GB only the header and the token table are read, whatever the format."""

import json
import struct
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import CLIP

UNET = "model.diffusion_model.input_blocks.0.0.weight"
KEY = f"cond_stage_model.transformer.{CLIP}"
ROWS, DIM = 49408, 768
TABLE_BYTES = ROWS * DIM * 2
UNET_VALUES = 3_400_000_000
HEADER_BYTES = 2**16

# Reads the table into memory, in a process of its own, and prints what that took.
MEASURED = """
import json, resource, sys
from hashlib import sha256
from pathlib import Path
from tokensim_gui.core.checkpoints import candidates, read_vectors

def state():
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["rchar"]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

list(read_vectors(candidates(Path(sys.argv[2]))[0]))  # have everything imported
before = state()
(candidate,) = candidates(Path(sys.argv[1]))
table = bytearray(candidate.nbytes)
end = 0
for part in read_vectors(candidate):
    table[end : end + len(part)] = part
    end += len(part)
after = state()
read, growth = (end - start for start, end in zip(before, after))
print(json.dumps({"read": read, "growth": growth, "sha256": sha256(table).hexdigest()}))
"""


def write_safetensors(path: Path, unet_values: int, rows: int) -> int:
    """Write a checkpoint that is a hole but for its header; return where its table begins."""
    unet, table = unet_values * 2, rows * DIM * 2
    header = json.dumps(
        {
            UNET: {"dtype": "F16", "shape": [unet_values], "data_offsets": [0, unet]},
            KEY: {"dtype": "F16", "shape": [rows, DIM], "data_offsets": [unet, unet + table]},
        }
    ).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + unet + table)
    return 8 + len(header) + unet


def write_zip(path: Path, unet_values: int, rows: int) -> int:
    """Write a checkpoint that is a hole but for its header; return where its table begins."""
    state = {
        UNET: torch.empty(unet_values, dtype=torch.float16),
        KEY: torch.empty(rows, DIM, dtype=torch.float16),
    }
    with torch.serialization.skip_data():
        torch.save({"state_dict": state}, path)
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        header = archive.getinfo(f"{path.stem}/data/1").header_offset
        file.seek(header + 26)
        return header + 30 + sum(struct.unpack("<HH", file.read(4)))


@pytest.mark.parametrize("write", [write_safetensors, write_zip])
def test_nothing_but_header_and_table_is_read(write, tmp_path):
    large, small = tmp_path / "large.ckpt", tmp_path / "small.ckpt"
    write(small, 100, 1000)
    table = np.random.default_rng(0).bytes(TABLE_BYTES)
    start = write(large, UNET_VALUES, ROWS)
    with large.open("r+b") as file:
        file.seek(start)
        file.write(table)
    assert large.stat().st_size > 6.8e9
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, str(large), str(small)],
        cwd=Path(__file__).parents[3],
        check=True,
        capture_output=True,
        text=True,
    )
    measured = json.loads(result.stdout)
    assert measured["read"] <= 1.01 * (HEADER_BYTES + TABLE_BYTES)
    assert measured["sha256"] == sha256(table).hexdigest()
    assert measured["growth"] <= TABLE_BYTES + 150 * 2**20
