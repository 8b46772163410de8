"""Files damaged by the thousand: each is read, or refused with a sentence that names it.

Whoever damages files is a module of its own, which `main` makes a program ``MODULE SEED CASES``:
what is read there takes little time and memory, and nothing of this process is in its way.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tokensim_gui.core.errors import TokenSimError

MAX_SECONDS = 1.0
MAX_GROWTH = 200 * 2**20
_PROCESSES = 2


class Seed(NamedTuple):
    """A well-formed file: its bytes, those that say where the others are, and who reads it."""

    name: str
    content: bytes
    places: range
    read: Callable[[Path], object]
    suffix: str = ""


MakeSeeds = Callable[[Path], list[Seed]]
Damage = Callable[[Seed, random.Random, list[Seed]], bytes]


def read_damaged(make_seeds: MakeSeeds, damage: Damage, seed: int, cases: int) -> dict[str, int]:
    """Read ``cases`` damaged files; returns ``refused``, ``read`` and ``growth`` in bytes.

    Raises:
        AssertionError: A case took too long, or a sentence does not name its file.
        Exception: Anything but TokenSimError that a reader let out.
    """
    outcomes: Counter[str] = Counter()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        seeds = make_seeds(Path(folder))
        for one in seeds:
            path = Path(folder) / f"case{one.suffix}"
            path.write_bytes(one.content)
            one.read(path)
        before = peak_memory()
        for case in range(cases):
            chosen = random.Random(f"{seed} {case}")
            one = chosen.choice(seeds)
            path = Path(folder) / f"case{one.suffix}"
            path.write_bytes(damage(one, chosen, seeds))
            begun = time.process_time()
            try:
                one.read(path)
                outcomes["read"] += 1
            except TokenSimError as error:
                assert "case" in str(error) and "\n" not in str(error), str(error)
                outcomes["refused"] += 1
            except BaseException as error:
                error.add_note(f"{one.name}: seed {seed}, case {case}")
                raise
            took = time.process_time() - begun
            assert took < MAX_SECONDS, f"{one.name}: seed {seed}, case {case} took {took} s"
        return {**outcomes, "growth": peak_memory() - before}


def peak_memory() -> int:
    """The most memory that this process has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def limit_memory(growth: int) -> None:
    # What is asked for and not touched does not show in the peak, but must be refused as well.
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + growth
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main(make_seeds: MakeSeeds, damage: Damage) -> None:
    """Read ``CASES`` files of ``SEED`` with little memory; prints the outcome as JSON."""
    limit_memory(2 * MAX_GROWTH)
    print(json.dumps(read_damaged(make_seeds, damage, int(sys.argv[1]), int(sys.argv[2]))))


def damage(module: str, cases: int, folder: Path) -> Counter[str]:
    """Run a program of `main` in several processes, in a folder; returns ``refused``, ``read``.

    Raises:
        AssertionError: One of them failed, or took too much memory.
    """
    more = {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
    root = {"PYTHONPATH": str(Path(__file__).parents[2])}
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", module, str(seed), str(cases // _PROCESSES)],
            cwd=folder,
            env=os.environ | more | root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(_PROCESSES)
    ]
    total: Counter[str] = Counter()
    for process, (out, errors) in [(process, process.communicate()) for process in running]:
        assert process.returncode == 0, errors[-3000:]
        result = json.loads(out)
        assert result.pop("growth") <= MAX_GROWTH
        total.update(result)
    assert total.total() == cases
    return total
