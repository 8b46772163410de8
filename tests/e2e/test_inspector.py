"""The inspector and the list of the Search page, in the real window."""

from collections.abc import Callable

import numpy as np
from driver import LONG_MS, Driver
from made_tables import add_little
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.search.inspecting import near_one, near_several
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.ui.search_page.filtered_strip import FilteredStrip

LEFT = Qt.MouseButton.LeftButton


def button(driver: Driver, words: str) -> QPushButton:
    found = driver.page.inspector.findChildren(QPushButton)
    return next(b for b in found if b.text() == words and b.isVisible())


def words(driver: Driver) -> str:
    """All that the inspector says."""
    labels = driver.page.inspector.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def select_rows(driver: Driver, rows: range) -> list[int]:
    """Select rows as Shift does, and give their tokens."""
    view = driver.page.table.focusProxy()
    driver.page.table.go_to_top()
    flag = QItemSelectionModel.SelectionFlag
    for row in rows:
        view.selectionModel().select(view.model().index(row, 0), flag.Select | flag.Rows)
    return driver.page.table.selected_ids()


def test_what_is_near_the_selected_token_follows_by_itself(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("garden")
    near = tokensim.page.card.near
    token = tokensim.session.search.selection
    qtbot.waitUntil(lambda: len(near.lines) == 5, timeout=LONG_MS)
    assert token not in [line.token for line in near.lines]
    shares = [line.share for line in near.lines]
    assert shares[0] == 1.0 and shares == sorted(shares, reverse=True)
    second = near.lines[1].token
    qtbot.mouseClick(near, LEFT, pos=QPoint(5, 30))
    assert tokensim.session.search.selection == second


def test_keys_only_put_off_what_is_near_the_selected_token(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("garden")
    search, near = tokensim.session.search, tokensim.page.card.near
    field = tokensim.window.search.bar.focusProxy()
    for letter in " by the sea at night with an old man":
        qtbot.keyClick(field, letter)
        qtbot.waitUntil(lambda: search.is_current, timeout=LONG_MS)
    engine, token = tokensim.session.tables.front.engine, search.selection
    found = near_one(engine, token, "cosine", Job()).ids.tolist()
    qtbot.waitUntil(lambda: [line.token for line in near.lines] == found, timeout=LONG_MS)


def test_one_word_typed_is_shown_with_what_it_costs_in_another_encoder(
    start: Callable[..., Driver], qtbot: QtBot
) -> None:
    add_little(TableLibrary(), "Little")
    driver = start().ready()
    driver.type("girl")
    results = driver.session.search.results
    assert results is not None
    assert driver.session.search.selection == results.own[0].id == 1611
    assert not driver.page.table.holds(1611) and "Not in this list." not in words(driver)
    qtbot.waitUntil(lambda: "Little 1 token" in words(driver), timeout=LONG_MS)
    driver.type("cute + girl")
    assert driver.session.search.selection == driver.page.table.shown_ids()[0]
    button(driver, "Get more encoders").click()
    assert driver.window.pages.current() == "encoders"


def test_a_text_of_several_tokens_says_what_all_of_it_costs_until_one_is_selected(
    start: Callable[..., Driver], qtbot: QtBot
) -> None:
    add_little(TableLibrary(), "Little")
    driver = start().ready()
    driver.type("girlcat")
    said = "“girlcat” in other encoders Little 4 tokens"
    qtbot.waitUntil(lambda: said in words(driver), timeout=LONG_MS)
    driver.session.search.select(driver.session.search.selection)  # which a click on it does
    qtbot.waitUntil(lambda: said not in words(driver), timeout=LONG_MS)
    driver.session.search.select(2368)
    qtbot.waitUntil(lambda: "In other encoders Little 1 token" in words(driver), timeout=LONG_MS)


def test_what_is_near_stays_while_other_answers_come_and_follows_the_measure(
    tokensim: Driver, qtbot: QtBot
) -> None:
    near = tokensim.page.card.near
    tokensim.session.search.select(tokensim.page.table.shown_ids()[0])
    qtbot.waitUntil(lambda: len(near.lines) == 5, timeout=LONG_MS)
    before = near.lines
    tokensim.session.search.set_option("count", 100)
    tokensim.ready()
    assert near.lines == before
    tokensim.session.search.set_option("metric", "dot")
    qtbot.waitUntil(lambda: not near.lines[0].right.endswith("%"), timeout=LONG_MS)


def test_several_tokens_are_set_beside_random_pairs(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("cat")
    chosen = select_rows(tokensim, range(4))
    qtbot.waitUntil(lambda: "random pairs" in words(tokensim), timeout=LONG_MS)
    front = tokensim.session.tables.front
    assert front is not None and len(chosen) == 4
    unit = front.table.vectors(np.array(chosen)) / front.table.norms[chosen][:, None]
    pairs = (unit @ unit.T)[np.triu_indices(4, 1)]
    together = near_several(front.engine, front.table, tuple(chosen), Job())
    assert np.isclose(together.alike, pairs.mean()) and together.random < together.alike
    assert f"{pairs.mean():.2%}" in words(tokensim)
    assert not set(chosen) & {line.token for line in tokensim.page.inspector.several.near.lines}
    button(tokensim, "Add 4 to tray").click()
    assert button(tokensim, "Remove 4 from tray").isEnabled()
    assert tokensim.session.search.tray == tuple(tokensim.session.inspected.tokens)
    button(tokensim, "Search their mean").click()
    assert tokensim.page.bar.text().endswith(") / 4")
    tokensim.ready()


def test_how_to_begin_stands_below_the_first_card_until_something_is_done(
    tokensim: Driver, qtbot: QtBot
) -> None:
    assert "How to begin" in words(tokensim) and tokensim.page.card.isVisible()
    tokensim.window.resize(1400, 600)
    qtbot.waitUntil(lambda: "How to begin" not in words(tokensim))
    tokensim.window.resize(1400, 900)
    qtbot.waitUntil(lambda: "How to begin" in words(tokensim))
    tokensim.session.search.select(tokensim.session.search.selection)  # which a click does
    assert "How to begin" not in words(tokensim)
    tokensim.type("cat")
    assert "How to begin" not in words(tokensim) and tokensim.page.card.isVisible()


def test_nothing_selected_says_how_to_begin_and_nothing_found_says_nothing(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.session.search.set_text("")
    tokensim.session.search.select(None)
    assert "How to begin" in words(tokensim)
    tokensim.type("cat")
    assert "How to begin" not in words(tokensim)
    tokensim.page.filter_bar._text.setText("qqqzzzqqq")
    qtbot.waitUntil(lambda: not tokensim.page.table.shown_ids(), timeout=LONG_MS)
    assert words(tokensim) == ""
    button_ = tokensim.page.filter_bar._all
    assert button_.isVisible()
    button_.click()
    qtbot.waitUntil(lambda: bool(words(tokensim)), timeout=LONG_MS)


def test_after_an_error_the_old_answer_is_dimmed(tokensim: Driver, qtbot: QtBot) -> None:
    veil = tokensim.page.panes._veil
    assert not veil.isVisible()
    tokensim.session.search.set_text("cat)")
    qtbot.waitUntil(veil.isVisible, timeout=LONG_MS)
    tokensim.session.search.set_text("cat")
    tokensim.ready()
    assert not veil.isVisible()


def test_letters_typed_in_the_list_begin_a_query(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.page.table.focus_first_row()
    qtbot.keyClicks(tokensim.page.table.focusProxy(), "d")
    qtbot.keyClicks(tokensim.page.bar.focusProxy(), "og")
    assert tokensim.page.bar.text() == "dog" and tokensim.page.bar.focusProxy().hasFocus()
    tokensim.ready()


def test_sorting_ends_with_the_third_click_and_with_the_next_query(
    tokensim: Driver, qtbot: QtBot
) -> None:
    table = tokensim.page.table
    header = table.focusProxy().horizontalHeader()
    ranked = table.shown_ids()
    place = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert table.shown_ids() == sorted(ranked)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert table.shown_ids() == sorted(ranked, reverse=True)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert table.shown_ids() == ranked
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    tokensim.type("dog")
    results = tokensim.session.search.results
    assert results is not None and table.shown_ids() == results.ids.tolist()


def test_a_square_stands_before_a_row_that_is_in_the_tray(tokensim: Driver) -> None:
    table = tokensim.page.table
    view = table.focusProxy()

    def square() -> bool:
        row = view.visualRect(view.model().index(3, 0))
        shot = view.viewport().grab().toImage()
        accent = shot.pixelColor(15, row.center().y() + 1)
        return accent.blue() > accent.red() + 50

    assert not square()
    token = table.shown_ids()[3]
    tokensim.session.search.change_tray(lambda tray: tray.toggle([token]))
    assert square()


def test_word_forms_are_left_out_from_the_filter_that_then_shows_a_dot(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("girl")
    assert "girls" in tokensim.names(20)
    assert "•" not in tokensim.page.filter_bar._button.text()
    tokensim.page.filter_bar._forms.trigger()
    tokensim.ready()
    assert "girls" not in tokensim.names(20)
    assert "•" in tokensim.page.filter_bar._button.text()


def test_a_filter_that_leaves_out_more_than_usual_is_seen_and_ended_by_a_click(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("cat")
    strip = tokensim.page.filter_bar.findChild(FilteredStrip)
    menus = tokensim.page.filter_bar.menus
    assert strip is not None and not strip.isVisible()
    next(action for action in menus["level"].actions() if action.data() == "emoji").trigger()
    tokensim.page.filter_bar._forms.trigger()
    tokensim.ready()
    assert "kitten" not in tokensim.names(200) and strip.isVisible()
    assert strip.findChild(QLabel).text() == "Filtered: Emoji, no word forms"
    qtbot.mouseClick(strip.findChild(QToolButton), LEFT)
    tokensim.ready()
    assert "kitten" in tokensim.names(20) and not strip.isVisible()
    assert tokensim.settings.filter_level == "alone"
    next(action for action in menus["level"].actions() if action.data() == "everything").trigger()
    assert not strip.isVisible()


def test_a_token_that_the_list_does_not_hold_is_said_to_be_elsewhere(tokensim: Driver) -> None:
    tokensim.type("garden")
    assert "Not in this list." not in words(tokensim)
    far = tokensim.session.tables.vocabulary.order[30_000]
    tokensim.session.search.select(int(far))
    assert "Not in this list." in words(tokensim)
    tokensim.session.search.set_view("vocabulary")
    tokensim.session.search.set_filter(TokenFilter())
    tokensim.ready()
    assert "Not in this list." not in words(tokensim)
    tokensim.session.search.set_filter(TokenFilter("zzzzzz"))
    assert "Not in this list." in words(tokensim)
