"""``tokensim search``, ``tokens`` and ``tables``: what the window's Search page shows."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tokensim_gui.commands.chosen_table import (
    add_embeddings,
    add_filter,
    add_table,
    chosen_vectors,
    chosen_vocabulary,
    engine_of,
    filter_of,
)
from tokensim_gui.commands.command import Answer, Commands, add_command, add_json, number_of
from tokensim_gui.core.job import Job
from tokensim_gui.core.values import INPUTS, METRICS, ORDERS, Query, Results

if TYPE_CHECKING:
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def add_commands(commands: Commands) -> None:
    """Add the parsers."""
    search = add_command(commands, "search", _search)
    search.add_text("QUERY")
    add_table(search)
    add_embeddings(search)
    search.add_argument("-n", type=number_of, default=20, help="number of neighbours")
    search.add_argument("--order", choices=ORDERS, default="nearest")
    search.add_argument("--metric", choices=METRICS, default="cosine")
    search.add_argument("--inputs", choices=INPUTS, default="raw")
    add_filter(search)
    search.add_argument(
        "--leave-out-own", action="store_true", help="leave out the tokens of the query"
    )
    output = search.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print one JSON object")
    output.add_argument("--tsv", action="store_true", help="print tab-separated values")
    tokens = add_command(commands, "tokens", _tokens)
    tokens.add_text("TEXT")
    add_table(tokens)
    add_json(tokens)
    add_json(add_command(commands, "tables", _tables))


def _search(arguments: argparse.Namespace, job: Job) -> Answer:
    """Print the tokens nearest to a word, a mix or an id."""
    from tokensim_gui.core.report import token_report

    table, vocabulary = chosen_vectors(arguments)
    results = engine_of(table, vocabulary, job, arguments.embedding).search(
        Query(
            arguments.text,
            arguments.order,
            arguments.metric,
            arguments.inputs,
            count=arguments.n,
            map_count=0,
            leave_out_own=arguments.leave_out_own,
            filter=filter_of(arguments),
            strict=True,
        ),
        job,
    )
    data = token_report.search_json(
        table.info.slug, table.info.dim, vocabulary, results, table.norms
    )
    hint = results.hint
    remarks = [f"tokensim: {hint.text}" + f" Perhaps: {hint.fix}" * bool(hint.fix)] if hint else []
    if arguments.tsv:
        return Answer(data, _lines(token_report.delimited(data["results"], "\t")), remarks)
    return Answer(data, _ranked(results, vocabulary), remarks)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")  # no other sign that ends lines: tokens hold some


def _ranked(results: Results, vocabulary: "Vocabulary") -> Iterator[str]:
    names = [vocabulary.display(int(token)) for token in results.ids]
    width = max([len(name) for name in names], default=0)
    for rank, (name, token, score) in enumerate(
        zip(names, results.ids, results.scores, strict=True), 1
    ):
        angle = results.query.metric in ("cosine", "centred")
        shown = f"{score:8.2%}" if angle else f"{score:10.4g}"
        yield f"{rank:4}  {name:{width}}  {shown}  #{token:<6}  {vocabulary.piece(int(token))}"


def _tokens(arguments: argparse.Namespace, _: Job) -> Answer:
    """Print how a text is cut into tokens."""
    from tokensim_gui.core.report import token_report

    slug, vocabulary = chosen_vocabulary(arguments)
    rows = [
        token_report.token_row(vocabulary, token) for token in vocabulary.encode(arguments.text)
    ]
    return Answer(
        {"table": slug, "text": arguments.text, "tokens": rows},
        [f"#{row['id']:<7} {row['piece']:24} {row['kind']:8} {row['typeable']}" for row in rows],
    )


def _tables(_: argparse.Namespace, __: Job) -> Answer:
    """Print the tables on this computer, and those that can be fetched."""
    from dataclasses import asdict

    from tokensim_gui.core.library.catalogue import catalogue
    from tokensim_gui.core.library.library import TableLibrary
    from tokensim_gui.core.report.token_report import tables_json

    library = TableLibrary()
    tables, unreadable = tables_json(library.tables()), library.unreadable()
    return Answer(
        {
            "tables": tables,
            "unreadable": [{"slug": slug, "error": error} for slug, error in unreadable.items()],
            "catalogue": [asdict(entry) for entry in catalogue()],
        },
        [
            f"{table['slug']:24} {table['rows']:>7} {_dim(table['dim']):7} "
            f"{table['name']:24} {table['source']}".rstrip()
            for table in tables
        ],
        list(unreadable.values()),
    )


def _dim(dim: int) -> str:
    return f"× {dim}" if dim else "tokens"
