"""One query in several encoders: the state of the page."""

import csv
import io
from threading import Event

from made_tables import add_little, little_vectors
from pytestqt.qtbot import QtBot

from tests.state.comparing import GIRL_QUERY, LONG_MS, OTHERS, settled, slugs
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import STARTER, TableLibrary
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.shared_words import in_all
from tokensim_gui.jobs.worker import Worker
from tokensim_gui.state.comparison import Comparison
from tokensim_gui.state.open_tables import OpenTables
from tokensim_gui.state.settings import Settings


def test_with_one_table_there_is_nothing_to_compare(comparison: Comparison) -> None:
    comparison.show(GIRL_QUERY)
    assert comparison.columns == () and not comparison.can_add and not comparison.can_export


def test_it_starts_with_the_two_tables_imported_last(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    for name in ("One", "Two", "Three"):
        add_little(library, name)
    comparison.show(GIRL_QUERY)
    assert slugs(settled(comparison, qtbot)) == ["three", "two"]


def test_every_column_answers_the_newest_text(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One")
    add_little(library, "Two", OTHERS)
    comparison.show(GIRL_QUERY)
    for text in ("boy", "boy + cat", "cat"):
        comparison.set_text(text)
    settled(comparison, qtbot)
    texts = [column.results and column.results.query.text for column in comparison.columns]
    assert texts == ["cat", "cat"]


def test_a_word_is_the_same_word_whatever_its_case_and_its_vocabulary(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One", ("girl", "boy", "sun", "moon"))
    add_little(library, "Two", ("girl", "Boy", "BOY", "star"))
    comparison.show(GIRL_QUERY)
    two, one = settled(comparison, qtbot).columns
    assert set(one.ranks) == {"boy", "sun", "moon"}
    assert set(two.ranks) == {"boy", "star"}
    assert min(two.ranks.values()) == 1, "the better of two ranks counts"
    assert comparison.in_all == ["boy"]


def test_words_that_all_have_are_told_nearest_first() -> None:
    assert in_all([{"a": 1, "b": 2}, {"b": 1, "c": 2}, {"c": 1, "b": 9}]) == ["b"]
    assert in_all([{"a": 1, "b": 2, "c": 3}, {"a": 9, "b": 1, "c": 1}]) == ["b", "c", "a"]
    assert in_all([]) == []


def test_tables_that_hold_the_same_vectors_are_told(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Other", vectors=little_vectors(seed=1))
    for name in ("Base", "Copy"):
        add_little(library, name)
    comparison.show(GIRL_QUERY)
    comparison.add()
    settled(comparison, qtbot)
    qtbot.waitUntil(lambda: bool(comparison.same), timeout=LONG_MS)
    assert [set(pair) for pair in comparison.same] == [{"base", "copy"}]


def test_a_new_query_of_the_search_page_is_taken_over_and_an_own_one_kept(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One")
    comparison.show(GIRL_QUERY)
    comparison.set_text("cat")
    comparison.hide()
    comparison.show(GIRL_QUERY)
    assert comparison.query.text == "cat"
    comparison.show(Query("dog"))
    assert comparison.query.text == "dog"
    settled(comparison, qtbot)


def test_the_measure_of_the_search_page_holds_here_too(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One")
    comparison.show(GIRL_QUERY)
    comparison.set_options(Query("something else", metric="euclidean", count=1000))
    settled(comparison, qtbot)
    results = comparison.columns[0].results
    assert results is not None
    asked = results.query
    assert (asked.text, asked.metric, asked.count) == ("girl", "euclidean", 50)


def test_columns_are_added_taken_away_and_trade_places(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    for name in ("A", "B", "C", "D"):
        add_little(library, name)
    comparison.show(GIRL_QUERY)
    for _ in range(5):
        comparison.add()
    assert slugs(comparison) == ["d", "c", "b", "a"] and not comparison.can_add
    comparison.set_encoder(0, "a")
    assert slugs(comparison) == ["a", "c", "b", "d"]
    comparison.set_encoder(1, STARTER)
    for _ in range(5):
        comparison.remove(2)
    assert slugs(settled(comparison, qtbot)) == ["a", STARTER]


def test_a_mistake_is_told_when_typing_rests_or_at_once_by_enter(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One")
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    comparison.set_text("girl - girl")
    settled(comparison, qtbot)
    assert [column.problem for column in comparison.columns] == [None, None]
    comparison.submit()
    assert all(isinstance(column.problem, QueryError) for column in comparison.columns)
    comparison.set_text("girl + cat")
    settled(comparison, qtbot)
    comparison.submit()
    assert [column.problem for column in comparison.columns] == [None, None]


def test_one_encoder_may_understand_what_another_does_not(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One")
    comparison.show(Query("#40000"))
    comparison.set_encoder(1, STARTER)
    settled(comparison, qtbot)
    comparison.submit()
    little, starter = comparison.columns
    assert little.problem is not None and not little.ranks
    assert starter.problem is None and starter.ranks


def test_a_table_that_is_removed_leaves_its_column_and_the_memory(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    for name in ("A", "B"):
        add_little(library, name)
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    library.remove("b")
    comparison.tables.refresh()
    assert slugs(settled(comparison, qtbot)) == ["a", STARTER]
    assert comparison.tables.get("b") is None


def test_a_table_imported_anew_answers_anew(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "A")
    comparison.show(GIRL_QUERY)
    before = settled(comparison, qtbot).columns[0].ranks
    with library.adding("A", replaces="a") as new:
        other = TableLibrary(library.root.parent / "other")
        folder = other.folder(add_little(other, "A", vectors=little_vectors(seed=9)))
        for file in ("tokenizer.json", "table.safetensors"):
            (folder / file).rename(new.folder / file)
    comparison.tables.refresh()
    assert settled(comparison, qtbot).columns[0].ranks != before


def test_at_most_four_tables_stay_open_beside_the_one_of_the_search_page(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    names = [add_little(library, name) for name in "ABCDEF"]
    comparison.show(GIRL_QUERY)
    for name in names:
        comparison.set_encoder(0, name)
        settled(comparison, qtbot)
    opened = [name for name in names if comparison.tables.get(name) is not None]
    assert len(opened) == 4 and {names[-1], slugs(comparison)[1]} <= set(opened)


def test_tables_are_let_go_when_the_page_was_left_for_long_and_come_back(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "A")
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    comparison._left.setInterval(0)
    comparison.hide()
    qtbot.waitUntil(lambda: comparison.tables.get("a") is None)
    comparison.show(Query("boy"))
    assert not comparison.is_current
    assert [(column.vocabulary, column.results) for column in comparison.columns] == [
        (None, None)
    ] * 2, "an answer to the former query is none to this one"
    settled(comparison, qtbot)
    answers = [column.results for column in comparison.columns]
    assert all(answer and answer.query.text == "boy" for answer in answers)


def wait(free: Event, job: Job) -> None:
    free.wait(LONG_MS / 1000)


def test_an_older_answer_goes_when_the_new_one_is_late(library: TableLibrary, qtbot: QtBot) -> None:
    add_little(library, "A")
    worker, free = Worker(), Event()
    comparison = Comparison(OpenTables(library, Settings(), worker), worker, GIRL_QUERY)
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    worker.submit("what takes long", wait, free)
    comparison.set_text("boy")
    assert not comparison.is_current and all(one.results for one in comparison.columns)
    qtbot.waitUntil(lambda: not any(one.results for one in comparison.columns), timeout=LONG_MS)
    assert not comparison.is_current and all(one.vocabulary for one in comparison.columns)
    assert "girl" not in comparison.exported()
    free.set()
    settled(comparison, qtbot)
    assert all(one.results for one in comparison.columns)
    worker.close()


def test_a_damaged_table_says_so_in_its_column(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    slug = add_little(library, "A")
    comparison.show(GIRL_QUERY)
    (library.folder(slug) / "table.safetensors").write_bytes(b"noise")
    settled(comparison, qtbot)
    assert str(comparison.columns[0].problem)
    assert comparison.columns[1].ranks


def test_the_columns_are_written_with_the_ranks_that_the_others_give(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "One", ("girl", "boy", "sun"))
    add_little(library, "Two", ("girl", "boy", "star"))
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    rows = list(csv.DictReader(io.StringIO(comparison.exported())))
    assert [row["encoder"] for row in rows] == ["Two", "Two", "One", "One"]
    boys = [row for row in rows if row["text"] == "boy"]
    for row in boys:
        assert row["rank in encoder 1: Two"] == boys[0]["rank"]
        assert row["rank in encoder 2: One"] == boys[1]["rank"]
    assert [row["rank in encoder 2: One"] for row in rows if row["text"] == "star"] == [""]


def test_encoders_of_one_name_are_told_apart_in_the_file(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    for name in ("One", "Two"):
        library.rename(add_little(library, name), "CLIP-L")
    comparison.show(GIRL_QUERY)
    settled(comparison, qtbot)
    rows = list(csv.DictReader(io.StringIO(comparison.exported())))
    assert {row["encoder"] for row in rows} == {
        "CLIP-L · Two.safetensors",
        "CLIP-L · One.safetensors",
    }
    assert "rank in encoder 2: CLIP-L · One.safetensors" in rows[0]
