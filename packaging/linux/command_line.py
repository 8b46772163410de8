"""Write the man page and the completions of bash, zsh and fish out of TokenSim's own parser.

``python packaging/linux/command_line.py FOLDER`` writes ``tokensim.1``, ``tokensim.bash``,
``_tokensim`` and ``tokensim.fish``: what the command line gains is in all of them.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import shtab
from argparse_manpage.manpage import Manpage

from tokensim_gui import __version__
from tokensim_gui.commands.command import USER_ERROR
from tokensim_gui.commands.main import INTERRUPTED, command_line

SUMMARY: Final = "find the tokens near a word in the vocabularies of text-to-image models"
SCRIPTS: Final = {"bash": "tokensim.bash", "zsh": "_tokensim", "fish": "tokensim.fish"}
TABLES: Final = {
    **shtab.cmd("tokensim tables 2>/dev/null | cut -d' ' -f1"),
    # Asked when it is completed, not when the script is loaded.
    "zsh": "{compadd -- \\$(tokensim tables 2>/dev/null | cut -d' ' -f1)}",
}
# What a bare word may be beside a command: a checkpoint for the window.
FILES: Final = {
    "bash": "complete -o bashdefault -o default -F _shtab_tokensim tokensim",
    "zsh": "",
    "fish": "complete -c tokensim -n 'test (count (commandline -opc)) -eq 1' -F",
}
SECTIONS: Final = {
    "synopsis": """\
.B tokensim
[\\-\\-query \\fIQUERY\\fR] [\\-\\-table \\fISLUG\\fR] [\\fIFILE\\fR ...]
.br
.B tokensim
\\fICOMMAND\\fR ...""",
    "exit status": f"0 on success, {USER_ERROR} if something was asked that can't be done, "
    f"{INTERRUPTED} after Ctrl+C.",
    "environment": """\
.TP
.B TOKENSIM_HOME
A folder for settings, tables and logs, instead of those of the desktop.""",
    "files": """\
.TP
.I ~/.config/tokensim, ~/.local/share/tokensim, ~/.cache/tokensim, ~/.local/state/tokensim
Settings; tables; what can be computed again; logs.""",
}


def main(folder: Path) -> None:
    """Write all four."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["COLUMNS"] = "1000"  # man breaks the lines
    parser = command_line()
    for each in (parser, *subparsers(parser)):
        name_what_completes(each)
    for shell, name in SCRIPTS.items():
        script = shtab.complete(parser, shell)
        (folder / name).write_text(f"{script}\n{FILES[shell]}\n", "utf-8")
    (folder / "tokensim.1").write_text(man_page(parser), "utf-8")


def subparsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parsers of the commands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def name_what_completes(parser: argparse.ArgumentParser) -> None:
    """Tell shtab which arguments are files, and which are slugs of tables."""
    for action in parser._actions:
        if action.type is Path or str(action.metavar).startswith("PATH"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # as shtab wants it
        elif action.dest == "table":
            action.complete = TABLES  # type: ignore[attr-defined]  # as shtab wants it


def man_page(parser: argparse.ArgumentParser) -> str:
    """The page for section 1; without a day, so that the same parser gives the same page."""
    for command in subparsers(parser):
        command.description = None  # the list of commands says it
    page = Manpage(parser, format="single-commands-section")
    page.description, page.manual, page.date = SUMMARY, "User Commands", ""
    page.source = f"TokenSim {__version__}"
    for heading, content in SECTIONS.items():
        page.add_section(heading, "=", content)
    return str(page)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
