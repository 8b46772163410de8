"""What packaging/build_resources.py made and TokenSim ships."""

import json

import numpy as np
import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.vocabulary.derived_arrays import derive, read_arrays
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary


@pytest.fixture(scope="module")
def clip():
    return Vocabulary.load(paths.resource("starter"))


@pytest.fixture(scope="module")
def table():
    return Table.load(paths.resource("starter"))


@pytest.fixture(scope="module")
def units(table):
    return table.vectors(slice(None)) / np.maximum(table.norms, 1e-9)[:, None]


def neighbours(clip, units, text, count):
    token = clip.ids_of_text(text)[0]
    nearest = np.argsort(-(units @ units[token]), kind="stable")
    texts = dict.fromkeys(clip.display(int(near)) for near in nearest[: 4 * count])
    return [near for near in texts if near != text][:count]


def test_the_tokenizer_is_clips_as_it_was_published():
    document = json.loads(paths.resource("starter/tokenizer.json").read_bytes())
    model = document.pop("model")
    assert len(model.pop("vocab")) == 49_408
    assert len(model.pop("merges")) == 48_894
    assert model == {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<|endoftext|>",
        "continuing_subword_prefix": "",
        "end_of_word_suffix": "</w>",
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
    }
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "special": True}
    assert document["added_tokens"] == [
        {"id": 49_406, "content": "<|startoftext|>", "normalized": True, **flags},
        {"id": 49_407, "content": "<|endoftext|>", "normalized": False, **flags},
    ]
    assert document["normalizer"]["normalizers"] == [
        {"type": "NFC"},
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
        {"type": "Lowercase"},
    ]
    split, byte_level = document["pre_tokenizer"]["pretokenizers"]
    assert split["pattern"] == {
        "Regex": r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    }
    assert (split["behavior"], split["invert"]) == ("Removed", True)
    assert (byte_level["type"], byte_level["add_prefix_space"]) == ("ByteLevel", False)
    assert document["post_processor"]["sep"] == ["<|endoftext|>", 49_407]
    assert document["post_processor"]["cls"] == ["<|startoftext|>", 49_406]
    assert (document["truncation"], document["padding"]) == (None, None)


def test_the_stored_vocabulary_is_what_this_version_derives():
    stored = read_arrays(paths.resource("starter/vocabulary.npz"))
    derived = derive(paths.resource("starter/tokenizer.json"), 49_408, Job())
    assert stored is not None
    assert stored.keys() == derived.keys()
    assert [name for name in derived if not np.array_equal(stored[name], derived[name])] == []


def test_the_starter_table_has_a_vector_for_each_text_that_can_be_seen(clip, table):
    assert (table.info.rows, table.info.dim, table.info.dtype) == (49_408, 384, "I8")
    assert table.info.family == clip.family
    seen = clip.scripts != SCRIPTS.index("None")
    assert ((table.norms > 0) == seen).all()
    assert np.allclose(table.norms[seen], 1, atol=0.01)


def test_tokens_of_the_same_text_have_the_same_vector(clip, table):
    vectors = table.vectors(slice(None))
    assert (vectors == vectors[clip.same_text]).all()


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("cat", {"cats", "kitty", "kitten", "pet"}),
        ("sunset", {"sunsets", "dusk", "sunrise"}),
        ("🐱", {"cat"}),
        ("🌈", {"rainbow"}),
        ("🇨🇦", {"🇺🇸", "flags"}),
        ("🎂", {"birthday"}),
    ],
)
def test_the_starter_knows_what_words_and_emoji_mean(clip, units, text, near):
    assert near <= set(neighbours(clip, units, text, 20))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "clip-tokenizer",
            ("MIT", "Copyright (c) 2021 OpenAI", "Gabriel Ilharco", "free of charge"),
        ),
        ("minilm", ("all-MiniLM-L6-v2", "Apache License", "END OF TERMS AND CONDITIONS")),
    ],
)
def test_the_licences_of_the_data_ship_with_it(name, words):
    text = paths.resource(f"licences/{name}.txt").read_text("utf-8")
    assert all(word in text for word in words)
