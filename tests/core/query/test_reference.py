"""Tokens written so that the parser reads them again."""

import pytest

from tests.core.query.clip_queries import CAT, CAT_PART, CLIP, finished_terms
from tokensim_gui.core.query.parser import parse, quote
from tokensim_gui.core.query.reference import reference
from tokensim_gui.core.query.shape import AnyTokens


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


def test_a_part_of_another_vocabulary_is_written_as_its_piece(wordpiece):
    assert [reference(wordpiece, token) for token in (1, 2, 4)] == ["cat", "`##s`", "s"]


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


def test_a_token_is_written_so_that_it_is_the_word_on_another_vocabulary(unigram):
    assert [reference(unigram, id) for id in (2, 3, 5)] == ["cat", "`cat`", "猫"]
    assert [reference(CLIP, id) for id in (CAT, CAT_PART)] == ["cat", "`cat`"]
