"""What a typed query means, read with CLIP's own vocabulary and with others."""

import re

import pytest

from tests.core.query.clip_queries import (
    CAT,
    CAT_PART,
    CLIP,
    CUTE,
    DOG,
    GIRL,
    KING,
    MAN,
    WOMAN,
    finished_terms,
)
from tokensim_gui.core.query.parser import parse


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("cute girl", [(1, (CUTE, GIRL))]),
        ("cat, dog", [(1, (CAT, DOG))]),
        ("cat,dog", [(1, (CAT, DOG))]),
        ("cute + girl", [(1, (CUTE,)), (1, (GIRL,))]),
        ("cute+girl", [(1, (CUTE,)), (1, (GIRL,))]),
        ("(cute+girl)/2", [(0.5, (CUTE,)), (0.5, (GIRL,))]),
        ("(cute + girl) / 2 + cat", [(0.5, (CUTE,)), (0.5, (GIRL,)), (1, (CAT,))]),
        ("0.7*cat + 0.3*dog", [(0.7, (CAT,)), (0.3, (DOG,))]),
        ("(cat:1.2)", [(1.2, (CAT,))]),
        ("(cat + dog : 1.5 )", [(1.5, (CAT,)), (1.5, (DOG,))]),
        ("king - man + woman", [(1, (KING,)), (-1, (MAN,)), (1, (WOMAN,))]),
        ("- cat", [(-1, (CAT,))]),
        ("-cat", [(-1, (CAT,))]),
        ("(king)-man", [(1, (KING,)), (-1, (MAN,))]),
        ('"king"-man', [(1, (KING,)), (-1, (MAN,))]),
        ("#5-#6", [(1, (5,)), (-1, (6,))]),
        ("-3*(cat - dog)/2", [(-1.5, (CAT,)), (1.5, (DOG,))]),
        ("2*3*cat", [(6, (CAT,))]),
        ("cat*2", [(2, (CAT,))]),
        ("cat * 2 / 4", [(0.5, (CAT,))]),
        ("cat*-2", [(-2, (CAT,))]),
        ("2*-cat", [(-2, (CAT,))]),
        ("cat - -dog", [(1, (CAT,)), (1, (DOG,))]),
        ("cat + + dog", [(1, (CAT,)), (1, (DOG,))]),
        ("cat+(dog - man)", [(1, (CAT,)), (1, (DOG,)), (-1, (MAN,))]),
        ("cat-(dog)", [(1, (CAT,)), (-1, (DOG,))]),
        ("cat+#5", [(1, (CAT,)), (1, (5,))]),
        ("2*cat dog", [(2, (CAT, DOG))]),
        ("cat * .5", [(0.5, (CAT,))]),
        ("1e-2*cat", [(0.01, (CAT,))]),
        ("1e+5*cat", [(1e5, (CAT,))]),
        ("1.5e+2 * cat", [(150, (CAT,))]),
        ("cat*1e+5", [(1e5, (CAT,))]),
        ("2+1e+1*cat", [(1, CLIP.encode("2")), (10, (CAT,))]),
        ("1e+cat", [(1, CLIP.encode("1e")), (1, (CAT,))]),
        ("cat,0.5*dog", [(1, (CAT,)), (0.5, (DOG,))]),
        ("cat*2, 3*dog", [(2, (CAT,)), (3, (DOG,))]),
        ("#2368", [(1, (2368,))]),
        ("#42,067", [(1, (42067,))]),
        ("#5, 067", [(1, (5, *CLIP.encode("067")))]),
        ("cute #5 girl", [(1, (CUTE, 5, GIRL))]),
        ("`cat`", [(1, (CAT_PART,))]),
        ("`cat</w>`", [(1, (CAT,))]),
        ("cat</w>", [(1, (CAT,))]),
        ("(cat</w> + dog</w>)/2", [(0.5, (CAT,)), (0.5, (DOG,))]),
        ("+</w>", [(1, CLIP.encode("+"))]),
        ("cute `cat` girl", [(1, (CUTE, CAT_PART, GIRL))]),
        ("😅+cat", [(1, (9188,)), (1, (CAT,))]),
        ("cat -😅", [(1, (CAT,)), (-1, (9188,))]),
    ],
)
def test_a_query_is_a_weighted_sum_of_texts(typed, expected):
    assert finished_terms(typed) == expected


TEXTS = r"""
cat|post-apocalyptic|rock-n-roll|2 girls|1girl|8k|24/7|b/w|50mm f/1.4|c++|#cute|:)|:-(|hello:)
!|?|...|-_-|^_^|->|*|/|+/-|--|<3|c++ code|cat --dog|f*ck|cat*|*cat*|cat/2|#5a|#1.5|5'10" tall
18+|cat!+dog|2**cat|##|1920*1080|1920*1080 wallpaper|photo 4*4
cute:1.2|1/2*cat|nan*cat|<lora:cat:1>|日本 猫
"""


@pytest.mark.parametrize("typed", re.split(r"[|\n]", TEXTS.strip()))
def test_what_only_looks_like_arithmetic_is_text(typed):
    assert finished_terms(typed) == [(1, CLIP.encode(typed))]


def test_things_side_by_side_are_added():
    assert finished_terms("c++(cat)") == [(1, CLIP.encode("c++")), (1, (CAT,))]
    assert finished_terms("(cat:1.2), dog (girl)") == [(1.2, (CAT,)), (1, (DOG,)), (1, (GIRL,))]
    assert finished_terms("0.7*cat 0.3*dog") == [(0.7, (CAT,)), (0.3, (DOG,))]


def test_commas_separate_but_alone_they_are_text():
    assert finished_terms(", cat,, dog ,") == [(1, (CAT, DOG))]
    assert finished_terms(" , ") == [(1, CLIP.encode(","))]


def test_a_smiley_closes_an_open_bracket_and_is_text_otherwise():
    assert finished_terms("(cat :)") == [(1, CLIP.encode("cat :"))]
    assert finished_terms("cat :)") == [(1, CLIP.encode("cat :)"))]
    assert finished_terms("(cat :( )") == [(1, CLIP.encode("cat :("))]


def test_a_backslash_makes_the_next_character_text():
    assert finished_terms(r"\+") == [(1, CLIP.encode("+"))]
    assert finished_terms(r"\(cat\)") == [(1, CLIP.encode("(cat)"))]
    assert finished_terms(r"\2*cat") == [(1, CLIP.encode("2*cat"))]
    assert finished_terms(r"\#5") == [(1, CLIP.encode("#5"))]
    assert finished_terms("cat\\") == [(1, CLIP.encode("cat\\"))]


def test_terms_tell_their_text_and_where_it_was_typed():
    typed = "😅 + (cute  #5,girl:1.1)"
    first, second = parse(typed, CLIP).terms
    assert (first.text, second.text) == ("😅", "cute #5 girl")
    assert typed[first.start : first.end] == "😅"
    assert typed[second.start : second.end] == "cute  #5,girl"


@pytest.mark.parametrize("typed", ["\0", "\ud83d", "\u202ecat", "👩‍💻", "\u200b"])
def test_odd_characters_are_text(typed):
    assert finished_terms(typed) == [(1, CLIP.encode(typed))]


@pytest.mark.parametrize(
    "typed, ids",
    [
        ("cats", (1, 2)),
        ("##s", (2,)),
        ("cat ##s", (1, 2)),
        ('"##s"', (3, 3, 4)),
        ("\\##s", (3, 3, 4)),
    ],
)
def test_a_bare_piece_with_its_mark_is_that_piece_in_other_vocabularies_too(wordpiece, typed, ids):
    assert [term.ids for term in parse(typed, wordpiece).terms] == [ids]


def test_an_empty_literal_leaves_no_space_in_the_text_of_its_term():
    assert [term.text for term in parse('("","a")', CLIP).terms] == ["a"]


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("“c++ code”", [(1, CLIP.encode("c++ code"))]),
        ("“cute+girl”/2", [(0.5, CLIP.encode("cute+girl"))]),
        ("king+“cat”", [(1, (KING,)), (1, (CAT,))]),
        ("“king”-man", [(1, (KING,)), (-1, (MAN,))]),
        ("-“cat”", [(-1, (CAT,))]),
        (r"“a ” b“", [(1, CLIP.encode("a b“"))]),
        (r"“a\” + b”", [(1, CLIP.encode("a” + b"))]),
        ("5” heels", [(1, CLIP.encode("5” heels"))]),
        ("“cat", [(1, CLIP.encode("“cat"))]),
        ("„cat“ dog", [(1, CLIP.encode("„cat“ dog"))]),
        ("cat“dog”", [(1, CLIP.encode("cat“dog”"))]),
    ],
)
def test_curly_quotes_are_quotes_where_both_stand(typed, expected):
    assert finished_terms(typed) == expected


def test_a_line_break_in_the_alphabet_of_bytes_is_its_token():
    assert finished_terms("Ċ") == [(1, (CLIP.id_of_piece("Ċ"),))]


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("cat", [(1, (2,))]),
        ("cute cat", [(1, (4, 2))]),
        ("cat - cute", [(1, (2,)), (-1, (4,))]),
        ("(cat + cute)/2", [(0.5, (2,)), (0.5, (4,))]),
        ("`cat`", [(1, (3,))]),
        ("`▁cat`", [(1, (2,))]),
        ("`Ġcat` + cat</w>", [(1, (2,)), (1, (2,))]),
        ("Ġcat", [(1, (2,))]),
        ("猫", [(1, (5,))]),
        ("猫 cat", [(1, (5, 2))]),
        ("の", [(1, (7,))]),
        ("猫の", [(1, (5, 6))]),
        ("`猫</w>`", [(1, (5,))]),
    ],
)
def test_a_bare_word_is_the_word_in_the_middle_of_a_prompt(unigram, typed, expected):
    assert [(term.coefficient, term.ids) for term in parse(typed, unigram).terms] == expected


def test_the_sign_for_unknown_characters_can_be_typed_itself(unigram):
    parsed = parse("<unk>", unigram)
    assert ([term.ids for term in parsed.terms], parsed.unknown) == ([(0,)], "")
