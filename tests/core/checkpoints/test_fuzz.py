"""Damaged files by the thousand: each is read or refused, at once and in little memory."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.core.checkpoints.fuzz import MAX_GROWTH

CASES = 100_000 if os.environ.get("TOKENSIM_SOAK") else 10_000
PROCESSES = 2


def test_damaged_files_are_refused_with_a_sentence_and_nothing_else():
    root = Path(__file__).parents[3]
    command = [sys.executable, "-W", "error", "-m", "tests.core.checkpoints.fuzz"]
    environment = os.environ | {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [*command, str(seed), str(CASES // PROCESSES)],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    total = Counter()
    for process, (out, errors) in [(process, process.communicate()) for process in running]:
        assert process.returncode == 0, errors[-3000:]
        result = json.loads(out)
        assert result["growth"] <= MAX_GROWTH
        total.update(refused=sum(result["refused"].values()), read=sum(result["read"].values()))
    assert total.total() == CASES
    # Where nothing gets through, or everything does, the damage is of the wrong kind.
    assert CASES // 50 < total["read"] < CASES // 2
