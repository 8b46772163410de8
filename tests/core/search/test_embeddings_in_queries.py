"""Embeddings as entries of a space: named in queries, calculated with, read in tokens."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.core.search.brute_force import opened
from tests.made_tables import add_little, little_vectors
from tokensim_gui.commands.main import run
from tokensim_gui.core.errors import FileError, QueryError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.loras.inversion_file import read_inversions
from tokensim_gui.core.loras.inversion_shelf import InversionShelf, shelf_of
from tokensim_gui.core.loras.trained_files import identify, store_list
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.query.shape import AnyTokens
from tokensim_gui.core.query.term_weights import with_weight
from tokensim_gui.core.query.terms import Embedded
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.search.inversion_reading import likeness, read_parts
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

STYLE = torch.randn(3, 64, generator=torch.Generator().manual_seed(7))
OTHER = torch.randn(2, 64, generator=torch.Generator().manual_seed(8))


@pytest.fixture
def engine(tmp_path):
    """An engine over a little table that knows three embeddings."""
    torch.save({"string_to_param": {"*": STYLE}}, tmp_path / "bad-hands.pt")
    torch.save({"<my style>": OTHER}, tmp_path / "my style.pt")
    save_file({"emb_params": torch.ones(1, 768)}, tmp_path / "Wide.safetensors")
    files = [tmp_path / name for name in ("bad-hands.pt", "my style.pt", "Wide.safetensors")]
    library = TableLibrary()
    slug = add_little(library, "little")
    folder = library.folder(slug)
    made = Engine("cpu", shelf=shelf_of(files))
    made.open(Table.load(folder), Vocabulary.load(folder))
    return made


def word(text: str) -> np.ndarray:
    from tests.made_tables import WORDS

    return little_vectors()[1 + WORDS.index(text)].astype(np.float16).astype(np.float64)


STYLE64, OTHER64 = STYLE.double().numpy(), OTHER.double().numpy()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("emb:bad-hands", STYLE64.mean(axis=0)),
        ("emb:BAD-hands[2]", STYLE64[1]),
        ("embedding:bad-hands[3]", STYLE64[2]),
        ('emb:"my style"', OTHER64.mean(axis=0)),
        ("cat + 0.5*emb:bad-hands[1]", word("cat") + 0.5 * STYLE64[0]),
        ("(emb:bad-hands:1.2) - dog", 1.2 * STYLE64.mean(axis=0) - word("dog")),
        ("cat emb:bad-hands", np.vstack([word("cat"), STYLE64]).mean(axis=0)),
        ('(emb:bad-hands[1] + emb:"my style"[2]) / 2', (STYLE64[0] + OTHER64[1]) / 2),
    ],
)
def test_an_embedding_is_calculated_with_as_a_text_is(engine, text, expected):
    np.testing.assert_allclose(engine.vector(Query(text)), expected, rtol=1e-12)


def test_its_neighbours_are_those_of_its_vector(engine):
    cosines = []
    vectors = little_vectors().astype(np.float16).astype(np.float64)
    for vector in vectors:
        cosines.append(vector @ STYLE64[1] / np.linalg.norm(vector) / np.linalg.norm(STYLE64[1]))
    found = engine.search(Query("emb:bad-hands[2]", count=5))
    assert found.ids.tolist() == np.argsort(cosines)[::-1][:5].tolist()
    assert [(one.id, one.name) for one in found.own] == [(-1, "bad-hands[2]")]


def test_centred_and_unit_hold_for_embeddings_too(engine):
    mean = engine.table.mean
    centred = engine.vector(Query("emb:bad-hands[1] + cat", metric="centred"))
    np.testing.assert_allclose(centred, STYLE64[0] + word("cat") - 2 * mean, rtol=1e-9)
    unit = engine.vector(Query("emb:bad-hands[1]", inputs="unit"))
    np.testing.assert_allclose(unit, STYLE64[0] / np.linalg.norm(STYLE64[0]), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("cat + emb:nobody", "No embedding is called “nobody”: known are bad-hands", (6, 16)),
        ("emb:bad-hands[4]", "has 3 vectors, counted from 1", (0, 16)),
        ("emb:wide", "has vectors of 768 numbers, little of 64: open", (0, 8)),
    ],
)
def test_what_can_not_be_meant_is_one_sentence_at_its_place(engine, text, sentence, place):
    with pytest.raises(QueryError, match="(?s)" + sentence.replace("(", r"\(")) as caught:
        engine.search(Query(text))
    assert (caught.value.start, caught.value.end) == place


@pytest.mark.parametrize("text", ["emb:", "emb:x!", "emb", "member:x", 'emb:""', "emb:x[", "x:y"])
def test_texts_that_only_begin_so_stay_texts(text):
    assert all(not term.embedded for term in parse(text, AnyTokens()).terms)


def test_a_weight_is_written_on_the_embedding_that_it_is_of():
    assert with_weight("emb:a + emb:b", 1, 0.5) == "emb:a + 0.5*emb:b"
    assert with_weight('emb:"a b"[2] - cat', 0, 2) == '2*emb:"a b"[2] - cat'


@pytest.mark.parametrize("name", ["plain", "bad-hands-5", "my style", "ünï", "a(b)", "x!"])
def test_a_name_is_written_so_that_it_is_read(name):
    for place in (0, 2):
        text = Embedded.written(name, place)
        read = Embedded.at(text, 0)
        assert read is not None and (read.name, read.place, read.end) == (name, place, len(text))


def test_each_vector_is_read_in_tokens_and_by_its_length(engine, tmp_path):
    (style,) = read_inversions(tmp_path / "bad-hands.pt")
    (part,) = read_parts(style, engine, Job())
    usual = np.median(engine.table.norms)
    assert part.fits and len(part.vectors) == 3
    for vector, exact in zip(part.vectors, STYLE64, strict=True):
        assert vector.norm == pytest.approx(np.linalg.norm(exact), rel=1e-6)
        assert vector.times == pytest.approx(vector.norm / usual)
        assert len(vector.ids) == 5 and list(vector.scores) == sorted(vector.scores)[::-1]
    (wide,) = read_parts(read_inversions(tmp_path / "Wide.safetensors")[0], engine, Job())
    assert not wide.fits and len(wide.vectors[0].ids) == 0


def test_two_embeddings_are_alike_by_the_cosine_of_their_means(tmp_path, engine):
    one, two, wide = (
        read_inversions(tmp_path / name)[0]
        for name in ("bad-hands.pt", "my style.pt", "Wide.safetensors")
    )
    first, second = STYLE64.mean(axis=0), OTHER64.mean(axis=0)
    expected = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert likeness(one, two) == {"dim 64": pytest.approx(expected, rel=1e-9)}
    assert likeness(one, one) == {"dim 64": pytest.approx(1)}
    assert likeness(one, wide) == {}


def test_a_file_that_changed_is_read_anew(tmp_path, engine):
    import os

    before = engine.vector(Query("emb:bad-hands[1]"))
    torch.save({"string_to_param": {"*": OTHER}}, tmp_path / "bad-hands.pt")
    os.utime(tmp_path / "bad-hands.pt", ns=(1, 1))
    after = engine.vector(Query("emb:bad-hands[1]"))
    assert not np.allclose(before, after)
    (tmp_path / "bad-hands.pt").unlink()
    with pytest.raises(QueryError, match=r"bad-hands\.pt can't be read"):
        engine.vector(Query("emb:bad-hands[1]"))


def test_a_shelf_without_files_takes_those_of_the_kept_list(tmp_path):
    torch.save({"<x>": OTHER}, tmp_path / "listed.pt")
    file = identify(tmp_path / "listed.pt")
    assert file is not None
    store_list([file])
    assert InversionShelf().names() == ["listed"]
    np.testing.assert_array_equal(InversionShelf().vectors("Listed", 0, 64, "t"), OTHER64)
    with pytest.raises(FileError, match="holds no textual inversion"):
        shelf_of([tmp_path])


def test_the_command_line_searches_with_files(tmp_path, capsys):
    slug = add_little(TableLibrary(), "little")
    torch.save({"string_to_param": {"*": STYLE}}, tmp_path / "style.pt")
    arguments = ["search", "emb:style[2] + cat", "--table", slug, "--json", "-n", "3"]
    assert run(arguments) == 2
    assert "No embedding is called “style”" in capsys.readouterr().err
    assert run([*arguments, "--embedding", str(tmp_path / "style.pt")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["results"]) == 3 and [one["piece"] for one in said["tokens"]] == ["cat"]


def test_the_command_reads_vectors_and_compares_two(tmp_path, capsys):
    slug = add_little(TableLibrary(), "little")
    torch.save({"string_to_param": {"*": STYLE}}, tmp_path / "style.pt")
    torch.save({"<o>": OTHER}, tmp_path / "other.pt")
    files = [str(tmp_path / "style.pt"), str(tmp_path / "other.pt")]
    assert run(["inversion", *files, "--table", slug, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [len(near) for near in said["parts"][0]["nearest"]] == [5, 5, 5]
    assert said["parts"][0]["in_table"] and list(said["alike"]) == ["dim 64"]
    assert run(["inversion", *files, "--table", slug]) == 0
    assert "alike for dim 64" in capsys.readouterr().out


def test_an_engine_without_a_shelf_knows_no_embedding(tmp_path):
    library = TableLibrary()
    folder = library.folder(add_little(library, "little"))
    engine = opened(Table.load(folder), Vocabulary.load(folder))
    with pytest.raises(QueryError, match="look for embeddings on the Encoders page"):
        engine.search(Query("emb:x"))
