"""The Compare page in the whole application."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import LONG_MS, Driver, focused
from made_tables import WORDS, add_like_starter, add_little, little_vectors
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QToolButton

from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.values import Query
from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]
SUNSET, GIRL = 3424, 1611  # words of CLIP


def compare(driver: Driver) -> Driver:
    driver.window.menus.actions[Action.PAGE_COMPARE].trigger()
    return driver


def settled(driver: Driver) -> Driver:
    comparison = driver.session.comparison
    driver.qtbot.waitUntil(lambda: comparison.is_current, timeout=LONG_MS)
    return driver


MODE = "Two checkpoints"


def two_checkpoints(driver: Driver) -> Driver:
    comparison = compare(driver).session.comparison
    parts = {
        part.text(): part for part in driver.window.pages.page("compare").findChildren(QPushButton)
    }
    driver.qtbot.mouseClick(parts[MODE], Qt.MouseButton.LeftButton)
    done = comparison.checkpoints
    driver.qtbot.waitUntil(lambda: done.moved is not None, timeout=LONG_MS)
    return driver


def test_with_one_encoder_the_page_says_what_to_open(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: asked.append(1) or ("", ""))
    page = compare(start()).window.pages.page("compare")
    assert page.no_other.isVisible() and not page.export.isVisible()
    page.no_other.findChildren(QPushButton)[0].click()
    assert asked


def test_without_another_encoder_one_can_be_fetched(start: Start) -> None:
    driver = compare(start())
    page = driver.window.pages.page("compare")
    buttons = {one.text(): one for one in page.no_other.findChildren(QPushButton)}
    buttons["Fetch an encoder…"].click()
    assert driver.window.pages.current() == "encoders"


def test_the_same_query_stands_side_by_side(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    page = settled(compare(start("girl").ready())).window.pages.page("compare")
    starter, little = page.several.columns[:2]
    assert starter.isVisible() and little.isVisible() and len(page.several.panes()) == 2
    assert page.several.bar.text() == "girl"
    shown = [list_.visible_ids() for list_ in page.several.panes()]
    assert all(shown)
    assert page.several.common.title() == "In the first 50 of both:"
    assert page.several.common.words()
    assert page.several.columns[1].facts() == "39 tokens · Little.safetensors"


def test_encoders_of_one_name_are_told_apart_on_their_buttons(start: Start) -> None:
    library = TableLibrary()
    for name in ("Base", "Tuned"):
        library.rename(add_little(library, name), "CLIP-L")
    driver = settled(compare(start("girl").ready()))
    page = driver.window.pages.page("compare")
    assert page.several.choosers[1].text() == "CLIP-L · Tuned.safetensors"
    two_checkpoints(driver)
    assert page.two.before.text() == "CLIP-L · Base.safetensors"
    assert page.two.after.text() == "CLIP-L · Tuned.safetensors"


def test_typing_asks_all_encoders_and_a_word_is_selected_in_all(start: Start) -> None:
    driver = start("girl").ready()
    add_little(TableLibrary(), "Little", ("sun", "girls", "boy", "girl"))
    several = settled(compare(driver)).window.pages.page("compare").several
    driver.window.menus.actions[Action.FOCUS_BAR].trigger()
    field = several.bar.focusProxy()
    assert field is not None and field.hasFocus()
    driver.qtbot.keyClicks(field, "boy + girl")
    settled(driver)
    queries = [column.results.query.text for column in driver.session.comparison.columns]
    assert queries == ["boy + girl"] * 2
    row = several.models[0].row_of_word("girls")
    assert row is not None
    several.lists[0].selectRow(row)
    assert several.models[1].word(several.lists[1].currentIndex().row()) == "girls"


def test_a_word_that_all_have_is_one_click_away(start: Start) -> None:
    add_little(TableLibrary(), "Little", ("sun", "girls", "boy", "woman", "girl"))
    driver = settled(compare(start("girl").ready()))
    several = driver.window.pages.page("compare").several
    word = several.common.words()[-1]
    button = next(b for b in several.common.findChildren(QPushButton) if b.text() == word)
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    rows = [tokens.currentIndex().row() for tokens in several.panes()]
    assert [m.word(r) for m, r in zip(several.models, rows, strict=False)] == [word, word]


def test_lines_join_the_rows_of_each_word_that_both_lists_have(start: Start) -> None:
    add_little(TableLibrary(), "Little", ("sun", "girls", "boy", "woman", "girl"))
    driver = settled(compare(start("girl").ready()))
    several = driver.window.pages.page("compare").several
    left, gap = several.lists[0], several.gaps[0]
    QApplication.sendPostedEvents()

    def is_joined(row: int) -> bool:
        middle = QPoint(0, left.rowViewportPosition(row) + left.rowHeight(row) // 2)
        y = gap.mapFrom(driver.window, left.viewport().mapTo(driver.window, middle)).y()
        image = gap.grab().toImage()
        return any(image.pixel(7, y + by) != image.pixel(0, 0) for by in (-1, 0, 1))

    in_view = range(len(left.visible_ids()) - 1)
    assert any(is_joined(row) for row in in_view)
    assert [is_joined(row) for row in in_view] == [
        several.models[0].is_shared(row) for row in in_view
    ]
    left.verticalScrollBar().setValue(left.verticalScrollBar().value() + 1)
    in_view = range(left.rowAt(0), left.rowAt(0) + 5)
    assert [is_joined(row) for row in in_view] == [
        several.models[0].is_shared(row) for row in in_view
    ]


def test_encoders_that_hold_the_same_vectors_are_said_to(start: Start) -> None:
    library = TableLibrary()
    for name in ("Base", "Copy"):
        add_little(library, name)
    driver = settled(compare(start("girl").ready()))
    driver.session.comparison.set_encoder(0, "base")
    several = settled(driver).window.pages.page("compare").several
    driver.qtbot.waitUntil(lambda: "hold the same" in several.caption(), timeout=LONG_MS)
    assert several.caption() == "Base and Copy hold the same vectors."


def test_space_puts_a_word_into_the_tray_whichever_list_it_is_in(start: Start) -> None:
    add_little(TableLibrary(), "Little", ("sun", "boy", "girl", "cat"))
    driver = settled(compare(start("cat").ready()))
    several = driver.window.pages.page("compare").several
    little = several.lists[1]
    driver.session.search.change_tray(lambda tray: tray.clear())
    for word in ("boy", "girl", "sun"):
        row = several.models[1].row_of_word(word)
        assert row is not None
        little.selectRow(row)
        driver.qtbot.keyClick(little, Qt.Key.Key_Space)
    front = driver.session.tables.vocabulary
    ids = [front.id_of_piece(f"{word}</w>") for word in ("boy", "girl", "sun")]
    assert driver.session.search.tray == tuple(ids)
    driver.qtbot.keyClick(little, Qt.Key.Key_Space)
    assert driver.session.search.tray == tuple(ids[:2])


def test_enter_looks_a_token_up_in_its_own_encoder(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = settled(compare(start("girl").ready()))
    several = driver.window.pages.page("compare").several
    driver.window.menus.actions[Action.NEXT_PANE].trigger()
    driver.window.menus.actions[Action.NEXT_PANE].trigger()
    assert several.lists[1].hasFocus()
    word = several.models[1].text(0, 0)
    driver.qtbot.keyClick(several.lists[1], Qt.Key.Key_Return)
    assert driver.page.isVisible()
    driver.qtbot.waitUntil(lambda: driver.session.tables.info.name == "Little", timeout=LONG_MS)
    assert driver.ready().session.search.query.text == word


def test_copy_takes_the_tokens_of_the_list_in_use(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = settled(compare(start("girl").ready()))
    tokens = driver.window.pages.page("compare").several.lists[1]
    tokens.focus_first_row()
    tokens.selectRow(0)
    driver.window.menus.actions[Action.COPY].trigger()
    word = driver.window.pages.page("compare").several.models[1].text(0, 0)
    assert QGuiApplication.clipboard().text() == word


def test_what_is_compared_is_exported(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = settled(compare(start("girl").ready()))
    target = tmp_path / "written.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    driver.window.pages.page("compare").export.click()
    lines = target.read_text("utf-8").splitlines()
    assert lines[0].startswith("encoder,rank,id,piece,text")
    assert driver.said() == f"Wrote {len(lines) - 1:,} rows to {target}."
    other = tmp_path / "written.tsv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    target.write_text("nobody was asked about this one")
    driver.window.pages.page("compare").export.click()
    assert "ends in .csv" in driver.said() and not other.exists()
    assert target.read_text() == "nobody was asked about this one"


def test_a_new_answer_is_shown_from_its_best_row(start: Start) -> None:
    add_like_starter(TableLibrary(), "Other", {})
    driver = settled(compare(start("girl").ready()))
    driver.window.resize(900, 600)
    lists = driver.window.pages.page("compare").several.lists[:2]
    QApplication.sendPostedEvents()
    for tokens in lists:
        tokens.scrollToBottom()
    assert all(tokens.rowAt(0) > 0 for tokens in lists)
    driver.session.comparison.show(Query("sunset"))
    settled(driver)
    assert [tokens.rowAt(0) for tokens in lists] == [0, 0]


def test_which_words_a_fine_tune_learned_is_one_click(start: Start) -> None:
    library = TableLibrary()
    add_like_starter(library, "Base", {})
    add_like_starter(library, "Tuned", {SUNSET: GIRL})
    driver = two_checkpoints(start().ready())
    view = driver.window.pages.page("compare").two
    assert view.count() == "1 of 49,408 moved beyond the rounding of F16"
    assert view.list.visible_ids() == [SUNSET]
    driver.qtbot.waitUntil(lambda: SUNSET in view.model.nearest, timeout=LONG_MS)
    assert view.model.text(0, 4) == "girl"
    assert view.model.text(0, 3) != "girl"


def test_tab_goes_through_two_checkpoints_as_they_are_read(start: Start) -> None:
    library = TableLibrary()
    add_like_starter(library, "Base", {})
    add_like_starter(library, "Tuned", {SUNSET: GIRL})
    driver = two_checkpoints(start().ready())
    page = driver.window.pages.page("compare")
    view = page.two
    view.before.setFocus()
    passed = []
    for _ in range(7):
        driver.qtbot.keyClick(focused(), Qt.Key.Key_Tab)
        passed.append(focused())
    chosen = next(part for part in page.findChildren(QPushButton) if part.text() == MODE)
    assert passed[0] is view.after and passed[1].text() == "Swap" and passed[2] is chosen
    assert passed[3:] == [view.filter, page.export, view.map, view.list]


def test_what_moved_is_an_arrow_on_the_map_and_chosen_there_or_in_the_list(start: Start) -> None:
    library = TableLibrary()
    add_like_starter(library, "Base", {})
    add_like_starter(library, "Tuned", {SUNSET: GIRL, SUNSET + 1: GIRL, SUNSET + 2: GIRL})
    driver = two_checkpoints(start().ready())
    view = driver.window.pages.page("compare").two
    front = driver.session.tables.vocabulary
    assert view.map.isVisible() and "arrows" in view.map.accessibleDescription()
    assert view.map.position_of(SUNSET) is not None
    sunsets = front.ids_of_text("sunsets")[0]  # stayed, and is near to where sunset lay
    assert view.map.position_of(sunsets) is not None
    view.list.selectRow(view.model.row_of(SUNSET))
    assert view.map.accessibleDescription().startswith("sunset. ")
    first = view.list.visible_ids()[0]
    driver.qtbot.keyClick(view.map, Qt.Key.Key_Home)
    assert view.list.selected_ids() == [first]
    driver.qtbot.keyClick(view.map, Qt.Key.Key_Space)
    assert driver.session.search.tray[-1:] == (first,)
    driver.window.resize(560, 480)
    assert not view.map.isVisible() and view.list.isVisible()


def test_the_list_of_a_fine_tune_is_filtered(start: Start) -> None:
    library = TableLibrary()
    vectors = little_vectors()
    add_little(library, "Base", vectors=vectors)
    add_little(library, "Tuned", vectors=np.roll(vectors, 1, axis=0))
    driver = two_checkpoints(start().ready())
    view = driver.window.pages.page("compare").two
    driver.window.menus.actions[Action.FOCUS_FILTER].trigger()
    driver.qtbot.keyClicks(view.filter, "gir")
    texts = [view.model.text(row, 0) for row in range(view.model.rowCount())]
    assert sorted(texts) == ["Girl", "girl"]
    assert view.count().startswith("2 shown · ")
    driver.qtbot.keyClicks(view.filter, "(/")
    assert view.message() == "No token that moved passes this filter."


def test_a_click_on_a_header_sorts_what_moved_and_keeps_the_selection(start: Start) -> None:
    library = TableLibrary()
    vectors = little_vectors()
    add_little(library, "Base", vectors=vectors)
    add_little(library, "Tuned", vectors=np.roll(vectors, 1, axis=0) * 1.5)
    driver = two_checkpoints(start().ready())
    view = driver.window.pages.page("compare").two
    header = view.list.horizontalHeader()
    by_distance = view.list.visible_ids()
    view.list.selectRow(2)

    def click(column: int) -> list[str]:
        where = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        driver.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
        return [view.model.text(row, 0) for row in range(view.model.rowCount())]

    def titles() -> list[str]:
        return [
            view.model.headerData(column, Qt.Orientation.Horizontal)
            for column in range(view.model.columnCount())
        ]

    assert titles()[0] == "Token"
    names = click(0)
    assert names == sorted(names, key=str.casefold)
    assert titles()[0] == "Token ▴"
    assert view.list.selected_ids() == [by_distance[2]]
    click(4)  # not known of all rows
    assert view.list.visible_ids()[:5] == by_distance[:5] and header.sortIndicatorSection() == -1
    assert not any("▴" in title or "▾" in title for title in titles())


def test_a_fine_tune_that_left_the_tokens_alone_says_so(start: Start) -> None:
    library = TableLibrary()
    for name in ("Base", "Tuned"):
        add_little(library, name)
    view = two_checkpoints(start().ready()).window.pages.page("compare").two
    assert view.message() == (
        "Not one of 39 token vectors moved: this fine-tune left Base’s tokens alone."
    )


def test_without_a_pair_the_page_says_what_to_open(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = compare(start().ready())
    driver.session.comparison.set_mode("checkpoints")
    assert driver.window.pages.page("compare").no_pair.isVisible()


def test_a_table_imported_meanwhile_appears(start: Start) -> None:
    driver = compare(start("girl").ready())
    add_little(TableLibrary(), "Little", WORDS)
    driver.session.encoders.changed.emit()
    assert settled(driver).window.pages.page("compare").several.isVisible()


def test_more_encoders_stand_beside_the_first_two_and_can_be_taken_out(start: Start) -> None:
    library = TableLibrary()
    for name in ("One", "Two", "Three"):
        add_little(library, name, WORDS)
    driver = settled(compare(start("girl").ready()))
    page = driver.window.pages.page("compare")
    for count in (3, 4):
        driver.qtbot.mouseClick(page.add, Qt.MouseButton.LeftButton)
        settled(driver)
        lists = page.several.panes()
        assert len(lists) == count and all(tokens.isVisible() for tokens in lists)
        assert all(tokens.visible_ids() for tokens in lists)
    assert not page.add.isEnabled()
    fourth = page.several.panes()[3]
    fourth.selectRow(0)
    assert page.several.selected_ids() == fourth.selected_ids()
    take_out = next(b for b in page.several.columns[3].findChildren(QToolButton) if b.text() == "×")
    driver.qtbot.mouseClick(take_out, Qt.MouseButton.LeftButton)
    assert not fourth.isVisible() and len(page.several.panes()) == 3


def test_keys_typed_while_the_encoders_are_opened_are_kept_and_answered(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = compare(start("girl").ready())
    comparison = driver.session.comparison
    page = driver.window.pages.page("compare")
    field = driver.window.focusWidget()
    assert field is page.several.bar.focusProxy()  # the first of the page, and of its Tab order
    field.selectAll()
    assert not comparison.is_current
    for letter in "sunset":
        driver.qtbot.keyClicks(field, letter)
    settled(driver)
    assert page.several.bar.text() == "sunset"
    asked = [column.results.query.text for column in comparison.columns if column.results]
    assert asked == ["sunset", "sunset"]
    assert all(tokens.visible_ids() for tokens in page.several.panes())


def test_a_fault_of_the_query_is_said_under_the_bar_and_not_in_every_list(start: Start) -> None:
    add_little(TableLibrary(), "Little", WORDS)
    driver = settled(compare(start("girl").ready()))
    several = driver.window.pages.page("compare").several
    several.bar.write("girl * boy")
    sentence = "The * at character 6 needs a number on one side."

    def said() -> list[QLabel]:
        labels = driver.window.pages.page("compare").findChildren(QLabel)
        return [one for one in labels if one.isVisible() and sentence in one.text()]

    driver.qtbot.waitUntil(lambda: len(said()) == 1, timeout=LONG_MS)
    assert several.chips.isAncestorOf(said()[0])
    assert not any(column.message() for column in several.columns)


def test_the_switch_of_the_two_ways_stays_under_the_mouse(start: Start) -> None:
    library = TableLibrary()
    for name in ("Base", "Tuned"):
        add_little(library, name)
    driver = settled(compare(start("girl").ready()))
    page = driver.window.pages.page("compare")
    parts = {part.text(): part for part in page.findChildren(QPushButton)}
    part = parts[MODE]
    before = part.mapTo(page, QPoint())
    part.click()
    QApplication.sendPostedEvents()
    driver.qtbot.waitUntil(lambda: page.two.isVisible(), timeout=LONG_MS)
    assert part.mapTo(page, QPoint()) == before
