"""History and selection: plain state."""

from tokensim_gui.state.history import History, Selection, merged_visits, visits


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


def test_a_token_selected_on_another_page_is_forgotten_on_the_way_back() -> None:
    away = Selection().follow(5).go_away().choose(7).choose(8)
    assert away.token == 8
    back = away.come_back()
    assert (back.token, back.is_chosen) == (5, False)


def test_a_new_answer_outlives_what_was_selected_before_another_page() -> None:
    selection = Selection().choose(5).go_away().choose(7).follow(9).come_back()
    assert selection.token == 9


def test_a_kept_history_leads_back_to_where_it_ended() -> None:
    history = History(["a", "b", "c"])
    assert (history.current, history.back(), history.back(), history.back()) == (
        "c",
        "b",
        "a",
        None,
    )
    assert History(["a", "b"]).visited == ["a", "b"]


def test_the_visits_of_two_windows_are_joined_by_their_times() -> None:
    others, own = ((1.0, "cat"), (4.0, "dog")), ((2.0, "sun"), (5.0, "cat"))
    assert merged_visits(others, own) == ((2.0, "sun"), (4.0, "dog"), (5.0, "cat"))
    assert visits([[2, "sun"], (5.0, "cat")]) == ((2.0, "sun"), (5.0, "cat"))
