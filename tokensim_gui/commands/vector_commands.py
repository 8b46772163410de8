"""``tokensim explain``, ``rare`` and ``export``: what vectors tell, and the table itself."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokensim_gui.commands.chosen_table import (
    add_embeddings,
    add_filter,
    add_table,
    chosen_vectors,
    engine_of,
    filter_of,
)
from tokensim_gui.commands.command import (
    Answer,
    Commands,
    add_command,
    add_json,
    file_path,
    number_of,
)
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.search.explaining import MOST_WORDS
from tokensim_gui.core.values import Query, TokenFilter

if TYPE_CHECKING:
    from tokensim_gui.core.files.table import Table
    from tokensim_gui.core.values import IntArray
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_MAX_LIST_BYTES = 50_000_000


def add_commands(commands: Commands) -> None:
    """Add the parsers."""
    explain = add_command(commands, "explain", _explain)
    explain.add_text("QUERY")
    add_table(explain)
    add_embeddings(explain)
    explain.add_argument("--words", type=_words, default=8, help="tokens at most, 8 by default")
    explain.add_argument("--metric", choices=("cosine", "centred"), default="cosine")
    explain.add_argument(
        "--leave-out-own", action="store_true", help="leave out the tokens of the query"
    )
    add_filter(explain)
    add_json(explain)
    rare = add_command(commands, "rare", _rare)
    add_table(rare)
    rare.add_argument("-n", type=number_of, default=100, help="number of tokens")
    which = rare.add_mutually_exclusive_group()
    which.add_argument("--twins", action="store_true", help="tokens that are nearly another")
    which.add_argument("--strangers", action="store_true", help="tokens with no neighbour")
    which.add_argument(
        "--triggers", type=number_of, metavar="LETTERS", help="words for something new"
    )
    rare.add_argument(
        "--not-in", type=file_path, action="append", default=[], metavar="FILE",
        help="with --triggers: words with a meaning, one a line, such as a list of tags",
    )  # fmt: skip
    add_json(rare, progress=True)
    export = add_command(commands, "export", _export)
    export.add_argument("table", metavar="TABLE", help="of which table (see: tokensim tables)")
    export.add_argument(
        "out", type=file_path, metavar="OUT", help="a file .pt, .safetensors, .npy, .txt or .tsv"
    )
    export.add_argument("--query", help="only the neighbours of a query, best first")
    export.add_argument("-n", type=number_of, default=200, help="how many neighbours")
    export.add_argument("--ids", type=file_path, metavar="FILE", help="only these ids, one a line")
    add_filter(export)
    add_json(export, progress=True)


def _words(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORDS:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 to {MOST_WORDS}")
    return int(text)


def _explain(arguments: argparse.Namespace, job: Job) -> Answer:
    """Say a vector in a few tokens with weights."""
    table, vocabulary = chosen_vectors(arguments)
    query = Query(
        arguments.text,
        metric=arguments.metric,
        leave_out_own=arguments.leave_out_own,
        filter=filter_of(arguments),
        strict=True,
    )
    found = engine_of(table, vocabulary, job, arguments.embedding).explain(
        query, arguments.words, job=job
    )
    terms = [
        {
            "id": token,
            "piece": vocabulary.piece(token),
            "text": vocabulary.text(token),
            "weight": weight,
        }
        for token, weight in zip(found.ids.tolist(), found.weights.tolist(), strict=True)
    ]
    lines = [
        f"{term['weight']:8.3f} × {vocabulary.display(term['id'])}  #{term['id']}" for term in terms
    ]
    return Answer(
        {"terms": terms, "explained": found.explained},
        [*lines, f"{found.explained:.1%} explained"],
        [found.remark] if found.remark else [],
    )


def _rare(arguments: argparse.Namespace, job: Job) -> Answer:
    """Print tokens that training hardly reached, or that have a twin, or no neighbour."""
    table, vocabulary = chosen_vectors(arguments)
    if arguments.twins or arguments.strangers:
        rows = list(_by_nearest(table, vocabulary, arguments.n, arguments.twins, job))
    else:
        rows = list(_by_training(table, vocabulary, arguments, job))
    tokens = [
        {"id": token, "piece": vocabulary.piece(token), "score": score, "reason": reason}
        for token, score, reason in rows
    ]
    names = [vocabulary.display(token) for token, _, _ in rows]
    width = max(map(len, names), default=0)
    return Answer(
        {"tokens": tokens},
        [
            f"{name:{width}}  {row['score']:8.3f}  #{row['id']:<6}  {row['reason']}"
            for name, row in zip(names, tokens, strict=True)
        ],
    )


def _by_training(
    table: "Table", vocabulary: "Vocabulary", arguments: argparse.Namespace, job: Job
) -> Iterator[tuple[int, float, str]]:
    from tokensim_gui.core.search.rare_tokens import rare_tokens, trigger_words

    rare = rare_tokens(table, vocabulary, job)
    ids = rare.order
    if arguments.triggers:
        ids = trigger_words(vocabulary, rare, arguments.triggers, _listed(arguments.not_in))
    for token in ids[: arguments.n].tolist():
        reason = rare.reasons[token]
        if arguments.triggers:
            rank = vocabulary.commonness(token)
            reason = "typed as it is" + (f", word {rank[0]:,} of {rank[1]:,}" if rank else "")
        yield token, float(rare.scores[token]), reason


def _by_nearest(
    table: "Table", vocabulary: "Vocabulary", count: int, twins: bool, job: Job
) -> Iterator[tuple[int, float, str]]:
    from tokensim_gui.core.search.nearest_of_each import nearest_of_each

    found = nearest_of_each(table, job)
    for token in (found.twins(count) if twins else found.strangers(count)).tolist():
        other, score = int(found.ids[token]), float(found.cosines[token])
        yield token, score, f"nearest: {vocabulary.display(other)} #{other}, {score:.2%}"


def _listed(files: Sequence[Path]) -> set[str]:
    lines = (line for path in files for line in _read(path).splitlines())
    return {word for line in lines for word in _parts_of(line)}


def _read(path: Path) -> str:
    try:
        return read_regular(path, _MAX_LIST_BYTES).decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror or error}.") from error


def _parts_of(line: str) -> list[str]:
    """The words of a line of a list: of a tag with underscores, or of a table's first column."""
    return line.partition(",")[0].casefold().replace("_", " ").split()


def _export(arguments: argparse.Namespace, job: Job) -> Answer:
    """Write a table, or a part of it, for another program."""
    from tokensim_gui.core.search.table_export import export_table

    table, vocabulary = chosen_vectors(arguments)
    files, remark = export_table(
        table, vocabulary, arguments.out, _rows(table, vocabulary, arguments, job), job
    )
    names = [str(file) for file in files]
    data: dict[str, Any] = {"files": names, "remark": remark}
    return Answer(data, names, [remark] if remark else [])


def _rows(
    table: "Table", vocabulary: "Vocabulary", arguments: argparse.Namespace, job: Job
) -> "IntArray | None":
    token_filter = filter_of(arguments)
    if arguments.ids is not None:
        return _ids_in(arguments.ids, table.info.rows)
    if arguments.query is not None:
        query = Query(
            arguments.query, count=arguments.n, map_count=0, filter=token_filter, strict=True
        )
        return engine_of(table, vocabulary, job).search(query, job).ids
    if token_filter == TokenFilter():
        return None
    import numpy as np

    from tokensim_gui.core.vocabulary import filters

    return np.flatnonzero(filters.mask(vocabulary, token_filter)).astype(np.int32)


def _ids_in(path: Path, rows: int) -> "IntArray":
    import numpy as np

    ids = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        digits = line.strip().removeprefix("#")
        if not digits.isdecimal() or len(digits) > 9 or int(digits) >= rows:
            raise FileError(f"Line {number} of {path} is not an id from 0 to {rows - 1}.")
        ids.append(int(digits))
    return np.array(ids, np.int32)
