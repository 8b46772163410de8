"""Rare tokens, trigger words, twins and strangers."""

import numpy as np
import pytest
from brute_force import difficult_vectors, store

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search.nearest_of_each import nearest_of_each
from tokensim_gui.core.search.rare_tokens import rare_tokens, trigger_words
from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.typeable import REASONS
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def clip():
    return Vocabulary.load(paths.resource("starter"))


def trained_vectors(rng, rows, dim):
    """Rows off the origin, in groups, of lengths that differ as those of real tables do."""
    groups = rng.standard_normal((50, dim))
    vectors = 0.5 * groups[rng.integers(0, 50, rows)] + rng.standard_normal((rows, dim))
    vectors *= rng.lognormal(0, 0.1, (rows, 1))
    return vectors + 0.3 * rng.standard_normal(dim)


def any_vectors(rows):
    return trained_vectors(np.random.default_rng(2), rows, 16)


@pytest.mark.parametrize("planting", ["near the mean", "short", "where they began"])
def test_rows_that_were_hardly_trained_come_first(tmp_path, planting):
    rng = np.random.default_rng(0)
    vectors = trained_vectors(rng, 5000, 64)
    planted = rng.choice(5000, 100, replace=False)
    noise = 0.1 * rng.standard_normal((100, 64))
    if planting == "near the mean":
        vectors[planted] = vectors.mean(axis=0) + noise
    elif planting == "short":
        vectors[planted] *= 0.1
    else:
        vectors[planted] = 0.02 * rng.standard_normal((100, 64))
    table, _ = store(tmp_path / "t", "F16", vectors)
    rare = rare_tokens(table, Vocabulary.build(None, 5000), Job())
    assert len(set(rare.order[:100].tolist()) & set(planted.tolist())) >= 90


def test_rows_near_those_that_are_never_used_come_first(tmp_path, clip):
    rng = np.random.default_rng(1)
    vectors = trained_vectors(rng, clip.rows, 32)
    unreachable = np.flatnonzero(clip.reasons == REASONS.index("unreachable"))
    planted = rng.choice(np.flatnonzero(clip.kinds == KINDS.index("word")), 900, replace=False)
    begun = rng.standard_normal(32)  # as long as the others, so that its direction alone tells
    for ids in (unreachable, planted):
        vectors[ids] = begun * 6 / np.linalg.norm(begun) + 0.3 * rng.standard_normal((len(ids), 32))
    table, _ = store(tmp_path / "t", "F16", vectors)
    rare = rare_tokens(table, clip, Job())
    first = set(rare.order[: 900 + len(unreachable)].tolist())
    assert len(first & set(planted.tolist())) >= 810
    assert rare.reasons[int(planted[0])] == "near the rows never used"


def test_unused_and_unreachable_rows_are_all_marked(tmp_path, clip):
    table, _ = store(
        tmp_path / "t", "F16", trained_vectors(np.random.default_rng(2), clip.rows, 16)
    )
    rare = rare_tokens(table, clip, Job())
    unreachable = np.flatnonzero(clip.reasons == REASONS.index("unreachable"))
    assert len(unreachable)
    assert {rare.reasons[token] for token in unreachable} == {"no text is cut into it"}
    assert sorted(rare.order.tolist()) == list(range(clip.rows))
    padded = Vocabulary.build(paths.resource("starter/tokenizer.json"), clip.rows + 5)
    table, _ = store(tmp_path / "p", "F16", any_vectors(padded.rows))
    marked = rare_tokens(table, padded, Job()).reasons
    assert marked[clip.rows :] == ("not used by the tokenizer",) * 5


def test_trigger_words_are_typed_alone_of_so_many_letters_and_without_a_meaning(tmp_path, clip):
    table, _ = store(
        tmp_path / "t", "F16", trained_vectors(np.random.default_rng(3), clip.rows, 16)
    )
    rare = rare_tokens(table, clip, Job())
    found = trigger_words(clip, rare, 3, ())
    texts = [clip.text(token) for token in found]
    assert "sks" in texts
    assert all(len(text) == 3 and text.isalpha() and text.isascii() for text in texts)
    assert all(clip.encode(text) == (token,) for text, token in zip(texts, found, strict=True))
    ranks = [clip.commonness(token)[0] for token in found]
    assert ranks == sorted(ranks, reverse=True)
    assert "sks" not in [clip.text(token) for token in trigger_words(clip, rare, 3, {"sks"})]


def test_twins_and_strangers_are_those_of_a_brute_force(tmp_path):
    table, exact = store(tmp_path / "t", "F32", difficult_vectors(np.random.default_rng(4), 1500))
    found = nearest_of_each(table, Job())
    present = np.flatnonzero(np.abs(exact).sum(axis=1))
    unit = exact[present] / np.linalg.norm(exact[present], axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    np.testing.assert_allclose(found.cosines[present], cosines.max(axis=1), atol=1e-5)
    assert np.isnan(np.delete(found.cosines, present)).all()
    assert set(found.strangers(10)) <= set(present[np.argsort(cosines.max(axis=1))[:12]])
    twins = found.twins(5)
    assert found.cosines[twins] == pytest.approx(np.ones(5), abs=1e-5)
    assert len(found.twins(9999)) == len(present)


def test_a_table_of_one_vector_has_neither(tmp_path):
    table, _ = store(tmp_path / "t", "F32", np.vstack([np.ones((1, 64)), np.zeros((9, 64))]))
    found = nearest_of_each(table, Job())
    assert found.twins(5).tolist() == found.strangers(5).tolist() == []


def test_comparing_all_with_all_can_be_cancelled(tmp_path):
    table, _ = store(tmp_path / "t", "F32", np.ones((10, 64)))
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        nearest_of_each(table, job)


def test_a_row_without_a_vector_is_said_to_have_none(tmp_path):
    vectors = any_vectors(300)
    vectors[7] = 0
    table, _ = store(tmp_path / "t", "F16", vectors)
    assert rare_tokens(table, Vocabulary.build(None, 300), Job()).reasons[7] == "no vector"
