"""The whole map in its pane: what is lit, named, selected, and said where there is none."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLineEdit, QPushButton, QToolButton

from tests.ui.charts.maps import CUTE, CUTER, LEFT, OTHER, answer, apart, texts, turn_wheel
from tokensim_gui.core.job import Progress
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.landscape_scene import LandscapeScene
from tokensim_gui.ui.charts.map_scene import MapScene
from tokensim_gui.ui.tokens.glyphs import face


def offer(pane):
    return next(b for b in pane.findChildren(QPushButton) if b.text() in ("Make the map", "Cancel"))


def test_regions_results_and_the_share_kept_are_written_on_it(pane, tmp_path, landscape):
    written = texts(pane, tmp_path)
    assert {"emoji", "countries", "animals", "cuter"} <= set(written)
    assert any(f"keeps {landscape.kept:.0%} of" in words for words in written)
    assert "All 48,779 tokens" in pane.canvas.accessibleDescription()


def test_results_are_lit_where_their_tokens_lie(pane):
    at = pane.canvas.position_of(OTHER).toPoint()
    assert pane.picture().pixelColor(at * 2) == theme.LIGHT.colour("accent")


def test_a_button_and_0_lead_to_the_results(pane, qtbot, vocabulary):
    button = next(
        b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Zoom to results"
    )
    canvas, near = pane.canvas, ("sun", "sunset")
    results = answer([vocabulary.ids_of_text(word)[-1] for word in near], np.zeros((3, 2)))
    pane.set_results(results)
    before = apart(pane, vocabulary, near)

    def closer():
        places = [canvas.position_of(token).toPoint() for token in results.ids.tolist()]
        assert all(canvas.rect().contains(place) for place in places)
        return apart(pane, vocabulary, near) > 2 * before

    qtbot.mouseClick(button, LEFT)
    assert closer()
    for focused in (canvas, button):
        qtbot.keyClick(focused, Qt.Key.Key_0)
        assert not closer()
        qtbot.keyClick(focused, Qt.Key.Key_0)
        assert closer()
    pane.set_results(None)
    assert not button.isVisible()
    pane.set_results(results)
    assert button.isVisible()
    pane.show_whole(False)
    assert not button.isVisible()


def test_the_buttons_say_in_words_what_there_is_room_for(pane):
    def button(said):
        return next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == said)

    results, colour = button("Zoom to results"), button("Colour by")

    def looks(width):
        pane.resize(width, 400)
        return results.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly, colour.text()

    pane.colour_by("script")
    assert looks(1200) == (True, "Colour by: Script")
    assert looks(300) == (False, "Colour")
    pane.colour_by("kind")
    assert looks(1200) == (True, "Colour by: Kind")


def test_results_that_are_emoji_are_drawn_as_such_and_once_in_a_place(
    pane, vocabulary, landscape, tmp_path
):
    suns = list(vocabulary.ids_of_text("☀"))
    places = {tuple(landscape.coords[token].tolist()) for token in suns}
    assert len(suns) > 1 and len(places) == 1
    pane.set_results(answer(suns, np.zeros((len(suns) + 1, 2))))
    assert texts(pane, tmp_path).count("☀") == 1
    at = pane.canvas.position_of(suns[0]).toPoint()
    pane.show_whole(True)
    picture, accent = pane.picture(), theme.LIGHT.colour("accent")
    ring = [picture.pixelColor(2 * at + QPoint(x, 0)) for x in range(18, 27)]
    assert accent in ring and picture.pixelColor(2 * at + QPoint(16, 0)) != accent


def test_an_emoji_without_a_glyph_is_a_dot_with_its_name(pane, vocabulary, tmp_path):
    emoji = np.flatnonzero(vocabulary.scripts == SCRIPTS.index("Emoji")).tolist()
    without = [token for token in emoji if face(vocabulary, token, pane.font()).dim]
    for token in without[:1]:  # none where a font has all of them
        pane.set_results(answer([token], np.zeros((2, 2))))
        name = face(vocabulary, token, pane.font()).whole
        assert name in texts(pane, tmp_path)
        at = pane.canvas.position_of(token).toPoint()
        assert pane.picture().pixelColor(at * 2) == theme.LIGHT.colour("accent")


def test_zooming_in_names_every_token_and_a_click_selects_the_one_named(
    pane, qtbot, vocabulary, tmp_path
):
    sunset = vocabulary.ids_of_text("sunset")[-1]
    assert "sunset" not in texts(pane, tmp_path)
    for _ in range(3):
        turn_wheel(pane, pane.canvas.position_of(sunset), 6)
    assert "sunset" in texts(pane, tmp_path)
    spy = QSignalSpy(pane.tokenActivated)
    qtbot.mouseClick(pane.canvas, LEFT, pos=pane.canvas.position_of(sunset).toPoint())
    assert spy.count() == 1 and vocabulary.text(spy.at(0)[0]) == "sunset"


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("shade", ["light", "dark"])
def test_no_token_shines_through_the_buttons_and_the_caption(
    qapp, vocabulary, landscape, whole, shade, named
):
    theme.apply(qapp, shade)
    accent, size = theme.colours().colour("accent"), QSizeF(730, 675)
    results = answer([CUTER, OTHER], [(0, 0), (1, 0), (0, 1), (1, 1)], own=(CUTE,))
    scene = MapScene(results, vocabulary, 384)
    if whole:
        scene = LandscapeScene(landscape, vocabulary, named)
    scene.mark([], [CUTER])
    for strip, shows in ((range(100, 140), True), (range(40), False), (range(645, 675), False)):
        middle, shown = strip[len(strip) // 2], scene.fitted(size)
        scene.arrange(shown, size)
        down = middle - scene.where(CUTER).y()
        scene.arrange(shown.translated(0, down * shown.height() / size.height()), size, 48)
        assert scene.where(CUTER).y() == pytest.approx(middle, abs=1)
        picture = QImage(size.toSize(), QImage.Format.Format_RGB32)
        picture.fill(theme.colours().colour("base"))
        with QPainter(picture) as painter:
            scene.paint(painter)
        left = range(600)  # what sizes mean stands at the right
        assert any(picture.pixelColor(x, y) == accent for y in strip for x in left) == shows


def test_names_are_kept_off_whatever_lies_over_the_map(pane, vocabulary):
    def lowest():
        over = [*pane.findChildren(QToolButton), *pane.findChildren(QLineEdit)]
        return max(w.mapTo(pane, w.rect().bottomLeft()).y() for w in over if w.isVisible())

    without = lowest()
    assert without < pane.canvas.head < without + 20
    pane.show_axes(True)
    assert without < lowest() < pane.canvas.head


def test_a_lasso_takes_what_lies_in_it_results_first(pane, qtbot, landscape):
    spy = QSignalSpy(pane.tokensSelected)
    at = pane.canvas.position_of(CUTER).toPoint()
    corners = [at + QPoint(*by) for by in ((-9, -9), (9, -9), (9, 9), (-9, 9))]
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(pane.canvas, LEFT, shift, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(pane.canvas, corner)
    qtbot.mouseRelease(pane.canvas, LEFT, shift, corners[-1])
    chosen = spy.at(0)[0]
    assert chosen[0] == CUTER and len(chosen) > 5
    places = [pane.canvas.position_of(token) - QPointF(at) for token in chosen]
    assert all(max(abs(p.x()), abs(p.y())) <= 9.5 for p in places)
    inside = sum(
        max(abs(p.x()), abs(p.y())) < 9
        for token in np.flatnonzero(~np.isnan(landscape.coords[:, 0])).tolist()
        for p in [pane.canvas.position_of(token) - QPointF(at)]
    )
    assert abs(inside - len(chosen)) <= 5


@pytest.mark.parametrize("by", ["kind", "script", "commonness", "length"])
def test_it_can_be_coloured_by_what_is_known_of_each_token(pane, vocabulary, by, landscape, named):
    pane.set_vocabulary(vocabulary, 384, np.random.default_rng(0).random(vocabulary.rows))
    pane.set_landscape(landscape, named)
    plain = pane.picture()
    pane.colour_by(by)
    assert pane.picture() != plain
    pane.colour_by("nothing")
    assert pane.picture() == plain


def test_the_menus_tick_what_is_shown(pane):
    def ticked(said):
        button = next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == said)
        return [action.text() for action in button.menu().actions() if action.isChecked()]

    assert (ticked("Colour by"), ticked("Axes")) == (["Nothing"], ["Like beside like"])
    pane.colour_by("kind")
    pane.show_axes(True)
    assert (ticked("Colour by"), ticked("Axes")) == (["Kind"], ["Two words…"])


def test_likeness_is_asked_for_and_shown(pane, vocabulary):
    spy = QSignalSpy(pane.likenessWanted)
    pane.colour_by("likeness")
    assert spy.at(0) == [True]
    plain = pane.picture()
    pane.set_likeness(np.random.default_rng(0).random(vocabulary.rows))
    assert pane.picture() != plain


def test_a_table_without_a_map_offers_to_make_one_and_to_stop(pane, qtbot):
    pane.set_landscape(None, {})
    asked, stopped = QSignalSpy(pane.landscapeRequested), QSignalSpy(pane.cancelRequested)
    assert "no map of all its tokens yet" in pane.canvas.accessibleDescription()
    qtbot.mouseClick(offer(pane), LEFT)
    pane.set_making(Progress(25, 100, "Laying out the map"))
    assert pane.canvas.accessibleDescription() == "Laying out the map… 25%"
    qtbot.mouseClick(offer(pane), LEFT)
    assert (asked.count(), stopped.count()) == (1, 1)
    pane.show_whole(False)
    assert not offer(pane).isVisible()


def test_the_close_up_comes_back_as_it_was(pane):
    whole = pane.picture()
    pane.show_whole(False)
    assert "2 tokens" in pane.canvas.accessibleDescription()
    pane.show_whole(True)
    assert pane.picture() == whole


def test_half_way_in_the_commonest_tokens_are_named(pane, vocabulary, tmp_path):
    light = vocabulary.ids_of_text("light")[-1]
    assert "light" not in texts(pane, tmp_path)
    turn_wheel(pane, pane.canvas.position_of(light), 6)
    assert "light" in texts(pane, tmp_path)


def test_the_emoji_are_named_first_where_they_are_many(pane, vocabulary, tmp_path):
    pane.show_region("emoji")
    written = set(texts(pane, tmp_path))
    emoji = np.flatnonzero(vocabulary.scripts == SCRIPTS.index("Emoji")).tolist()
    assert len(written & {face(vocabulary, token, pane.font()).whole for token in emoji}) >= 10


def test_clicks_in_one_place_go_from_twin_to_twin(pane, qtbot, vocabulary, landscape):
    suns = list(vocabulary.ids_of_text("☀"))
    twins = np.flatnonzero((landscape.coords == landscape.coords[suns[0]]).all(axis=1)).tolist()
    pane.tokenActivated.connect(lambda token: pane.set_selected([token]))
    activated = QSignalSpy(pane.tokenActivated)
    for _ in range(3):
        turn_wheel(pane, pane.canvas.position_of(suns[0]), 6)
    at = pane.canvas.position_of(suns[0]).toPoint()
    for _ in range(len(twins) + 1):
        qtbot.mouseClick(pane.canvas, LEFT, pos=at)
    clicked = [activated.at(turn)[0] for turn in range(activated.count())]
    assert len(twins) > 1
    assert sorted(clicked[:-1]) == sorted(twins) and clicked[-1] == clicked[0]


def test_clicks_among_many_go_from_twin_to_twin_and_to_no_neighbour(
    pane, qtbot, vocabulary, landscape
):
    rows, counts = np.unique(
        landscape.coords[~np.isnan(landscape.coords[:, 0])], axis=0, return_counts=True
    )
    place = rows[np.flatnonzero(counts >= 4)[0]]  # not zoomed in: its neighbours are very near
    twins = np.flatnonzero((landscape.coords == place).all(axis=1)).tolist()
    pane.tokenActivated.connect(lambda token: pane.set_selected([token]))
    pane.set_selected(twins[:1])
    activated = QSignalSpy(pane.tokenActivated)
    for _ in twins:
        qtbot.mouseClick(pane.canvas, LEFT, pos=pane.canvas.position_of(twins[0]).toPoint())
    clicked = [activated.at(turn)[0] for turn in range(activated.count())]
    assert sorted(clicked) == sorted(twins)


def middle_of(canvas):
    rim = canvas.width() // 5, canvas.height() // 5
    return canvas.rect().adjusted(*rim, -rim[0], -rim[1])


def test_an_answer_beyond_what_is_shown_comes_into_the_middle(pane, vocabulary):
    canvas = pane.canvas
    pane.show_region("animals")
    france, dog = (vocabulary.ids_of_text(word)[-1] for word in ("france", "dog"))
    pane.set_results(answer([france], np.zeros((2, 2))))
    assert middle_of(canvas).contains(canvas.position_of(france).toPoint())
    before = canvas.position_of(dog)
    pane.set_results(answer([france, OTHER], np.zeros((3, 2))))
    assert canvas.position_of(dog) == before  # it is there already
    canvas.fit()
    whole = canvas.position_of(dog)
    pane.set_results(answer([dog], np.zeros((2, 2))))
    assert canvas.position_of(dog) == whole


def test_what_a_selection_brought_into_view_stays_when_the_window_is_resized(pane, vocabulary):
    france = vocabulary.ids_of_text("france")[-1]
    pane.show_region("animals")
    pane.set_selected([france])
    pane.resize(720, 660)
    assert pane.canvas.rect().contains(pane.canvas.position_of(france).toPoint())


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_colours_follow_the_theme(qapp, pane, shade):
    pane.colour_by("kind")
    before = pane.picture()
    theme.apply(qapp, "dark")
    theme.apply(qapp, shade)
    assert (pane.picture() == before) == (shade == "light")


def test_an_emoji_that_borrows_the_vector_of_a_word_is_seen_with_the_word(
    pane, vocabulary, landscape, tmp_path
):
    sunrise, emoji = (vocabulary.ids_of_text(text)[-1] for text in ("sunrise", "🌅"))
    assert (landscape.coords[sunrise] == landscape.coords[emoji]).all()
    pane.set_results(answer([sunrise, emoji], np.zeros((3, 2))))
    looks, written = face(vocabulary, emoji, pane.font()), texts(pane, tmp_path)
    if looks.pictorial:
        assert {"sunrise", looks.text} <= set(written)
    else:
        assert f"sunrise {looks.whole}" in written
