"""``tokensim split``: how a tokenizer.json cuts texts, one after the other."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from tokensim_gui.commands.command import (
    Answer,
    Commands,
    add_command,
    file_path,
    flush,
    typed_lines,
)
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job


def add_commands(commands: Commands) -> None:
    """Add the parser."""
    split = add_command(commands, "split", _split)
    split.add_argument("tokenizer", type=file_path, metavar="TOKENIZER", help="a tokenizer.json")


def _split(arguments: argparse.Namespace, _: Job) -> Answer:
    """Read texts, a JSON string a line, and print the tokens of each: [[id, start, end], …].

    The first line printed is ``{}`` once the tokenizer is loaded. What goes wrong is
    ``{"error": sentence}``; after a text the next one is read.
    """
    return Answer(lines=_lines(arguments.tokenizer))


def _lines(path: Path) -> Iterator[str]:
    from tokensim_gui.core.vocabulary.splitting import LoadedTokenizer

    try:
        tokenizer = LoadedTokenizer(path)
    except TokenSimError as error:
        yield json.dumps({"error": str(error)})
        return
    yield "{}"
    flush()
    for line in typed_lines():
        try:
            yield json.dumps(tokenizer.split(json.loads(line)))
        except TokenSimError as error:
            yield json.dumps({"error": str(error)})
        except (ValueError, RecursionError):
            yield json.dumps({"error": "This line is no JSON string."})
        flush()
