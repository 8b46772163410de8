"""``tokensim import``: makes tables out of checkpoints, for people, scripts and the window."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tokensim_gui.commands.command import Answer, Commands, add_command, add_json, file_path
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.hub.address import HUB, refuse_web_page
from tokensim_gui.core.job import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokensim_gui.core.checkpoints import Candidate


def add_commands(commands: Commands) -> None:
    """Add the parser."""
    parser = add_command(commands, "import", _import)
    parser.add_argument("source", type=_source, metavar="PATH|hf:OWNER/REPO[:FILE]")
    parser.add_argument("--list", action="store_true", help="show what could be imported, and stop")
    parser.add_argument(
        "--tokenizer", type=file_path, metavar="FILE", help="the tokenizer of the checkpoint"
    )
    add_json(parser, progress=True)
    parser = add_command(commands, "name", _name)
    parser.add_argument("slug", metavar="SLUG", help="a table without names")
    parser.add_argument("source", type=_source, metavar="FILE|hf:OWNER/REPO:FILE", nargs="?")
    add_json(parser, progress=True)


def _source(text: str) -> str:
    file_path(text)
    return text


def _size(rows: int, dim: int) -> str:
    return f"{rows} × {dim}" if dim else f"{rows} tokens without vectors"


def _name(arguments: argparse.Namespace, job: Job) -> Answer:
    """Give the tokens of a table their names, out of a file or from where the catalogue says."""
    from tokensim_gui.core.errors import TokenSimError
    from tokensim_gui.core.hub.hub import Hub
    from tokensim_gui.core.library.library import TableLibrary
    from tokensim_gui.core.library.token_names import catalogued_tokenizer, name_tokens
    from tokensim_gui.core.report.token_report import tables_json

    library, source = TableLibrary(), arguments.source
    if source is None:
        known = catalogued_tokenizer(library.info(arguments.slug))
        if known is None:
            raise TokenSimError(
                f"The catalogue names no tokenizer for a table of this size. Choose a file: "
                f"tokensim name {arguments.slug} FILE"
            )
        source = HUB + known.address
    if source.startswith(HUB):
        hub = Hub.from_environment()
        named = name_tokens(arguments.slug, source.removeprefix(HUB), library, hub, job)
    else:
        named = name_tokens(arguments.slug, Path(source), library, job=job)
    tables = [
        {**table, "notice": info.guess}
        for table, info in zip(tables_json(named), named, strict=True)
    ]
    return Answer(
        {"tables": tables},
        [f"{info.slug}: {info.name}, {_size(info.rows, info.dim)}" for info in named],
        list(dict.fromkeys(info.guess for info in named if info.guess)),
    )


def _import(arguments: argparse.Namespace, job: Job) -> Answer:
    """Make tables out of a checkpoint, or fetch just its token vectors from a hub."""
    from tokensim_gui.core.library.library import TableLibrary
    from tokensim_gui.core.library.table_import import import_checkpoint, import_from_hub
    from tokensim_gui.core.report.token_report import tables_json

    source = arguments.source
    refuse_web_page(source)
    if arguments.list:
        return _list(source)
    library = TableLibrary()
    if source.startswith(HUB):
        from tokensim_gui.core.hub.hub import Hub

        address = source.removeprefix(HUB)
        made = import_from_hub(address, library, Hub.from_environment(), job=job)
    else:
        try:
            made = import_checkpoint(Path(source), library, job=job, tokenizer=arguments.tokenizer)
        except FileError:
            from tokensim_gui.core.loras.trained_files import identify

            trained = identify(Path(source)) if arguments.json_progress else None
            if trained is None:
                raise
            return Answer({"trained": asdict(trained)})  # which the window lists elsewhere
    tables = [
        {**table, "notice": one.notice}
        for table, one in zip(tables_json([one.info for one in made]), made, strict=True)
    ]
    return Answer(
        {"tables": tables},
        [f"{one['slug']}: {one['name']}, {_size(one['rows'], one['dim'])}" for one in tables],
        [one["notice"] for one in tables if one["notice"]],
    )


def _list(source: str) -> Answer:
    """What could be imported; nothing is read but headers."""
    found: Sequence[Candidate]
    damaged: Sequence[str] = ()
    if source.startswith(HUB):
        from tokensim_gui.core.hub.hub import Hub

        hub = Hub.from_environment()
        found = [one.table for one in hub.candidates(source.removeprefix(HUB))]
    else:
        from tokensim_gui.core.checkpoints import survey
        from tokensim_gui.core.tokenizers.converting import measured

        seen = survey(Path(source))
        found = [one if one.dim else measured(one) for one in seen.candidates]
        damaged = seen.damaged
    return Answer(
        {
            "candidates": [
                {
                    "name": one.name,
                    "rows": one.rows,
                    "dim": one.dim,
                    "dtype": one.dtype,
                    "bytes": one.nbytes,
                    "family": one.family,
                    "key": one.key,
                }
                for one in found
            ],
            "damaged": list(damaged),
        },
        [
            f"{one.name}: {_size(one.rows, one.dim)}"
            + (f" {one.dtype}, {one.nbytes:,} bytes" if one.dim else "")
            for one in found
        ],
        damaged,
    )
