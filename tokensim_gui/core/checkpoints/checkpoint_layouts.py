"""Where the token table is in a checkpoint: one rule over names and shapes, for every model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from tokensim_gui.core.checkpoints import gguf_file
from tokensim_gui.core.checkpoints.entries import TensorEntry

MIN_ROWS, MAX_ROWS = 1_000, 1_000_000
MIN_DIM, MAX_DIM = 64, 16_384
CLIP_ROWS = 49_408

FLOATS = ("F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
SCALES = ("scale_weight", "weight_scale")
"""What stands in place of ``weight`` in the name of a scaled fp8 tensor's factor."""

SCALE_DTYPES = ("F32", "F16", "BF16")
GGUF_BLOCKS = gguf_file.BLOCKS

_TABLE = re.compile(
    r"(?:^|\.)(?:token_embedding|shared|embed_tokens|word_embeddings|token_embd|tok_embeddings)"
    r"\.weight$"
)
_NOT_A_TABLE = re.compile(r"(?:^|\.)(?:decoder|lm_head)\.|position_embedding")
_ALIAS, _ORIGINAL = "encoder.embed_tokens.weight", "shared.weight"
_NAMED_ENCODER = re.compile(r"(?:^|\.)text_encoders\.(\w+)\.")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A text encoder of image models.

    Attributes:
        name: What users call it.
        family: Tokenizer family, as `Vocabulary.family`.
        models: Image models that use it.
    """

    name: str
    family: str
    models: tuple[str, ...] = ()


ENCODERS: dict[tuple[int, int], Encoder] = {
    (49_408, 768): Encoder("CLIP-L", "clip", ("SD 1.5", "SDXL", "SD 3", "FLUX.1", "HiDream-I1")),
    (49_408, 1024): Encoder("OpenCLIP-H", "clip", ("SD 2.x",)),
    (49_408, 1280): Encoder("OpenCLIP bigG", "clip", ("SDXL", "SD 3", "HiDream-I1")),
    (32_128, 4096): Encoder(
        "T5-XXL", "unigram", ("SD 3", "FLUX.1", "Chroma", "PixArt", "HiDream-I1")
    ),
    (256_384, 4096): Encoder("UMT5-XXL", "unigram", ("Wan",)),
    (256_000, 2304): Encoder("Gemma-2-2B", "sentencepiece", ("Sana", "Lumina-Image 2")),
    (262_208, 3840): Encoder("Gemma-3-12B", "sentencepiece"),
    (128_256, 4096): Encoder("Llama-3.1-8B", "byte-bpe", ("HiDream-I1",)),
    (152_064, 3584): Encoder(
        "Qwen2.5-VL-7B", "byte-bpe", ("Qwen-Image", "HunyuanImage 2.1", "Kandinsky 5")
    ),
    (151_936, 2560): Encoder("Qwen3-4B", "byte-bpe", ("Z-Image", "FLUX.2-klein-4B")),
    (131_072, 5120): Encoder("Mistral-Small-3.2-24B", "byte-bpe", ("FLUX.2-dev",)),
}
"""Encoders by the shape (rows, dim) of their token table."""

_GEMMA_3_ROWS = (262_144, 262_208)
_FAMILIES = {"token_embedding": "clip", "shared": "unigram", "word_embeddings": "wordpiece"}

_KINDS = (
    (r"lora_|\.lora\.|hada_w1|lokr_w1|oft_blocks", "a LoRA", "Open the checkpoint it was made for"),
    (
        r"^(emb_params|string_to_param\..*|clip_[lgh]|t5xxl|t5|<.+>)$",
        "a textual inversion, not an encoder",
        "Open the checkpoint it was made for",
    ),
    (
        r"^(control_model|controlnet_|control_add_embedding|input_hint_block|zero_convs)",
        "a ControlNet",
        "Open the checkpoint it was made for",
    ),
    (
        r"diffusion_model\.|^(transformer\.)?(input_blocks|down_blocks|double_blocks|single_blocks"
        r"|joint_blocks|transformer_blocks|img_in|x_embedder|patch_embedding)\b",
        "an image model without its text encoders",
        "Open the text encoder's own file, such as clip_l or t5xxl, or the whole checkpoint",
    ),
    (
        r"^(first_stage_model\.|vae\.)?((en|de)coder\.(conv_in|conv1|down|up|mid)|quant_conv)",
        "a VAE",
        "Open the checkpoint or the text encoder's own file",
    ),
)


@dataclass(frozen=True, slots=True)
class TokenTable:
    """A token table among the tensors of a checkpoint.

    Attributes:
        entry: The tensor.
        scale: The factor that stands beside it in scaled fp8 files, one number or one a row.
        encoder: What it belongs to; its name is "" where rows, dim and key do not tell.
    """

    entry: TensorEntry
    scale: TensorEntry | None
    encoder: Encoder


def is_table_name(name: str) -> bool:
    """Tell whether a tensor of this name holds a token table if its shape allows."""
    return bool(_TABLE.search(name)) and not _NOT_A_TABLE.search(name)


def is_scale_name(name: str) -> bool:
    """Tell whether a tensor of this name holds the factor of a token table."""
    stem, _, last = name.rpartition(".")
    return last in SCALES and is_table_name(f"{stem}.weight")


def token_tables(entries: Sequence[TensorEntry]) -> list[TokenTable]:
    """Return the token tables among the tensors of one checkpoint, in their order."""
    by_name = {entry.name: entry for entry in entries}
    found: dict[tuple[object, ...], TokenTable] = {}
    for entry in _named_tables(by_name):
        if _trouble(entry, by_name):
            continue
        # The same numbers may be listed under two names.
        place = (entry.path, entry.offset, entry.shape)
        found.setdefault(place, TokenTable(entry, _scale(entry, by_name), _encoder(entry)))
    return list(found.values())


def why_none(entries: Sequence[TensorEntry]) -> str:
    """Say what a checkpoint without a token table holds, and the way out.

    Returns:
        Predicate and advice for a sentence that begins with the name of the file.
    """
    if what := unusable(entries):
        return what
    by_name = {entry.name: entry for entry in entries}
    for pattern, what, advice in _KINDS:
        if any(re.search(pattern, name) for name in by_name):
            return f"holds {what}. {advice}."
    if not entries:
        return "holds no tensors. Choose a checkpoint or a text encoder."
    return (
        f"holds no token table among its {len(entries)} tensors. "
        "Choose a checkpoint or a text encoder."
    )


def unusable(entries: Sequence[TensorEntry]) -> str:
    """Say of a checkpoint why the token table that it has can't be used, or return ""."""
    by_name = {entry.name: entry for entry in entries}
    for entry in _named_tables(by_name):
        if trouble := _trouble(entry, by_name):
            return f"has a token table that can't be used: “{entry.name[:200]}” {trouble}."
    return ""


def _named_tables(by_name: dict[str, TensorEntry]) -> list[TensorEntry]:
    return [
        entry
        for name, entry in by_name.items()
        if is_table_name(name)
        and not (name.endswith(_ALIAS) and name.removesuffix(_ALIAS) + _ORIGINAL in by_name)
    ]


def _trouble(entry: TensorEntry, by_name: dict[str, TensorEntry]) -> str:
    """Return what keeps a tensor with the right name from being a token table, or ""."""
    if len(entry.shape) != 2:
        return f"has {len(entry.shape)} dimensions, not 2"
    rows, dim = entry.shape
    if not (MIN_ROWS <= rows <= MAX_ROWS and MIN_DIM <= dim <= MAX_DIM):
        return (
            f"is {rows} × {dim}; TokenSim reads {MIN_ROWS:,} to {MAX_ROWS:,} rows "
            f"of {MIN_DIM} to {MAX_DIM:,} numbers"
        )
    if entry.dtype not in FLOATS + GGUF_BLOCKS:
        other = (
            ". Open the same model as Q8_0" if entry.dtype.startswith(gguf_file.OTHER_TYPE) else ""
        )
        return f"is stored as {entry.dtype}, which TokenSim does not read{other}"
    scale = _scale(entry, by_name)
    if scale is not None and (
        scale.dtype not in SCALE_DTYPES or prod(scale.shape) not in (1, rows)
    ):
        return f"has a scale {scale.dtype} {list(scale.shape)}, which TokenSim does not read"
    return ""


def _scale(entry: TensorEntry, by_name: dict[str, TensorEntry]) -> TensorEntry | None:
    stem = entry.name.removesuffix("weight")
    for name in SCALES:
        scale = by_name.get(stem + name)
        if scale is not None and entry.dtype.startswith("F8") and scale.path == entry.path:
            return scale
    return None


def _encoder(entry: TensorEntry) -> Encoder:
    rows, dim = entry.shape
    known = ENCODERS.get((rows, dim))
    if known is not None:
        return known
    named = _NAMED_ENCODER.search(entry.name)
    kind = entry.name.removesuffix(".weight").rpartition(".")[2]
    family = _FAMILIES.get(kind, "byte-bpe")
    if family == "clip" and rows != CLIP_ROWS:
        family = "none"
    name = named.group(1) if named else ""
    if name.startswith("gemma") or rows in _GEMMA_3_ROWS:
        family = "sentencepiece"
    return Encoder(name, family)
