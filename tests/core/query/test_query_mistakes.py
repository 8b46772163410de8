"""What a mistake or an unfinished query is told, and the mend that is offered."""

import pytest

from tests.core.query.clip_queries import CAT, CLIP, finished_terms, refusal, terms
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.parser import parse


@pytest.mark.parametrize(
    "typed, sentence, start, end",
    [
        ("cat)", "The ) at character 4 closes no bracket.", 3, 4),
        ("(cat))", "The ) at character 6 closes no bracket.", 5, 6),
        ("cat + ()", "The brackets at character 7 are empty.", 6, 8),
        ("(cat)(+)", "The brackets at character 6 are empty.", 5, 8),
        ("(:1.2)", "The brackets at character 1 are empty.", 0, 6),
        ("a * b", "The * at character 3 needs a number on one side.", 2, 3),
        ("(a)*(b)", "The * at character 4 needs a number on one side.", 3, 4),
        ("#5*cat", "The * at character 3 needs a number on one side.", 2, 3),
        ("cat*2*dog", "The * at character 6 needs a number on one side.", 5, 6),
        ("cat / 0", "The / at character 5 divides by zero.", 4, 7),
        ("(cat)/-0.0", "The / at character 6 divides by zero.", 5, 10),
        ("(cat:1e999)", "The number at character 6 is too large.", 5, 10),
        (
            "1,000*cat",
            "The comma at character 2 parts two numbers: leave it out of thousands, write a point "
            "for a fraction, or a space after it.",
            0,
            5,
        ),
        (
            "dog + cat*0,7",
            "The comma at character 12 parts two numbers: leave it out of thousands, write a point "
            "for a fraction, or a space after it.",
            10,
            13,
        ),
        (f"{'9' * 400}*cat", "The number at character 1 is too large.", 0, 400),
        ("1e300*1e300*cat", "The factor of “cat” is too large.", 12, 15),
        ("(" * 65 + "cat", "Brackets nest more than 64 deep at character 65.", 64, 65),
        ("cat + #49408", "There is no #49408: ids run from #0 to #49407.", 6, 12),
    ],
)
def test_a_mistake_names_its_character_and_offers_the_literal_text(typed, sentence, start, end):
    error = refusal(typed)
    assert (str(error), error.start, error.end) == (sentence, start, end)
    assert error.fix_label == "Search as text"
    assert finished_terms(error.fix) == [(1, CLIP.encode(typed))]


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("", "The query is empty: type a word."),
        (" \n\t", "The query is empty: type a word."),
        ('cat + ""', "“” holds nothing that becomes a token."),
        ('"\u00a0"', "“U+00A0” holds nothing that becomes a token."),
        ("x" * 10_000, "A query may have 2,000 characters; this one has 10,000."),
        ("``", "No token is written ``."),
    ],
)
def test_what_no_text_would_mend_gets_a_sentence_alone(typed, sentence):
    error = refusal(typed)
    assert str(error) == sentence
    assert (error.fix, error.fix_label) == (None, "")


def test_an_unknown_piece_shows_how_its_text_is_split():
    error = refusal("`banananana`")
    assert str(error) == ("No token is written `banananana`. As text it is 3 tokens: ban·anan·ana.")
    assert (error.fix, error.fix_label) == ("banananana", "Search as text")
    error = refusal("cat + `banananana</w>`/2")
    assert (error.start, error.end) == (6, 22)
    assert error.fix == 'cat + "banananana"/2'


@pytest.mark.parametrize(
    "typed, hint, sentence, character, fix, label",
    [
        (
            "(cute",
            "A bracket is open; searching “cute” for now.",
            "The bracket at character 1 is never closed.",
            1,
            "(cute)",
            "Close it",
        ),
        (
            "((cute + gi:1.2",
            "A bracket is open; searching “cute + gi:1.2” for now.",
            "The bracket at character 2 is never closed.",
            2,
            "((cute + gi:1.2))",
            "Close it",
        ),
        (
            "(cute + ",
            "A bracket is open; searching “cute” for now.",
            "The bracket at character 1 is never closed.",
            1,
            "(cute)",
            "Close it",
        ),
        (
            "cat + 0.5*(",
            "A bracket is open; searching “cat” for now.",
            "The bracket at character 11 is never closed.",
            11,
            "cat",
            "Leave it out",
        ),
        (
            "(cat:",
            "A bracket is open; searching “cat” for now.",
            "The bracket at character 1 is never closed.",
            1,
            "(cat)",
            "Close it",
        ),
        (
            'cat "c++ co',
            "A quote is open; searching “cat c++ co” for now.",
            "The quote at character 5 is never closed.",
            5,
            'cat "c++ co"',
            "Close it",
        ),
        (
            '("cat\\',
            "A quote is open; searching “cat\\” for now.",
            "The quote at character 2 is never closed.",
            2,
            '("cat\\\\")',
            "Close it",
        ),
        (
            "`cat",
            "A backtick is open; searching “`cat” for now.",
            "The backtick at character 1 is never closed.",
            1,
            "`cat`",
            "Close it",
        ),
        (
            "cat + `no such piece",
            "A backtick is open; searching “cat” for now.",
            "The backtick at character 7 is never closed.",
            7,
            "cat",
            "Leave it out",
        ),
        (
            "cat - ",
            "Nothing follows the - yet; searching “cat” for now.",
            "Nothing follows the - at character 5.",
            5,
            "cat",
            "Leave it out",
        ),
        (
            "(cat+dog)/",
            "Nothing follows the / yet; searching “(cat+dog)” for now.",
            "Nothing follows the / at character 10.",
            10,
            "(cat+dog)",
            "Leave it out",
        ),
        (
            "(cat + ) * 2",
            "Nothing follows the + yet; searching “(cat) * 2” for now.",
            "Nothing follows the + at character 6.",
            6,
            "(cat) * 2",
            "Leave it out",
        ),
    ],
)
def test_an_unfinished_query_is_searched_as_if_finished(
    typed, hint, sentence, character, fix, label
):
    parsed = parse(typed, CLIP)
    error = parsed.strict_error
    assert (parsed.unfinished, str(error)) == (hint, sentence)
    assert (error.start, error.end) == (character - 1, character)
    assert (error.fix, error.fix_label) == (fix, label)
    assert terms(typed) == finished_terms(fix)


def test_an_operator_that_nothing_follows_changes_nothing():
    assert terms("cat * -") == terms("cat + -") == terms("(cat -)") == [(1, (CAT,))]


def test_what_closing_would_turn_into_arithmetic_is_offered_as_text():
    parsed = parse('cat / "', CLIP)
    assert [(term.coefficient, term.ids) for term in parsed.terms] == [(1, CLIP.encode("cat /"))]
    assert finished_terms(parsed.strict_error.fix) == [(1, CLIP.encode('cat / "'))]
    assert parsed.strict_error.fix_label == "Search as text"


@pytest.mark.parametrize("typed", ["+", "- ", "(", '"', "`", "2*(", "(+", "`no such piece"])
def test_an_unfinished_query_may_hold_nothing_to_search_yet(typed):
    parsed = parse(typed, CLIP)
    assert parsed.terms == ()
    assert parsed.unfinished.endswith("; there is nothing to search yet.")
    assert finished_terms(parsed.strict_error.fix) == [(1, CLIP.encode(typed))]


@pytest.mark.parametrize(
    "typed, sentence, fix, label",
    [
        ("ðŁĺħ", "“ðŁĺħ” is how CLIP writes 😅.", "😅", "Search 😅"),
        ("cute ðŁĺħ, dog", "“ðŁĺħ” is how CLIP writes 😅.", "cute 😅, dog", "Search 😅"),
        ("ĠçĮ«", "“ĠçĮ«” is how CLIP writes 猫.", "猫", "Search 猫"),
        (
            "cute ðŁĺ",
            "“ðŁĺ” is how CLIP writes ⟨f0 9f 98⟩, which is no whole character.",
            "cute `ðŁĺ`",
            "Search `ðŁĺ`",
        ),
    ],
)
def test_a_token_in_the_alphabet_of_bytes_is_recognised(typed, sentence, fix, label):
    error = refusal(typed)
    assert (str(error), error.fix, error.fix_label) == (sentence, fix, label)


@pytest.mark.parametrize(
    "typed",
    ["`ðŁĺ`", "ół", "éà", "é", "café", "PÓŁ", "naïve", '"ðŁĺħ"', "`ðŁĺħ`", "ðŁĺħ</w>", "Ãcat"],
)
def test_words_with_accents_and_exact_pieces_are_no_bytes(typed):
    assert finished_terms(typed)


def test_a_character_without_a_piece_is_said_and_left_out(unigram):
    with pytest.raises(QueryError) as caught:
        parse("😀", unigram)
    assert str(caught.value) == "This encoder has no token for “😀”: a prompt sends <unk>."
    parsed = parse("cat 😀", unigram)
    assert [term.ids for term in parsed.terms] == [(2,)]
    assert parsed.unknown == "This encoder has no token for part of “cat 😀”: a prompt sends <unk>."
    assert parse("cat", unigram).unknown == ""


@pytest.mark.parametrize("typed", ["`😅`", "`ðŁĺħ</w>`", "`▁😅`"])
def test_a_piece_of_characters_without_a_token_is_not_offered_as_text(unigram, typed):
    with pytest.raises(QueryError) as caught:
        parse(typed, unigram)
    expected = f"No token is written {typed}. A prompt sends <unk> for “😅”."
    assert (str(caught.value), caught.value.fix) == (expected, None)
