"""``tokensim layout``, as people and the window start it."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from made_tables import add_little

from tokensim_gui.core.files.landscape_file import NAME, load_landscape
from tokensim_gui.core.library.library import TableLibrary


def command(*arguments):
    return [sys.executable, "-m", "tokensim_gui", "layout", *arguments]


@pytest.fixture
def slug():
    words = [f"word{number}" for number in range(2000)]
    vectors = np.random.default_rng(0).standard_normal((2027, 32)).astype(np.float32)
    return add_little(TableLibrary(), "Many", words, vectors)


def test_a_layout_that_is_killed_leaves_nothing_half_and_the_next_one_all(slug):
    folder = TableLibrary().folder(slug)
    before = {path.name: path.stat().st_size for path in folder.iterdir()}
    running = subprocess.Popen(
        command("--table", slug, "--json-progress"), stdout=subprocess.PIPE, text=True
    )
    for line in running.stdout:
        if "Laying out" in line:
            break
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    after = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert NAME not in after
    assert {name: size for name, size in after.items() if name in before} == before
    done = subprocess.run(
        command("--table", slug, "--json-progress"), capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["result"]["kept"] == load_landscape(folder, 2027).kept
    shares = [line["progress"][0] for line in lines[:-1]]
    assert shares == sorted(shares)


def test_an_unknown_table_is_one_line(home):
    done = subprocess.run(command("--table", "nowhere"), capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
