"""The tray: kept through changes of encoder, and by several windows at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import add_little

from tokensim_gui.core import paths
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.tray_tokens import Tray, TrayToken, as_json, merged, tray_log

GIRL = 1611
CLIP = Vocabulary.load(paths.resource("starter"))


def tray_of(ids: Sequence[int]) -> Tray:
    return Tray(tray_log(list(ids)), CLIP)


def texts(tray: Tray) -> list[str]:
    return [token.text for token in tray.tokens]


@pytest.fixture
def little(tmp_path: Path) -> Vocabulary:
    library = TableLibrary(tmp_path)
    return Vocabulary.load(library.folder(add_little(library, "Little")))


def test_the_tray_holds_each_token_once_in_the_order_given() -> None:
    tray = tray_of([5, 5, 3])
    tray.insert([7, 3], 0)
    assert tray.ids == (7, 3, 5)
    tray.toggle([5])
    assert tray.ids == (7, 3)
    tray.toggle([3, 9])
    assert tray.ids == (7, 3, 9)


def test_a_token_moves_within_the_tray() -> None:
    tray = tray_of([1, 2, 3])
    tray.insert([1], 3)
    assert tray.ids == (2, 3, 1)
    tray.insert([1], 0)
    assert tray.ids == (1, 2, 3)


changes = st.lists(
    st.tuples(
        st.sampled_from(["toggle", "insert", "remove"]),
        st.lists(st.integers(0, 6), max_size=3),
        st.integers(0, 7),
    ),
    max_size=12,
)


@settings(deadline=None, derandomize=True)
@given(changes)
def test_every_change_of_the_tray_can_be_undone(steps: list[tuple[str, list[int], int]]) -> None:
    tray = tray_of([])
    seen = [tray.ids]
    for change, ids, position in steps:
        if change == "insert":
            tray.insert(ids, position)
        else:
            getattr(tray, change)(ids)
        assert len(set(tray.ids)) == len(tray.ids)
        if tray.ids != seen[-1]:
            seen.append(tray.ids)
    while len(seen) > 1:
        assert tray.ids == seen.pop()
        tray.undo()
    assert tray.ids == () and not tray.can_undo


def test_a_change_of_encoder_keeps_words_as_words_and_loses_none(little: Vocabulary) -> None:
    names = ("girl", "sunsets", "moon")
    tray = tray_of([CLIP.id_of_piece(f"{name}</w>") or 0 for name in names])
    before = tray.ids
    tray.use(little)
    assert [little.display(token) for token in tray.ids] == ["girl", "moon"]
    assert [token.text for token in tray.absent] == ["sunsets"]
    assert texts(tray) == ["girl", "sunsets", "moon"]
    tray.use(CLIP)
    assert tray.ids == before and tray.absent == ()


def test_changes_on_another_encoder_leave_what_waits_where_it_is(little: Vocabulary) -> None:
    tray = tray_of([CLIP.id_of_piece(f"{name}</w>") or 0 for name in ("sunsets", "girl")])
    tray.use(little)
    (girl,), moon = tray.ids, little.ids_of_text("moon")[0]
    tray.insert([moon], 2)
    tray.remove([girl])
    assert texts(tray) == ["sunsets", "moon"]
    tray.undo()
    tray.move(2, 0)
    assert texts(tray) == ["moon", "sunsets", "girl"]
    tray.remove_at(1)
    tray.use(CLIP)
    assert [CLIP.display(token) for token in tray.ids] == ["moon", "girl"]


def test_a_token_of_another_encoder_comes_in_as_the_one_in_front_has_it(
    little: Vocabulary,
) -> None:
    tray = tray_of([GIRL])
    capital, girl, boy = (little.ids_of_text(text)[0] for text in ("Girl", "girl", "boy"))
    tray.toggle_of(little, [girl, boy, capital])
    assert tray.ids == (GIRL, CLIP.id_of_piece("boy</w>"))
    assert texts(tray) == ["girl", "boy", "Girl"]
    assert [token.text for token in tray.absent] == ["Girl"]
    tray.toggle_of(little, [girl, capital])
    assert texts(tray) == ["boy"]
    tray.undo()
    assert texts(tray) == ["girl", "boy", "Girl"]


def test_a_token_that_was_put_in_elsewhere_is_found_again_and_taken_out(
    little: Vocabulary,
) -> None:
    tray = Tray(tray_log([]), little)
    boy = little.ids_of_text("boy")[0]
    tray.insert([boy], 0)
    tray.use(CLIP)
    tray.toggle_of(little, [boy])
    assert tray.tokens == ()


def test_what_is_kept_is_read_back_and_damage_is_refused() -> None:
    tray = tray_of([2368, 1611])
    tray.remove([1611])
    assert tray_log(as_json(tray.log)) == tray.log
    assert Tray(tray_log(as_json(tray.log)), CLIP).ids == (2368,)
    for damaged in ("x", [-1], [True], [[True, 0, 1, "a"]], [[1, 0, 1, "a", "a", "word"]]):
        with pytest.raises(ValueError, match="is no"):
            tray_log(damaged)


def windows(times: Callable[[], float], kept: Settings, count: int) -> list[tuple[Settings, Tray]]:
    found = []
    for _ in range(count):
        own = Settings()
        found.append((own, Tray(own.tray, CLIP, times)))
    return found


def test_two_windows_keep_what_either_added_and_what_either_removed() -> None:
    clock = iter(range(1, 1000))
    start = Settings()
    start.set("tray", tray_of([2368, 1611]).log)
    (one_settings, one), (other_settings, other) = windows(lambda: next(clock), start, 2)
    one.toggle([1929])
    one_settings.set("tray", one.log)
    other.toggle([2242])
    other.remove([2368])
    other_settings.set("tray", other.log)
    one.toggle([525])
    one_settings.set("tray", one.log)
    assert set(Tray(Settings().tray, CLIP).ids) == {1611, 1929, 2242, 525}


def test_a_token_added_again_after_its_removal_stays() -> None:
    clock = iter(range(1, 1000))
    one, other = (Tray((), CLIP, lambda: next(clock)) for _ in range(2))
    one.toggle([2368])
    other.toggle([2368])
    one.toggle([2368])
    assert Tray(merged(other.log, one.log), CLIP).ids == ()
    other.toggle([2368])
    other.toggle([2368])
    assert Tray(merged(one.log, other.log), CLIP).ids == (2368,)


def test_rows_without_names_are_kept_by_id(tmp_path: Path) -> None:
    bare = Vocabulary.build(None, 1000)
    token = TrayToken.of(bare, 7)
    assert token.find(bare) == 7
    assert token.find(CLIP) is None
