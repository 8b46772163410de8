"""LoRAs and embeddings with damage: a sentence each, no code run, in little time and memory."""

import os

from tests.core.damaged_files import damage

CASES = 100_000 if os.environ.get("TOKENSIM_SOAK") else 3_000


def test_damaged_files_are_refused_with_a_sentence_or_read(tmp_path):
    total = damage("tests.core.loras.damage", CASES, tmp_path)
    # Where nothing gets through, or everything does, the damage is of the wrong kind.
    assert CASES // 20 < total["read"] < CASES * 3 // 4
    assert list(tmp_path.iterdir()) == []  # where code that was run would have left its mark
