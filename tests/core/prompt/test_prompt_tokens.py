"""The tokens of a prompt. With TOKENSIM_SOAK=1 it is 100,000 prompts instead of a tenth."""

import os
import random

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from tokensim_gui.core import paths
from tokensim_gui.core.prompt.models import model_for
from tokensim_gui.core.prompt.parsed_prompt import segments
from tokensim_gui.core.prompt.prompt_tokens import tokenize_prompt, tokens_for
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROUNDS = 20 if os.environ.get("TOKENSIM_SOAK") else 2  # of 5,000 prompts
TEXTS = [
    *("cat", "long hair", "masterpiece", "photo of a", "banananana", "don't", "8k", "50mm f/1.4"),
    *("C++", "Ünïcode", "naïve", "ﬁne", "½", "…", "e\u0301", "ＡＢＣ", "#hash", "a_b", "&amp;"),
    *("😅", "👩‍👩‍👧", "🇩🇪", "❤️", "👍🏽", "猫", "東京の空", "안녕", "שלום", "مرحبا", "हिन्दी", "ไทย"),
    *("\x07", "\u200b", "\u202e", "\x00", "\ufeff", "\t", "\n", "\u00a0", "\x7f", "!", "?!", ","),
]
SYNTAX = ["(", ")", "[", "]", "{", "}", ":1.2)", ":", "|", "\\", "BREAK", "::", "((", "))", ":-1)"]


@pytest.fixture(scope="module")
def reference():
    return Tokenizer.from_file(str(paths.resource("starter") / "tokenizer.json"))


def soup(draw):
    """Any characters and any brackets, balanced or not."""
    pool = [*TEXTS, *SYNTAX, " ", " ", " "]
    return "".join(draw.choice(pool) for _ in range(draw.randint(1, 12)))


def weighted(draw, interface):
    """A prompt with nested brackets, and the texts that it must be tokenized as."""
    prompt = ""
    pieces = []
    for _ in range(draw.randint(1, 5)):
        text = draw.choice(TEXTS[:12] + TEXTS[19:32]).replace("#hash", "")
        depth = draw.randint(0, 3)
        number = draw.choice((None, None, 0.5, 1.3)) if depth else None
        inner = text if number is None else f"{text}:{number}"
        weight = 1.0
        if number is not None:
            weight = number
        for _ in range(depth - (number is not None)):
            weight = weight * 1.1 if interface == "a1111" or number is None else weight
        prompt += "(" * depth + inner + ")" * depth + " "
        pieces += [(text, weight), (" ", 1.0)]
    if draw.random() < 0.3:
        prompt += "(open"  # never closed: a weight in A1111, text in ComfyUI
        pieces.append(("open", 1.1) if interface == "a1111" else ("(open", 1.0))
    joined = []
    for number, (text, weight) in enumerate(pieces):
        plain = interface == "comfyui" and weight != 1.0
        if joined and joined[-1][1] == weight and not plain and number:
            joined[-1] = (joined[-1][0] + text, weight)
        else:
            joined.append((text, weight))
    return prompt, joined


def test_the_ids_are_those_of_the_reference_tokenizer_over_many_prompts(clip, reference):
    draw = random.Random(20)
    wrong = []
    for _ in range(ROUNDS):
        cases = []
        for number in range(5_000):
            interface = ("plain", "plain", "a1111", "comfyui")[number % 4]
            if interface == "plain":
                prompt = soup(draw)
                texts = [(prompt, 1.0)]
            else:
                prompt, texts = weighted(draw, interface)
            cases.append((prompt, interface, texts))
        encodings = iter(
            reference.encode_batch_fast(
                [text for *_, texts in cases for text, _ in texts], add_special_tokens=False
            )
        )
        for prompt, interface, texts in cases:
            expected = [
                (token, round(weight, 6)) for _, weight in texts for token in next(encodings).ids
            ]
            tokens = tokenize_prompt(prompt, clip, interface).tokens
            if [(token.id, round(token.weight, 6)) for token in tokens] != expected:
                wrong.append((prompt, interface))
    assert wrong == []


def test_a_soup_of_brackets_agrees_segment_by_segment(clip, reference):
    draw = random.Random(3)
    for number in range(2_000):
        prompt = soup(draw)
        interface = ("a1111", "comfyui", "compel", "novelai")[number % 4]
        prompt_tokens = tokenize_prompt(prompt, clip, interface)
        texts = [s.text for s in segments(prompt_tokens.parsed) if s.kind == "text"]
        expected = [
            token
            for encoding in reference.encode_batch(texts, add_special_tokens=False)
            for token in encoding.ids
        ]
        assert list(prompt_tokens.ids) == expected


def test_each_token_knows_its_place_in_what_was_typed(clip):
    prompt = "a (😅 cute:1.3) long_hair <lora:x:1>, [cat:dog:0.5] \\(x\\)"
    tokens = tokenize_prompt(prompt, clip, "a1111").tokens
    assert [prompt[token.start : token.end] for token in tokens] == [
        *("a", "😅", "cute", "long", "_", "hair", ",", "cat", "(", "x", ")")
    ]
    assert [token.weight for token in tokens][1:3] == [1.3, 1.3]


def test_a_word_that_is_split_and_one_that_returns_are_flagged(clip):
    tokens = tokenize_prompt("banananana, a cat, a cat", clip, "plain").tokens
    assert [token.odd for token in tokens] == [True] * 3 + [False] * 6
    assert [token.word for token in tokens][:5] == [0, 0, 0, 1, 2]
    assert [token.repeated for token in tokens] == [False] * 7 + [True] * 2


def test_syntax_taken_out_of_a_word_lies_inside_of_its_range(clip):
    (token,) = tokenize_prompt("ca<lora:x:1>t", clip, "a1111").tokens
    assert (token.id, token.start, token.end) == (2368, 0, 13)


@pytest.mark.parametrize(
    ("limit", "count", "over", "padding"), [(77, 100, 25, 0), (256, 100, 0, 155), (256, 300, 45, 0)]
)
def test_tokens_over_the_limit_are_counted(clip, limit, count, over, padding):
    prompt = tokenize_prompt("cat " * count, clip, "plain", limit)
    assert (len(prompt.tokens), prompt.over) == (count, over)
    assert [chunk.padding for chunk in prompt.chunks] == [padding]


def test_bert_keeps_two_places_for_itself(tmp_path):
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "cat": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    bert = Vocabulary.build(tmp_path / "tokenizer.json", 2)
    prompt = tokenize_prompt("cat " * 512, bert, "plain", 512)
    assert (prompt.room, prompt.over) == (510, 2)


def test_only_t5_counts_the_tokens_of_t5(tmp_path):
    for rows, note in ((32_128, ""), (256_384, "of T5, and these are of another encoder.")):
        pieces = [("<unk>", 0.0), ("▁cat", -1.0)]
        Tokenizer(models.Unigram(pieces, 0)).save(str(tmp_path / "tokenizer.json"))
        unigram = Vocabulary.build(tmp_path / "tokenizer.json", rows)
        prompt = tokens_for("flux", "cat", unigram, "plain")
        assert [note in said for said in prompt.notes] == [True] * bool(note)
        assert model_for(unigram.family, rows) == ("language" if note else "flux")


def test_weights_that_an_encoder_takes_literally_are_warned_of(clip):
    assert tokenize_prompt("a (cat:1.2)", clip, "plain").notes == (
        "No weights here: the brackets round “cat” are sent as text.",
    )
    assert tokenize_prompt("a cat", clip, "plain").notes == ()


def shape(clip, prompt, interface):
    chunks = tokenize_prompt(prompt, clip, interface).chunks
    return [(chunk.last - chunk.first, chunk.padding, chunk.end) for chunk in chunks]


@pytest.mark.parametrize(
    ("prompt", "chunks"),
    [
        ("", [(0, 75, "end")]),
        ("cat " * 75, [(75, 0, "end")]),
        ("cat " * 76, [(75, 0, "full"), (1, 74, "end")]),
        ("cat " * 60 + ", " + "dog " * 20, [(61, 14, "comma"), (20, 55, "end")]),
        ("cat " * 54 + ", " + "dog " * 30, [(75, 0, "full"), (10, 65, "end")]),
        ("cat " * 74 + ", dog", [(75, 0, "full"), (1, 74, "end")]),
        ("cat BREAK dog", [(1, 74, "break"), (1, 74, "end")]),
        ("cat BREAK BREAK dog", [(1, 74, "break"), (0, 75, "break"), (1, 74, "end")]),
        ("cat BREAK", [(1, 74, "break")]),
        ("cat AND dog", [(1, 74, "and"), (1, 74, "end")]),
    ],
)
def test_a1111_parts_at_a_comma_of_the_last_20_tokens(clip, prompt, chunks):
    assert shape(clip, prompt, "a1111") == chunks


@pytest.mark.parametrize(
    ("prompt", "chunks"),
    [
        ("cat " * 76, [(75, 0, "full"), (1, 74, "end")]),
        ("(" + "cat " * 72 + ":1.2)(a b c d:1.1)", [(72, 3, "whole"), (4, 71, "end")]),
        ("(" + "cat " * 72 + ":1.2)(a b c d e f g h:1.1)", [(75, 0, "full"), (5, 70, "end")]),
        ("(" + "cat " * 75 + ":1.2)(a b:1.1)", [(75, 0, "full"), (2, 73, "end")]),
        ("cat BREAK dog", [(3, 72, "end")]),
    ],
)
def test_comfyui_keeps_pieces_of_less_than_8_tokens_whole(clip, prompt, chunks):
    assert shape(clip, prompt, "comfyui") == chunks


@pytest.mark.parametrize(
    ("prompt", "chunks"),
    [
        ("cat " * 75, [(75, 0, "end")]),
        ("cat " * 60 + ". " + "dog " * 20, [(61, 14, "sentence"), (20, 55, "end")]),
        ("cat . " + "dog , " * 40, [(2, 73, "sentence"), (74, 1, "clause"), (6, 69, "end")]),
        ("cat " * 72 + ", " + "dog " * 12, [(73, 2, "clause"), (12, 63, "end")]),
        ("cat " * 10 + "; " + "dog " * 70, [(11, 64, "clause"), (70, 5, "end")]),
        ("cat " * 76, [(75, 0, "full"), (1, 74, "end")]),
        ("cat " * 74 + "bananana", [(74, 1, "word"), (2, 73, "end")]),
    ],
)
def test_compel_parts_at_a_sentence_else_a_clause_else_a_word(clip, prompt, chunks):
    assert shape(clip, prompt, "compel") == chunks


def test_the_parts_of_a_blend_go_in_chunks_of_their_own(clip):
    assert shape(clip, '("a cat", "a dog").blend(1, 1)', "compel") == [
        (2, 73, "blend"),
        (2, 73, "end"),
    ]
