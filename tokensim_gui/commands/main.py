"""The command line: the same core as the window, without a window."""

import argparse
import io
import json
import sys
from collections.abc import Sequence

from tokensim_gui import __version__
from tokensim_gui.commands import (
    importing,
    layout,
    looking_up,
    lora_commands,
    progress,
    prompts,
    screenshot,
    searching,
    splitting_texts,
    vector_commands,
)
from tokensim_gui.commands.command import (
    USER_ERROR,
    Answer,
    Parser,
    add_command,
    answering,
    complain,
    file_path,
    flush,
    leave_output,
)
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job

INTERRUPTED = 130
_WINDOW = "window"


def command_line() -> Parser:
    """The one parser of everything: a subparser for each command, the window among them."""
    parser = Parser(
        prog="tokensim",
        description="The tokens inside text-to-image models. Without a command: the window.",
        usage="tokensim [--query QUERY] [--table SLUG] [FILE ...]\n       tokensim COMMAND ...",
    )
    parser.add_argument("--version", action="version", version=f"TokenSim {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="tokensim")
    window = add_command(commands, _WINDOW, _window)
    window.add_argument("--query", help="what to search for at start")
    window.add_argument("--table", metavar="SLUG", help="the table to open")
    window.add_argument(
        "files", nargs="*", type=file_path, metavar="FILE", help="checkpoints to open"
    )
    for subject in (
        searching,
        looking_up,
        splitting_texts,
        vector_commands,
        prompts,
        importing,
        layout,
        lora_commands,
        screenshot,
    ):
        subject.add_commands(commands)
    parser.set_defaults(names=tuple(commands.choices))
    return parser


def run(argv: Sequence[str]) -> int:
    """Carry out a command line; returns the exit code.

    A user's mistake is one line on stderr and exit code 2; Ctrl+C is 130.
    """
    _print_every_character()
    try:
        parser = command_line()
        arguments = parser.parse_args(_with_command(argv, parser.get_default("names")))
        if getattr(arguments, "json_progress", False):
            progress.run_as_child(arguments)
            return 0
        with progress.shown_on_terminal() as job:
            answer: Answer = arguments.run(arguments, job)
        _print(answer, getattr(arguments, "json", False))
        return answer.code
    except TokenSimError as error:
        complain(f"tokensim: {error}")
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        leave_output()
        return 0


def _with_command(argv: Sequence[str], names: Sequence[str]) -> list[str]:
    """Without a command, what is given is for the window."""
    first = argv[0] if argv else ""
    return [*argv] if first in (*names, "-h", "--help", "--version") else [_WINDOW, *argv]


def _window(arguments: argparse.Namespace, _: Job) -> Answer:
    """Open the window; this is what happens without a command."""
    from tokensim_gui.app import run as run_window

    return Answer(code=run_window(arguments.query, arguments.table, arguments.files))


def _print(answer: Answer, as_json: bool) -> None:
    with answering():
        if as_json:
            print(json.dumps(answer.data, ensure_ascii=not _is_unicode(sys.stdout)))
        else:
            for line in answer.lines:
                print(line)
            for remark in answer.remarks:
                complain(remark)
        flush()  # where a reader that went away is no mistake


def _print_every_character() -> None:
    """Escape what an encoding can't hold: most tokens, where that of the terminal is cp1252."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_unicode(stream: object) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return str(encoding).lower().startswith("utf")
