"""Tokens and results as rows for scripts and files: JSON, CSV and TSV."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from tokensim_gui.core.files.table import TableInfo
from tokensim_gui.core.values import KINDS, TYPEABLES, FloatArray, Results
from tokensim_gui.core.vocabulary.shared_words import ranks_by_word, word
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def token_row(vocabulary: Vocabulary, token: int) -> dict[str, Any]:
    """What a script wants to know of a token."""
    return {
        "id": token,
        "piece": vocabulary.piece(token),
        "text": vocabulary.text(token),
        "kind": KINDS[int(vocabulary.kinds[token])],
        "typeable": TYPEABLES[int(vocabulary.typeable[token])],
    }


def tables_json(tables: Sequence[TableInfo]) -> list[dict[str, Any]]:
    """Tables as ``tokensim tables --json`` and imports print them."""
    keys = ("slug", "name", "rows", "dim", "dtype", "source", "bytes")
    return [{key: getattr(info, key) for key in keys} for info in tables]


def result_rows(
    vocabulary: Vocabulary, results: Results, norms: FloatArray
) -> list[dict[str, Any]]:
    """The neighbours, best first, with unrounded scores."""
    return [
        {
            "rank": rank,
            **token_row(vocabulary, int(token)),
            "score": float(score),
            "norm": float(norms[token]),
        }
        for rank, (token, score) in enumerate(zip(results.ids, results.scores, strict=True), 1)
    ]


def search_json(
    name: str, dim: int, vocabulary: Vocabulary, results: Results, norms: FloatArray
) -> dict[str, Any]:
    """The object that ``tokensim search --json`` prints."""
    return {
        "table": name,
        "rows": vocabulary.rows,
        "dim": dim,
        "query": results.query.text,
        "tokens": [
            {
                "id": own.id,
                "piece": vocabulary.piece(own.id),
                "text": vocabulary.text(own.id),
            }
            for own in results.own
            if not own.name
        ],
        "order": results.query.order,
        "metric": results.query.metric,
        "elapsed_ms": results.elapsed_ms,
        "hint": results.hint and {"text": results.hint.text, "fix": results.hint.fix},
        "results": result_rows(vocabulary, results, norms),
    }


def side_by_side_rows(
    answers: Sequence[tuple[str, Vocabulary, Results]],
) -> list[dict[str, Any]]:
    """The neighbours of every encoder as rows of a file, with the ranks that the others give.

    Args:
        answers: Name, vocabulary and results of each encoder.
    """
    ranks = [ranks_by_word(vocabulary, results.ids) for _, vocabulary, results in answers]
    rows = []
    for name, vocabulary, results in answers:
        for rank, token in enumerate(results.ids.tolist(), 1):
            this = word(vocabulary, token)
            rows.append(
                {
                    "encoder": name,
                    "rank": rank,
                    **token_row(vocabulary, token),
                    "score": float(results.scores[rank - 1]),
                    **{
                        f"rank in encoder {number}: {other}": ranks[number - 1].get(this, "")
                        for number, (other, _, _) in enumerate(answers, 1)
                    },
                }
            )
    return rows


def delimited(rows: Sequence[dict[str, Any]], delimiter: str) -> str:
    """Rows as CSV or TSV with a header line; cells are quoted where they must be."""
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return buffer.getvalue()


def exported(
    vocabulary: Vocabulary,
    ids: Sequence[int],
    scores: dict[int, float],
    norms: FloatArray | None,
    suffix: str,
) -> str:
    """The tokens of a table as a file's text.

    Args:
        vocabulary: Where the ids belong.
        ids: Tokens in the order shown.
        scores: Score by id, where there is one.
        norms: Length of every token's vector, if known.
        suffix: ``.json``, ``.tsv``, else CSV.
    """
    rows = [
        {
            **token_row(vocabulary, token),
            **({"score": scores[token]} if token in scores else {}),
            **({} if norms is None else {"norm": float(norms[token])}),
        }
        for token in ids
    ]
    if suffix == ".json":
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    return delimited(rows, "\t" if suffix == ".tsv" else ",")
