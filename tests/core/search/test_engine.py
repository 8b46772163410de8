"""What a search gives beside its ranking, and what it says instead of answering."""

import re

import numpy as np
import pytest
from brute_force import ROWS, brute_force, difficult_vectors, opened, store

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.values import Query, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def test_more_neighbours_than_tokens_gives_all_that_have_a_vector(tmp_path):
    table, exact = store(tmp_path / "t", "F16", difficult_vectors(np.random.default_rng(4), 1000))
    results = opened(table).search(Query("#5", count=5000))
    present = np.flatnonzero(np.abs(exact).sum(axis=1))
    assert sorted(results.ids.tolist()) == present.tolist()
    assert results.passing == results.unfiltered == len(present)


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean", "centred"])
def test_the_average_is_the_mean_score_of_all_tokens_with_a_vector(tmp_path, metric):
    table, exact = store(tmp_path / "t", "F16", difficult_vectors(np.random.default_rng(5)))
    results = opened(table).search(Query("#5", metric=metric))
    _, scores = brute_force(exact, [(1.0, 5)], Query("", metric=metric, count=ROWS))
    assert results.average == pytest.approx(scores.mean(), rel=2e-3, abs=1e-3)


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """CLIP's vocabulary with random vectors; pieces that are no text have none."""
    vocabulary = Vocabulary.load(paths.resource("starter"))
    rng = np.random.default_rng(6)
    vectors = rng.standard_normal((vocabulary.rows, 16))
    vectors[vocabulary.kinds > 1] = 0
    table, _ = store(tmp_path_factory.mktemp("tables") / "starter", "F16", vectors)
    return opened(table, vocabulary)


def test_own_tokens_and_pieces_of_the_same_text_can_be_left_out(starter):
    everything = starter.search(Query("cat", count=50_000))
    without = starter.search(Query("cat", count=50_000, leave_out_own=True))
    left_out = set(everything.ids.tolist()) - set(without.ids.tolist())
    assert left_out == {2368, 1481}  # the word cat</w> and the part cat
    assert without.passing == without.unfiltered == everything.passing - 2
    assert [(own.id, round(own.score, 9), own.term) for own in without.own] == [(2368, 1.0, 0)]


def test_word_forms_can_be_left_out(starter):
    everything = starter.search(Query("girls", count=50_000))
    without = starter.search(Query("girls", count=50_000, leave_out_forms=True))
    left_out = set(everything.ids.tolist()) - set(without.ids.tolist())
    vocabulary = Vocabulary.load(paths.resource("starter"))
    assert {vocabulary.text(token) for token in left_out} == {"girl", "girls", "girly"}


def test_a_filter_applies_before_the_ranking(starter):
    everything = starter.search(Query("cat", count=50_000))
    words = Query("cat", count=50_000, filter=TokenFilter(text="#100..#5000", kinds=("word",)))
    results = starter.search(words)
    kinds = Vocabulary.load(paths.resource("starter")).kinds
    expected = [i for i in everything.ids.tolist() if 100 <= i <= 5000 and kinds[i] == 0]
    assert results.ids.tolist() == expected
    assert (results.passing, results.unfiltered) == (len(expected), everything.passing)


def test_a_filter_that_nothing_passes_still_draws_the_query(starter):
    results = starter.search(Query("cat", filter=TokenFilter(text="no token reads like this")))
    assert len(results.ids) == results.passing == 0
    assert results.coords.shape == (2, 2)


def test_the_map_holds_neighbours_then_own_tokens_then_the_query(starter):
    results = starter.search(Query("(cute + girl) / 2", map_count=30))
    own = [token.id for token in results.own]
    assert own == [2242, 1611]
    assert results.map_own.tolist() == own
    assert results.map_ids.tolist() == [i for i in results.ids.tolist() if i not in own][:30]
    assert results.coords.shape == (33, 2)
    assert 0 < results.explained < 1
    assert [token.coefficient for token in results.own] == [0.5, 0.5]


def test_typing_on_does_not_mirror_the_map(starter):
    starter.search(Query("dog"))
    before = starter.search(Query("cat"))
    after = starter.search(Query("cat + 0.01*cats"))
    shared, i, j = np.intersect1d(before.map_ids, after.map_ids, return_indices=True)
    assert len(shared) > 40
    moved = np.linalg.norm(before.coords[i] - after.coords[j], axis=1).mean()
    mirrored = np.linalg.norm(before.coords[i] + after.coords[j], axis=1).mean()
    assert moved < mirrored / 2


def test_results_cannot_be_written_to(starter):
    results = starter.search(Query("cat"))
    arrays = (results.ids, results.scores, results.map_ids, results.coords, results.map_own)
    assert not any(array.flags.writeable for array in arrays)
    assert (results.ids.dtype, results.map_ids.dtype) == (np.int32, np.int32)
    assert (results.scores.dtype, results.coords.dtype) == (np.float64, np.float32)


def test_the_query_vector_is_the_sum_of_means(tmp_path):
    table, exact = store(tmp_path / "t", "I8", difficult_vectors(np.random.default_rng(7)))
    engine = opened(table)
    present = np.flatnonzero(table.norms)
    a, b = present[:2].tolist()
    raw = engine.vector(Query(f"2*#{a} - #{b} / 4"))
    np.testing.assert_allclose(raw, 2 * exact[a] - exact[b] / 4, atol=1e-12)
    unit = engine.vector(Query(f"2*#{a} - #{b} / 4", inputs="unit"))
    lengths = np.linalg.norm(exact, axis=1)
    np.testing.assert_allclose(unit, 2 * exact[a] / lengths[a] - exact[b] / lengths[b] / 4)
    centred = engine.vector(Query(f"2*#{a} - #{b} / 4", metric="centred"))
    np.testing.assert_allclose(centred, raw - 1.75 * exact[present].mean(axis=0), atol=1e-12)


def test_given_ids_are_scored_as_in_a_search(starter):
    query = Query("cat", metric="euclidean")
    results = starter.search(query)
    scores = starter.score_ids(query, np.append(results.ids, 49406).astype(np.int32))
    np.testing.assert_array_equal(scores[:-1], results.scores)
    assert np.isnan(scores[-1])
    assert np.isnan(starter.score_ids(query, np.array([49406], np.int32))).all()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (Query("cat - cat"), "“cat - cat” cancels out: no direction is left to search in."),
        (Query("0.1*cat + 0.2*cat - 0.3*cat"), "- 0.3*cat” cancels out"),
        (Query("1e-250*cat"), "“1e-250*cat” cancels out"),
        (Query("0*cat"), "Everything in “0*cat” is multiplied by 0: change the number."),
        (Query("1e200*cat"), "The numbers in “1e200*cat” are too large."),
        (Query("#49406"), "#49406 is a mark of the tokenizer, so the starter has no vector"),
        (Query("#510"), "#510 is half a character, so the starter has no vector for it."),
        (Query("cat + 👾"), "“👾” is spelled with “⟨f0 9f 91⟩” (#964), pieces for which the"),
        (Query("  "), "The query is empty"),
        (Query("("), "bracket"),
        (Query("(cat", strict=True), "bracket"),
    ],
)
def test_a_query_without_a_vector_is_answered_by_a_sentence(starter, query, sentence):
    with pytest.raises(QueryError, match=re.escape(sentence)) as caught:
        starter.search(query)
    assert 0 <= caught.value.start <= caught.value.end <= len(query.text)


def test_a_token_without_a_vector_is_underlined(starter):
    with pytest.raises(QueryError) as caught:
        starter.search(Query("cat + #49407"))
    assert (caught.value.start, caught.value.end) == (6, 12)


def test_a_text_is_searched_with_the_pieces_that_have_a_vector(starter):
    results = starter.search(Query("🧔🏻‍♂️ + cat"))
    without = [own for own in results.own if own.score is None]
    assert [own.id for own in without] == [8792, 242]
    assert {own.coefficient for own in without} == {0}
    assert sum(own.coefficient for own in results.own if own.term == 0) == pytest.approx(1)
    assert {own.id for own in results.own} - set(results.map_own.tolist()) == {8792, 242}
    assert results.hint.text.startswith("“🧔🏻‍♂️” is searched without “⟨f0 9f a7⟩” (#8792) and “")
    assert results.hint.text.endswith("” (#242): they have no vector.")
    kept = " ".join(f"#{own.id}" for own in results.own if own.score is not None and not own.term)
    same = starter.search(Query(f"{kept} + cat"))
    np.testing.assert_array_equal(results.scores, same.scores)


@pytest.mark.parametrize("typed", ['"cute+girl"/2', "“cute+girl”/2", "cute+girl/2"])
def test_a_sum_that_is_read_as_text_comes_with_the_sum(starter, typed):
    hint = starter.search(Query(typed)).hint
    assert (hint.fix, hint.fix_label) == ("(cute + girl) / 2", "Search (cute + girl) / 2")
    assert starter.search(Query(hint.fix)).hint is None


def test_an_unfinished_query_is_answered_with_a_hint(starter):
    results = starter.search(Query("(cute"))
    assert "bracket" in results.hint.text
    assert results.problem is not None
    np.testing.assert_array_equal(results.ids, starter.search(Query("cute")).ids)


def test_distances_have_no_unrelated(starter):
    with pytest.raises(TokenSimError, match="choose another measure or order"):
        starter.search(Query("cat", order="unrelated", metric="euclidean"))


def test_searching_before_a_table_is_open_is_answered_by_a_sentence():
    with pytest.raises(TokenSimError, match="No encoder is open"):
        Engine("cpu").search(Query("cat"))


def test_a_table_that_does_not_fit_its_vocabulary_is_refused_and_the_last_one_stays(tmp_path):
    small, _ = store(tmp_path / "small", "F16", np.ones((10, 64)))
    engine = opened(small)
    large, _ = store(tmp_path / "large", "F16", np.ones((20, 64)))
    with pytest.raises(TokenSimError, match="20 vectors for 10 tokens"):
        engine.open(large, Vocabulary.build(None, 10))
    assert engine.search(Query("#3")).slug == "small"


def test_a_cancelled_search_stops(starter):
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        starter.search(Query("cat"), job)
