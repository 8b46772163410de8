"""Write the man page and the completions of bash, zsh and fish out of its parsers.

``python packaging/linux/command_line.py FOLDER`` writes ``tokensim.1``, ``tokensim.bash``,
``_tokensim`` and ``tokensim.fish``: what the command line
gains is in all of them.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn
from unittest.mock import patch

from tokensim_gui import __version__
from tokensim_gui.commands import main as command_line

TABLES: Final = 'tokensim tables 2>/dev/null | cut -d" " -f1'
SUMMARY: Final = "find the tokens near a word in the vocabularies of text-to-image models"


class _Caught(Exception):
    """Carries the parser of the window."""


def main(folder: Path) -> None:
    """Write all four."""
    folder.mkdir(parents=True, exist_ok=True)
    window = window_parser()
    commands = {name: command_line._parser_of(name) for name in command_line._COMMANDS}
    texts = {
        "tokensim.1": man_page(window, commands),
        "tokensim.bash": bash(window, commands),
        "_tokensim": zsh(window, commands),
        "tokensim.fish": fish(window, commands),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def window_parser() -> argparse.ArgumentParser:
    """The parser of a command line without a command, caught when it begins to parse."""

    def catch(parser: argparse.ArgumentParser, _argv: object) -> NoReturn:
        raise _Caught(parser)

    with patch.object(command_line._Parser, "parse_args", catch):
        try:
            command_line._window([])
        except _Caught as caught:
            parser = caught.args[0]
            assert isinstance(parser, argparse.ArgumentParser)
            return parser
    raise SystemExit("tokensim_gui.commands.main parses nothing for the window")


def options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Actions with a name, hidden ones left out."""
    for action in parser._actions:
        if action.option_strings and action.help != argparse.SUPPRESS:
            yield action


def takes_value(action: argparse.Action) -> bool:
    """Whether a value follows the option."""
    return action.nargs != 0


def value_name(action: argparse.Action) -> str:
    """What the value is called in the man page."""
    return str(action.metavar or action.dest.upper())


def takes_file(action: argparse.Action) -> bool:
    """Whether the value of an option is a file or folder."""
    return action.type is Path


def takes_files(parser: argparse.ArgumentParser) -> bool:
    """Whether names of files follow."""
    names = {str(action.metavar) for action in parser._actions if not action.option_strings}
    return any(name.startswith(("FILE", "PATH", "OUT")) for name in names)


# The man page -------------------------------------------------------------------------------


def man_page(
    window: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser]
) -> str:
    """The page for section 1."""
    lines = [
        f'.TH TOKENSIM 1 "" "TokenSim {__version__}" "User Commands"',
        ".SH NAME",
        f"tokensim \\- {SUMMARY}",
        ".SH SYNOPSIS",
        *(line for parser in (window, *commands.values()) for line in synopsis(parser)),
        ".SH DESCRIPTION",
        roff(window.description or ""),
        ".SH OPTIONS",
        *described(window),
        ".SH COMMANDS",
    ]
    for name, parser in commands.items():
        lines += [f".SS {name}", roff(parser.description or ""), *described(parser)]
    lines += [
        ".SH EXIT STATUS",
        f"0 on success, {command_line.USER_ERROR} if something was asked that can't be done, "
        f"{command_line.INTERRUPTED} after Ctrl+C.",
        ".SH ENVIRONMENT",
        ".TP",
        ".B TOKENSIM_HOME",
        "A folder for settings, tables and logs, instead of those of the desktop.",
        ".SH FILES",
        ".TP",
        ".I ~/.config/tokensim, ~/.local/share/tokensim, ~/.cache/tokensim, "
        "~/.local/state/tokensim",
        "Settings; tables; what can be computed again; logs.",
        "",
    ]
    return "\n".join(lines)


def synopsis(parser: argparse.ArgumentParser) -> list[str]:
    """How a command is written."""
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    return [".br", roff(usage)]


def described(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every option with what it does."""
    for action in options(parser):
        value = f" \\fI{roff(value_name(action))}\\fR" if takes_value(action) else ""
        if action.choices:
            value = " " + roff("|".join(map(str, action.choices)))
        yield ".TP"
        yield ", ".join(f"\\fB{roff(name)}\\fR{value}" for name in action.option_strings)
        text = (action.help or "").partition("%")[0].strip()
        has_default = takes_value(action) and isinstance(action.default, str | int)
        if has_default and action.default != "":
            text = f"{text} (default: {action.default})".strip()
        yield roff(text) or "\\&"


def roff(text: str) -> str:
    """``text`` with what troff would take for a command escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


# Completions --------------------------------------------------------------------------------


def bash(window: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser]) -> str:
    """Completion for bash: options, choices, slugs of tables, files."""
    cases = []
    for name, parser in {"": window, **commands}.items():
        names = " ".join(text for action in options(parser) for text in action.option_strings)
        files = "true" if takes_files(parser) else "false"
        first = f"{names} {' '.join(commands)}" if not name else names
        cases.append(f'        {name or "*"}) options="{first}" files={files} ;;')
    cases.append(cases.pop(0))  # the window's `*` last
    every = {
        text: action
        for parser in (window, *commands.values())
        for action in options(parser)
        if takes_value(action)
        for text in action.option_strings
    }
    values = []
    for key, action in sorted(every.items()):
        reply = ""
        if key == "--table":
            reply = f'COMPREPLY=($(compgen -W "$({TABLES})" -- "$word")); '
        elif action.choices:
            words = " ".join(map(str, action.choices))
            reply = f'COMPREPLY=($(compgen -W "{words}" -- "$word")); '
        elif takes_file(action):
            reply = "_tokensim_files; "
        values.append(f"        {key}) {reply}return ;;")
    return "\n".join(
        [
            "# bash completion of tokensim",
            "_tokensim_files() {",
            "    local IFS=$'\\n'",  # names may hold spaces
            '    COMPREPLY+=($(compgen -f -- "$word"))',
            "    compopt -o filenames 2>/dev/null",
            "}",
            "_tokensim() {",
            '    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
            "    local options files command=${COMP_WORDS[1]}",
            '    case "$before" in',
            *values,
            "    esac",
            '    [ "$COMP_CWORD" = 1 ] && command=""',
            '    case "$command" in',
            *cases,
            "    esac",
            '    COMPREPLY=($(compgen -W "$options" -- "$word"))',
            '    if $files && [[ "$word" != -* ]]; then _tokensim_files; fi',
            "}",
            "complete -F _tokensim tokensim",
            "",
        ]
    )


def zsh(window: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser]) -> str:
    """Completion for zsh."""
    lines = ["#compdef tokensim", "", "_tokensim() {", "  local -a commands", "  commands=("]
    lines += [
        f"    '{name}:{quoted(parser.description or '')}'" for name, parser in commands.items()
    ]
    lines += ["  )", "  case ${words[2]} in"]
    for name, parser in commands.items():
        lines += [f"    {name})", "      shift words; (( CURRENT-- ))"]
        lines += ["      _arguments \\", *zsh_arguments(parser), "      ;;"]
    lines += ["    *)", "      _arguments \\"]
    lines += [
        *zsh_arguments(window, first="'1: :{_describe command commands; _files}'"),
        "      ;;",
    ]
    lines += ["  esac", "}", "", '_tokensim "$@"', ""]
    return "\n".join(lines)


def zsh_arguments(parser: argparse.ArgumentParser, first: str = "") -> list[str]:
    """Lines for ``_arguments``, continued by backslashes up to the last."""
    found = [first] if first else []
    for action in options(parser):
        text = quoted((action.help or "").partition("%")[0].strip())
        value = ""
        if takes_value(action):
            choices = f"({' '.join(map(str, action.choices))})" if action.choices else ""
            if takes_file(action):
                choices = "_files"
            elif "--table" in action.option_strings:
                choices = f"{{compadd -- $({TABLES})}}"
            value = f":{quoted(value_name(action)).lower()}:{choices}"
        found += [f"'{name}[{text}]{value}'" for name in action.option_strings]
    if takes_files(parser):
        found.append("'*:file:_files'")
    return [f"        {line}" + (" \\" if line is not found[-1] else "") for line in found]


def quoted(text: str) -> str:
    """``text`` for single quotes of zsh and fish, without what ``_arguments`` gives a meaning."""
    return text.translate(str.maketrans("'[]:", "’(),"))


def fish(window: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser]) -> str:
    """Completion for fish."""
    lines = ["# fish completion of tokensim", "set -l commands " + " ".join(commands)]
    lines += ["complete -c tokensim -f"]
    lines += ['complete -c tokensim -n "not __fish_seen_subcommand_from $commands" -F']
    for name, parser in commands.items():
        lines.append(
            'complete -c tokensim -n "not __fish_seen_subcommand_from $commands" '
            f"-a {name} -d '{quoted(parser.description or '')}'"
        )
    for name, parser in {"": window, **commands}.items():
        seen = (
            f"__fish_seen_subcommand_from {name}"
            if name
            else ("not __fish_seen_subcommand_from $commands")
        )
        if name and takes_files(parser):
            lines.append(f'complete -c tokensim -n "{seen}" -F')
        for action in options(parser):
            names = " ".join(
                f"-l {text[2:]}" if text.startswith("--") else f"-s {text[1:]}"
                for text in action.option_strings
            )
            value = " -x" if takes_value(action) else ""
            if action.choices:
                value += f" -a '{' '.join(map(str, action.choices))}'"
            elif takes_file(action):
                value = " -r -F"
            elif "--table" in action.option_strings:
                value += f" -a '({TABLES})'"
            text = quoted((action.help or "").partition("%")[0].strip())
            lines.append(f"complete -c tokensim -n \"{seen}\" {names}{value} -d '{text}'")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
