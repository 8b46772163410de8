"""The command line: the same core as the window, without a window."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tokensim_gui import __version__
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.values import (
    INPUTS,
    METRICS,
    ORDERS,
    TYPEABLES,
    Query,
    TokenFilter,
)

if TYPE_CHECKING:
    from tokensim_gui.core.library.library import TableLibrary
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

USER_ERROR, INTERRUPTED = 2, 130


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"tokensim: {message}", file=sys.stderr)
        raise SystemExit(USER_ERROR)


def run(argv: Sequence[str]) -> int:
    """Carry out a command line; returns the exit code.

    A user's mistake is one line on stderr and exit code 2; Ctrl+C is 130.
    """
    try:
        if argv and argv[0] in _COMMANDS:
            parser = _parser_of(argv[0])
            arguments = parser.parse_args(_with_query_last(parser, argv[1:]))
            _COMMANDS[argv[0]](arguments)
            return 0
        return _window(argv)
    except TokenSimError as error:
        print(f"tokensim: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _window(argv: Sequence[str]) -> int:
    parser = _Parser(
        prog="tokensim",
        description="The tokens inside text-to-image models. Without a command: the window.",
        epilog="Commands: " + ", ".join(_COMMANDS) + ". Each has its own --help.",
    )
    parser.add_argument("--version", action="version", version=f"TokenSim {__version__}")
    parser.add_argument("--query", help="what to search for at start")
    parser.add_argument("--table", help="slug of the table to open")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="checkpoints to open")
    arguments = parser.parse_args(argv)
    from tokensim_gui.app import run as run_window

    return run_window(arguments.query, arguments.table, arguments.files)


# Parsers ----------------------------------------------------------------------------------


def _parser_of(command: str) -> _Parser:
    parser = _Parser(prog=f"tokensim {command}", description=_COMMANDS[command].__doc__)
    add = parser.add_argument
    if command == "search":
        add("text", metavar="QUERY")
        add("--table", default="starter", help="slug of the table (see: tokensim tables)")
        add("-n", type=_positive, default=20, help="number of neighbours")
        add("--order", choices=ORDERS, default="nearest")
        add("--metric", choices=METRICS, default="cosine")
        add("--inputs", choices=INPUTS, default="raw")
        add("--kind", choices=("word", "part", "bytes", "special"))
        add("--typeable", choices=TYPEABLES)
        add("--leave-out-own", action="store_true")
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--json", action="store_true")
        output.add_argument("--tsv", action="store_true")
    elif command == "tokens":
        add("text", metavar="TEXT")
        add("--table", default="starter")
        add("--json", action="store_true")
    elif command == "tables":
        add("--json", action="store_true")
    elif command in ("prompt", "convert", "mutate"):
        _add_prompt_arguments(command, parser)
    elif command == "encode":
        add("--compare", nargs="+", required=True, metavar="TEXT", help="the prompts")
        add("--model", type=Path, required=True, metavar="PATH", help="checkpoint or model folder")
        add("--encoder", default="", help="which of its text encoders, by name")
        add("--clip-skip", type=int, choices=(0, 1, 2), default=0)
        add("--json", action="store_true")
    elif command == "import":
        add("source", metavar="PATH|hf:OWNER/REPO[:FILE]")
        add("--list", action="store_true", help="show what could be imported, and stop")
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--json", action="store_true")
        output.add_argument("--json-progress", action="store_true")
    elif command == "screenshot":
        add("target", type=Path, metavar="OUT.png")
        add("--query")
        add("--table")
        add("--size", type=_size, default=(1400, 900), metavar="1400x900")
        add("--theme", choices=("light", "dark"))
    return parser


def _add_prompt_arguments(command: str, parser: _Parser) -> None:
    from tokensim_gui.core.prompt.interfaces import INTERFACES

    add = parser.add_argument
    add("text", metavar="TEMPLATE" if command == "mutate" else "TEXT")
    add("--json", action="store_true")
    if command == "convert":
        add("--from", dest="source", choices=INTERFACES, required=True)
        add("--to", dest="target", choices=INTERFACES, required=True)
        return
    add("--table", default="starter")
    add("--interface", choices=INTERFACES, default="plain" if command == "mutate" else "a1111")
    if command == "prompt":
        add("--limit", type=int, choices=(77, 256, 512), default=77)
    else:
        add("-n", type=_positive, default=20, help="number of prompts")
        add("--seed", type=int, default=0, help="the same seed gives the same prompts")
        add("--filter", default="", help="part of a token, /regular expression/ or #100..#120")


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 to 1000000")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"“{text}” is not a size such as 1400x900")
    return min(int(width), 8000), min(int(height), 8000)


def _with_query_last(parser: argparse.ArgumentParser, argv: Sequence[str]) -> list[str]:
    """Put a first argument that begins with a minus but is no option behind ``--``.

    A query may be ``-cat``, which argparse would take for an option.
    """
    options = {name: action for action in parser._actions for name in action.option_strings}
    rest = list(argv)
    position = 0
    while position < len(rest):
        name, _, value = rest[position].partition("=")
        if rest[position] == "--":
            return rest
        if name not in options:
            if not rest[position].startswith("-"):
                return rest
            text = rest.pop(position)
            return [*rest, "--", text]
        takes_value = options[name].nargs != 0 and not value
        position += 2 if takes_value else 1
    return rest


# Commands -----------------------------------------------------------------------------------


def _library() -> "TableLibrary":
    from tokensim_gui.core.library.library import TableLibrary

    return TableLibrary()


def _search(arguments: argparse.Namespace) -> None:
    """Print the tokens nearest to a word, a mix or an id."""
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.report import token_report
    from tokensim_gui.core.search.engine import Engine
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

    with _library().holding(arguments.table) as folder:
        table, vocabulary = Table.load(folder), Vocabulary.load(folder)
    engine = Engine()
    engine.open(table, vocabulary)
    results = engine.search(
        Query(
            arguments.text,
            arguments.order,
            arguments.metric,
            arguments.inputs,
            count=arguments.n,
            map_count=0,
            leave_out_own=arguments.leave_out_own,
            filter=TokenFilter(
                kinds=(arguments.kind,) if arguments.kind else (),
                typeable=(arguments.typeable,) if arguments.typeable else (),
            ),
            strict=True,
        )
    )
    if arguments.json:
        dim = table.info.dim
        _print_json(
            token_report.search_json(arguments.table, dim, vocabulary, results, table.norms)
        )
    elif arguments.tsv:
        rows = token_report.result_rows(vocabulary, results, table.norms)
        sys.stdout.write(token_report.delimited(rows, "\t"))
    else:
        names = [vocabulary.display(int(token)) for token in results.ids]
        width = max([len(name) for name in names], default=0)
        for rank, (name, token, score) in enumerate(
            zip(names, results.ids, results.scores, strict=True), 1
        ):
            angle = results.query.metric in ("cosine", "centred")
            shown = f"{score:8.2%}" if angle else f"{score:10.4g}"
            piece = vocabulary.piece(int(token))
            print(f"{rank:4}  {name:{width}}  {shown}  #{token:<6}  {piece}")


def _tokens(arguments: argparse.Namespace) -> None:
    """Print how a text is cut into tokens."""
    from tokensim_gui.core.report import token_report

    vocabulary = _vocabulary(arguments.table)
    rows = [
        token_report.token_row(vocabulary, token) for token in vocabulary.encode(arguments.text)
    ]
    if arguments.json:
        _print_json({"table": arguments.table, "text": arguments.text, "tokens": rows})
        return
    for row in rows:
        print(f"#{row['id']:<7} {row['piece']:24} {row['kind']:8} {row['typeable']}")


def _vocabulary(slug: str) -> "Vocabulary":
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

    with _library().holding(slug) as folder:
        return Vocabulary.load(folder)


def _tables(arguments: argparse.Namespace) -> None:
    """Print the tables on this computer, and those that can be fetched."""
    from dataclasses import asdict

    from tokensim_gui.core.library.catalogue import catalogue
    from tokensim_gui.core.report.token_report import tables_json

    library = _library()
    tables, unreadable = tables_json(library.tables()), library.unreadable()
    if arguments.json:
        offered = [asdict(entry) for entry in catalogue()]
        damaged = [{"slug": slug, "error": error} for slug, error in unreadable.items()]
        _print_json({"tables": tables, "unreadable": damaged, "catalogue": offered})
        return
    for table in tables:
        shape = f"{table['rows']:>7} × {table['dim']:<5}"
        print(f"{table['slug']:24} {shape} {table['name']:24} {table['source']}".rstrip())
    for error in unreadable.values():
        print(error, file=sys.stderr)


def _import(arguments: argparse.Namespace) -> None:
    """Make tables out of a checkpoint, or fetch just its token vectors from a hub."""
    from tokensim_gui.commands.importing import import_source, list_source

    if arguments.list:
        found = list_source(arguments.source)
        if arguments.json:
            _print_json({"candidates": found})
        for one in () if arguments.json else found:
            shape = f"{one['rows']} × {one['dim']} {one['dtype']}"
            print(f"{one['name']}: {shape}, {one['bytes']:,} bytes")
        return
    import_source(arguments)


def _screenshot(arguments: argparse.Namespace) -> None:
    """Write a picture of the window; works without a display."""
    from tokensim_gui.app import screenshot

    screenshot(arguments.target, arguments.query, arguments.table, arguments.size, arguments.theme)


def _prompt(arguments: argparse.Namespace) -> None:
    """Print the tokens of a whole prompt, with weights and chunks."""
    from tokensim_gui.commands import prompts

    with _library().holding(arguments.table) as folder:
        _print_if_json(prompts.prompt(arguments, folder))


def _convert(arguments: argparse.Namespace) -> None:
    """Write a prompt for another interface."""
    from tokensim_gui.commands import prompts

    _print_if_json(prompts.convert_prompt(arguments))


def _mutate(arguments: argparse.Namespace) -> None:
    """Fill the slots of a template with random tokens: #word# #prefix# #emoji# #near:cute#."""
    from tokensim_gui.commands import prompts

    with _library().holding(arguments.table) as folder:
        _print_if_json(prompts.mutate_template(arguments, folder))


def _encode(arguments: argparse.Namespace) -> None:
    """Print how alike prompts are to a whole text encoder."""
    from tokensim_gui.commands.encode_command import encode

    _print_if_json(encode(arguments))


def _print_if_json(answer: dict[str, object] | None) -> None:
    if answer is not None:
        _print_json(answer)


def _print_json(value: dict[str, object]) -> None:
    print(json.dumps(value, ensure_ascii=False))


_COMMANDS = {
    "search": _search,
    "tokens": _tokens,
    "tables": _tables,
    "import": _import,
    "prompt": _prompt,
    "convert": _convert,
    "mutate": _mutate,
    "encode": _encode,
    "screenshot": _screenshot,
}
