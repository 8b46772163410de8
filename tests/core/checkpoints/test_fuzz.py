"""Damaged files by the thousand: each is read or refused, at once and in little memory."""

import os

from tests.core.damaged_files import damage

CASES = 100_000 if os.environ.get("TOKENSIM_SOAK") else 10_000


def test_damaged_files_are_refused_with_a_sentence_and_nothing_else(tmp_path):
    total = damage("tests.core.checkpoints.fuzz", CASES, tmp_path)
    # Where nothing gets through, or everything does, the damage is of the wrong kind.
    assert CASES // 50 < total["read"] < CASES // 2
