"""What a vocabulary knows of its tokens, and what is no tokenizer."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from tests.core.vocabulary.small_vocabularies import (
    built,
    byte_bpe,
    described,
    kind,
    reason,
    unigram,
)
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.vocabulary import REASONS, SCRIPTS, Vocabulary


def test_clips_check_values_hold(clip):
    assert clip.family == "clip"
    assert clip.rows == 49_408
    assert sum(clip.piece(token).endswith("</w>") for token in range(clip.rows)) == 34_483
    assert np.count_nonzero(clip.kinds == KINDS.index("bytes")) == 532
    assert np.count_nonzero(clip.reasons == REASONS.index("capital")) == 52
    assert [
        clip.id_of_piece(piece)
        for piece in ("cat", "cat</w>", "cute</w>", "girl</w>", "ðŁĺħ</w>", "!")
    ] == [1481, 2368, 2242, 1611, 9188, 0]
    assert [clip.id_of_piece(piece) for piece in ("", "cat</w", "no such", "\udcff")] == [None] * 4
    assert clip.encode("cute girl") == (2242, 1611)
    assert clip.ids_of_text("cat") == (1481, 2368)
    assert clip.ids_of_text("banananana") == ()


def test_a_token_has_piece_text_display_and_bytes(clip):
    assert (clip.piece(9188), clip.text(9188), clip.display(9188)) == ("ðŁĺħ</w>", "😅", "😅")
    assert clip.raw_bytes(9188) == "😅".encode()
    assert SCRIPTS[clip.scripts[9188]] == "Emoji"
    assert (clip.text(49_407), clip.display(49_407)) == (None, "<|endoftext|>")
    bell = clip.id_of_piece(BYTE_TO_CHAR[7])
    assert (clip.text(bell), clip.display(bell), reason(clip, bell)) == (
        "\x07",
        "U+0007",
        "control",
    )
    half = clip.id_of_piece("ðŁ")
    assert (clip.text(half), clip.display(half), clip.raw_bytes(half)) == (
        None,
        "⟨f0 9f⟩",
        b"\xf0\x9f",
    )


def test_every_piece_is_found_by_its_spelling_and_by_its_text(clip):
    for token in range(0, clip.rows, 7):
        assert clip.id_of_piece(clip.piece(token)) == token
        assert clip.display(token)
        text = clip.text(token)
        if text is not None:
            same = clip.ids_of_text(text)
            assert token in same
            assert {int(clip.same_text[other]) for other in same} == {min(same)}


def test_tokens_without_a_text_share_it_with_none(clip):
    for token in (49_406, clip.id_of_piece("ðŁ")):
        assert np.count_nonzero(clip.same_text == clip.same_text[token]) == 1


def test_commonness_is_the_rank_of_the_merge(clip):
    assert clip.commonness(27_151) == (26_639, 48_894)
    assert clip.piece(27_151) == "cuter</w>"
    assert clip.commonness(511) is None
    assert clip.commonness(49_407) is None


def test_offsets_count_code_points(clip):
    assert clip.encode_offsets("😅 cat") == [(9188, 0, 1), (2368, 2, 5)]


def test_half_a_surrogate_pair_is_no_crash(clip):
    assert clip.encode("cat \ud83d") == clip.encode("cat ?")


def test_browsing_begins_with_words_and_ends_with_what_is_no_text(clip):
    order = clip.order
    assert sorted(order) == list(range(clip.rows))
    first = order[:30_000]
    assert all(kind(clip, token) == "word" for token in first)
    assert (np.diff(first) > 0).all()
    assert clip.display(int(order[0])) == "a"
    assert {kind(clip, token) for token in order[-534:]} == {"bytes", "special"}
    assert order.dtype == np.int32 and not order.flags.writeable


def test_nothing_can_be_changed(clip):
    for array in (clip.kinds, clip.scripts, clip.typeable, clip.reasons, clip.same_text):
        assert not array.flags.writeable


def test_rows_without_a_tokenizer_are_known_by_number():
    vocabulary = Vocabulary.build(None, 3)
    assert (vocabulary.family, vocabulary.rows) == ("none", 3)
    assert [vocabulary.display(token) for token in range(3)] == ["#0", "#1", "#2"]
    assert vocabulary.text(1) is None and vocabulary.id_of_piece("#1") is None
    with pytest.raises(TokenSimError, match="has no tokenizer, so text can't be split"):
        vocabulary.encode("cat")


def test_a_tokenizer_with_more_pieces_than_the_table_has_rows_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"264 pieces and the table only 200 rows"):
        built(tmp_path, byte_bpe(), 200)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"model": null}',
        b"[" * 100_000,
        b'{"model": {"vocab": [[1]]}}',
        b'{"model": {"type": "BPE", "vocab": {"\\ud800": 0}, "merges": []}}',
    ],
)
def test_what_is_no_tokenizer_gets_a_sentence(tmp_path, content):
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(FileError, match="is not a tokenizer that TokenSim can read"):
        Vocabulary.build(tmp_path / "tokenizer.json", 1_000)


def test_building_can_be_cancelled(tmp_path):
    unigram().save(str(tmp_path / "tokenizer.json"))
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        Vocabulary.build(tmp_path / "tokenizer.json", 300, job)


def test_a_text_that_the_tokenizer_refuses_gets_a_sentence(tmp_path):
    pieces = {"cat": 0, "##s": 1}
    vocabulary = built(tmp_path, Tokenizer(WordPiece(pieces, unk_token="[UNK]")), 2)
    assert described(vocabulary, "cat") == ("word", "cat", "alone")
    assert vocabulary.encode("cats") == (0, 1)
    with pytest.raises(TokenSimError, match="can't split “dog”"):
        vocabulary.encode("dog")
