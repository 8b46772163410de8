"""Which checkpoints hold a whole text encoder, and which tensor is which part of it.

Names and shapes tell everything that CLIP and T5 need; other encoders need their config.json.
Nothing of the tensors is read here.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from tokensim_gui.core.checkpoints import (
    checkpoint_layouts,
    folders,
    gguf_file,
    pickle_file,
    safetensors_file,
)
from tokensim_gui.core.checkpoints.detect import Candidate, candidates
from tokensim_gui.core.checkpoints.entries import Stamp, TensorEntry, stamp_of, unreadable
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.text_encoders.usable_weights import has_layers, quantisation

Architecture: TypeAlias = Literal["clip", "t5", "umt5", "other"]

_MAX_CONFIG_BYTES = 2**20
_CLIP_HEAD = 64
_OPENAI_WIDTH = 768

# What every layer has, if it is whole, under the names of transformers.
_CLIP_LAYER = (
    *(f"self_attn.{letter}_proj" for letter in ("q", "k", "v", "out")),
    *("layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2"),
)
_T5_LAYER = (
    *(f"layer.0.SelfAttention.{letter}" for letter in "qkvo"),
    *("layer.0.layer_norm", "layer.1.layer_norm", "layer.1.DenseReluDense.wo"),
)
# OpenCLIP's names within a layer: those of transformers' CLIPTextModel.
_OPENCLIP_LAYER = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
# GGUF's names within a T5 layer: those of transformers' T5EncoderModel.
_GGUF_LAYER = {
    "attn_q": "layer.0.SelfAttention.q",
    "attn_k": "layer.0.SelfAttention.k",
    "attn_v": "layer.0.SelfAttention.v",
    "attn_o": "layer.0.SelfAttention.o",
    "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
    "attn_norm": "layer.0.layer_norm",
    "ffn_gate": "layer.1.DenseReluDense.wi_0",
    "ffn_up": "layer.1.DenseReluDense.wi_1",
    "ffn_down": "layer.1.DenseReluDense.wo",
    "ffn_norm": "layer.1.layer_norm",
}


class Weight(NamedTuple):
    """A parameter of an encoder in a checkpoint.

    Attributes:
        entry: The tensor, or the part of one.
        scale: The factor that stands beside it in scaled fp8 files.
        transposed: Whether it is stored columns first.
    """

    entry: TensorEntry
    scale: TensorEntry | None = None
    transposed: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the encoder expects."""
        return self.entry.shape[::-1] if self.transposed else self.entry.shape


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """A whole text encoder in a checkpoint.

    Attributes:
        table: Its token table; name, tokenizer and image models are there.
        architecture: How it computes; ``other``: as its config.json says.
        weights: Its parameters, under the names of transformers' CLIPTextModelWithProjection and
            T5EncoderModel, or as stored for ``other``.
        config: Arguments of transformers' configuration class.
        stamps: The files as they were when they were looked at.
    """

    table: Candidate
    architecture: Architecture
    weights: Mapping[str, Weight] = field(repr=False)
    config: Mapping[str, Any] = field(repr=False)
    stamps: Mapping[Path, Stamp] = field(repr=False)

    @property
    def name(self) -> str:
        """What users call it; unlike the other names of the same checkpoint."""
        return self.table.name

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        return sum(prod(weight.shape) for weight in self.weights.values())


def candidates_for_encoding(path: Path) -> list[EncoderSource]:
    """Return the whole text encoders of a checkpoint file or folder.

    An encoder of which only the token vectors are there, or whose file does not tell how it
    computes, is not among them.

    Raises:
        FileError: It can't be read, is damaged, or holds no token table.
    """
    listed: dict[tuple[Path, ...], list[TensorEntry]] = {}
    found = []
    for table in candidates(path):
        files = _files(table.path)
        if files not in listed:
            listed[files] = [entry for file in files for entry in _entries(file)]
        entries = {entry.name: entry for entry in listed[files]}
        source = _source(table, files, entries) if entries else None
        if source is not None:
            found.append(source)
    return found


def why_not_whole(path: Path) -> str:
    """Say of a checkpoint with a token table why it has no whole encoder, with the way out.

    Raises:
        FileError: It can't be read, is damaged, or holds no token table.
    """
    for table in candidates(path):
        files = _files(table.path)
        if not files:
            return (
                "is one of several parts, of which some are missing: put them beside it. Its "
                "token vectors can be searched without them."
            )
        facts = _config_json(table.path.parent)
        entries = [one for file in files for one in _listed(file)]
        if how := quantisation(entries, facts):
            return (
                f"is quantised ({how}), so TokenSim reads its token vectors and can't run it. To "
                "compare prompts, open the same encoder in 16 bits."
            )
        if "model_type" in facts and not has_layers([one.name for one in entries], facts):
            return (
                "has token vectors and not all the layers that its config.json counts. To compare "
                "prompts, open the folder of the whole encoder."
            )
    return (
        "holds token vectors, but not a whole text encoder with all that TokenSim needs to run it. "
        "Open a checkpoint with CLIP or T5 inside, or the folder of a text encoder with its "
        "config.json."
    )


def _listed(path: Path) -> list[TensorEntry]:
    return pickle_file.entries(path) if pickle_file.is_pickle(path) else _entries(path)


def _files(path: Path) -> tuple[Path, ...]:
    """Return the shards that belong with one, or the file alone; nothing if some are missing."""
    match = folders.SHARD.fullmatch(path.name)
    files = folders.parts(path)
    return tuple(files) if match is None or len(files) == int(match[3]) else ()


def _entries(path: Path) -> list[TensorEntry]:
    if gguf_file.is_gguf(path):
        return gguf_file.entries(path)
    if pickle_file.is_pickle(path):
        return pickle_file.weights(path)
    return safetensors_file.entries(path)


def _source(
    table: Candidate, files: Iterable[Path], entries: Mapping[str, TensorEntry]
) -> EncoderSource | None:
    facts = _config_json(table.path.parent)
    made = _clip(table, entries, facts) or _t5(table, entries, facts) or _other(entries, facts)
    if made is None:
        return None
    architecture, weights, config = made
    if not all(_is_readable(weight) for weight in weights.values()):
        return None
    stamps = {file: stamp_of(file) for file in files}
    return EncoderSource(table, architecture, weights, config, stamps)


_Made: TypeAlias = tuple[Architecture, dict[str, Weight], dict[str, Any]]


def _clip(
    table: Candidate, entries: Mapping[str, TensorEntry], facts: Mapping[str, Any]
) -> _Made | None:
    """Recognise CLIP's text model in the names of transformers or of OpenCLIP."""
    if not table.key.endswith("token_embedding.weight"):
        return None
    prefix = table.key.removesuffix("token_embedding.weight")
    if prefix.endswith("embeddings."):
        prefix = prefix.removesuffix("embeddings.")
        head = prefix.removesuffix("text_model.")
        weights = {
            f"text_model.{name}": weight
            for name, weight in _under(prefix, entries).items()
            if name.startswith(("embeddings.", "encoder.", "final_layer_norm."))
            and not name.endswith("position_ids")
        }
        projection = _projection(head, entries)
    else:
        weights = _from_openclip(_under(prefix, entries))
        projection = _projection(prefix, entries)
    if projection is not None:
        weights["text_projection.weight"] = projection
    width = table.dim
    positions = _matrix(weights, "text_model.embeddings.position_embedding.weight")
    wide = _matrix(weights, "text_model.encoder.layers.0.mlp.fc1.weight")
    if positions is None or wide is None:
        return None
    layers = _whole_layers(weights, "text_model.encoder.layers.", _CLIP_LAYER)
    if not layers or "text_model.final_layer_norm.weight" not in weights:
        return None
    said = facts if "clip" in str(facts.get("model_type")) else {}
    if isinstance(said.get("text_config"), dict):
        said = said["text_config"]
    config = {
        "vocab_size": table.rows,
        "hidden_size": width,
        "intermediate_size": wide.shape[0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // _CLIP_HEAD),
        "max_position_embeddings": positions.shape[0],
        # OpenAI's own models, of at most this width, are the only ones with quick_gelu.
        "hidden_act": "quick_gelu" if width <= _OPENAI_WIDTH else "gelu",
        "projection_dim": width if projection is None else projection.shape[0],
        "bos_token_id": checkpoint_layouts.CLIP_ROWS - 2,
        "eos_token_id": checkpoint_layouts.CLIP_ROWS - 1,
        **_said(said, num_attention_heads=int, hidden_act=str, layer_norm_eps=float),
    }
    return "clip", weights, config


def _projection(prefix: str, entries: Mapping[str, TensorEntry]) -> Weight | None:
    """Return the matrix that brings the pooled vector into the space shared with pictures."""
    for name, transposed in (("text_projection.weight", False), ("text_projection", True)):
        entry = entries.get(prefix + name)
        if entry is not None and len(entry.shape) == 2:
            return Weight(entry, _scale(entry, entries), transposed)
    return None


def _from_openclip(stored: Mapping[str, Weight]) -> dict[str, Weight]:
    """Give OpenCLIP's tensors the names of transformers; its q, k and v are one tensor."""
    weights = {}
    for name, weight in stored.items():
        match = re.fullmatch(r"transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)", name)
        if match:
            layer, part, kind = match.groups()
            to = f"text_model.encoder.layers.{layer}."
            if part == "attn.in_proj" and weight.shape[0] % 3 == 0:
                for third, letter in enumerate("qkv"):
                    weights[f"{to}self_attn.{letter}_proj.{kind}"] = _third(weight, third)
            elif part in _OPENCLIP_LAYER:
                weights[f"{to}{_OPENCLIP_LAYER[part]}.{kind}"] = weight
        elif name == "token_embedding.weight":
            weights["text_model.embeddings.token_embedding.weight"] = weight
        elif name == "positional_embedding":
            weights["text_model.embeddings.position_embedding.weight"] = weight
        elif name.startswith("ln_final."):
            weights[f"text_model.final_layer_norm.{name.removeprefix('ln_final.')}"] = weight
    return weights


def _third(weight: Weight, number: int) -> Weight:
    entry = weight.entry
    rows, nbytes = entry.shape[0] // 3, entry.nbytes // 3
    part = replace(
        entry,
        shape=(rows, *entry.shape[1:]),
        offset=entry.offset + number * nbytes,
        nbytes=nbytes,
    )
    return weight._replace(entry=part)


def _t5(
    table: Candidate, entries: Mapping[str, TensorEntry], facts: Mapping[str, Any]
) -> _Made | None:
    """Recognise T5's encoder in the names of transformers or of GGUF."""
    if table.key == "token_embd.weight":
        weights = _from_gguf(entries)
    else:
        prefix = re.sub(r"(?:shared|encoder\.embed_tokens)\.weight$", "", table.key)
        weights = {
            name: weight
            for name, weight in _under(prefix, entries).items()
            if name.startswith(("encoder.block.", "encoder.final_layer_norm."))
        }
        weights["shared.weight"] = _weight(entries[table.key], entries)
    first = "encoder.block.0.layer."
    buckets = _matrix(weights, f"{first}0.SelfAttention.relative_attention_bias.weight")
    query = _matrix(weights, f"{first}0.SelfAttention.q.weight")
    gated = _matrix(weights, f"{first}1.DenseReluDense.wi_0.weight")
    wide = gated or _matrix(weights, f"{first}1.DenseReluDense.wi.weight")
    layers = _whole_layers(weights, "encoder.block.", _T5_LAYER)
    if buckets is None or query is None or wide is None or not layers:
        return None
    is_umt5 = "encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight" in weights
    heads = buckets.shape[1]
    config = {
        "vocab_size": table.rows,
        "d_model": table.dim,
        "d_kv": query.shape[0] // heads,
        "d_ff": wide.shape[0],
        "num_layers": layers,
        "num_heads": heads,
        "relative_attention_num_buckets": buckets.shape[0],
        "feed_forward_proj": "gated-gelu" if gated else "relu",
        **_said(
            facts,
            relative_attention_max_distance=int,
            feed_forward_proj=str,
            layer_norm_epsilon=float,
        ),
    }
    return "umt5" if is_umt5 else "t5", weights, config


def _from_gguf(entries: Mapping[str, TensorEntry]) -> dict[str, Weight]:
    gated = "enc.blk.0.ffn_gate.weight" in entries
    weights = {}
    for name, weight in _under("", entries).items():
        match = re.fullmatch(r"enc\.blk\.(\d+)\.(\w+)\.weight", name)
        if match and match[2] in _GGUF_LAYER:
            part = _GGUF_LAYER[match[2]]
            if match[2] == "ffn_up" and not gated:
                part = part.removesuffix("_1")
            weights[f"encoder.block.{match[1]}.{part}.weight"] = weight
        elif name == "enc.output_norm.weight":
            weights["encoder.final_layer_norm.weight"] = weight
        elif name == "token_embd.weight":
            weights["shared.weight"] = weight
    return weights


def _other(entries: Mapping[str, TensorEntry], facts: Mapping[str, Any]) -> _Made | None:
    """Take what has a config.json beside it as that says, if all layers are there as they were."""
    if "model_type" not in facts or any(name.startswith("blk.") for name in entries):
        return None
    if quantisation(entries.values(), facts) or not has_layers(entries, facts):
        return None
    weights = {
        entry.name: _weight(entry, entries)
        for entry in entries.values()
        if entry.dtype in checkpoint_layouts.FLOATS
        and entry.nbytes
        and not entry.name.endswith(checkpoint_layouts.SCALES)
    }
    return "other", weights, dict(facts)


def _under(prefix: str, entries: Mapping[str, TensorEntry]) -> dict[str, Weight]:
    """Return the tensors whose names begin with ``prefix``, without it."""
    return {
        name.removeprefix(prefix): _weight(entry, entries)
        for name, entry in entries.items()
        if name.startswith(prefix) and not name.endswith(checkpoint_layouts.SCALES)
        if entry.nbytes and 1 <= len(entry.shape) <= 2
    }


def _weight(entry: TensorEntry, entries: Mapping[str, TensorEntry]) -> Weight:
    return Weight(entry, _scale(entry, entries))


def _scale(entry: TensorEntry, entries: Mapping[str, TensorEntry]) -> TensorEntry | None:
    if not entry.dtype.startswith("F8"):
        return None
    stem = entry.name.removesuffix("weight")
    return next(
        (entries[stem + name] for name in checkpoint_layouts.SCALES if stem + name in entries), None
    )


def _is_readable(weight: Weight) -> bool:
    entry, scale = weight.entry, weight.scale
    if scale is not None and (
        scale.dtype not in checkpoint_layouts.SCALE_DTYPES
        or prod(scale.shape) not in (1, *entry.shape[:1])
    ):
        return False
    return entry.dtype in checkpoint_layouts.FLOATS + checkpoint_layouts.GGUF_BLOCKS


def _matrix(weights: Mapping[str, Weight], name: str) -> Weight | None:
    weight = weights.get(name)
    return weight if weight is not None and len(weight.shape) == 2 else None


def _whole_layers(weights: Mapping[str, Weight], prefix: str, parts: Iterable[str]) -> int:
    """Return how many layers there are, 0 if one of them lacks a part."""
    numbers = {
        name.removeprefix(prefix).partition(".")[0] for name in weights if name.startswith(prefix)
    }
    wanted = (f"{prefix}{number}.{part}.weight" for number in range(len(numbers)) for part in parts)
    return len(numbers) if all(name in weights for name in wanted) else 0


def _said(facts: Mapping[str, Any], **kinds: type) -> dict[str, Any]:
    """Return those of the named facts that are there and of the right type."""
    return {name: facts[name] for name, kind in kinds.items() if isinstance(facts.get(name), kind)}


def _config_json(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        return {}
    try:
        if stamp_of(path).size > _MAX_CONFIG_BYTES:
            raise FileError(f"{path.name} beside the checkpoint is too large for a configuration.")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path.name} beside the checkpoint is not JSON.") from error
    return content if isinstance(content, dict) else {}
