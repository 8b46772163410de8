"""``tokensim lora`` and ``tokensim inversion``: what is in the files that trainers leave."""

import argparse
import os
from collections import Counter
from dataclasses import asdict
from typing import Any

from tokensim_gui.commands.chosen_table import (
    add_embeddings,
    add_table,
    chosen_vectors,
    chosen_vocabulary,
    engine_of,
)
from tokensim_gui.commands.command import Answer, Commands, Parser, add_command, add_json, file_path
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.job import Job

_SHOWN = 50
_FORMS = ("a1111", "comfyui", "diffusers")


def add_commands(commands: Commands) -> None:
    """Add the parsers."""
    parser = add_command(commands, "lora", _lora)
    parser.add_argument("file", type=file_path, metavar="FILE")
    parser.add_argument(
        "--moved", type=file_path, metavar="CHECKPOINT",
        help="find the words that it moves, with a whole text encoder of its base",
    )  # fmt: skip
    parser.add_argument("--encoder", default="", metavar="NAME", help="which one in there")
    add_table(parser)
    add_json(parser, progress=True)
    parser = add_command(commands, "loras", _loras)
    parser.add_argument("folders", type=file_path, nargs="*", metavar="FOLDER")
    add_json(parser, progress=True)
    parser = add_command(commands, "inversion", _inversion)
    parser.add_argument("file", type=file_path, metavar="FILE")
    parser.add_argument("other", type=file_path, metavar="OTHER", nargs="?", help="compare with it")
    add_table(parser)
    parser.add_argument("--save", type=file_path, metavar="OUT", help="save as .safetensors or .pt")
    _add_form(parser)
    parser = add_command(commands, "make-inversion", _make_inversion)
    parser.add_argument("out", type=file_path, metavar="OUT", help="a file .safetensors or .pt")
    parser.add_argument(
        "queries", nargs="+", metavar="QUERY", help="each gives a vector, emb:NAME all of its own"
    )
    add_table(parser)
    add_embeddings(parser)
    parser.add_argument(
        "--usual-length", action="store_true", help="make the vectors as long as a token's"
    )
    _add_form(parser)


def _add_form(parser: Parser) -> None:
    parser.add_argument("--as", dest="form", choices=_FORMS, default="comfyui", help="for what")
    add_json(parser)


def _lora(arguments: argparse.Namespace, job: Job) -> Answer:
    """Print the words that a LoRA listens to, what it was trained on, and what it changes."""
    from tokensim_gui.core.loras.lora_card import read_lora
    from tokensim_gui.core.loras.trigger_reading import read_trigger

    job.check()
    if arguments.moved is not None:
        return _moved(arguments, job)
    card = read_lora(arguments.file)
    _, vocabulary = chosen_vocabulary(arguments)
    triggers: list[dict[str, Any]] = []
    for one in card.triggers:
        read = read_trigger(one.text, vocabulary)
        triggers.append(
            {
                "text": one.text,
                "count": one.count,
                "from": one.origin,
                "sure": one.sureness,
                "ids": list(read.ids),
                "common": read.common,
                "rarer": read.rarer,
            }
        )
    encoders = [
        {"encoder": part.name, "tensors": part.tensors, "layers": list(part.layers)}
        for part in card.text_encoders
    ]
    lines = [f"{card.name}: {card.kind}, rank {card.rank}, for {card.base or 'an unknown model'}"]
    lines += [f"{one['text']}  ({one['from']}, {one['sure']})" for one in triggers] or [
        "No word is written in it."
    ]
    trained = ", ".join(f"{part.name}, {len(part.layers)} layers" for part in card.text_encoders)
    lines.append(f"Text encoders: {trained or 'none was trained'}")
    lines += [f"{count:6}  {tag}" for tag, count in card.tags[:20]]
    return Answer(
        {
            "name": card.name,
            "triggers": triggers,
            "tags": [{"text": tag, "count": count} for tag, count in card.tags],
            "base": card.base,
            "kind": card.kind,
            "rank": card.rank,
            "text_encoder": encoders,
            "image_part": card.has_image_part,
            "resolution": card.resolution,
            "date": card.date,
            "trainer": card.trainer,
            "inversions": list(card.inversions),
        },
        lines,
        (),
    )


def _moved(arguments: argparse.Namespace, job: Job) -> Answer:
    from tokensim_gui.core.text_encoders.moved_words import moved_words

    _, vocabulary = chosen_vocabulary(arguments)
    found = moved_words(arguments.file, arguments.moved, arguments.encoder, vocabulary, job)
    lines = [f"{one.turned:8.2%}  {one.length:+9.3f}  {one.text}" for one in found.words[:_SHOWN]]
    told = f"{found.count:,} words through {found.encoder}, {found.mean:.2%} on average"
    return Answer(asdict(found), [*lines, told])


def _loras(arguments: argparse.Namespace, job: Job) -> Answer:
    """List the LoRAs and embeddings below folders, or where programs keep them; read headers."""
    from tokensim_gui.core.loras import trained_files

    for folder in arguments.folders:
        if not os.path.isdir(folder):
            raise FileError(f"{folder} is no folder that can be read.")
    folders = arguments.folders or [one.path for one in trained_files.trained_folders()]
    known = trained_files.stored_list()
    found = trained_files.look_through(folders, known, job)
    trained_files.store_list(found)
    counts = Counter(one.what for one in found)
    data = {"loras": counts["LoRA"], "embeddings": counts["embedding"]}
    if arguments.json_progress:  # the window reads the list itself, which may be large
        return Answer(data)
    return Answer(
        {**data, "files": [asdict(one) for one in found]},
        [f"{one.what:10} {one.base:12} {one.name}  {', '.join(one.triggers)}" for one in found],
    )


def _inversion(arguments: argparse.Namespace, job: Job) -> Answer:
    """Print what a textual inversion holds, means and fits; or save it for another program."""
    from tokensim_gui.core.loras.inversion_file import read_inversions
    from tokensim_gui.core.search.inversion_making import save_inversion
    from tokensim_gui.core.search.inversion_reading import likeness, read_parts

    job.check()
    found = read_inversions(arguments.file)
    alike = {}
    if arguments.other is not None:
        alike = likeness(found[0], read_inversions(arguments.other)[0])
    if arguments.save is not None:
        save_inversion(found[0], arguments.save, arguments.form)
    table, vocabulary = chosen_vectors(arguments)
    engine = engine_of(table, vocabulary, job)
    listed: list[dict[str, Any]] = []
    lines: list[str] = []
    for one in found:
        parts: list[dict[str, Any]] = []
        fits = f"; fits {', '.join(one.fits)}" if one.fits else ""
        for part in read_parts(one, engine, job):
            lines.append(f"{one.name}: {len(part.vectors)} × {part.dim} for {part.encoder}{fits}")
            nearest = [[vocabulary.display(token) for token in v.ids] for v in part.vectors]
            lines += [
                f"{place:4}  length {vector.norm:.3f}"
                + (f", {vector.times:.1f} × a token's; near {', '.join(names)}" if names else "")
                for place, (vector, names) in enumerate(zip(part.vectors, nearest, strict=True), 1)
            ]
            parts.append(
                {
                    "encoder": part.encoder,
                    "dim": part.dim,
                    "count": len(part.vectors),
                    "norms": [vector.norm for vector in part.vectors],
                    "in_table": part.fits,
                    "nearest": [
                        [
                            {"id": token, "piece": vocabulary.piece(token), "score": score}
                            for token, score in zip(
                                vector.ids.tolist(), vector.scores.tolist(), strict=True
                            )
                        ]
                        for vector in part.vectors
                    ],
                }
            )
        listed.append(
            {"name": one.name, "token": one.token, "parts": parts, "fits": list(one.fits)}
        )
    lines += [f"{cosine:.2%} alike for {encoder}" for encoder, cosine in alike.items()]
    if arguments.other is not None and not alike:
        lines.append("They have no encoder in common, so they can't be compared.")
    return Answer({**listed[0], "inversions": listed, "alike": alike}, lines, ())


def _make_inversion(arguments: argparse.Namespace, job: Job) -> Answer:
    """Make a textual inversion out of queries, or of others merged and cut."""
    from tokensim_gui.core.loras.inversion_file import norms
    from tokensim_gui.core.search.inversion_making import (
        at_usual_length,
        make_inversion,
        save_inversion,
    )

    table, vocabulary = chosen_vectors(arguments)
    engine = engine_of(table, vocabulary, job, arguments.embedding)
    made = make_inversion(arguments.out.stem, arguments.queries, engine, job)
    if arguments.usual_length:
        made = at_usual_length(made, engine)
    save_inversion(made, arguments.out, arguments.form)
    (part,) = made.parts
    count, dim = part.vectors.shape
    return Answer(
        {"file": str(arguments.out), "encoder": part.encoder, "dim": dim, "norms": norms(part)},
        [f"{arguments.out}: {count} × {dim} for {part.encoder}"],
    )
