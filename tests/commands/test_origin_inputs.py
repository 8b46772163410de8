"""The origin's queries and files, by the command line."""

import json
from pathlib import Path

import pytest

from tests import origin_inputs
from tests.commands.conftest import CommandLine


@pytest.mark.parametrize(("query", "said", "fix", "first"), origin_inputs.QUERIES)
def test_each_query_answers_and_says_how_it_was_read(
    tokensim: CommandLine, query: str, said: str, fix: str, first: str
) -> None:
    plain = tokensim("search", query, "-n", "5")
    assert said in plain.stderr
    assert plain.returncode == (0 if first else 2)
    if first:
        done = tokensim("search", query, "-n", "5", "--kind", "word", "--json")
        answer = json.loads(done.stdout)
        assert answer["results"][0]["text"] == first
        hint = answer["hint"] or {"text": "", "fix": None}
        assert hint["text"].endswith(said) and (hint["fix"] or "") == fix
        assert f"Perhaps: {fix}\n" in plain.stderr or not fix


def test_each_file_opens_as_what_it_is(tokensim: CommandLine, tmp_path: Path) -> None:
    for path, rows, dim in origin_inputs.write_files(tmp_path):
        done = tokensim("import", str(path), "--json")
        (made,) = json.loads(done.stdout)["tables"]
        assert (path.name, made["rows"], made["dim"]) == (path.name, rows, dim)
        if rows > origin_inputs.ROWS:
            kind = "the vocabulary of “Starter words”" if not dim else ""
            assert kind in made["notice"]
            said = json.loads(tokensim("tokens", "cat", "--table", made["slug"], "--json").stdout)
            assert [token["id"] for token in said["tokens"]] == [2368]
