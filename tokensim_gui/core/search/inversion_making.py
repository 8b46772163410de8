"""Making textual inversions out of queries, and saving them for other programs."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.core.files.safetensors_format import pack
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.inversion_file import (
    Inversion,
    InversionPart,
    encoder_of,
    named_vectors,
)
from tokensim_gui.core.query.terms import Embedded
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.values import FloatArray, Query

_MOST_VECTORS = 75  # the room of a prompt's chunk


def make_inversion(name: str, queries: Sequence[str], engine: Engine, job: Job) -> Inversion:
    """Make an inversion for the encoder of the open table: a vector of each query.

    A query that is an embedding and nothing else gives all of its vectors, so that two such merge
    embeddings, and ``emb:name[1]`` alone cuts one.

    Args:
        name: What it will be called by.
        queries: At least one.
        engine: With an open table.
        job: Cancellation.

    Raises:
        QueryError: A query can't be read, or means no vector.
        TokenSimError: There is no query, or they make too many vectors.
    """
    vectors: list[FloatArray] = []
    for text in filter(None, map(str.strip, queries)):
        one = Embedded.at(text, 0)
        if one is not None and one.end == len(text):
            vectors.append(engine.embedding(one))
        else:
            vectors.append(engine.vector(Query(text, strict=True), job)[None])
    count = sum(map(len, vectors))
    if not vectors:
        raise TokenSimError("An embedding needs at least one query: each gives one vector.")
    if count > _MOST_VECTORS:
        raise TokenSimError(
            f"These queries make {count} vectors; a prompt has room for {_MOST_VECTORS}. Take "
            "some away."
        )
    made = np.concatenate(vectors).astype(np.float32)
    made.flags.writeable = False
    return Inversion(name, "", (InversionPart(encoder_of(made.shape[1]), made),))


def at_usual_length(inversion: Inversion, engine: Engine) -> Inversion:
    """Return an inversion whose vectors for the open table are as long as a token's usually are.

    Raises:
        TokenSimError: No table is open.
    """
    table = engine.table
    usual = float(np.median(table.norms[table.norms > 0]))
    parts = []
    for part in inversion.parts:
        vectors = part.vectors.astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if vectors.shape[1] == table.info.dim:
            vectors *= np.divide(usual, lengths, out=np.ones_like(lengths), where=lengths > 0)
        scaled = vectors.astype(np.float32)
        scaled.flags.writeable = False
        parts.append(replace(part, vectors=scaled))
    return replace(inversion, parts=tuple(parts))


def save_inversion(inversion: Inversion, path: Path, form: str) -> None:
    """Save an inversion as a file ``.safetensors`` or ``.pt`` that a program of `FORMS` reads.

    Formats: ``create_embedding_from_data`` of A1111's ``textual_inversion.py``, ``load_embed`` of
    ComfyUI's ``sd1_clip.py``, ``load_textual_inversion`` of diffusers.

    Raises:
        TokenSimError: The program has no form for such an inversion, or no such file.
        FileError: The file can't be written.
    """
    named = named_vectors(inversion, form)
    suffix = path.suffix.lower()
    if suffix == ".safetensors":
        content = pack({name: value.astype("<f4") for name, value in named.items()})
    elif suffix == ".pt":
        content = _pickled(inversion.name, named, form)
    else:
        raise TokenSimError(f"{path.name} must end in .safetensors or .pt: choose another name.")
    write_atomically(path, content)


def _pickled(name: str, named: dict[str, NDArray[np.float32]], form: str) -> bytes:
    tensors = {key: torch.from_numpy(value.copy()) for key, value in named.items()}
    saved: dict[str, object] = dict(tensors)
    if form == "a1111" and len(tensors) == 1:
        saved = {
            "string_to_token": {"*": 265},  # of the star, in whose place A1111 learns
            "string_to_param": {"*": next(iter(tensors.values()))},
            "name": name,
            "step": 0,
            "sd_checkpoint": None,
            "sd_checkpoint_name": None,
        }
    buffer = io.BytesIO()
    torch.save(saved, buffer)
    return buffer.getvalue()
