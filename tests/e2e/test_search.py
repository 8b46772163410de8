"""Searching in the real window."""

from collections.abc import Callable

import numpy as np
import pytest
from driver import LONG_MS, Driver, focused, press
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tokensim_gui.core.values import Results
from tokensim_gui.state.search import REST_MS
from tokensim_gui.state.settings import Settings
from tokensim_gui.ui import theme
from tokensim_gui.ui.tokens.token_drag import mime_data
from tokensim_gui.ui.window.actions import Action

Start = Callable[..., Driver]


def table_view(driver: Driver) -> object:
    view = driver.page.table.focusProxy()
    assert view is not None
    return view


def test_the_first_screen_is_drawn_before_anything_was_searched(start: Start) -> None:
    driver = start()
    assert driver.session.tables.front is None
    assert driver.page.bar.text() == "(cute + girl) / 2"
    assert "adorable" in driver.names()
    assert len(driver.page.table.shown_ids()) == 200


def test_the_drawn_first_screen_is_what_the_engine_answers(start: Start) -> None:
    driver = start()
    drawn = driver.page.table.shown_ids()
    driver.ready()
    assert driver.page.table.shown_ids() == drawn


def test_typing_replaces_the_first_query_and_the_answer_follows(tokensim: Driver) -> None:
    tokensim.type("cat")
    assert "kitten" in tokensim.names(8)
    results = tokensim.session.search.results
    assert results is not None and results.query.text == "cat"
    assert tokensim.session.search.selection == results.own[0].id


def test_all_that_an_answer_changes_is_painted_in_one_frame(tokensim: Driver, qtbot: QtBot) -> None:
    class Frames(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and answers:
                frames.append(len(frames))
            return False

    def rest() -> None:
        """Wait until what is near the token is there too, which is asked for later."""
        qtbot.waitUntil(lambda: near[-1:] == [tokensim.session.search.selection], timeout=LONG_MS)
        QApplication.processEvents()

    frames: list[int] = []
    answers: list[Results] = []
    near: list[int] = []
    tokensim.session.search.resultsChanged.connect(answers.append)
    tokensim.session.inspected.nearChanged.connect(lambda found: near.append(found.token))
    counter = Frames()
    tokensim.page.panes.installEventFilter(counter)
    tokensim.type("sunse")
    for key in ("t", " "):  # another token is selected, and then the same one
        rest()
        answers.clear()
        frames.clear()
        qtbot.keyClicks(focused(), key)
        qtbot.waitUntil(lambda: bool(frames), timeout=LONG_MS)
        QApplication.processEvents()  # had a part asked for another frame, it would come
        assert len(frames) == 1
    assert tokensim.session.search.query.text == "sunset "


def test_keys_typed_before_the_engine_is_ready_are_kept_and_answered(start: Start) -> None:
    driver = start()
    driver.type("dog")
    assert "dogs" in driver.names(8)


def test_a_newer_answer_is_never_replaced_by_an_older_one(tokensim: Driver, qtbot: QtBot) -> None:
    words = ["cat", "dog", "sun", "red", "king", "tree", "car", "sea"]
    asked = [tokensim.session.search.query.text]
    shown: list[int] = []

    def record(results: Results) -> None:
        shown.append(asked.index(results.query.text))

    tokensim.session.search.resultsChanged.connect(record)
    for number in range(200):
        text = f"{words[number % 8]} {words[number // 8 % 8]} {number}"
        asked.append(text)
        tokensim.session.search.set_text(text)
        if number % 3 == 0:
            QGuiApplication.processEvents()  # as typing lets the window breathe between keys
    qtbot.waitUntil(lambda: shown[-1:] == [200], timeout=LONG_MS)
    assert shown == sorted(set(shown))


def test_an_open_bracket_is_a_grey_hint_that_turns_into_an_error_when_typing_rests(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("(cute")
    results = tokensim.session.search.results
    assert results is not None and results.hint is not None
    assert results.hint.text == "A bracket is open; searching “cute” for now."
    with qtbot.waitSignal(
        tokensim.session.search.problemChanged, timeout=REST_MS * 10, check_params_cb=bool
    ) as problem:
        pass
    assert problem.args is not None
    assert str(problem.args[0]) == "The bracket at character 1 is never closed."
    assert tokensim.session.search.results is results


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("cat)", "bracket"),
        ("`banananana`", "As text it is 3 tokens"),
        ("#99999999", "49407"),
        ("cat - cat", "cancels out"),
        ("cat / 0", "zero"),
    ],
)
def test_a_wrong_query_gets_one_sentence_and_the_last_results_stay(
    tokensim: Driver, qtbot: QtBot, text: str, part: str
) -> None:
    before = tokensim.page.table.shown_ids()
    with qtbot.waitSignal(
        tokensim.session.search.problemChanged, timeout=LONG_MS, check_params_cb=bool
    ) as problem:
        tokensim.session.search.set_text(text)
    assert problem.args is not None
    sentence = str(problem.args[0])
    assert part in sentence and sentence.endswith((".", "!")) and "\n" not in sentence
    assert tokensim.page.table.shown_ids() == before


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "a\0b", "مرحبا", "😅👩‍👩‍👧", "\u202eabc", "(" * 70, "`", "+", "\\"]
)
def test_odd_queries_never_crash_and_the_next_one_is_answered(tokensim: Driver, text: str) -> None:
    tokensim.session.search.set_text(text)
    tokensim.ready()
    tokensim.session.search.set_text("cat")
    tokensim.ready()
    assert "kitten" in tokensim.names(8)


def test_a_click_on_a_row_selects_everywhere(tokensim: Driver, qtbot: QtBot) -> None:
    view = tokensim.page.table._view
    index = view.model().index(3, 0)
    qtbot.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center()
    )
    token = tokensim.page.table.shown_ids()[3]
    assert tokensim.session.search.selection == token
    assert tokensim.page.card._token_id == token


def test_a_range_is_taken_from_the_current_row_and_not_from_one_of_the_answer_before(
    tokensim: Driver, qtbot: QtBot
) -> None:
    view = table_view(tokensim)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def click(row: int, modifier: Qt.KeyboardModifier = none) -> None:
        place = view.visualRect(view.model().index(row, 0)).center()
        qtbot.mouseClick(view.viewport(), left, modifier, place)

    tokensim.type("cat")
    click(8)
    tokensim.type("castle")
    first = max(0, view.currentIndex().row())
    click(3, Qt.KeyboardModifier.ShiftModifier)
    rows = sorted(index.row() for index in view.selectionModel().selectedRows())
    assert rows == list(range(min(first, 3), max(first, 3) + 1))


def test_enter_looks_a_token_up_and_back_returns(tokensim: Driver, qtbot: QtBot) -> None:
    view = tokensim.page.table._view
    tokensim.page.table.focus_first_row()
    first = tokensim.names(1)[0]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert tokensim.page.bar.text() == first
    tokensim.ready()
    tokensim.session.search.go("back")
    assert tokensim.page.bar.text() == "(cute + girl) / 2"
    tokensim.session.search.go("forward")
    assert tokensim.page.bar.text() == first


@pytest.mark.parametrize(
    ("pieces", "copied", "sentence"),
    [
        (("cute</w>", "#</w>", "girl</w>"), "cute, girl",
         "Copied: cute, girl. Left out: A1111/Forge reads “#” as syntax."),
        (("#</w>",), None, "Nothing was copied: A1111/Forge reads “#” as syntax."),
        (("<|endoftext|>",), None, "Nothing copied. “<|endoftext|>” is a sign for the encoder: "
             "typed, it becomes #49407."),
        (("cute</w>", "<|endoftext|>"), "cute",
         "Copied: cute. Left out: nothing types “<|endoftext|>”."),
    ],
)  # fmt: skip
def test_what_a_prompt_can_not_hold_is_left_out_of_it_and_named(
    tokensim: Driver, pieces: tuple[str, ...], copied: str | None, sentence: str
) -> None:
    QGuiApplication.clipboard().setText("before")
    vocabulary = tokensim.session.tables.vocabulary
    ids = [token for piece in pieces if (token := vocabulary.id_of_piece(piece)) is not None]
    tokensim.session.clipboard.copy(ids)
    assert QGuiApplication.clipboard().text() == (copied or "before")
    assert tokensim.said() == sentence


def test_copy_puts_the_token_on_the_clipboard_as_it_must_be_typed(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.page.table.focus_first_row()
    qtbot.keyClick(tokensim.page.table._view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    name = tokensim.names(1)[0]
    assert QGuiApplication.clipboard().text() == name
    assert tokensim.said() == f"Copied “{name}”."


def test_a_part_copied_says_what_it_becomes_and_offers_a_word_that_holds_it(
    tokensim: Driver,
) -> None:
    post = tokensim.session.tables.vocabulary.id_of_piece("post")
    assert post == 3489
    tokensim.session.clipboard.copy([post])
    assert QGuiApplication.clipboard().text() == "post"
    assert "Typed alone it becomes #1549; it is #3489 only inside a word" in tokensim.said()


def test_plus_and_minus_on_a_row_extend_the_query(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("cat")
    tokensim.page.table.focus_first_row()
    name = tokensim.names(1)[0]
    qtbot.keyClicks(tokensim.page.table._view, "+")
    assert tokensim.page.bar.text() == f"cat + {name}"
    tokensim.ready()


def test_space_fills_the_tray_and_undo_empties_it(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.page.table.focus_first_row()
    qtbot.keyClick(tokensim.page.table._view, Qt.Key.Key_Space)
    token = tokensim.page.table.shown_ids()[0]
    assert tokensim.session.search.tray == (token,)
    qtbot.keyClick(tokensim.page.table._view, Qt.Key.Key_Delete)
    assert tokensim.session.search.tray == ()
    tokensim.session.search.step_tray(True)
    assert tokensim.session.search.tray == (token,)


def test_filters_apply_before_ranking(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.type("girl")
    everything = tokensim.session.search.results
    assert everything is not None
    with qtbot.waitSignal(tokensim.session.search.resultsChanged, timeout=LONG_MS):
        tokensim.page.filter_bar._text.setText("oy")
    tokensim.ready()
    results = tokensim.session.search.results
    assert results is not None
    vocabulary = tokensim.session.tables.vocabulary
    assert all("oy" in vocabulary.display(int(t)).casefold() for t in results.ids)
    assert results.passing > len(np.intersect1d(results.ids, everything.ids))
    assert results.unfiltered > everything.passing


def test_a_filter_that_nothing_passes_says_so_and_offers_the_way_out(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.page.filter_bar._text.setText("qqqzzzqqq")
    qtbot.waitUntil(lambda: not tokensim.page.table.shown_ids(), timeout=LONG_MS)
    assert tokensim.page.table._empty.text() == (
        "No token passes these filters. 200 nearby ones are hidden."
    )
    tokensim.page.filter_bar._all.click()
    qtbot.waitUntil(lambda: len(tokensim.page.table.shown_ids()) == 200, timeout=LONG_MS)


def test_a_regex_that_is_wrong_or_endless_is_one_sentence(tokensim: Driver, qtbot: QtBot) -> None:
    for pattern in ("/(/", r"/(.*)*\d$/"):
        with qtbot.waitSignal(
            tokensim.session.search.problemChanged, timeout=LONG_MS, check_params_cb=bool
        ):
            tokensim.page.filter_bar._text.setText(pattern)


def test_an_empty_query_leads_to_the_vocabulary_that_begins_with_words(
    tokensim: Driver, qtbot: QtBot
) -> None:
    field = tokensim.page.bar.focusProxy()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert tokensim.session.search.view == "vocabulary"
    assert all(name.isalpha() for name in tokensim.names(20))
    tokensim.page.filter_bar.show_everything()
    assert len(tokensim.page.table.shown_ids()) == 49_408


def test_the_selected_token_is_shown_among_its_ids(tokensim: Driver) -> None:
    tokensim.page.show_among_ids(42_067)
    ids = tokensim.page.table.shown_ids()
    at = ids.index(42_067)
    assert ids[at - 1 : at + 2] == [42_066, 42_067, 42_068]
    assert tokensim.session.search.selection == 42_067


def test_an_id_beyond_the_last_is_one_sentence(tokensim: Driver) -> None:
    tokensim.page.show_among_ids(49_408)
    assert tokensim.said() == "The last id of this encoder is #49407."
    tokensim.page.show_among_ids(42_067)
    assert tokensim.said() == ""


def test_what_is_no_id_is_said_to_be_none(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.window.menus.actions[Action.SHOW_VOCABULARY].trigger()
    field = tokensim.page.filter_bar._id
    qtbot.keyClicks(field, "abc")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert tokensim.said() == "“abc” is no id."


def test_control_characters_that_a_paste_brings_along_are_dropped(tokensim: Driver) -> None:
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QLineEdit)
    QGuiApplication.clipboard().setText("ca\x07t")
    field.selectAll()
    field.paste()
    assert field.text() == tokensim.session.search.query.text == "cat"


def test_the_mark_of_an_error_stays_within_the_text(tokensim: Driver) -> None:
    tokensim.session.search.set_text("x" * 10_000)
    tokensim.ready()
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QLineEdit)
    tokensim.page.bar.set_problem((0, 10_000))
    row = field.height() - 6
    shot = field.grab().toImage()
    error = theme.colours().colour("error").rgb()
    marked = [x for x in range(4, field.width() - 4) if shot.pixel(x, row) == error]
    assert marked and marked[0] > 30


def test_every_measure_and_order_is_answered(tokensim: Driver) -> None:
    for metric in ("centred", "dot", "euclidean", "cosine"):
        for order in ("nearest", "opposite", "unrelated"):
            tokensim.session.search.set_option("metric", metric)
            if (metric, order) == ("euclidean", "unrelated"):
                continue
            tokensim.session.search.set_option("order", order)
            tokensim.ready()
            results = tokensim.session.search.results
            assert results is not None
            assert (results.query.metric, results.query.order) == (metric, order)


def test_unrelated_gives_way_where_distance_is_measured(tokensim: Driver) -> None:
    tokensim.session.search.set_option("order", "unrelated")
    tokensim.session.search.set_option("metric", "euclidean")
    tokensim.ready()
    assert tokensim.session.search.query.order == "nearest"


def test_sorting_by_a_column_and_back(tokensim: Driver) -> None:
    table = tokensim.page.table
    ranked = table.shown_ids()
    table.sort_by("id")
    assert table.shown_ids() == sorted(ranked)
    table._view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    assert table.shown_ids() == ranked


def test_going_to_an_id_past_the_filter_leaves_filter_ranking_and_selection_alone(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("girl")
    ranked = tokensim.page.table.shown_ids()
    tokensim.page.show_among_ids(48_938)  # an emoji that the filter "Usable alone" hides
    assert tokensim.session.search.selection == 48_938
    assert tokensim.settings.filter_level == "alone"
    tokensim.type("girls")
    tokensim.type("girl")
    assert tokensim.page.table.shown_ids() == ranked
    results = tokensim.session.search.results
    assert results is not None and tokensim.session.search.selection == results.own[0].id


def test_tokens_framed_on_the_map_are_selected_and_put_into_the_tray(
    tokensim: Driver, qtbot: QtBot
) -> None:
    framed = tokensim.page.table.shown_ids()[4:9]
    tokensim.page.map.tokensSelected.emit(framed)
    assert tokensim.page.table.selected_ids() == framed
    assert tokensim.session.inspected.tokens == tuple(framed)  # all of them, and not the first
    qtbot.keyClick(tokensim.page.table._view, Qt.Key.Key_Space)
    assert tokensim.session.search.tray == tuple(framed)


def test_tokens_framed_beyond_the_list_are_put_into_the_tray_by_the_inspector(
    tokensim: Driver, qtbot: QtBot
) -> None:
    framed = [tokensim.page.table.shown_ids()[4], 30_001, 30_002]  # out of the whole map
    tokensim.page.map.tokensSelected.emit(framed)
    add = focused()
    assert isinstance(add, QPushButton) and add.text() == "Add 3 to tray"
    press(Qt.Key.Key_Space)
    assert tokensim.session.search.tray == tuple(framed)


def test_a_token_selected_by_itself_gives_way_to_the_best_of_the_next_answer(
    tokensim: Driver,
) -> None:
    tokensim.type("cat + dog")
    results = tokensim.session.search.results
    assert results is not None
    assert tokensim.session.search.selection == results.ids[0]
    tokensim.session.search.select(int(results.ids[5]))
    tokensim.session.search.set_option("count", 100)
    tokensim.ready()
    assert tokensim.session.search.selection == results.ids[5]


def test_an_empty_query_leaves_no_chips_behind(tokensim: Driver) -> None:
    tokensim.session.search.set_text("")
    assert not any(chip.isVisible() for chip in tokensim.page.chips._chips)


def test_a_new_query_begins_at_its_best_row(tokensim: Driver) -> None:
    view = tokensim.page.table._view
    view.scrollToBottom()
    tokensim.type("dog")
    assert view.rowAt(0) == 0


def test_the_selected_token_stands_in_the_middle_among_its_ids(
    tokensim: Driver, qtbot: QtBot
) -> None:
    tokensim.type("dog")
    tokensim.page.table.focus_first_row()
    view = tokensim.page.table._view
    qtbot.keyClick(view, Qt.Key.Key_Down)
    token = tokensim.session.search.selection
    tokensim.window.menus.actions[Action.SHOW_AMONG_IDS].trigger()
    row = tokensim.page.table.shown_ids().index(token)
    assert view.currentIndex().row() == row > 1000
    assert view.rowAt(0) < row < view.rowAt(view.viewport().height() - 1)


def test_a_note_about_the_query_stands_under_the_bar_until_the_query_changes(
    tokensim: Driver, qtbot: QtBot
) -> None:
    chips = tokensim.page.chips
    tokensim.session.search.set_text("masterpiece, best quality, cat, (dog:1.2) <lora:x:1>")
    sentence = "This looks like a prompt: weights and a LoRA tag."
    qtbot.waitUntil(lambda: chips._message.text() == sentence, timeout=LONG_MS)
    assert [link.text() for link in chips._links] == ["Open in Prompt", "Search it anyway"]
    assert all(chips.rect().contains(link.geometry()) for link in chips._links)
    assert tokensim.said() != sentence
    tokensim.session.search.set_text("cat")
    assert not any(link.isVisible() for link in chips._links)
    assert not chips._message.isVisible()
    tokensim.session.search.set_text("masterpiece, best quality, cat, (dog:1.2) <lora:x:1>")
    qtbot.waitUntil(lambda: chips._message.text() == sentence, timeout=LONG_MS)
    chips._links[1].click()
    assert not chips._message.isVisible()


def test_a_token_dropped_into_the_bar_joins_the_query_where_it_falls(tokensim: Driver) -> None:
    field = tokensim.page.bar.focusProxy()
    assert isinstance(field, QLineEdit)
    data = mime_data([29605], "girly")
    at = QPointF(field.width() - 5, field.height() / 2)
    none = Qt.KeyboardModifier.NoModifier
    field.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))
    assert field.text() == "(cute + girl) / 2 + girly"
    assert field.hasFocus() and field.cursorPosition() == len(field.text())


def test_the_header_of_the_sorted_column_says_which_way(tokensim: Driver) -> None:
    model = tokensim.page.table._model
    titles = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)]
    assert titles == ["Token", "Similarity", "ID"]
    tokensim.page.table.sort_by("id")
    assert model.headerData(2, Qt.Orientation.Horizontal) == "▴ ID"
    header = tokensim.page.table._view.horizontalHeader()
    header.setSortIndicator(0, Qt.SortOrder.DescendingOrder)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Token ▾"
    assert model.headerData(2, Qt.Orientation.Horizontal) == "ID"


def test_down_in_the_bar_goes_to_the_first_row(tokensim: Driver, qtbot: QtBot) -> None:
    view = tokensim.page.table._view
    tokensim.session.search.select(tokensim.page.table.shown_ids()[7])
    tokensim.page.bar.focus()
    qtbot.keyClick(tokensim.page.bar.focusProxy(), Qt.Key.Key_Down)
    assert view.hasFocus() and view.currentIndex().row() == 0


def test_a_row_is_selected_by_the_program_whatever_key_is_held(
    tokensim: Driver, qtbot: QtBot
) -> None:
    table = tokensim.page.table
    first = table.shown_ids()[0]
    window = tokensim.window.windowHandle()
    table.set_selection(None)
    try:  # a shortcut is under way, as in Ctrl+1
        QTest.keyPress(window, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.ControlModifier
        table.set_selection(first)
    finally:
        QTest.keyRelease(window, Qt.Key.Key_Control)
    assert table.selected_ids() == [first]


def test_a_copy_does_not_hold_the_selection_back_from_the_next_answer(tokensim: Driver) -> None:
    tokensim.type("cat + king")
    tokensim.window.menus.actions[Action.COPY].trigger()
    tokensim.type("dog + king")
    assert tokensim.session.search.selection == tokensim.page.table.shown_ids()[0]


def tray_ids(settings: Settings) -> list[int]:
    return [change.token.id for change in settings.tray if change.is_in]


def test_the_tray_is_remembered_soon_after_its_last_change(tokensim: Driver, qtbot: QtBot) -> None:
    tokensim.session.search.change_tray(lambda tray: tray.toggle([2368]))
    assert tokensim.settings.tray == ()  # a slow disk is not waited for at each key
    qtbot.waitUntil(lambda: tray_ids(tokensim.settings) == [2368], timeout=LONG_MS)
    tokensim.session.search.change_tray(lambda tray: tray.toggle([1611]))
    tokensim.close()
    assert tray_ids(Settings()) == [2368, 1611]
