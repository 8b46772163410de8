"""Checkpoints of every true layout, small, for the tests of the importers."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

ROWS, DIM = 1000, 64

CLIP = "text_model.embeddings.token_embedding.weight"
FILLER = {"logit_scale": (1,), "text_model.embeddings.position_embedding.weight": (77, 64)}

# Layout: the keys of its token tables, and of other tensors of two dimensions beside them.
LAYOUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "SD 1.x": (
        (f"cond_stage_model.transformer.{CLIP}",),
        (
            "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight",
            "model.diffusion_model.time_embed.0.weight",
            "first_stage_model.decoder.conv_in.weight",
        ),
    ),
    "SD 1.x, older": (
        ("cond_stage_model.transformer.embeddings.token_embedding.weight",),
        ("model.diffusion_model.time_embed.0.weight",),
    ),
    "SD 2.x": (
        ("cond_stage_model.model.token_embedding.weight",),
        ("cond_stage_model.model.positional_embedding",),
    ),
    "SD 2.x, sgm": (("conditioner.embedders.0.model.token_embedding.weight",), ()),
    "SDXL": (
        (
            f"conditioner.embedders.0.transformer.{CLIP}",
            "conditioner.embedders.1.model.token_embedding.weight",
        ),
        ("model.diffusion_model.label_emb.0.0.weight",),
    ),
    "SD3": (
        (
            f"text_encoders.clip_l.transformer.{CLIP}",
            f"text_encoders.clip_g.transformer.{CLIP}",
            "text_encoders.t5xxl.transformer.shared.weight",
        ),
        ("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",),
    ),
    "Gemma inside": (("text_encoders.gemma2_2b.transformer.model.embed_tokens.weight",), ()),
    "Qwen inside": (("text_encoders.qwen25_7b.transformer.model.embed_tokens.weight",), ()),
    "UMT5 inside": (("text_encoders.umt5xxl.transformer.shared.weight",), ()),
    "clip_l": ((CLIP,), ("text_model.encoder.layers.0.self_attn.q_proj.weight",)),
    "OpenCLIP": (("token_embedding.weight",), ("positional_embedding", "text_projection")),
    "newer transformers": (("embeddings.token_embedding.weight",), ()),
    "t5xxl": (
        ("shared.weight",),
        ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"),
    ),
    "t5xxl without shared": (
        ("encoder.embed_tokens.weight",),
        ("encoder.block.0.layer.0.SelfAttention.q.weight",),
    ),
    "language model": (("model.embed_tokens.weight",), ("lm_head.weight",)),
    "Qwen3-VL": (("model.language_model.embed_tokens.weight",), ()),
    "GPT-OSS": (("embed_tokens.weight",), ()),
    "Mistral": (("tok_embeddings.weight",), ("output.weight",)),
    "BERT": (
        ("embeddings.word_embeddings.weight",),
        ("embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"),
    ),
    "BERT with head": (
        ("bert.embeddings.word_embeddings.weight",),
        ("cls.predictions.decoder.weight",),
    ),
    **{
        f"prefix {prefix}": ((f"{prefix}{CLIP}",), ())
        for prefix in (
            "te.",
            "te1.",
            "te2.",
            "te3.",
            "text_encoder.",
            "text_encoder.2.",
            "clip_l.",
            "clip_g.",
            "conditioner.embedders.0.open_clip.",
            "cond_stage_model.1.",
        )
    },
}


def numbers(rows: int = ROWS, dim: int = DIM, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed))


def tensors_of(layout: str, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    tables, others = LAYOUTS[layout]
    state = {key: numbers(seed=seed).to(dtype) for seed, key in enumerate((*tables, *others))}
    state["logit_scale"] = torch.ones((), dtype=dtype)
    return state


def lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system refuse what lies in a folder, as modes do for all but root."""

    def refusing(call: Callable[..., Any], inside_only: bool) -> Callable[..., Any]:
        def refused(path: object, *arguments: object, **more: object) -> object:
            if isinstance(path, str | os.PathLike):
                one = Path(path)
                if folder in one.parents or (one == folder and not inside_only):
                    raise PermissionError(13, "Permission denied", str(path))
            return call(path, *arguments, **more)

        return refused

    for module, name, inside_only in (
        (os, "stat", True), (os, "lstat", True), (os, "listdir", False), (os, "scandir", False),
        (io, "open", True),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, refusing(getattr(module, name), inside_only))


def write_safetensors(path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(path))
    return path


def write_pickle(path: Path, content: object, legacy: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def write_gguf(
    path: Path,
    kind: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F32,
    key: str = "token_embd.weight",
    rows: int = ROWS,
    dim: int = 256,
    metadata: dict[str, object] | None = None,
) -> Path:
    """Write a GGUF file with one token table of random but well-formed blocks."""
    writer = gguf.GGUFWriter(path, "test")
    for name, value in (metadata or {}).items():
        if isinstance(value, list):
            writer.add_array(name, value)
        elif isinstance(value, bool):
            writer.add_bool(name, value)
        else:
            writer.add_string(name, str(value))
    writer.add_tensor("output_norm.weight", np.ones(dim, np.float32))
    values = numbers(rows, dim).numpy()
    try:
        data = gguf.quants.quantize(values, kind)
    except NotImplementedError:
        data = _any_blocks(kind, rows, dim)
    writer.add_tensor(key, data, raw_dtype=kind)
    writer.add_tensor("blk.0.attn_q.weight", values[:8])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _any_blocks(kind: gguf.GGMLQuantizationType, rows: int, dim: int) -> np.ndarray:
    # Any bytes are a block, if its float16 factors are numbers: one bit of their exponent is off.
    block, size = gguf.GGML_QUANT_SIZES[kind]
    data = np.random.default_rng(1).integers(0, 256, (rows, dim // block * size), np.uint8)
    return data & 0xBF
