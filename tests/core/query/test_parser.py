"""The query language, read with CLIP's own vocabulary."""

import re

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from tokensim_gui.core import paths
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.query.parser import parse, quote
from tokensim_gui.core.query.reference import reference
from tokensim_gui.core.query.shape import AnyTokens
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))

CAT, CUTE, DOG, GIRL, KING, MAN, WOMAN = CLIP.encode("cat cute dog girl king man woman")
CAT_PART = 1481


def terms(text):
    return [(term.coefficient, term.ids) for term in parse(text, CLIP).terms]


def finished_terms(text):
    parsed = parse(text, CLIP)
    assert parsed.unfinished == "" and parsed.strict_error is None
    return [(term.coefficient, term.ids) for term in parsed.terms]


def refusal(text):
    with pytest.raises(QueryError) as caught:
        parse(text, CLIP)
    return caught.value


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


@pytest.mark.parametrize("typed", ["\0", "\ud83d", "\u202ecat", "👩‍💻", "\u200b"])
def test_odd_characters_are_text(typed):
    assert finished_terms(typed) == [(1, CLIP.encode(typed))]


@pytest.mark.parametrize(
    "token, written",
    [
        (CAT, "cat"),
        (9188, "😅"),
        (CAT_PART, "`cat`"),
        (CLIP.id_of_piece("+</w>"), "`+</w>`"),
        (CLIP.id_of_piece(",</w>"), "`,</w>`"),
        (CLIP.id_of_piece(":)</w>"), ":)"),
        (CLIP.id_of_piece("`"), "`\\``"),
        (CLIP.id_of_piece("\\</w>"), "`\\\\</w>`"),
        (49407, "`<|endoftext|>`"),
    ],
)
def test_a_token_is_written_as_plainly_as_its_id_allows(token, written):
    assert reference(CLIP, token) == written


def test_every_reference_reads_back_as_its_token():
    for token in range(0, CLIP.rows, 17):
        written = reference(CLIP, token)
        assert finished_terms(f"cat - {written}") == [(1, (CAT,)), (-1, (token,))]


@pytest.fixture
def wordpiece(tmp_path):
    pieces = ["[UNK]", "cat", "##s", "#", "s"]
    model = models.WordPiece({piece: id for id, piece in enumerate(pieces)}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", len(pieces))


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


def test_a_part_of_another_vocabulary_is_written_as_its_piece(wordpiece):
    assert [reference(wordpiece, token) for token in (1, 2, 4)] == ["cat", "`##s`", "s"]


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


@pytest.mark.parametrize("text", ["a “b” c", "” and “", 'he said "“"', "\\“"])
def test_what_the_program_quotes_is_that_text_anywhere(text):
    literal = (1, CLIP.encode(text))
    assert finished_terms(quote(text)) == [literal]
    # An open curly quote before it finds no end in it.
    assert finished_terms(f"“cat + {quote(text)}")[-1] == literal


def test_tokens_with_curly_quotes_are_written_so_that_none_opens_at_another():
    class Curly(AnyTokens):
        def text(self, id, /):
            return "“”"[id]

        def piece(self, id, /):
            return "“”"[id]

        def encode(self, text, /):
            return tuple(map("“”".index, text))

        def id_of_piece(self, piece, /):
            return "“”".find(piece)

    written = " + ".join(reference(Curly(), id) for id in (0, 1))
    assert [term.ids for term in parse(written, Curly()).terms] == [(0,), (1,)]


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


def test_a_line_break_in_the_alphabet_of_bytes_is_its_token():
    assert finished_terms("Ċ") == [(1, (CLIP.id_of_piece("Ċ"),))]


@pytest.mark.parametrize(
    "typed",
    ["`ðŁĺ`", "ół", "éà", "é", "café", "PÓŁ", "naïve", '"ðŁĺħ"', "`ðŁĺħ`", "ðŁĺħ</w>", "Ãcat"],
)
def test_words_with_accents_and_exact_pieces_are_no_bytes(typed):
    assert finished_terms(typed)


@pytest.fixture
def unigram(tmp_path):
    """Words with a blank before them, and <unk> for characters without a piece, as T5 has them."""
    pieces = [
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("▁cat", -3.0),
        ("cat", -4.0),
        ("▁cute", -3.0),
        ("猫", -5.0),
        ("の", -5.0),
        ("▁の", -6.0),
    ]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", len(pieces))


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


def test_a_token_is_written_so_that_it_is_the_word_on_another_vocabulary(unigram):
    assert [reference(unigram, id) for id in (2, 3, 5)] == ["cat", "`cat`", "猫"]
    assert [reference(CLIP, id) for id in (CAT, CAT_PART)] == ["cat", "`cat`"]


def test_a_character_without_a_piece_is_said_and_left_out(unigram):
    with pytest.raises(QueryError) as caught:
        parse("😀", unigram)
    assert str(caught.value) == "This encoder has no token for “😀”: a prompt sends <unk>."
    parsed = parse("cat 😀", unigram)
    assert [term.ids for term in parsed.terms] == [(2,)]
    assert parsed.unknown == "This encoder has no token for part of “cat 😀”: a prompt sends <unk>."
    assert parse("cat", unigram).unknown == ""


def test_the_sign_for_unknown_characters_can_be_typed_itself(unigram):
    parsed = parse("<unk>", unigram)
    assert ([term.ids for term in parsed.terms], parsed.unknown) == ([(0,)], "")


@pytest.mark.parametrize("typed", ["`😅`", "`ðŁĺħ</w>`", "`▁😅`"])
def test_a_piece_of_characters_without_a_token_is_not_offered_as_text(unigram, typed):
    with pytest.raises(QueryError) as caught:
        parse(typed, unigram)
    expected = f"No token is written {typed}. A prompt sends <unk> for “😅”."
    assert (str(caught.value), caught.value.fix) == (expected, None)
