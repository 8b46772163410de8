"""History and tray: plain state."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tokensim_gui.state.history import History, Selection, Tray


def test_back_and_forward_walk_the_places_visited() -> None:
    history: History[str] = History()
    for place in ("a", "b", "b", "c"):
        history.visit(place)
    assert [history.back(), history.back(), history.back()] == ["b", "a", None]
    assert history.current == "a"
    assert [history.forward(), history.forward(), history.forward()] == ["b", "c", None]


def test_a_new_place_forgets_what_lay_ahead() -> None:
    history: History[str] = History()
    for place in ("a", "b"):
        history.visit(place)
    history.back()
    history.visit("c")
    assert not history.can_go_forward
    assert history.back() == "a"


def test_the_tray_holds_each_token_once_in_the_order_given() -> None:
    tray = Tray([5, 5, 3])
    tray.insert([7, 3], 0)
    assert tray.ids == (7, 3, 5)
    tray.toggle([5])
    assert tray.ids == (7, 3)
    tray.toggle([3, 9])
    assert tray.ids == (7, 3, 9)


def test_a_token_moves_within_the_tray() -> None:
    tray = Tray([1, 2, 3])
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
    tray = Tray()
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


def test_a_token_selected_on_another_page_is_forgotten_on_the_way_back() -> None:
    selection = Selection()
    selection.follow(5)
    selection.go_away()
    selection.choose(7)
    selection.choose(8)
    assert selection.token == 8
    selection.come_back()
    assert (selection.token, selection.is_chosen) == (5, False)


def test_a_new_answer_outlives_what_was_selected_before_another_page() -> None:
    selection = Selection()
    selection.choose(5)
    selection.go_away()
    selection.choose(7)
    selection.follow(9)
    selection.come_back()
    assert selection.token == 9
