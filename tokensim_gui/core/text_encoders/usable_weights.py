"""Whether the weights of an encoder are all there, and in a form that can be run."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

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
        "another method": r"_data|_qdata|wscales|smooth|smooth_factor|W_q|scale_and_zero",
    }.items()
)


def quantisation(entries: Iterable[str], facts: Mapping[str, Any]) -> str:
    """Return how the weights of an encoder are quantised, as its files say; "" if they are not.

    Weights in 8-bit floats, with or without one factor each, are read; all other forms are not.
    """
    said = facts.get("quantization_config") or facts.get("quantization")
    if isinstance(said, dict):
        return str(said.get("quant_method") or said.get("quant_algo") or "some method")[:80]
    return next((kind for name in entries for kind, end in _QUANTISED if end.search(name)), "")


def has_layers(entries: Iterable[str], facts: Mapping[str, Any]) -> bool:
    """Tell whether the layers that a config.json counts are all there, with as much in each."""
    shape = facts.get("text_config")
    shape = shape if isinstance(shape, dict) else facts
    count = next((shape[name] for name in _LAYER_COUNTS if type(shape.get(name)) is int), None)
    parts: dict[str, dict[int, int]] = {}
    for name in entries:
        if match := _LAYER.fullmatch(name):
            layers = parts.setdefault(match[1], {})
            layers[int(match[2])] = layers.get(int(match[2]), 0) + 1
    longest = max(parts.values(), key=len, default={})
    return set(range(count or len(longest))) <= set(longest) and len(longest) > 0
