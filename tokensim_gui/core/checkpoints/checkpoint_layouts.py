"""Where the token table is in a checkpoint: one rule over names and shapes, for every model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from tokensim_gui.core.checkpoints import gguf_file
from tokensim_gui.core.checkpoints.entries import TensorEntry
from tokensim_gui.core.vocabulary.pieces import LANGUAGE, T5_ROWS

MIN_ROWS, MAX_ROWS = 1_000, 1_000_000
MIN_DIM, MAX_DIM = 64, 16_384
CLIP_ROWS = 49_408
MOST_ADDED = 1_024
"""So many tokens may have been added to CLIP's by whoever trained some words more."""

BARE_CLIP_ROWS = CLIP_ROWS - 1
"""Rows of CLIP's table in files without a vector for ``<|endoftext|>``, the last token."""

FEW = 16
"""So many tensors a file may hold of which one, under any name, is taken for a table."""

FLOATS = ("F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
DOUBLE = "F64"
"""Stored in files that people wrote themselves; read as F32."""

SCALES = ("scale_weight", "weight_scale", "weight_scale_inv")
"""What stands in place of ``weight`` in the name of a scaled fp8 tensor's factor."""

_QUANTISED = (
    "as quantised tables are, which TokenSim does not read. Open the same encoder in 16 bits, or "
    "as GGUF"
)
WHOLE_NUMBERS = ("U8", "I8", "U16", "I16", "U32", "I32", "F4")
SCALE_DTYPES = ("F32", "F16", "BF16")
GGUF_BLOCKS = gguf_file.BLOCKS

_TABLE = re.compile(
    r"(?:^|\.)(?:token_embedding|shared|embed_tokens|word_embeddings|token_embd|tok_embeddings|wte)"
    r"\.weight$"
)
_QUANTISED_TABLE = re.compile(
    _TABLE.pattern.removesuffix(r"weight$")
    + r"(?:qweight|W_q|weight_packed|weight_blocks|weight_qdata|weight\._data)$"
)
_NOT_A_TABLE = re.compile(
    r"(?:^|\.)(?:decoder|lm_head)\.|position_embedding|(?:^|\.)exp_avg(?:_sq)?$"
)
# What parts of layers are called; a table that somebody saved is none of them.
_LAYER = re.compile(
    r"(?:^|[._])(?:layers?|blocks?|h|blk)\.\d+\."
    r"|(?:^|[._])(?:blk|attn|attention|mlp|qkv|to_[qkvo])[._\d]"
    r"|(?:^|[._])(?:conv|proj|projection)[._\d]*(?:weight|bias)$"
)
_ALIAS, _ORIGINAL = "encoder.embed_tokens.weight", "shared.weight"
_NAMED_ENCODER = re.compile(r"(?:^|\.)text_encoders\.(\w+)\.")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A text encoder of image models.

    Attributes:
        name: What users call it.
        family: Tokenizer family, as `Vocabulary.family`; `LANGUAGE` where either of a language
            model's may be its own, "none" where nothing tells it.
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
_KNOWN_ROWS = {BARE_CLIP_ROWS, *T5_ROWS, *_GEMMA_3_ROWS, *(rows for rows, _ in ENCODERS)}
# By the name of a table. One that BERT, RoBERTa, XLM-R and ChatGLM share tells none.
_FAMILIES = {"token_embedding": "clip", "shared": "unigram", "word_embeddings": "none"}
# By what is in the names of a language model and its relatives, such as PaliGemma.
_OF_MODELS = {"gemma": "sentencepiece", "qwen": "byte-bpe"}

_LORA = (
    r"lora_|[._]lora\.|hada_w1|lokr_w1|oft_blocks|oft_diag|\.dora_scale$|\.diff(_b)?$|^bundle_emb\."
    r"|^lycoris_|[._]ia3_|\.on_input$|vera_lambda"
)
_INVERSION = "a textual inversion, not an encoder"
_KINDS = (
    (
        r"^(image_proj(_model)?|ip_adapter)\.",
        "an IP-Adapter",
        "Open the checkpoint it was made for",
    ),
    (_LORA, "a LoRA", "Open the checkpoint it was made for"),
    (
        r"^\d+\.[01]\.linear\d?(\.\d+)?\.(weight|bias)$",
        "a hypernetwork",
        "Open the checkpoint it was made for",
    ),
    (
        r"^(emb_params|string_to_param(\..*)?|clip_[lgh]|t5xxl|t5|<.+>)$",
        _INVERSION,
        "Open the checkpoint it was made for",
    ),
    (
        r"^(control_model|controlnet_|control_add_embedding|input_hint_block|zero_convs"
        r"|control_(blocks|layers)\.)",
        "a ControlNet",
        "Open the checkpoint it was made for",
    ),
    (
        r"diffusion_model\.|^(transformer\.|model\.|net\.)?(input_blocks|down_blocks|double_blocks"
        r"|single_blocks|joint_blocks|transformer_blocks|double_layers|img_in|[xt]_embedder"
        r"|cap_embedder|time_embedding|time_text_embed|patch_embedding)\b",
        "an image model without its text encoders",
        "Open the text encoder's own file, such as clip_l or t5xxl, or the whole checkpoint",
    ),
    (
        r"^(first_stage_model\.|vae\.)?((en|de)coder\.(conv_in|conv1|conv_out|down|up|mid|stages)"
        r"|(post_)?quant_conv)",
        "a VAE",
        "Open the checkpoint or the text encoder's own file",
    ),
    (
        r"^(taesd_)?((en|de)coder\.)?(layers\.)?\d+\.conv\.\d\.(weight|bias)$",
        "a small VAE for previews",
        "Open the checkpoint or the text encoder's own file",
    ),
    (
        r"^(model\.|detector\.)?(sam_)?mask_decoder\.",
        "a model that cuts things out of pictures",
        "Open the checkpoint or the text encoder's own file",
    ),
    (
        r"^adapter\.(body|conv_in)\.|^body\.\d+\.(block|in_conv)",
        "a T2I-Adapter",
        "Open the checkpoint it was made for",
    ),
    (
        r"\.(RDB|rdb)\d\.|\.residual_group\.",
        "an upscaler of pictures",
        "Open the checkpoint or the text encoder's own file",
    ),
    (
        r"(^|\.)(vision_model|visual)\.|^v\.(blk|patch_embd)\.",
        "an encoder of pictures, not of text",
        "Open the checkpoint or the text encoder's own file",
    ),
    (
        r"[._](qweight|qzeros|g_idx|scales|W_q|weight_packed|weight_blocks|_data|SCB|absmax)$",
        "a part of a quantised model without its token vectors",
        "Open the whole model, or the same one in 16 bits",
    ),
)
_OTHER = re.compile(
    "|".join([_NOT_A_TABLE.pattern, *(kind[0] for kind in _KINDS if kind[1] != _INVERSION)])
)


@dataclass(frozen=True, slots=True)
class TokenTable:
    """A token table among the tensors of a checkpoint.

    Attributes:
        entry: The tensor.
        scale: The factor that stands beside it in scaled fp8 files, one number or one a row.
        encoder: What it belongs to; its name is "" where rows, dim and key do not tell.
        missing: How many of the vocabulary's last tokens have no row.
    """

    entry: TensorEntry
    scale: TensorEntry | None
    encoder: Encoder
    missing: int = 0


def told_by(name: str, encoder: Encoder) -> Encoder:
    """Return the encoder of a language model with the family that a name tells, if it does."""
    if encoder.family != LANGUAGE:
        return encoder
    told = (family for model, family in _OF_MODELS.items() if model in name.lower())
    return replace(encoder, family=next(told, LANGUAGE))


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
    if not found:
        return [_bare_table(entry) for entry in _bare(entries) if not _trouble(entry, by_name)]
    return list(found.values())


def why_none(entries: Sequence[TensorEntry]) -> str:
    """Say what a checkpoint without a token table holds, and the way out.

    Returns:
        Predicate and advice for a sentence that begins with the name of the file.
    """
    if what := unusable(entries):
        return what
    for pattern, what, advice in _KINDS:
        if any(re.search(pattern, entry.name) for entry in entries):
            return f"holds {what}. {advice}."
    if any(map(_is_kernel, entries)):
        return (
            "holds a model of pictures, not of text. Open the checkpoint or the text encoder's own "
            "file."
        )
    if not entries:
        return (
            "holds no tensors that TokenSim reads. Choose a checkpoint, or save vectors as a "
            "tensor or as .npy."
        )
    if len(entries) <= FEW:
        return _wrong_shape(max(entries, key=lambda one: prod(one.shape)), len(entries))
    if len(entries) >= MIN_ROWS and len({entry.shape for entry in entries}) == 1:
        return (
            f"holds {len(entries):,} tensors under names of their own. Save them as one: "
            "torch.save(torch.stack([*vectors.values()]), …)."
        )
    return (
        f"holds no token table among its {len(entries)} tensors. "
        "Choose a checkpoint or a text encoder."
    )


def unusable(entries: Sequence[TensorEntry]) -> str:
    """Say of a checkpoint why the token table that it has can't be used, or return ""."""
    by_name = {entry.name: entry for entry in entries}
    for entry in _named_tables(by_name) or _bare(entries):
        if trouble := _trouble(entry, by_name):
            name = f"“{entry.name[:200]}”" if entry.name else "its tensor"
            return f"has a token table that can't be used: {name} {trouble}."
    for entry in entries:
        if _QUANTISED_TABLE.search(entry.name):
            name = f"“{entry.name[:200]}”"
            return f"has a token table that can't be used: {name} is stored {_QUANTISED}."
    return ""


def _bare(entries: Sequence[TensorEntry]) -> list[TensorEntry]:
    """Return the tensors of a small file that are tables whatever they are called.

    They are those with as many rows as a known vocabulary; or else the only one of two dimensions.
    """
    if len(entries) > FEW:
        return []
    flat = [entry for entry in entries if len(entry.shape) == 2 and entry.shape[0] > 1]
    others = {entry.name for entry in entries if _OTHER.search(entry.name) or _is_kernel(entry)}
    found = [entry for entry in flat if not _misshapen(entry.shape) and entry.name not in others]
    known = [entry for entry in found if entry.shape[0] in _KNOWN_ROWS]
    is_model = others or any(_LAYER.search(entry.name) for entry in entries)
    return known if known or is_model or len(flat) != 1 else found


def _bare_table(entry: TensorEntry) -> TokenTable:
    rows = entry.shape[0]
    family = "unigram" if rows in T5_ROWS else "none"
    if rows in (CLIP_ROWS, BARE_CLIP_ROWS):
        family = "clip"
    return TokenTable(entry, None, Encoder("", family), int(rows == BARE_CLIP_ROWS))


def _is_kernel(entry: TensorEntry) -> bool:
    """Tell whether a tensor is what a model convolves pictures with."""
    return len(entry.shape) == 4 and entry.name.endswith("weight")


def _misshapen(shape: tuple[int, ...]) -> bool:
    rows, dim = shape
    return not (MIN_ROWS <= rows <= MAX_ROWS and MIN_DIM <= dim <= MAX_DIM)


def _wrong_shape(entry: TensorEntry, count: int) -> str:
    """Say what the largest of the few tensors of a file is, as a predicate with advice."""
    shape = entry.shape
    size = " × ".join(f"{number:,}" for number in shape)
    rule = f"TokenSim reads {MIN_ROWS:,} to {MAX_ROWS:,} rows of {MIN_DIM} to {MAX_DIM:,} numbers"
    if _NOT_A_TABLE.search(entry.name) or _LAYER.search(entry.name):
        return (
            f"holds “{entry.name[:200]}”, another part of a model than its token table. Open the "
            "whole checkpoint."
        )
    if not shape:
        return f"holds one number, not a table with a row for every token. {rule}."
    if len(shape) == 1:
        return f"holds one list of {size} numbers, not a table with a row for every token. {rule}."
    if len(shape) > 2:
        return (
            f"holds a tensor of {len(shape)} dimensions, {size}, and a table has two. "
            "Save it again as rows × numbers."
        )
    rows, dim = shape
    if _misshapen(shape) and not _misshapen((dim, rows)):
        return f"holds a tensor of {size}, on its side. Save it again as {dim:,} × {rows:,}."
    if not _misshapen(shape):
        return (
            f"holds {count} tensors, and which one is a table does not show. Save that one in a "
            "file of its own."
        )
    if rows < MIN_ROWS and MIN_DIM <= dim <= MAX_DIM:
        return (
            f"holds {rows:,} vector{'s' * (rows != 1)} of {dim:,} numbers, such as a textual "
            f"inversion has, and no table with a row for every token. {rule}."
        )
    return f"holds a tensor of {size}, which is not the shape of a token table. {rule}."


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
    if entry.dtype in WHOLE_NUMBERS and is_table_name(entry.name):
        return f"is stored as {entry.dtype}, {_QUANTISED}"
    if _misshapen(entry.shape):
        return (
            f"is {rows:,} × {dim:,}; TokenSim reads {MIN_ROWS:,} to {MAX_ROWS:,} rows "
            f"of {MIN_DIM} to {MAX_DIM:,} numbers"
        )
    if entry.dtype not in (*FLOATS, DOUBLE, *GGUF_BLOCKS):
        advice = ""
        if entry.dtype.startswith(gguf_file.OTHER_TYPE):
            advice = ". Open the same model as Q8_0"
        elif entry.dtype.endswith(", column by column"):
            advice = ". Save it again row by row, with .contiguous() or np.ascontiguousarray"
        elif entry.dtype.startswith("big-endian"):
            advice = ". Save it again in the usual order of bytes, with .astype('<f4')"
        elif not is_table_name(entry.name):  # what people save themselves
            advice = ". Save it again as float16 or float32"
        return f"is stored as {entry.dtype}, which TokenSim does not read{advice}"
    scale = _scale(entry, by_name)
    if scale is not None and (
        scale.dtype not in SCALE_DTYPES or prod(scale.shape) not in (1, rows)
    ):
        return (
            f"has a scale {scale.dtype} {list(scale.shape)}, which is neither one number nor one "
            "a row"
        )
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
    family = _FAMILIES.get(kind, LANGUAGE)
    if family == "clip" and not CLIP_ROWS <= rows <= CLIP_ROWS + MOST_ADDED:
        family = "none"
    name = named.group(1) if named else ""
    if rows in _GEMMA_3_ROWS:
        family = "sentencepiece"
    return told_by(name, Encoder(name, family))
