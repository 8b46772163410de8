"""Whether the weights of an encoder are all there, and in a form that can be run."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tokensim_gui.core.checkpoints.checkpoint_layouts import FEW, WHOLE_NUMBERS
from tokensim_gui.core.checkpoints.entries import TensorEntry

_LAYER = re.compile(r"(.*\b(?:layers?|h|block|blocks))\.(\d{1,4})\..+")
_LAYER_COUNTS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
# Ways to quantise: what they leave behind in the names of tensors.
_QUANTISED = tuple(
    (kind, re.compile(rf"(?:^|[.:])(?:{ends})$"))
    for kind, ends in {
        "bitsandbytes": r"absmax|nested_absmax|quant_map|quant_state\..*|SCB|weight_format",
        "GPTQ or AWQ": r"qweight|qzeros|g_idx",
        "fp8 in blocks": r"weight_scale_inv",
        "compressed-tensors": r"weight_packed|weight_shape|weight_zero_point|weight_global_scale",
        "ComfyUI": r"comfy_quant|weight_scale_2",
        "MXFP4": r"\w+_blocks",
        "another method": r"_data|_qdata|wscales|smooth|smooth_factor|W_q|scale_and_zero",
    }.items()
)


def quantisation(entries: Iterable[TensorEntry], facts: Mapping[str, Any]) -> str:
    """Return how the weights of an encoder are quantised; "" if they are not.

    Weights in 8-bit floats, with or without one factor each, are read; all other forms are not.
    What a config.json says counts where the weights do not contradict it.
    """
    is_plain = True
    for entry in entries:
        for kind, ends in _QUANTISED:
            if ends.search(entry.name):
                return _said(facts) or kind
        if entry.dtype in WHOLE_NUMBERS and len(entry.shape) == 2 and entry.name.endswith("weight"):
            return _said(facts) or "whole numbers"
        is_plain = is_plain and entry.dtype in ("F32", "F16", "BF16")
    return "" if is_plain else _said(facts)


def _said(facts: Mapping[str, Any]) -> str:
    said = facts.get("quantization_config") or facts.get("quantization")
    if not isinstance(said, dict):
        return ""
    return str(said.get("quant_method") or said.get("quant_algo") or "some method")[:80]


def has_layers(names: Iterable[str], facts: Mapping[str, Any]) -> bool:
    """Tell whether the layers that a config.json counts are all there, and any are."""
    shape = facts.get("text_config")
    shape = shape if isinstance(shape, dict) else facts
    count = next((shape[name] for name in _LAYER_COUNTS if type(shape.get(name)) is int), 0)
    found: dict[str, set[int]] = {}
    listed = list(names)
    for name in listed:
        if match := _LAYER.fullmatch(name):
            found.setdefault(match[1], set()).add(int(match[2]))
    longest = max(found.values(), key=len, default=set())
    if not longest:
        return len(listed) > max(count, FEW)  # it counts them in another way
    return len(longest) >= count and longest == set(range(len(longest)))
