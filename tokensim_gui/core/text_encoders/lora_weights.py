"""The part of a LoRA that changes a text encoder, added to its weights.

Formulas: W + scale * up @ down (https://arxiv.org/abs/2106.09685), with alpha / rank for scale as
kohya and PEFT have it; LoHa and LoKr as in LyCORIS (https://arxiv.org/abs/2309.14859).
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch

from tokensim_gui.core.checkpoints.entries import read_exactly, unreadable
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.number_formats import ITEM_BYTES, decode
from tokensim_gui.core.files.safetensors_format import Entry, read_header
from tokensim_gui.core.job import Job
from tokensim_gui.core.loras.lora_card import part_of
from tokensim_gui.core.text_encoders.text_encoder import TextEncoder

_MAX_TENSOR_BYTES = 2**30
_MAX_RANK = 16_384
_NAMES = {
    **dict.fromkeys(("lora_down", "lora_A", "lora.down", "lora_linear_layer.down"), "down"),
    **dict.fromkeys(("lora_up", "lora_B", "lora.up", "lora_linear_layer.up"), "up"),
}
_KEY = re.compile(
    r"(.+?)\.(lora_down|lora_up|lora_A|lora_B|lora\.down|lora\.up|lora_linear_layer\.down"
    r"|lora_linear_layer\.up|hada_w[12]_[ab]|lokr_w[12](?:_[ab])?|diff|alpha|dora_scale"
    r"|lora_magnitude_vector)(?:\.default)?(?:\.weight)?"
)
_PREFIX = re.compile(
    r"(?:lora_te\d?[_.]|text_encoder(?:_\d)?\.|(?:text_encoders\.)?(?:clip_[lg]|t5xxl)\."
    r"|text_encoders\.\w+\.|lora_t5_)(?:transformer[._])?(?:text_model[._])?"
)
_Tensors = dict[str, torch.Tensor]


def apply_lora(path: Path, encoder: TextEncoder, job: Job | None = None) -> int:
    """Add to an encoder's weights what a LoRA changes in it; can't be undone.

    Returns:
        How many weights were changed.

    Raises:
        FileError: The file can't be read.
        TokenSimError: It changes no text encoder, or not this one, or in a way not known here.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    entries, metadata = read_header(path)
    parts: dict[str, dict[str, dict[str, Entry]]] = {}
    for name, entry in entries.items():
        part, match = part_of(name), _KEY.fullmatch(name)
        if part is not None and match is not None:
            target = _PREFIX.sub("", match[1], count=1).replace(".", "_")
            kind = _NAMES.get(match[2], match[2])
            parts.setdefault(part, {}).setdefault(target, {})[kind] = entry
    if not parts:
        raise TokenSimError(f"{path.name} changes no text encoder: no word is moved by it.")
    linears = {_flat(name): one for name, one in encoder.linears().items()}
    for part, targets in parts.items():
        known = {target: linears[target] for target in targets if target in linears}
        if len(known) < len(targets):
            continue
        scale = _scale(metadata, part)
        try:
            deltas = {
                target: _delta(path, targets[target], tuple(linear.weight.shape), scale, job)
                for target, linear in known.items()
            }
        except ValueError:  # of another width
            continue
        with torch.inference_mode():
            for target, linear in known.items():
                linear.weight += deltas[target].to(linear.weight)
        return len(known)
    raise TokenSimError(
        f"The text encoder that {path.name} changes is not {encoder.name}. Open that of its base "
        "model."
    )


def _flat(name: str) -> str:
    return re.sub(r"^(?:.*\.)?text_model\.", "", name).replace(".", "_")


def _scale(metadata: Mapping[str, str], part: str) -> float:
    """What PEFT multiplies by, out of the metadata of diffusers; 1 where they do not say."""
    prefix = {"te2": "text_encoder_2.", "te3": "text_encoder_3."}.get(part, "text_encoder.")
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        said = json.loads(metadata.get("lora_adapter_metadata", "{}"))
        alpha, rank = said.get(f"{prefix}lora_alpha"), said.get(f"{prefix}r")
        if type(alpha) in (int, float) and type(rank) is int and 0 < rank and 0 < alpha < 1e6:
            return float(alpha / rank)
    return 1.0


def _delta(
    path: Path, entries: Mapping[str, Entry], shape: tuple[int, ...], scale: float, job: Job
) -> torch.Tensor:
    """Return what is added to a weight, float32.

    Raises:
        ValueError: It is of another shape.
    """
    job.check()
    if "dora_scale" in entries or "lora_magnitude_vector" in entries:
        raise TokenSimError(f"{path.name} is a DoRA, whose text encoder TokenSim can't apply yet.")
    tensors = {name: _tensor(path, entry) for name, entry in entries.items()}
    alpha = float(tensors.pop("alpha").reshape(-1)[0]) if "alpha" in tensors else None
    made, rank = _product(tensors)
    if alpha is not None and rank:
        scale = alpha / rank
    if made is None or made.numel() != np.prod(shape):
        raise ValueError
    return made.reshape(shape) * scale


def _product(tensors: _Tensors) -> tuple[torch.Tensor | None, int]:
    """Return the change without its scale, and its rank; None where it can't be one."""
    if "diff" in tensors:
        return tensors["diff"], 0
    pairs = {"up": "down", "hada_w1_a": "hada_w1_b", "hada_w2_a": "hada_w2_b"}
    pairs |= {"lokr_w1_a": "lokr_w1_b", "lokr_w2_a": "lokr_w2_b"}
    made: _Tensors = {}
    rank = 0
    for left, right in pairs.items():
        if left in tensors and right in tensors:
            one, two = tensors[left], tensors[right]
            if one.ndim != 2 or two.ndim != 2 or one.shape[1] != two.shape[0]:
                return None, 0
            rank = one.shape[1]
            if rank > _MAX_RANK or one.shape[0] * two.shape[1] * 4 > _MAX_TENSOR_BYTES:
                return None, 0
            made[left.removesuffix("_a")] = one @ two
    if "up" in made:
        return made["up"], rank
    if "hada_w1" in made and "hada_w2" in made and made["hada_w1"].shape == made["hada_w2"].shape:
        return made["hada_w1"] * made["hada_w2"], rank
    first = made.get("lokr_w1", tensors.get("lokr_w1"))
    second = made.get("lokr_w2", tensors.get("lokr_w2"))
    if first is None or second is None or first.ndim != 2 or second.ndim != 2:
        return None, 0
    if first.numel() * second.numel() * 4 > _MAX_TENSOR_BYTES:
        return None, 0
    return torch.kron(first, second), rank


def _tensor(path: Path, entry: Entry) -> torch.Tensor:
    if entry.dtype not in ITEM_BYTES or not 0 < entry.nbytes <= _MAX_TENSOR_BYTES:
        raise FileError(f"{path.name} holds a tensor that can't be used: {entry.dtype}.")
    try:
        with path.open("rb") as file:
            raw = read_exactly(file, path, entry.offset, entry.nbytes)
    except OSError as error:
        raise unreadable(path, error) from error
    values = decode(np.frombuffer(raw, np.uint8), entry.dtype).reshape(entry.shape)
    if not np.isfinite(values).all():
        raise FileError(f"{path.name} holds NaN or infinity, so it is damaged. Fetch it again.")
    return torch.from_numpy(values.copy())
