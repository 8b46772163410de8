"""The script of a text, and where a word begins in scripts without blanks."""

import pytest

from tokensim_gui.core.vocabulary.pieces import kind_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        *(("cat", "Latin"), ("é", "Latin"), ("🐱", "Emoji"), ("❤\ufe0f", "Emoji"), ("🇺🇸", "Emoji")),
        *(
            ("猫", "CJK"),
            ("ネコ", "Kana"),
            ("ー", "Symbols"),
            ("고양이", "Hangul"),
            ("кот", "Cyrillic"),
        ),
        *(
            ("γ", "Greek"),
            ("قط", "Arabic"),
            ("חתול", "Hebrew"),
            ("बिल्ली", "Devanagari"),
            ("แมว", "Thai"),
        ),
        *(
            ("կատու", "Other"),
            ("catкот", "Mixed"),
            ("食べる", "Kana"),
            ("ラー", "Kana"),
            ("2", "Digits"),
        ),
        *(
            ("½", "Digits"),
            ("8k", "Latin"),
            ("!?", "Symbols"),
            ("©", "Symbols"),
            ("\u0301", "Symbols"),
        ),
        *(("\x07", "None"), ("\ufe0f", "None"), (" ", "None"), ("", "None"), ("\u2800", "None")),
    ],
)
def test_the_script_of_a_text_is_that_of_its_letters(text, script):
    from tokensim_gui.core.vocabulary.scripts import script_of

    assert script_of(text) == script


@pytest.mark.parametrize(
    ("piece", "kind"),
    [("猫", "word"), ("の", "word"), ("แมว", "word"), ("ー", "part"), ("ั้ง", "part"), ("é", "part")],
)
def test_where_a_script_has_no_blanks_a_word_begins_anywhere(piece, kind):
    assert kind_of("sentencepiece", piece, False) == kind
    assert kind_of("sentencepiece", "▁" + piece, False) == "word"
