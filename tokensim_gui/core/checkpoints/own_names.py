"""What a table is called: after what its file calls itself, or after its shape where that is sure.

A shape tells CLIP and T5, whose tables have names of their own, and no language model: those of
one family and size share it with relatives (Mistral-Nemo with Mistral-Small, Qwen3-VL with Qwen3).
"""

import json
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tokensim_gui.core.checkpoints import gguf_file
from tokensim_gui.core.checkpoints.checkpoint_layouts import ENCODERS, Encoder, TokenTable, told_by
from tokensim_gui.core.checkpoints.entries import TensorEntry
from tokensim_gui.core.checkpoints.folders import SHARD
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.paths import displayed
from tokensim_gui.core.vocabulary.pieces import LANGUAGE

_GENERIC_FILE = re.compile(r"(?:(?:diffusion_)?(?:pytorch_)?model|weights|consolidated)(?:[.-].*)?")
_GENERIC_FOLDER = re.compile(
    r"text_encoder(?:s|_\d)?|vision_language_encoder|models?|main|[0-9a-f]{40}|snapshots"
)
_MAX_CONFIG_BYTES = 2**20
_TOLD_BY_SHAPE = ("clip", "unigram")
# What GGUF files call language models of such shapes.
_ARCHITECTURE, _LANGUAGE_MODELS = "general.architecture", ("llama", "mistral", "gemma", "phi")

# What transformers calls the architecture of an encoder that others share a shape with.
_MODEL_TYPES = {
    "Gemma-2-2B": ("gemma2",),
    "Gemma-3-12B": ("gemma3", "gemma3_text"),
    "Llama-3.1-8B": ("llama",),
    "Qwen2.5-VL-7B": ("qwen2_5_vl", "qwen2_5_vl_text"),
    "Qwen3-4B": ("qwen3",),
    "Mistral-Small-3.2-24B": ("mistral3",),
}
# Of a file's name: precision, packing and what all releases are called.
_NOISE = re.compile(
    r"i?q\d+|[klmsx0-1]|x[ls]|xxs|nl|b?f?p?(?:4|8|16|32)|nv?fp4|mxfp4|e4m3fn?|e5m2|scaled|mixed|gguf|ud"
    r"|imat|instruct|it|hf|text|encoders?|model|meta|2506"
)
# Names under which ComfyUI hands encoders out, where they are not those of the models.
_ALIASES = {"mistral3smallflux2": "Mistral-Small-3.2-24B"}


def title(path: Path) -> str:
    """Name an encoder after its file, or after its folder where the file is called model."""
    shard = SHARD.fullmatch(path.name)
    stem = shard[1] if shard else path.stem
    if not _GENERIC_FILE.fullmatch(stem):
        return displayed(stem)
    for folder in path.parents:
        if folder.name.startswith("models--"):
            return displayed(folder.name.removeprefix("models--").replace("--", "/", 1))
        if folder.name and not _GENERIC_FOLDER.fullmatch(folder.name):
            return displayed(folder.name)
    return displayed(stem)


def named(table: TokenTable) -> Encoder:
    """Return the encoder of a table under the name that its file supports.

    Models are told only where the encoder is sure to be theirs.
    """
    path, encoder = table.entry.path, table.encoder
    own = _own_name(path)
    if encoder not in ENCODERS.values():
        named = encoder if encoder.name else replace(encoder, name=own)
        return told_by(own, told_by(str(_config(path).get("model_type", "")), named))
    if encoder.family in _TOLD_BY_SHAPE:
        return told_by(own, Encoder(own, LANGUAGE)) if _is_language_model(table.entry) else encoder
    prefix = re.match(r"(?:.*\.)?text_encoders\.(\w+)\.", table.entry.name)
    if prefix is not None:
        alike = _letters(prefix[1]) == _letters(encoder.name)
        sees = "vl" in prefix[1] and "VL" not in encoder.name
        return encoder if alike and not sees else Encoder(prefix[1], encoder.family)
    kind = str(_config(path).get("model_type", ""))
    is_kind = not kind or kind in _MODEL_TYPES.get(encoder.name, (kind,))
    if _plain(own) == _plain(encoder.name) or _ALIASES.get(_plain(own)) == encoder.name:
        return encoder if is_kind else Encoder(own, encoder.family)
    if path.parent.name.startswith("text_encoder") and _GENERIC_FILE.fullmatch(path.stem):
        # Folder and file are called after the image model that it serves.
        return encoder if is_kind else Encoder(f"{own} ({kind})", encoder.family)
    if _GENERIC_FILE.fullmatch(own):
        return Encoder(f"shape of {encoder.name}", encoder.family)
    return Encoder(own, encoder.family)


def _is_language_model(entry: TensorEntry) -> bool:
    """Tell whether a table is that of a language model, whatever else has its shape."""
    if entry.name.endswith("model.embed_tokens.weight"):
        return True
    with suppress(FileError):  # the reader of the table says what is wrong
        if gguf_file.is_gguf(entry.path):
            said = gguf_file.metadata(entry.path, (_ARCHITECTURE,)).get(_ARCHITECTURE)
            return str(said).startswith(_LANGUAGE_MODELS)
    return False


def _own_name(path: Path) -> str:
    """Return what a file calls itself: its name, its folder's, or what is written inside."""
    name = title(path)
    if not _GENERIC_FILE.fullmatch(name):
        return name
    try:
        if gguf_file.is_gguf(path):
            inside = gguf_file.metadata(path, ("general.name",)).get("general.name")
        else:
            inside = str(_config(path).get("_name_or_path", "")).rpartition("/")[2]
    except FileError:  # the reader of the table says what is wrong
        return name
    return inside if isinstance(inside, str) and inside.isprintable() and inside else name


def _config(path: Path) -> dict[str, Any]:
    """Return the config.json beside a file, or nothing."""
    try:
        content = json.loads(read_regular(path.with_name("config.json"), _MAX_CONFIG_BYTES))
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError, RecursionError):
        pass
    return {}


def _plain(name: str) -> str:
    words = re.split(r"[^a-z0-9]+", name.rpartition("/")[2].lower().replace(".", ""))
    return "".join(word for word in words if not _NOISE.fullmatch(word))


def _letters(name: str) -> str:
    return re.split(r"[^a-z]", name.lower(), maxsplit=1)[0]
