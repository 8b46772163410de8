"""``tokensim explain``, ``rare`` and ``export``, as a user or a script runs them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.commands.conftest import CommandLine
from tokensim_gui.core import paths
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def starter() -> tuple[Vocabulary, Table]:
    folder = paths.resource("starter")
    return Vocabulary.load(folder), Table.load(folder)


def answer(done) -> dict:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_explain_says_a_mix_in_its_own_tokens(tokensim: CommandLine) -> None:
    said = answer(
        tokensim(
            "explain", "0.7*sunset + 0.3*castle", "--table", "starter", "--words", "8", "--json"
        )
    )
    assert set(said) == {"terms", "explained"}
    assert set(said["terms"][0]) == {"id", "piece", "text", "weight"}
    weights = {term["piece"]: term["weight"] for term in said["terms"]}
    assert weights["sunset</w>"] == pytest.approx(0.7, abs=1e-3)
    assert weights["castle</w>"] == pytest.approx(0.3, abs=1e-3)
    assert said["explained"] == pytest.approx(1.0)


def test_explain_leaves_out_own_tokens_and_says_when_the_fit_is_poor(tokensim: CommandLine) -> None:
    done = tokensim(
        "explain",
        "sunset",
        "--table",
        "starter",
        "--words",
        "1",
        "--leave-out-own",
        "--filter",
        "#0..#9",
    )
    assert done.returncode == 0
    assert "only" in done.stderr
    assert done.stdout.endswith("% explained\n")


def test_explain_refuses_what_is_no_number_of_words(tokensim: CommandLine) -> None:
    done = tokensim("explain", "cat", "--table", "starter", "--words", "0")
    assert done.returncode == 2
    assert "is not a number from 1 to 64" in done.stderr


def test_rare_prints_tokens_with_reasons_rarest_first(tokensim: CommandLine) -> None:
    tokens = answer(tokensim("rare", "--table", "starter", "-n", "30", "--json"))["tokens"]
    assert len(tokens) == 30
    assert set(tokens[0]) == {"id", "piece", "score", "reason"}
    scores = [token["score"] for token in tokens]
    assert scores == sorted(scores, reverse=True)
    assert all(token["reason"] for token in tokens)


def test_trigger_words_are_none_of_a_list_of_tags(tokensim: CommandLine, tmp_path: Path) -> None:
    tags = tmp_path / "tags.csv"
    tags.write_text("1girl,0,5000\nlong_hair,0,4000\nsks,0,1\n")
    free = answer(
        tokensim("rare", "--table", "starter", "--triggers", "3", "-n", "5000", "--json")
    )["tokens"]
    told = answer(
        tokensim(
            "rare",
            "--table",
            "starter",
            "--triggers",
            "3",
            "-n",
            "5000",
            "--not-in",
            str(tags),
            "--json",
        )
    )["tokens"]
    assert {t["piece"] for t in free} - {t["piece"] for t in told} == {"sks</w>"}
    assert "typed as it is" in free[0]["reason"]
    gone = tokensim(
        "rare", "--table", "starter", "--triggers", "3", "--not-in", str(tmp_path / "gone.txt")
    )
    assert gone.returncode == 2
    assert "can't be read" in gone.stderr


def test_export_writes_all_rows_a_filter_or_the_neighbours_of_a_query(
    tokensim: CommandLine, tmp_path: Path, starter: tuple[Vocabulary, Table]
) -> None:
    _, table = starter
    out = tmp_path / "all.npy"
    said = answer(tokensim("export", "starter", str(out), "--json"))
    assert said["files"] == [str(out), str(tmp_path / "all.tokens.json")]
    assert "rounded" in said["remark"]
    exact = table.vectors(slice(None)).astype(np.float32)
    np.testing.assert_array_equal(np.load(out), exact)
    few = tmp_path / "few.npy"
    assert tokensim("export", "starter", str(few), "--filter", "#100..#109").returncode == 0
    np.testing.assert_array_equal(np.load(few), exact[100:110])
    near = tmp_path / "near.npy"
    assert tokensim("export", "starter", str(near), "--query", "cat", "-n", "3").returncode == 0
    tokens = json.loads((tmp_path / "near.tokens.json").read_text())
    assert [token["text"] for token in tokens] == ["cat", "cat", "cats"]
    np.testing.assert_array_equal(np.load(near), exact[[token["id"] for token in tokens]])


def test_export_writes_the_ids_of_a_list_in_its_order(
    tokensim: CommandLine, tmp_path: Path
) -> None:
    out, ids = tmp_path / "out.npy", tmp_path / "ids.txt"
    ids.write_text("320\n#5\n")
    assert tokensim("export", "starter", str(out), "--ids", str(ids)).returncode == 0
    tokens = json.loads((tmp_path / "out.tokens.json").read_text())
    assert [token["id"] for token in tokens] == [320, 5]
    ids.write_text("320\n49408\n")
    done = tokensim("export", "starter", str(out), "--ids", str(ids))
    assert done.returncode == 2
    assert "Line 2 of" in done.stderr and "is not an id from 0 to 49407" in done.stderr


def test_export_says_which_endings_there_are(tokensim: CommandLine, tmp_path: Path) -> None:
    done = tokensim("export", "starter", str(tmp_path / "out.doc"))
    assert done.returncode == 2
    assert ".safetensors" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_vocabulary_without_vectors_is_answered_by_one_sentence(
    tokensim: CommandLine, tmp_path: Path
) -> None:
    with TableLibrary().adding("Bare") as new:
        for name in ("tokenizer.json", "vocabulary.npz"):
            shutil.copy(paths.resource(f"starter/{name}"), new.folder / name)
        save_table(new.folder, "Bare", "clip", "F16", 49_408, 0, [])
        slug = new.slug
    for arguments in (
        ("explain", "cat", "--table", slug),
        ("rare", "--table", slug),
        ("export", slug, str(tmp_path / "out.npy")),
    ):
        done = tokensim(*arguments)
        assert done.returncode == 2
        assert "vocabulary without vectors" in done.stderr
        assert len(done.stderr.splitlines()) == 1
