"""What every command is made of: a parser of its own, and the answer that it returns."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from tokensim_gui.core.errors import FileError, one_line
from tokensim_gui.core.job import Job

USER_ERROR = 2
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found out; `main` prints it.

    Attributes:
        data: What ``--json`` prints, an object on one line.
        lines: The same for people; they may be made while they are printed.
        remarks: What else there is to say to them, line by line on stderr.
        code: The exit code.
    """

    data: dict[str, Any] = field(default_factory=dict)
    lines: Iterable[str] = ()
    remarks: Sequence[str] = ()
    code: int = 0


Run: TypeAlias = Callable[[argparse.Namespace, Job], Answer]
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, and whose text may begin with a minus."""

    _has_text = False
    _given: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        """End the program with one line and the exit code of a user's mistake."""
        for name in self._given:
            if name.startswith("-") and os.path.lexists(name):
                message += f"; the file “{name}” is written “./{name}”"
        complain(f"tokensim: {one_line(message)}")
        raise SystemExit(USER_ERROR)

    def add_text(self, metavar: str, *, optional: bool = False) -> None:
        """Take a text as the one argument that is no option."""
        self._has_text = True
        self.add_argument("text", metavar=metavar, nargs="?" if optional else None)

    def parse_known_args(  # type: ignore[override]  # the overloads all come to this
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[Any, list[str]]:
        """Parse what `main` or the parser above hands over."""
        self._given = given = list(args or ())
        if not self._has_text:
            return super().parse_known_args(given, namespace)
        moved = self._with_text_last(given)
        found, over = super().parse_known_args(moved, namespace)
        if over:  # the end of a text without quotes, or of an option that there is not
            if moved is not given:
                self.error(f"there is no option {moved[-1]}, nor more than one text")
            if unknown := next((word for word in over if word.startswith("-")), ""):
                self.error(f"there is no option {unknown}")
            self.error(f"“{' '.join(over)}” is left over: write a text in quotes, all of it")
        return found, over

    def _with_text_last(self, args: list[str]) -> list[str]:
        """Put a first text that begins with a minus but is no option behind ``--``.

        A query may be ``-cat``, which argparse would take for an option, or ``-nice``, which it
        would take for ``-n ice``.
        """
        position = 0
        while position < len(args) and args[position] != "--":
            name, equals, _ = args[position].partition("=")
            option = self._option(name)
            if option is None:
                if not name.startswith("-"):
                    break
                return [*args[:position], *args[position + 1 :], "--", args[position]]
            has_value = equals or (len(name) > 2 and not name.startswith("--"))
            position += 1 if has_value or option.nargs == 0 else 2
        return args

    def _option(self, name: str) -> argparse.Action | None:
        """The option of a name: written out, begun so that it is no other, or ``-n20``."""
        options = self._option_string_actions
        if name.startswith("--") and name not in options:
            begun = [option for option in options if len(name) > 2 and option.startswith(name)]
            return options[begun[0]] if len(begun) == 1 else None
        return options.get(name[:2] if name[2:].isdecimal() else name)


def add_command(commands: Commands, name: str, run: Run) -> Parser:
    """A parser for ``tokensim NAME``, which ``run`` carries out and its docstring describes."""
    description = (run.__doc__ or "").partition("\n")[0]
    parser = commands.add_parser(name, help=description, description=description)
    parser.set_defaults(run=run)
    return parser


def add_json(parser: Parser, *, progress: bool = False) -> None:
    """Let scripts have the answer as data, and the window what comes before it."""
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    if progress:
        output.add_argument(
            "--json-progress",
            action="store_true",
            help="print progress and result as lines of JSON",
        )


def file_path(text: str) -> Path:
    """The path of a file or folder.

    Raises:
        argparse.ArgumentTypeError: It is empty, which would be the folder that one is in.
    """
    if not text:
        raise argparse.ArgumentTypeError("a name is asked for, and this one is empty")
    return Path(text)


def typed_lines() -> Iterator[str]:
    """The lines of standard input as they come; none where that is closed."""
    if sys.stdin is not None:
        yield from iter(sys.stdin.readline, "")


def flush() -> None:
    """Hand over what was printed, where somebody reads."""
    if sys.stdout is not None:
        sys.stdout.flush()


@contextmanager
def answering() -> Iterator[None]:
    """Print the answer, or a part of it.

    Raises:
        FileError: It can't be written; nothing is from now on.
        BrokenPipeError: Its reader went away, as `head` does.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        leave_output()
        raise FileError(f"The answer can't be written: {error.strerror or error}.") from error


def leave_output() -> None:
    """Write what is left into nothing, or the end of Python would try once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(sentence: str) -> None:
    """Print to stderr, where that can be written to."""
    with suppress(OSError):
        print(sentence, file=sys.stderr)


def number_of(text: str) -> int:
    """A number of things to print.

    Raises:
        argparse.ArgumentTypeError: It is none, or no sensible one.
    """
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 to {_MOST}")
    return int(text)
