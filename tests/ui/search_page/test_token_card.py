import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from tests.ui.by_words import button
from tokensim_gui.core.values import KINDS, Near
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.length_histogram import LengthHistogram
from tokensim_gui.ui.search_page.token_card import TokenCard
from tokensim_gui.ui.search_page.token_words import ordinal
from tokensim_gui.ui.tokens.glyphs import Face, face, has_glyphs, unicode_name

LEFT = Qt.MouseButton.LeftButton
CUTER, POST, HALF, END = 27151, 3489, 150, 49407


@pytest.fixture(scope="module")
def norms(vocabulary):
    """Lengths 1 to 2 in order of the id, none for bytes."""
    lengths = np.linspace(1, 2, vocabulary.rows)
    lengths[vocabulary.kinds == KINDS.index("bytes")] = 0
    return lengths


@pytest.fixture
def card(qtbot, qapp, vocabulary, norms):
    theme.apply(qapp, "light")
    widget = TokenCard()
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.set_table(vocabulary, norms, "Starter words")
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def words(card):
    """All the words that are seen, in the order of the layout."""
    return [label.text() for label in card.findChildren(QLabel) if label.isVisible()]


def fact(card, name):
    """What stands beside ``name``, None if the row is hidden."""
    value = next(v for v in card.findChildren(QLabel) if v.accessibleName() == name)
    return value.text() if value.isVisible() else None


def more(card):
    return card.findChild(QToolButton)


def test_without_a_token_the_card_is_empty(card):
    assert words(card) == []
    card.set_token(CUTER)
    assert "cuter" in words(card)
    card.set_token(None)
    assert words(card) == []


def test_a_word_is_described(card):
    card.set_more(True)
    card.set_token(CUTER)
    assert "●  Typed as is: a prompt with this word uses exactly this token." in words(card)
    assert fact(card, "ID") == "27151"
    assert fact(card, "Piece") == "cuter</w>"
    assert fact(card, "Commonness") == "26,639th of 48,894 pieces learned"
    assert fact(card, "Kind") == "word: ends a word"


def test_a_part_is_drawn_with_a_mark_and_says_where_it_is_typed(card):
    card.set_more(True)
    card.set_token(POST)
    assert words(card)[:2] == ["post", "…"]
    assert "◐  Typed inside a word, as in “postbox”; alone it becomes #1549." in words(card)
    assert fact(card, "Kind") == "part: joins what follows"


def test_a_lone_byte_is_explained(card, vocabulary):
    card.set_token(HALF)
    assert f"◐  Typed inside a character, as in “{vocabulary.host(HALF)}”." in words(card)
    assert any("spelled in bytes" in text for text in words(card))
    assert fact(card, "Commonness") is None
    card.set_token(CUTER)
    assert not any("spelled in bytes" in text for text in words(card))


def test_a_sign_for_the_encoder_says_so_and_cannot_be_copied(card, vocabulary):
    card.set_token(END)
    assert "●  Typed as is, it is cut out of a prompt: a sign for the encoder." in words(card)
    assert not button(card, "Copy").isEnabled()
    card.set_token(vocabulary.id_of_piece("A"))
    assert "○  Cannot be typed: the tokenizer writes every letter small." in words(card)
    assert button(card, "Copy").isEnabled()


def test_a_piece_is_text_and_never_markup(card, vocabulary):
    for label in card.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_what_the_card_says_can_be_selected_with_the_mouse(card):
    card.set_token(CUTER)
    for label in card.findChildren(QLabel):
        if label.isVisible():
            assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_the_facts_open_by_click_and_stays_open_for_the_next_token(card, qtbot):
    toggles = QSignalSpy(card.moreToggled)
    card.set_token(CUTER)
    assert fact(card, "Bytes") is None
    qtbot.mouseClick(more(card), LEFT)
    assert [toggles.at(i)[0] for i in range(toggles.count())] == [True]
    assert fact(card, "Bytes") == "63 75 74 65 72"
    assert fact(card, "Characters").splitlines()[0] == "U+0063 latin small letter c"
    assert len(fact(card, "Characters").splitlines()) == 5
    card.set_token(POST)
    assert fact(card, "Bytes") == "70 6f 73 74"
    card.set_more(False)
    assert fact(card, "Bytes") is None


def test_the_vector_length_is_placed_among_all_others(card, vocabulary, norms):
    card.set_more(True)
    card.set_token(CUTER)
    with_vector = norms[norms > 0]
    shorter = (with_vector < norms[CUTER]).mean()
    assert fact(card, "Vector length") == f"{norms[CUTER]:.2f}, longer than {shorter:.0%} of tokens"
    assert card.findChild(LengthHistogram).isVisible()
    card.set_table(vocabulary, norms * 2, "CLIP-L")
    card.set_token(CUTER)
    doubled = f"{norms[CUTER] * 2:.2f}, longer than {shorter:.0%} of tokens"
    assert fact(card, "Vector length") == doubled


def test_a_token_without_a_vector_says_so_instead(card, vocabulary, norms):
    card.set_more(True)
    card.set_token(HALF)
    sentence = "#150 is half a character, so Starter words has no vector for it."
    assert fact(card, "Vector length") == sentence
    assert not card.findChild(LengthHistogram).isVisible()
    gap = norms.copy()
    gap[CUTER] = 0
    card.set_table(vocabulary, gap, "CLIP-L")
    card.set_token(CUTER)
    assert fact(card, "Vector length") == "CLIP-L has no vector for #27151."
    card.set_table(vocabulary, None, "CLIP-L")
    card.set_token(CUTER)
    assert fact(card, "Vector length") is None


def test_lengths_that_are_all_alike_have_no_histogram(card, vocabulary):
    card.set_table(vocabulary, np.full(vocabulary.rows, 0.998), "Starter words")
    card.set_more(True)
    card.set_token(CUTER)
    assert fact(card, "Vector length") == "1.00, about the same for all tokens"
    assert not card.findChild(LengthHistogram).isVisible()


def test_the_histogram_marks_where_the_length_is(qtbot, qapp):
    theme.apply(qapp, "light")
    histogram = LengthHistogram()
    qtbot.addWidget(histogram)
    histogram.set_lengths(np.array([0.0, 1.0, 1.0, 2.0, 3.0]))
    mark = theme.LIGHT.colour("text")

    def marked_column():
        image = histogram.grab().toImage()
        return next(x for x in range(image.width()) if image.pixelColor(x, 0) == mark)

    assert histogram.set_length(2.5) == 0.75
    right = marked_column()
    assert histogram.set_length(0.1) == 0
    assert marked_column() == 0 < right
    assert histogram.set_length(99.0) == 1
    assert marked_column() == histogram.width() - 2


def test_the_buttons_ask_for_copy_and_for_the_tray(card, qtbot):
    copies, toggles = QSignalSpy(card.copyRequested), QSignalSpy(card.trayToggled)
    card.set_token(CUTER)
    qtbot.mouseClick(button(card, "Copy"), LEFT)
    qtbot.mouseClick(button(card, "Add"), LEFT)
    assert copies.at(0) == toggles.at(0) == [CUTER]
    card.set_tray((CUTER,))
    place = button(card, "Remove").geometry()
    qtbot.mouseClick(button(card, "Remove"), LEFT)
    assert toggles.count() == 2
    card.set_token(POST)
    assert button(card, "Add").geometry() == place


def test_a_long_heading_is_cut_and_keeps_its_name(card, vocabulary):
    longest = max(
        (i for i in range(20_000, vocabulary.rows) if vocabulary.piece(i).isascii()),
        key=lambda i: len(vocabulary.display(i)),
    )
    card.resize(260, 300)
    card.set_token(longest)
    name = vocabulary.display(longest)
    assert words(card)[0].endswith("…") and len(words(card)[0]) < len(name)
    card.resize(1200, 300)
    assert words(card)[0] == name


def test_a_low_card_scrolls_and_does_not_grow(card):
    card.set_more(True)
    card.set_token(CUTER)
    card.resize(300, 140)
    assert card.height() == 140
    assert button(card, "Copy").isVisible()


def test_other_forms_of_the_word_are_said_at_once(card, vocabulary):
    card.set_token(vocabulary.id_of_piece("garden</w>"))
    lines = {line.name: line.label for line in card.related.lines}
    assert lines["garden…"] == "Inside a word"
    assert lines["gardens"] == lines["gardening"] == "Word form"


def test_what_is_near_is_taken_only_for_the_token_that_is_shown(card):
    near = Near(CUTER, np.array([POST], np.int32), np.array([0.5]), "cosine", 0.1)
    card.set_token(POST)
    card.set_near(near)
    assert card.near.lines == ()
    card.set_token(CUTER)
    card.set_near(near)
    assert [(line.name, line.right, line.share) for line in card.near.lines] == [
        ("post…", "50.00%", 1.0)
    ]
    card.set_token(POST)
    assert card.near.lines == ()


def costs(card):
    """What is said below “In other encoders”."""
    said = words(card)
    return said[said.index("In other encoders") + 1 :][:4]


def test_what_the_word_costs_in_other_encoders_is_said_once_it_is_counted(card):
    card.set_token(CUTER)
    assert costs(card)[0] == "Counting…"
    card.set_elsewhere("cuter", [("T5-XXL", ["cut", "er"], False), ("Qwen", ["cuter"], False)])
    assert costs(card) == ["T5-XXL", "2 tokens, cut·er", "Qwen", "1 token"]
    card.set_elsewhere("cuterpost", [("T5-XXL", ["cut", "er", "post"], False)])  # what was typed
    assert "“cuterpost” in other encoders" in words(card)
    card.set_elsewhere("cuter", [("BERT", ["[UNK]"], True), ("T5", ["cut", "<unk>"], True)])
    assert costs(card) == [
        "BERT",
        "no token for it, a prompt sends [UNK]",
        "T5",
        "no token for part of it, a prompt sends cut·<unk>",
    ]
    card.set_token(POST)
    assert costs(card) == ["BERT", "…", "T5", "…"]


def test_without_another_encoder_it_is_said_where_to_get_one(card, qtbot):
    card.elsewhere.set_alone(True)
    card.set_token(CUTER)
    assert costs(card)[0] == "None is on this computer yet."
    more = next(b for b in card.findChildren(QPushButton) if b.text() == "Get more encoders")
    with qtbot.waitSignal(card.elsewhere.moreRequested):
        more.click()


def test_another_table_shows_no_token_of_the_former(card, vocabulary):
    card.set_token(CUTER)
    card.set_table(vocabulary, None, "CLIP-L")
    assert words(card) == []


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
        (1022, "1,022nd"),
        (26639, "26,639th"),
        (48111, "48,111th"),
    ],
)
def test_ordinals_are_english(number, written):
    assert ordinal(number) == written


def test_an_emoji_of_the_starter_says_what_its_vector_is(card, vocabulary, norms):
    smiley, cat = vocabulary.id_of_piece("ðŁĺħ</w>"), vocabulary.id_of_piece("cat</w>")
    heard = "SD 1.5 hears emoji at Clip skip 1."
    name = "smiling face with open mouth and cold sweat"
    borrowed = f"Its starter vector is only that of its name, “{name}”."
    card.set_token(smiley)
    assert heard in words(card)
    card.set_table(vocabulary, norms, "Starter words", is_starter=True)
    card.set_token(smiley)
    assert f"{heard} {borrowed}" in words(card)
    card.set_token(cat)
    assert not any("starter vector" in said for said in words(card))


def test_what_no_font_has_is_shown_by_its_name(qapp, vocabulary):
    font = theme.sized(0)
    assert has_glyphs("cuté", font)
    assert not has_glyphs("\U000f0000", font)
    assert unicode_name("😅a\u0007") == (
        "smiling face with open mouth and cold sweat + latin small letter a + U+0007"
    )
    smiley = vocabulary.id_of_piece("ðŁĺħ</w>")
    shown = face(vocabulary, smiley, font)
    if has_glyphs("😅", font):
        assert shown == Face("😅", pictorial=True)
    else:
        assert shown == Face(f":{unicode_name('😅')}:", dim=True)


def test_a_stand_in_is_drawn_in_the_second_text_colour(card):
    def heading():
        label = next(
            x
            for x in card.findChildren(QLabel)
            if x.property("look") == "heading" and x.isVisible()
        )
        return label.palette().color(label.foregroundRole())

    card.set_token(HALF)
    assert heading() == QColor(theme.LIGHT.text2)
    card.set_token(CUTER)
    assert heading() == QColor(theme.LIGHT.text) == card.palette().color(QPalette.ColorRole.Text)


def test_tokens_of_other_families_join_at_the_front(vocabulary):
    class Suffixes:
        family = "wordpiece"
        kinds = (KINDS.index("part"),)
        scripts = (0,)

        def display(self, token):
            return "ing"

        text = display

    assert face(Suffixes(), 0, theme.sized(0)).whole == "…ing"


def test_a_narrow_card_has_its_buttons_below_the_heading(card, vocabulary):
    card.set_token(vocabulary.id_of_piece("adorable</w>"))
    heading = next(x for x in card.findChildren(QLabel) if x.accessibleName() == "adorable")
    assert button(card, "Copy").x() > heading.x()
    card.resize(220, 300)
    QApplication.sendPostedEvents()
    assert heading.text() == "adorable"
    assert button(card, "Copy").y() >= heading.geometry().bottom()
