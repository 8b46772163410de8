"""``tokensim look-up``: what a text costs in each encoder of the library."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tokensim_gui.commands.command import (
    Answer,
    Commands,
    add_command,
    add_json,
    flush,
    typed_lines,
)
from tokensim_gui.commands.progress import step_back
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job

if TYPE_CHECKING:
    from tokensim_gui.core.library.other_encoders import OtherEncoders


def add_commands(commands: Commands) -> None:
    """Add the parser."""
    look_up = add_command(commands, "look-up", _look_up)
    look_up.add_text("TEXT", optional=True)
    add_json(look_up)
    look_up.add_argument(
        "--follow",
        action="store_true",
        help="read texts from standard input, a JSON string a line, and print an object for each",
    )


def _look_up(arguments: argparse.Namespace, _: Job) -> Answer:
    """Print the tokens of a text in every encoder on this computer."""
    from tokensim_gui.core.library.library import TableLibrary
    from tokensim_gui.core.library.other_encoders import OtherEncoders

    encoders = OtherEncoders(TableLibrary())
    if arguments.follow:
        return Answer(lines=_followed(encoders))
    if arguments.text is None:
        raise TokenSimError("Give a text, or --follow to read texts from standard input.")
    data = _answer(encoders, arguments.text)
    return Answer(
        data,
        [
            f"{len(row['ids']):>3}  {row['name']:32} {'·'.join(row['pieces'])}".rstrip()
            for row in data["encoders"]
        ],
    )


def _answer(encoders: "OtherEncoders", text: str) -> dict[str, Any]:
    return {"text": text, "encoders": [asdict(one) for one in encoders.readings(text)]}


def _followed(encoders: "OtherEncoders") -> Iterator[str]:
    """Yield an answer for each text, as soon as it is read; what is no JSON string has none."""
    step_back()
    for line in typed_lines():
        try:
            text = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(text, str):
            yield json.dumps(_answer(encoders, text))
            flush()
