"""``tokensim prompt``, ``convert`` and ``mutate``: prompts without a window."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokensim_gui.core.prompt.conversion import convert
from tokensim_gui.core.prompt.mutations import mutate, near_count
from tokensim_gui.core.prompt.parsed_prompt import number
from tokensim_gui.core.report.prompt_report import convert_json, mutations_json, prompt_json
from tokensim_gui.core.values import Query, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

_NEAR = "#near:"


def prompt(arguments: argparse.Namespace, folder: Path) -> dict[str, Any] | None:
    """Print the tokens of a prompt, or return them as data for ``--json``."""
    vocabulary = Vocabulary.load(folder)
    answer = prompt_json(arguments.text, vocabulary, arguments.interface, arguments.limit)
    if arguments.json:
        return answer
    for token in answer["tokens"]:
        marks = [f"weight {number(token['weight'])}"] if token["weight"] != 1 else []
        marks += [name for name in ("repeated", "odd") if token[name]]
        line = f"{token['chunk'] + 1:3}  #{token['id']:<7} {token['piece']:24} {', '.join(marks)}"
        print(line.rstrip())
    for mark in answer["unsent"]:
        print(f"not sent: {mark['text']} ({mark['kind']})")
    over = f", {answer['over']} of them cut off" if answer["over"] else ""
    chunks = len(answer["chunks"])
    print(f"{answer['count']} tokens in {chunks} chunk{'s' if chunks > 1 else ''}{over}")
    _say(answer["notes"])
    return None


def convert_prompt(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Print a prompt in the syntax of another interface; what is lost goes to stderr."""
    converted = convert(arguments.text, arguments.source, arguments.target)
    if arguments.json:
        return convert_json(converted, arguments.source, arguments.target)
    print(converted.text)
    _say(converted.lost)
    return None


def mutate_template(arguments: argparse.Namespace, folder: Path) -> dict[str, Any] | None:
    """Print prompts made of a template, one a line; what is to be said goes to stderr."""
    vocabulary = Vocabulary.load(folder)
    token_filter = TokenFilter(arguments.filter)
    made = mutate(
        arguments.text,
        vocabulary,
        arguments.n,
        arguments.seed,
        token_filter=token_filter,
        interface=arguments.interface,
        neighbours=(
            _neighbours(folder, vocabulary, near_count(arguments.n), token_filter)
            if _NEAR in arguments.text
            else None
        ),
    )
    if arguments.json:
        return mutations_json(made, vocabulary)
    for mutation in made.prompts:
        print(mutation.prompt.replace("\n", " "))
    _say(made.notes)
    return None


def _neighbours(
    folder: Path, vocabulary: Vocabulary, count: int, token_filter: TokenFilter
) -> "Callable[[str], Sequence[int]]":
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.search.engine import Engine

    engine = Engine()
    engine.open(Table.load(folder), vocabulary)

    def nearest(query: str) -> Sequence[int]:
        asked = Query(query, count=count, map_count=0, filter=token_filter, strict=True)
        ids: list[int] = engine.search(asked).ids.tolist()
        return ids

    return nearest


def _say(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print(f"tokensim: {sentence}", file=sys.stderr)
