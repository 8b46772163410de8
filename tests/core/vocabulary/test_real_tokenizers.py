"""Words of real tokenizers: that a bare word is its token, and that what is claimed is so."""

import random
import re

import numpy as np
import pytest
from tokenizers import Tokenizer

from tests.real_tokenizers import SOAK, SOURCES, saved
from tokensim_gui.core.errors import QueryError
from tokensim_gui.core.prompt.copying import copied
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.reference import reference
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary.pieces import BLANK_LED, begins_with_space
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

SEED = 20260
WORD = re.compile(r"[^\W\d_]{3,}")


@pytest.fixture(scope="module", params=SOURCES)
def real(request, tmp_path_factory):
    """A real tokenizer and the vocabulary that TokenSim derives from it."""
    source = saved(request.param, tmp_path_factory.mktemp("tokenizer"))
    fast = Tokenizer.from_file(str(source))
    fast.no_padding()
    fast.no_truncation()
    rows = 1 + max(fast.get_vocab().values())
    return fast, Vocabulary.build(source, rows)


def encode(fast, text):
    return fast.encode(text, add_special_tokens=False).ids


def without_blanks(vocabulary, ids):
    blank = vocabulary.id_of_piece(BLANK_LED.get(vocabulary.family, ""))
    return [token for token in ids if token != blank]


def in_prompt(fast, vocabulary, text):
    """The ids of a text behind a word and a blank, as a prompt gives them."""
    before = without_blanks(vocabulary, encode(fast, "a"))
    ids = without_blanks(vocabulary, encode(fast, f"a {text}"))
    assert ids[: len(before)] == before
    return ids[len(before) :]


def of(vocabulary, how):
    return np.flatnonzero(vocabulary.typeable == TYPEABLES.index(how)).tolist()


def some(tokens, most):
    tokens = list(tokens)
    most = most if SOAK else most // 10
    return random.Random(SEED).sample(tokens, most) if len(tokens) > most else tokens


def ids_of(vocabulary, text):
    try:
        return [term.ids for term in parse(text, vocabulary).terms]
    except QueryError:
        return []


def is_marked(vocabulary, piece):
    if vocabulary.family in BLANK_LED:
        return begins_with_space(vocabulary.family, piece)
    return vocabulary.family != "clip" or piece.endswith("</w>")


def test_a_word_typed_bare_is_exactly_its_token(real):
    _, vocabulary = real
    marked = [
        token
        for token in range(vocabulary.rows)
        if KINDS[vocabulary.kinds[token]] == "word"
        and WORD.fullmatch(vocabulary.text(token))
        and is_marked(vocabulary, vocabulary.piece(token))
    ]
    words = some(marked, len(marked) if SOAK else 10_000)
    missed = [w for w in words if ids_of(vocabulary, vocabulary.text(w)) != [(w,)]]
    assert len(missed) <= 0.001 * len(words), [vocabulary.piece(token) for token in missed[:20]]
    for token in missed:
        assert TYPEABLES[vocabulary.typeable[token]] not in ("alone", "unspaced")


def test_the_claim_of_every_token_is_what_encoding_says(real):
    fast, vocabulary = real
    for token in some(range(vocabulary.rows), 20_000):
        how, text = TYPEABLES[vocabulary.typeable[token]], vocabulary.text(token)
        piece, host = vocabulary.piece(token), vocabulary.host(token)
        if text is None:
            if how != "never":
                assert token in encode(fast, host or piece), piece
            continue
        exact = text == text.strip() and in_prompt(fast, vocabulary, text) == [token]
        assert (how == "alone") == exact or "\n" in text or not text.isprintable(), piece
        if how in ("start", "unspaced"):
            assert encode(fast, text) == [token], piece
        if host is not None:
            assert token in in_prompt(fast, vocabulary, host) + encode(fast, host), piece


def test_the_kind_of_every_token_is_that_of_its_place(real):
    _, vocabulary = real
    for token in some(range(vocabulary.rows), 20_000):
        kind, piece = KINDS[vocabulary.kinds[token]], vocabulary.piece(token)
        if kind not in ("word", "part"):
            continue
        if vocabulary.family == "clip":
            assert (kind == "word") == piece.endswith("</w>")
        elif vocabulary.family == "wordpiece":
            assert (kind == "part") == piece.startswith("##")
        elif piece.startswith("Ġ" if vocabulary.family == "byte-bpe" else "▁"):
            assert kind == "word"
        elif vocabulary.text(token)[0].isascii():
            assert kind == "part"


def test_no_two_words_of_a_prompt_share_the_text_to_copy(real):
    _, vocabulary = real
    texts = [vocabulary.text(token) for token in of(vocabulary, "alone") if vocabulary.text(token)]
    assert len(texts) == len(set(texts))


def test_a_list_of_words_comes_back_from_a_prompt(real):
    fast, vocabulary = real
    alone = [token for token in of(vocabulary, "alone") if vocabulary.text(token) is not None]
    tokens = some(alone, 10_000)
    written, lost = copied(vocabulary, tokens, "comma", "plain")
    assert lost == []
    ids = without_blanks(vocabulary, encode(fast, f"a {written}"))
    assert set(tokens) <= set(ids)
    commas = {*encode(fast, "a , a"), *encode(fast, "a, a"), *encode(fast, "a,a")}
    left = iter(token for token in ids if token not in commas)
    assert all(token in left for token in tokens if token not in commas)


def test_every_token_is_written_so_that_it_is_found_again(real):
    _, vocabulary = real
    for token in some(range(vocabulary.rows), 2_000):
        assert ids_of(vocabulary, reference(vocabulary, token)) == [(token,)]


def test_a_word_is_found_as_each_family_writes_it(real):
    _, vocabulary = real
    alone = [token for token in of(vocabulary, "alone") if (vocabulary.text(token) or "").isalpha()]
    for token in some(alone, 20_000):
        text = vocabulary.text(token)
        for written in (f"{text}</w>", f"▁{text}", f"Ġ{text}"):
            if vocabulary.id_of_piece(written) is None and text != "Ġ":  # which reads as a blank
                assert vocabulary.id_of_spelling(written) == token, written


def test_a_completion_is_the_rest_of_a_word_typed_as_it_is(real):
    _, vocabulary = real
    for beginning in ("ca", "wor", "fri"):
        rest = vocabulary.completion(beginning)
        assert rest and vocabulary.id_typed(beginning + rest) is not None
        assert len(ids_of(vocabulary, beginning + rest)[0]) == 1
