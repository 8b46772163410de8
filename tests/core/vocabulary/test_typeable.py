import json
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openai_reference import OpenAITokenizer
from tokenizers import Tokenizer

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary import typeable
from tokensim_gui.core.vocabulary.pieces import spellings
from tokensim_gui.core.vocabulary.typeable import (
    BEGINNINGS,
    ENDINGS,
    REASONS,
    _parted,
    find_typing,
    openai_clean,
)


@pytest.fixture(scope="module")
def fast():
    return Tokenizer.from_file(str(paths.resource("starter/tokenizer.json")))


@pytest.fixture(scope="module")
def openai():
    model = json.loads(paths.resource("starter/tokenizer.json").read_bytes())["model"]
    return OpenAITokenizer(model["vocab"], [tuple(pair) for pair in model["merges"]])


def tokens_of(clip, typeable):
    code = TYPEABLES.index(typeable)
    return [token for token in range(clip.rows) if clip.typeable[token] == code]


def kind_of(clip, token):
    return KINDS[clip.kinds[token]]


def encode_all(fast, texts):
    return [item.ids for item in fast.encode_batch_fast(texts, add_special_tokens=False)]


def test_every_token_typeable_alone_comes_back_from_both_clip_tokenizers(clip, fast, openai):
    alone = tokens_of(clip, "alone")
    texts = [clip.text(token) or clip.piece(token) for token in alone]
    for token, text, ids in zip(alone, texts, encode_all(fast, texts), strict=True):
        assert ids == [token]
        assert openai.encode(text) == [token], text
        assert clip.host(token) == (None if clip.text(token) else text)


def test_every_host_contains_its_token(clip, fast, openai):
    inside = tokens_of(clip, "inside")
    hosts = [clip.host(token) for token in inside]
    texts = [clip.text(token) for token in inside]
    alone = encode_all(fast, [text or "" for text in texts])
    for token, host, ids, own in zip(inside, hosts, encode_all(fast, hosts), alone, strict=True):
        assert token in ids
        assert own != [token]
        if kind_of(clip, token) != "bytes":
            assert token in openai.encode(host), host


def test_what_can_never_be_typed_gives_in_to_no_ending_and_no_beginning(clip, fast, openai):
    never = [token for token in tokens_of(clip, "never") if clip.text(token) is not None]
    for token in never:
        text = clip.text(token)
        hosts = [
            text,
            *(text + ending for ending in ENDINGS),
            *(beginning + text for beginning in BEGINNINGS),
        ]
        for host, ids in zip(hosts, encode_all(fast, hosts), strict=True):
            assert token not in ids or token not in openai.encode(host), host


def test_the_reason_for_never_holds(clip, fast):
    for token in tokens_of(clip, "never"):
        reason = REASONS[clip.reasons[token]]
        text = clip.text(token)
        if reason == "capital":
            assert text != text.lower()
        elif reason == "digit":
            assert text.isdecimal()
        elif reason == "white space":
            assert fast.encode(text, add_special_tokens=False).ids == []
        elif reason == "control":
            assert openai_clean(text) == "" != text
        else:
            assert reason == "unreachable"
            assert kind_of(clip, token) == "bytes"


def test_only_what_is_never_typed_has_a_reason(clip):
    never = clip.typeable == TYPEABLES.index("never")
    assert ((clip.reasons != REASONS.index("")) == never).all()


def test_the_counts_are_those_measured_for_clip(clip):
    counts = Counter(
        (kind_of(clip, token), TYPEABLES[clip.typeable[token]], REASONS[clip.reasons[token]])
        for token in range(clip.rows)
    )
    assert counts == {
        ("word", "alone", ""): 34_277,
        ("word", "never", "capital"): 26,
        ("word", "never", "control"): 28,
        ("word", "never", "white space"): 6,
        ("part", "inside", ""): 14_467,
        ("part", "never", "capital"): 26,
        ("part", "never", "control"): 28,
        ("part", "never", "digit"): 10,
        ("part", "never", "white space"): 6,
        # 360 in a single character, 87 in two or more; of the 85 that are left 81 are single
        # bytes and 4 begin characters for private use, which nobody can type.
        ("bytes", "inside", ""): 447,
        ("bytes", "never", "unreachable"): 85,
        ("special", "alone", ""): 2,
    }


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("♀️", {1548, 5511}),
        ("🇮🇸", {8347}),
        ("🇺🇾", {4131}),
        ("🇳🇵", {17747}),
        ("ال", {8453}),
        ("باب", {13189}),
        ("обед", {20978}),
        ("カレンダー", {25914}),
        ("소녀", {21391}),
    ],
)
def test_bytes_that_ordinary_text_gives_are_typed_inside(clip, text, tokens):
    assert tokens <= set(clip.encode(text))
    assert {TYPEABLES[clip.typeable[token]] for token in tokens} == {"inside"}


def test_the_host_of_bytes_is_as_short_as_they_allow(clip):
    hosts = [clip.host(token) for token in tokens_of(clip, "inside") if clip.text(token) is None]
    several = [host for host in hosts if len(host) > 1]
    assert len(hosts) == 447 and len(several) == 87
    assert max(len(host) for host in hosts) == 5  # #26068 is all but the last byte of 방탄소년단
    assert clip.host(25887) == "소년단"
    assert not any(unicodedata.category(sign) in ("Cc", "Co") for sign in "".join(several))


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (b"\x80\xef\xb8\x8f", (b"\x80", "\ufe0f", b"")),
        ("🇺".encode() + b"\xf0\x9f\x87", (b"", "🇺", b"\xf0\x9f\x87")),
        (b"\x8c\xe3\x82\x8a\xe3\x81", (b"\x8c", "り", b"\xe3\x81")),
        (b"\x9f", (b"\x9f", "", b"")),
        (b"\xf0\x9f\x98", (b"", "", b"\xf0\x9f\x98")),
    ],
)
def test_bytes_are_parted_at_the_characters_that_are_cut(raw, parts):
    assert _parted(raw) == parts


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=5), st.integers(0, 12), st.integers(0, 12))
def test_parted_bytes_come_together_again(text, start, stop):
    raw = text.encode("utf-8", "replace")[start : len(text.encode("utf-8", "replace")) - stop]
    last, whole, first = _parted(raw)
    assert last + whole.encode() + first == raw
    assert len(last) < 4 and len(first) < 4


def cut_at_both_ends(middle):
    return b"\x80" + middle + b"\xc3"


def typing_of(fragments, encode, job=None):
    kinds, texts = ["bytes"] * len(fragments), [None] * len(fragments)
    raw = dict(enumerate(fragments))
    return find_typing("byte-bpe", kinds, texts, raw, {}, None, encode, job or Job())


def test_long_bytes_are_not_repeated_in_hundreds_of_texts():
    tried = []

    def encode(texts):
        tried.extend(text for text in texts if "aa" in text)
        return [[0] if "a" * 62 in text else [] for text in texts]

    short = cut_at_both_ends(b"a" * 62)
    for middle in (b"a" * 63, b"a" * 10_000):
        found = typing_of([cut_at_both_ends(middle)], encode)
        assert tried == [] and found.typeable == ["never"]
    assert typing_of([short], encode).typeable == ["inside"]
    assert len(tried) > 100


def test_completing_bytes_stops_between_two_of_them(monkeypatch):
    job, parted = Job(), []

    def cancelling(raw):
        parted.append(raw)
        job.cancel()
        return _parted(raw)

    monkeypatch.setattr(typeable, "_parted", cancelling)
    with pytest.raises(JobCancelled):
        typing_of([cut_at_both_ends(b"a")] * 3, lambda texts: [[] for _ in texts], job)
    assert len(parted) == 1


@pytest.mark.parametrize(
    ("text", "disagrees"),
    [
        ("a photo of a cat", False),
        ("“cat”", True),
        ("rock &amp; roll", True),
        ("ｆｕｌｌ ｗｉｄｔｈ", True),
        ("ﬁne", True),
        ("CAT", False),
        ("a\n cat", False),
        ("café", False),
        ("", False),
    ],
)
def test_where_openais_tokenizer_disagrees_the_vocabulary_says_so(clip, openai, text, disagrees):
    assert clip.openai_disagrees(text) is disagrees
    assert (tuple(openai.encode(text)) != clip.encode(text)) is disagrees


@settings(deadline=None, derandomize=True, max_examples=400)
@given(
    st.text(
        st.sampled_from("aBzé́ﬁ‘’“”＆&;amplt<>|#39\n\t\x07\x7fΣσ😅ー½")
        | st.characters(max_codepoint=0x24F),
        max_size=12,
    )
)
@example("&amp;lt;")
@example("ΟΔΟΣ")
def test_disagreement_is_told_for_any_text(clip, openai, text):
    assert clip.openai_disagrees(text) == (tuple(openai.encode(text)) != clip.encode(text))


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="&")))
def test_printable_ascii_is_cleaned_without_ftfy_as_with_it(openai, text):
    import ftfy

    assert openai_clean(text) == " ".join(ftfy.fix_text(text).split()).lower()


def test_a_text_is_spelled_as_the_pieces_that_read_it(clip):
    assert spellings("clip", "😅") == ("ðŁĺħ", "ðŁĺħ</w>")
    assert clip.ids_of_text("😅") == (9188, 15245)
    assert clip.piece(15245) == "ðŁĺħ"
