"""``tokensim prompt``, ``convert``, ``mutate`` and ``encode``: prompts without a window."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tokensim_gui.commands.chosen_table import (
    add_filter,
    add_table,
    chosen_vectors,
    chosen_vocabulary,
    engine_of,
    filter_of,
)
from tokensim_gui.commands.command import (
    Answer,
    Commands,
    Parser,
    add_command,
    add_json,
    file_path,
    number_of,
)
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.interfaces import INTERFACES, STEPS
from tokensim_gui.core.prompt.models import MODELS
from tokensim_gui.core.values import Query

_NEAR = "#near:"


def add_commands(commands: Commands) -> None:
    """Add the parsers."""
    prompt = add_command(commands, "prompt", _prompt)
    prompt.add_text("TEXT", optional=True)
    prompt.add_argument(
        "--file",
        type=file_path,
        metavar="PICTURE",
        help="print the prompts in a picture, or in a ComfyUI workflow saved as .json",
    )
    add_table(prompt)
    prompt.add_argument("--interface", choices=INTERFACES, default="a1111")
    prompt.add_argument(
        "--model", choices=MODELS, default="clip", help="how many tokens its encoder reads"
    )
    _add_steps(prompt)
    add_json(prompt)
    convert = add_command(commands, "convert", _convert)
    convert.add_text("TEXT")
    convert.add_argument("--from", dest="source", choices=INTERFACES, required=True)
    convert.add_argument("--to", dest="target", choices=INTERFACES, required=True)
    _add_steps(convert)
    add_json(convert)
    mutate = add_command(commands, "mutate", _mutate)
    mutate.add_text("TEMPLATE")
    add_table(mutate)
    mutate.add_argument("--interface", choices=INTERFACES, default="plain")
    mutate.add_argument("-n", type=number_of, default=20, help="number of prompts")
    mutate.add_argument("--seed", type=int, default=0, help="the same seed gives the same prompts")
    add_filter(mutate)
    add_json(mutate)
    encode = add_command(commands, "encode", _encode)
    encode.add_argument("--compare", nargs="+", required=True, metavar="TEXT", help="the prompts")
    encode.add_argument(
        "--model", type=file_path, required=True, metavar="PATH", help="checkpoint or model folder"
    )
    encode.add_argument("--encoder", default="", help="which of its text encoders, by name")
    encode.add_argument("--clip-skip", type=int, choices=(0, 1, 2), default=0)
    add_json(encode)


def _add_steps(parser: Parser) -> None:
    parser.add_argument(
        "--steps",
        type=number_of,
        default=STEPS,
        help="sampling steps, of which A1111's [from:to:0.5] takes fractions",
    )


def _prompt(arguments: argparse.Namespace, _: Job) -> Answer:
    """Print the tokens of a whole prompt, with weights and chunks; or a picture's prompts."""
    if (arguments.text is None) == (arguments.file is None):
        raise TokenSimError("Give either a prompt or, with --file, a picture or a workflow.")
    if arguments.file is not None:
        return _picture(arguments.file)
    from tokensim_gui.core.report.prompt_report import prompt_json

    vocabulary = chosen_vocabulary(arguments)[1]
    data = prompt_json(
        arguments.text, vocabulary, arguments.interface, arguments.model, arguments.steps
    )
    return Answer(data, _prompt_lines(data), _remarks(data["notes"]))


def _picture(path: Path) -> Answer:
    from tokensim_gui.core.prompt.picture_prompts import read_picture
    from tokensim_gui.core.report.prompt_report import picture_json

    found = read_picture(path)
    lines = [
        *found.prompts,
        *(f"Negative prompt: {negative}" for negative in found.negatives),
        *(f"{name}: {value}" for name, value in found.settings),
    ]
    return Answer(picture_json(found), lines, _remarks(found.notes))


def _prompt_lines(data: dict[str, Any]) -> Iterator[str]:
    from tokensim_gui.core.prompt.parsed_prompt import number

    for token in data["tokens"]:
        marks = [f"weight {number(token['weight'])}"] if token["weight"] != 1 else []
        marks += [name for name in ("repeated", "odd") if token[name]]
        line = f"{token['chunk'] + 1:3}  #{token['id']:<7} {token['piece']:24} {', '.join(marks)}"
        yield line.rstrip()
    for mark in data["unsent"]:
        yield f"not sent: {mark['text']} ({mark['kind']})"
    over = f", {data['over']} of them cut off" if data["over"] else ""
    chunks = len(data["chunks"])
    tokens = f"{data['count']} token{'s' if data['count'] != 1 else ''}"
    yield f"{tokens} in {chunks} chunk{'s' if chunks > 1 else ''}{over}"


def _convert(arguments: argparse.Namespace, _: Job) -> Answer:
    """Write a prompt for another interface."""
    from tokensim_gui.core.prompt.conversion import convert
    from tokensim_gui.core.report.prompt_report import convert_json

    converted = convert(arguments.text, arguments.source, arguments.target, arguments.steps)
    data = convert_json(converted, arguments.source, arguments.target)
    return Answer(data, [converted.text], _remarks(converted.lost))


def _mutate(arguments: argparse.Namespace, job: Job) -> Answer:
    """Fill the slots of a template with random tokens: #word# #prefix# #emoji# #near:cute#."""
    from tokensim_gui.core.prompt.mutations import mutate, near_count
    from tokensim_gui.core.report.prompt_report import mutations_json

    token_filter = filter_of(arguments)
    if _NEAR in arguments.text:
        table, vocabulary = chosen_vectors(arguments)
        engine = engine_of(table, vocabulary, job)
    else:
        _, vocabulary = chosen_vocabulary(arguments)

    def near(query: str) -> Sequence[int]:
        count = near_count(arguments.n)
        asked = Query(query, count=count, map_count=0, filter=token_filter, strict=True)
        ids: list[int] = engine.search(asked, job).ids.tolist()
        return ids

    made = mutate(
        arguments.text,
        vocabulary,
        arguments.n,
        arguments.seed,
        token_filter=token_filter,
        interface=arguments.interface,
        neighbours=near,
    )
    return Answer(
        mutations_json(made, vocabulary),
        [mutation.prompt.replace("\n", " ") for mutation in made.prompts],
        _remarks(made.notes),
    )


def _encode(arguments: argparse.Namespace, _: Job) -> Answer:
    """Print how alike prompts are to a whole text encoder."""
    from tokensim_gui.core.text_encoders.encoder_files import open_encoder
    from tokensim_gui.core.text_encoders.likeness import compare, compare_tokens
    from tokensim_gui.core.text_encoders.text_encoder import POOLED

    encoder = open_encoder(arguments.model, arguments.encoder)
    encodings = encoder.encode(arguments.compare, arguments.clip_skip)
    pooled, by_token = compare(encodings), compare_tokens(encodings)
    data = {
        "encoder": encoder.name,
        "pooled": POOLED[encoder.pooling],
        "dim": encoder.dim,
        "clip_skip": encodings.clip_skip,
        "prompts": [
            {"text": text, "tokens": int(mask.sum()), "chunks": chunks}
            for text, mask, chunks in zip(
                encodings.prompts, encodings.mask, encodings.windows, strict=True
            )
        ],
        "similarity": pooled.tolist(),
        "token_similarity": by_token.tolist(),
    }
    lines = [
        f"{pooled[row, column]:8.2%}  {second}  ↔  {first}"
        for row, first in enumerate(encodings.prompts)
        for column, second in enumerate(encodings.prompts[:row])
    ]
    return Answer(data, lines)


def _remarks(sentences: Sequence[str]) -> list[str]:
    return [f"tokensim: {sentence}" for sentence in sentences]
