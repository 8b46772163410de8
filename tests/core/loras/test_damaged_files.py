"""LoRAs and embeddings with damage: a sentence each, no code run, in little time and memory."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.core.checkpoints.fuzz import MAX_GROWTH

DAMAGED = 100_000 if os.environ.get("TOKENSIM_SOAK") else 3_000
PROCESSES = 2


def test_damaged_files_are_refused_with_a_sentence_or_read(tmp_path):
    root = Path(__file__).parents[3]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-W", "error", "-m", "tests.core.loras.damage"]
    running = [
        subprocess.Popen(
            [*command, str(seed), str(DAMAGED // PROCESSES)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    total: Counter[str] = Counter()
    for process, (out, errors) in [(process, process.communicate()) for process in running]:
        assert process.returncode == 0, errors[-3000:]
        result = json.loads(out)
        assert result.pop("growth") <= MAX_GROWTH
        total.update(result)
    assert total.total() == DAMAGED
    # Where nothing gets through, or everything does, the damage is of the wrong kind.
    assert DAMAGED // 20 < total["read"] < DAMAGED * 3 // 4
    assert list(tmp_path.iterdir()) == []
