"""The table that a command is about, and which of its tokens."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokensim_gui.commands.command import file_path
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import TYPEABLES, TokenFilter

if TYPE_CHECKING:
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.search.engine import Engine
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def add_table(parser: argparse.ArgumentParser) -> None:
    """Let the user name a table."""
    parser.add_argument("--table", metavar="SLUG", help="of which table (see: tokensim tables)")


def add_filter(parser: argparse.ArgumentParser) -> None:
    """Let the user choose among the tokens."""
    parser.add_argument(
        "--filter", default="", help="part of a token, /regular expression/ or #100..#120"
    )
    parser.add_argument("--kind", choices=("word", "part", "bytes", "special"))
    parser.add_argument("--typeable", choices=TYPEABLES)


def filter_of(arguments: argparse.Namespace) -> TokenFilter:
    """The tokens that the user chose by the options of `add_filter`."""
    return TokenFilter(
        arguments.filter,
        kinds=(arguments.kind,) if arguments.kind else (),
        typeable=(arguments.typeable,) if arguments.typeable else (),
    )


@contextmanager
def chosen_table(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """Give slug and folder of the table that the user named, or of the library's default.

    Raises:
        TokenSimError: There is no table of that slug.
    """
    from tokensim_gui.core.library.library import TableLibrary

    library = TableLibrary()
    slug = arguments.table or library.default
    with library.holding(slug) as folder:
        yield slug, folder


def chosen_vocabulary(arguments: argparse.Namespace) -> "tuple[str, Vocabulary]":
    """Slug and vocabulary of that table.

    Raises:
        TokenSimError: There is no table of that slug.
    """
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

    with chosen_table(arguments) as (slug, folder):
        return slug, Vocabulary.load(folder)


def chosen_vectors(arguments: argparse.Namespace) -> "tuple[Table, Vocabulary]":
    """That table, with its slug, which its folder need not have for a name, and its vocabulary.

    Raises:
        TokenSimError: There is no table of that slug, or it has no vectors.
    """
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

    with chosen_table(arguments) as (slug, folder):
        table = Table.load(folder)
        table = replace(table, info=replace(table.info, slug=slug))
        if not table.info.has_vectors:
            raise TokenSimError(
                f"{table.info.name} is a vocabulary without vectors: import its encoder for that."
            )
        return table, Vocabulary.load(folder)


def add_embeddings(parser: argparse.ArgumentParser) -> None:
    """Let a query name embeddings of files beside those that `tokensim loras` listed."""
    parser.add_argument(
        "--embedding", type=file_path, action="append", default=[], metavar="FILE",
        help="a file whose vectors the query names by emb:NAME; may be given again",
    )  # fmt: skip


def engine_of(
    table: "Table", vocabulary: "Vocabulary", job: Job, embeddings: Sequence[Path] = ()
) -> "Engine":
    """What searches in them, and in these embeddings.

    Raises:
        FileError: There is no embedding in one of the files.
    """
    from tokensim_gui.core.loras.inversion_shelf import shelf_of
    from tokensim_gui.core.search.engine import Engine

    engine = Engine(shelf=shelf_of(embeddings))
    engine.open(table, vocabulary, job)
    return engine
