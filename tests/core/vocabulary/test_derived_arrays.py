"""What is kept of a vocabulary beside its tokenizer: it comes back the same, or is made again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.vocabulary.small_vocabularies import built, byte_bpe, unigram
from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.table import save_table
from tokensim_gui.core.vocabulary import derived_arrays
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


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
