"""Open a text encoder from a file or folder: weights read safely into transformers' own models.

Weights come through the readers of `core.checkpoints`, never by unpickling; no code out of a model
folder runs, and nothing is fetched.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tokensim_gui.core.checkpoints import checkpoint_layouts, read_vectors
from tokensim_gui.core.checkpoints.entries import check_unchanged, stamp_of
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.number_formats import decode
from tokensim_gui.core.job import Job
from tokensim_gui.core.large_import import import_apart
from tokensim_gui.core.text_encoders.encoder_layouts import (
    EncoderSource,
    Weight,
    candidates_for_encoding,
    why_not_whole,
)
from tokensim_gui.core.text_encoders.text_encoder import TextEncoder
from tokensim_gui.core.tokenizers.converting import tokenizer_bytes

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAX_FLOAT32_BYTES = 4 * 2**30
_WORK_BYTES = 2**30
_MAX_LAYERS = 1_000
_SLACK_PARAMETERS = 2**20
# What a configuration may ask for beside the shape of the network: other code, other formats.
_NOT_A_SHAPE = re.compile(
    r"_.*|auto_map|quantization_config|.*attn_implementation|.*experts_implementation|.*kernel.*"
    r"|fusion_config|distributed_config|transformers_weights|(?:torch_)?dtype|output_.*|use_cache"
)


def open_encoder(path: Path, name: str = "", job: Job | None = None) -> TextEncoder:
    """Open a whole text encoder of a checkpoint file or folder.

    Up to 4 GiB it computes in float32; larger ones in bfloat16, whose range theirs needs. It lies
    on a CUDA device that has room for it, else on the CPU.

    Args:
        path: As for `candidates_for_encoding`.
        name: Which encoder, by `EncoderSource.name`; by default the first.
        job: Reports progress, and may be cancelled.

    Raises:
        FileError: There is no whole text encoder, or it can't be read, or has no tokenizer.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    sources = candidates_for_encoding(path)
    if not sources:
        raise FileError(f"{path.name} {why_not_whole(path)}")
    source = next((one for one in sources if name in ("", one.name)), None)
    if source is None:
        there = ", ".join(one.name for one in sources)
        raise FileError(f"{path.name} has no text encoder “{name}”; it has {there}.")
    tokenizer = _tokenizer(source)
    is_small = 4 * source.parameters <= _MAX_FLOAT32_BYTES
    model = _model(source, torch.float32 if is_small else torch.bfloat16, job)
    return TextEncoder(source.name, source.architecture, model, tokenizer, source.table.models)


def _tokenizer(source: EncoderSource) -> "Tokenizer":
    from tokenizers import Tokenizer

    content = tokenizer_bytes(source.table)
    if content is None:
        raise FileError(
            f"{source.name} in {source.table.path.name} comes without a tokenizer. Put its "
            "tokenizer.json or spiece.model beside it."
        )
    try:
        tokenizer: Tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:  # the binding raises plain Exception
        raise FileError(f"TokenSim can't read the tokenizer of {source.name}.") from error
    if 1 + max(tokenizer.get_vocab().values(), default=-1) > source.table.rows:
        raise FileError(
            f"The tokenizer of {source.name} has more tokens than the encoder has vectors. "
            "Put the one that belongs to it beside it."
        )
    # Files saved beside a model often cut or fill every text to the model's length.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@cache
def _transformers() -> Any:  # noqa: ANN401  (its types can't be checked)
    """Import the heavy part of transformers, which takes seconds."""
    import_apart("transformers.modeling_utils")
    import transformers

    library: Any = transformers
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()
    return library


def _class_and_config(source: EncoderSource) -> tuple[Any, Any]:
    library, said = _transformers(), source.config
    if source.architecture == "clip":
        is_projected = "text_projection.weight" in source.weights
        kind = library.CLIPTextModelWithProjection if is_projected else library.CLIPTextModel
        return kind, library.CLIPTextConfig(**said)
    if source.architecture == "t5":
        return library.T5EncoderModel, library.T5Config(**said)
    if source.architecture == "umt5":
        return library.UMT5EncoderModel, library.UMT5Config(**said)
    config = library.CONFIG_MAPPING[said["model_type"]].from_dict(_shape_of(said))
    return library.MODEL_MAPPING[type(config)], config


def _shape_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration out of a stranger's file without what is not the network's shape."""
    return {
        name: _shape_of(value) if isinstance(value, dict) else value
        for name, value in config.items()
        if not _NOT_A_SHAPE.fullmatch(name)
    }


def _model(source: EncoderSource, dtype: torch.dtype, job: Job) -> Any:  # noqa: ANN401
    """Read the weights into a model that they fit."""
    unfit = FileError(
        f"The weights of {source.name} in {source.table.path.name} are not those that its layout "
        "or config.json asks for, or TokenSim can't run its kind. Its token vectors can be "
        "searched; to compare prompts, open CLIP, T5 or a common language model."
    )
    try:
        model_class, config = _class_and_config(source)
        layers = config.get_text_config().num_hidden_layers
        is_bounded = 1 <= layers <= min(_MAX_LAYERS, len(source.weights))
        with torch.device("meta"):  # without memory for its numbers
            skeleton = model_class(config) if is_bounded else torch.nn.Module()
        size = sum(parameter.numel() for parameter in skeleton.parameters())
    except Exception as error:  # whatever transformers makes of a stranger's config.json
        raise unfit from error
    if not 0 < size <= source.parameters + _SLACK_PARAMETERS:
        raise unfit
    state = _state(source, dtype, job)
    try:
        model, report = model_class.from_pretrained(
            None, config=config, state_dict=state, dtype=dtype, output_loading_info=True
        )
    except Exception as error:  # as above
        raise unfit from error
    if report["missing_keys"] or report["mismatched_keys"]:
        raise unfit
    if source.architecture == "other" and config.is_encoder_decoder:
        model = model.get_encoder()
    return model.eval().requires_grad_(False).to(_device(source.parameters * dtype.itemsize))


def _state(source: EncoderSource, dtype: torch.dtype, job: Job) -> dict[str, torch.Tensor]:
    total, done = source.parameters, 0
    state = {}
    for name, weight in source.weights.items():
        job.progress(done, total, f"Reading {source.name}")
        try:
            tensor = torch.empty(weight.entry.shape, dtype=dtype)
        except (RuntimeError, MemoryError) as error:
            raise TokenSimError(
                f"{source.name} needs {total * dtype.itemsize / 2**30:.1f} GB of memory. Close "
                "other programs, or open a smaller text encoder."
            ) from error
        _read_into(tensor, source, weight, job)
        state[name] = tensor.T.contiguous() if weight.transposed else tensor
        done += tensor.numel()
    for path, stamp in source.stamps.items():
        check_unchanged(path, stamp_of(path), stamp)
    job.progress(total, total, f"Reading {source.name}")
    return state


def _read_into(tensor: torch.Tensor, source: EncoderSource, weight: Weight, job: Job) -> None:
    """Read one tensor as a token table is read, a few MB at a time."""
    entry = weight.entry
    rows = tensor.reshape(*entry.shape[:1] or (1,), -1)
    converted = weight.scale is not None or entry.dtype in checkpoint_layouts.GGUF_BLOCKS
    piece = replace(
        source.table,
        rows=rows.shape[0],
        dim=rows.shape[1],
        dtype="F32" if converted else entry.dtype,
        stored=entry.dtype,
        nbytes=entry.nbytes,
        key=entry.name,
        path=entry.path,
        offset=entry.offset,
        scale=weight.scale,
        stamp=source.stamps[entry.path],
    )
    first = 0
    for chunk in read_vectors(piece, job):
        values = decode(np.frombuffer(bytearray(chunk), np.uint8), piece.dtype)
        values = values.reshape(-1, piece.dim)
        rows[first : first + len(values)] = torch.from_numpy(values)
        first += len(values)


def _device(nbytes: int) -> torch.device:
    """Choose a CUDA device if it has room for the weights and some work beside them."""
    if torch.cuda.is_available() and torch.cuda.mem_get_info()[0] > nbytes + _WORK_BYTES:
        return torch.device("cuda")
    return torch.device("cpu")
