"""A fine-tune beside its base: which tokens moved, how far, and where to."""

import csv
import io

import numpy as np
import pytest
from made_tables import WORDS, add_little, little_vectors
from pytestqt.qtbot import QtBot

from tests.state.comparing import GIRL_QUERY, LONG_MS, OTHERS, compared
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.state.comparison import Comparison

BASE = little_vectors()
GIRL, BOY, CAT, SUN, MOON = (
    1 + WORDS.index(word) for word in ("girl", "boy", "cat", "sun", "moon")
)


def fine_tune() -> np.ndarray:
    """The base, where ``boy`` is near ``cat``, ``sun`` is longer, and nothing else moved."""
    vectors = BASE.copy()
    vectors[BOY] = 0.1 * BASE[BOY] + BASE[CAT]
    vectors[SUN] *= 2
    return vectors


def test_tokens_that_moved_are_listed_farthest_first(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Tuned", vectors=fine_tune())
    pair = compared(comparison, qtbot).checkpoints
    assert pair.before and pair.after and pair.moved and pair.lengths
    assert (pair.before.name, pair.after.name, pair.coarser) == ("Base", "Tuned", "F16")
    assert pair.moved.order.tolist() == [BOY, SUN]
    assert pair.lengths[1][SUN] == pytest.approx(2 * pair.lengths[0][SUN])


def test_a_pair_says_what_was_quantised(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Same", vectors=BASE)
    assert compared(comparison, qtbot).checkpoints.quantised == ""
    add_little(library, "Small", vectors=BASE, stored="Q4_K")
    pair = compared(comparison, qtbot).checkpoints
    assert pair.after is not None and pair.after.name == "Small"
    assert pair.quantised == "Small was Q4_K in its file: what moved may be that rounding."
    for slug in ("base", "small"):
        library.rename(slug, "CLIP-L")
    named = "CLIP-L · Small.safetensors was Q4_K in its file"
    assert compared(comparison, qtbot).checkpoints.quantised.startswith(named)


def test_what_a_token_is_nearest_to_is_looked_for_when_it_is_asked(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Tuned", vectors=fine_tune())
    pair = compared(comparison, qtbot).checkpoints
    assert pair.nearest == {}
    wanted = [BOY, SUN, *range(1, 10)]
    pair.want_nearest(wanted)
    qtbot.waitUntil(lambda: all(token in pair.nearest for token in wanted), timeout=LONG_MS)
    unit = BASE / np.linalg.norm(BASE, axis=1)[:, None]
    similar = unit[1 : 1 + len(WORDS)] @ unit[BOY]
    similar[BOY - 1] = -1
    assert pair.nearest[BOY] == (1 + int(similar.argmax()), CAT)


def test_swapping_asks_the_other_way_round(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Tuned", vectors=fine_tune())
    pair = compared(comparison, qtbot).checkpoints
    pair.swap()
    assert pair.moved is None and pair.before and pair.before.name == "Tuned"
    qtbot.waitUntil(lambda: pair.moved is not None, timeout=LONG_MS)
    assert pair.lengths is not None
    assert pair.lengths[1][SUN] == pytest.approx(pair.lengths[0][SUN] / 2)


def test_only_tables_of_one_vocabulary_and_size_are_offered_as_a_pair(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Other words", OTHERS)
    add_little(library, "Wider", vectors=np.hstack([BASE, BASE]))
    comparison.show(GIRL_QUERY)
    comparison.set_mode("checkpoints")
    assert comparison.checkpoints.bases() == [] and comparison.checkpoints.before is None
    add_little(library, "Tuned", vectors=fine_tune())
    comparison.tables.refresh()
    assert [info.name for info in comparison.checkpoints.bases()] == ["Base", "Tuned"]
    qtbot.waitUntil(lambda: comparison.checkpoints.moved is not None, timeout=LONG_MS)


def test_other_words_behind_the_same_ids_are_told_in_one_sentence(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    words = tuple("tree" if word == "cat" else word for word in WORDS)
    add_little(library, "Foreign", words, BASE)
    problem = compared(comparison, qtbot).checkpoints.problem
    assert str(problem) == (
        f"Base and Foreign don’t share a vocabulary: #{CAT} is “cat” in one and “tree” in the "
        "other. Choose two checkpoints of one encoder."
    )


def test_choosing_another_base_keeps_the_fine_tune_if_it_fits(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    for name in ("A", "B", "C"):
        add_little(library, name, vectors=BASE)
    for name in ("X", "Y"):
        add_little(library, name, OTHERS)
    pair = compared(comparison, qtbot).checkpoints

    def names() -> tuple[str, str]:
        assert pair.before is not None and pair.after is not None
        return pair.before.name, pair.after.name

    assert names() == ("A", "C")
    pair.set_before("b")
    assert names() == ("B", "C")
    pair.set_after("b")
    assert names() == ("C", "B")
    pair.set_before("x")
    assert names() == ("X", "Y")
    qtbot.waitUntil(lambda: pair.moved is not None, timeout=LONG_MS)


def test_leaving_the_page_frees_the_worker_and_coming_back_goes_on(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Tuned", vectors=fine_tune())
    comparison.show(GIRL_QUERY)
    comparison.set_mode("checkpoints")
    comparison.hide()
    comparison.show(GIRL_QUERY)
    qtbot.waitUntil(lambda: comparison.checkpoints.moved is not None, timeout=LONG_MS)


def test_the_tokens_that_moved_are_written_with_their_lengths(
    comparison: Comparison, library: TableLibrary, qtbot: QtBot
) -> None:
    add_little(library, "Base", vectors=BASE)
    add_little(library, "Tuned", vectors=fine_tune())
    pair = compared(comparison, qtbot).checkpoints
    pair.want_nearest([BOY])
    qtbot.waitUntil(lambda: BOY in pair.nearest, timeout=LONG_MS)
    rows = list(csv.DictReader(io.StringIO(comparison.exported())))
    assert [row["text"] for row in rows] == ["boy", "sun"]
    assert rows[0]["nearest_after"] == "cat" and rows[1]["nearest_after"] == ""
    assert float(rows[1]["length_after"]) == pytest.approx(2 * float(rows[1]["length_before"]))
