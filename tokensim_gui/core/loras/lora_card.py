"""What a LoRA says of itself: its words, its base, its parts.

Only its header is read, and of a text encoder's part as much as tells that it is not zero.

Trainers write what they know into the metadata of the safetensors header, each under names of its
own; the names and shapes of the tensors tell the rest. Nothing that is read is believed to be more
than a text or a number.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokensim_gui.core.checkpoints.entries import stamp_of
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.safetensors_format import Entry, read_header
from tokensim_gui.core.loras.trained_words import (
    MAX_TAGS,
    MAX_TEXT,
    Trigger,
    as_json,
    beside,
    short,
    tags_of,
    triggers_of,
)
from tokensim_gui.core.paths import displayed, resolved

_MAX_ZERO_BYTES, _CHUNK = 2**28, 2**16

_PARTS = (
    (re.compile(r"lora_te_|lora_te\."), "te"),
    (re.compile(r"lora_te1_|text_encoder\.|(text_encoders\.)?clip_l\."), "te1"),
    (re.compile(r"lora_te2_|text_encoder_2\.|(text_encoders\.)?clip_g\."), "te2"),
    (re.compile(r"lora_te3_|text_encoder_3\.|(text_encoders\.)?t5xxl\.|lora_t5_"), "te3"),
    (re.compile(r"text_encoders\.(\w+)\."), "te"),
)  # fmt: skip
_PART_STARTS = ("lora_te", "lora_t5_", "text_encoder", "clip_", "t5xxl.")
_BY_DIM = {768: "CLIP-L", 1024: "OpenCLIP-H", 1280: "OpenCLIP bigG", 4096: "T5-XXL"}
_BY_DIM |= {2304: "Gemma-2-2B", 2560: "Qwen3-4B", 3584: "Qwen2.5-VL-7B", 5120: "Mistral-Small"}
_BY_PART = {"te": "CLIP-L", "te1": "CLIP-L", "te2": "OpenCLIP bigG", "te3": "T5-XXL"}
_LAYER = re.compile(r"(?:layers?|resblocks|block)[._](\d{1,3})(?:[._]|$)")

_KINDS = (
    ("LoHa", re.compile(r"\.hada_w[12]_[ab]$")),
    ("LoKr", re.compile(r"\.lokr_w[12](_[ab])?$")),
    ("OFT", re.compile(r"\.oft_(blocks|diag)$")),
    ("GLoRA", re.compile(r"\.[ab][12]\.weight$")),
    ("full", re.compile(r"\.diff(_b)?$")),
    ("IA3", re.compile(r"\.on_input$")),
)
_DOWN = re.compile(r"\.(lora_down|lora_A|lora\.down|lora_linear_layer\.down)(\.\w+)?(\.weight)?$")
_RANKED = (
    (_DOWN, 0),
    (re.compile(r"\.hada_w1_b$"), 0),
    (re.compile(r"\.lokr_w2_b$"), 0),
    (re.compile(r"\.lokr_w1_b$"), 0),
)
_UP = re.compile(r"\.(lora_up|lora_B|lora\.up|lora_linear_layer\.up)(\.\w+)?(\.weight)?$")
_BUNDLED = re.compile(r"bundle_emb\.([^.]+)\..+")

_BASES = (
    (r"pony|illustrious|noob|sdxl|xl[-_ ]?base|stable-diffusion-xl", "SDXL"),
    (r"flux[-_. ]?2", "FLUX.2"),
    (r"flux|\bfluxdev", "FLUX.1"),
    (r"sd_?3|stable-diffusion-3", "SD 3"),
    (r"sd_?v?2|stable-diffusion-v?-?2", "SD 2.x"),
    (r"sd_?v?1|stable-diffusion-v?-?1|sd15", "SD 1.5"),
    (r"qwen[-_. ]?image", "Qwen-Image"),
    (r"z[-_. ]?image", "Z-Image"),
    (r"wan", "Wan"),
    (r"hunyuan", "HunyuanVideo"),
    (r"hidream", "HiDream-I1"),
    (r"chroma", "Chroma"),
    (r"lumina", "Lumina-Image 2"),
    (r"sana", "Sana"),
    (r"kandinsky", "Kandinsky"),
)
_BASE_KEYS = (
    *("ss_base_model_version", "modelspec.architecture", "base_model", "ss_sd_model_name"),
    *("baseModel", "sd version", "modelspec.title"),
)


@dataclass(frozen=True, slots=True)
class EncoderPart:
    """What a LoRA changes in one text encoder.

    Attributes:
        name: What users call the encoder.
        tensors: How many tensors there are.
        layers: Numbers of the layers, sorted.
    """

    name: str
    tensors: int
    layers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoraCard:
    """What is known of a LoRA.

    Attributes:
        name: Of the file, or what its trainer called it.
        triggers: Its words, the surest first.
        tags: The tags it was trained on and in how many captions, the commonest first.
        base: The image model it was made for, or "".
        kind: LoRA, LoCon, LoHa, LoKr, DoRA, OFT, full …
        rank: Of most of its parts; 0 where it has none.
        text_encoders: The text encoders that it changes; empty where none was trained, or all that
            was saved of them is zero.
        has_image_part: Whether it changes the image model.
        resolution: Of the training images, or "".
        date: When it was made, or "".
        trainer: What made it, or "".
        inversions: Names of textual inversions inside.
    """

    name: str
    triggers: tuple[Trigger, ...]
    tags: tuple[tuple[str, int], ...]
    base: str
    kind: str
    rank: int
    text_encoders: tuple[EncoderPart, ...]
    has_image_part: bool
    resolution: str
    date: str
    trainer: str
    inversions: tuple[str, ...]


def read_lora(path: Path) -> LoraCard:
    """Read the card of a LoRA.

    Raises:
        FileError: It can't be read, is damaged, or is no LoRA; the sentence says what can be done.
    """
    path = resolved(path)
    stamp_of(path)
    if path.suffix.lower() in (".pt", ".ckpt", ".bin", ".pth"):
        from tokensim_gui.core.checkpoints import pickle_file

        listed = pickle_file.entries(path)
        entries = {one.name: Entry(one.dtype, one.shape, one.offset, 0) for one in listed}
        metadata: Mapping[str, str] = {}
    else:
        entries, metadata = read_header(path)
    if not any(_is_lora(name) for name in entries):
        raise FileError(
            f"{path.name} is not a LoRA: none of its tensors changes a model. Open it as a "
            "checkpoint or a textual inversion."
        )
    facts = {key.lower(): value for key, value in metadata.items()}
    tags = tags_of(facts)
    counts = Counter[str]()
    for folder in tags.values():
        counts.update(folder)
    triggers = triggers_of(facts, tags, counts, beside(path))
    return LoraCard(
        name=short(facts.get("modelspec.title") or facts.get("ss_output_name") or "")
        or displayed(path.stem),
        triggers=tuple(triggers),
        tags=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TAGS]),
        base=_base(facts, entries),
        kind=_kind(facts, entries),
        rank=_rank(facts, entries),
        text_encoders=tuple(_encoder_parts(path, entries)),
        has_image_part=any(_is_lora(name) and part_of(name) is None for name in entries),
        resolution=short(facts.get("ss_resolution") or facts.get("modelspec.resolution") or ""),
        date=short(facts.get("modelspec.date") or facts.get("ss_training_finished_at") or ""),
        trainer=_trainer(facts),
        inversions=tuple(
            dict.fromkeys(match[1] for name in entries if (match := _BUNDLED.fullmatch(name)))
        ),
    )


def _is_lora(name: str) -> bool:
    return _changes(_ending(name))


def _ending(name: str) -> str:
    """What tells the kind of a tensor: few of the thousands of names in a file end differently."""
    return "." + ".".join(name.rsplit(".", 3)[1:])


@lru_cache(maxsize=4_096)
def _changes(ending: str) -> bool:
    return bool(
        _DOWN.search(ending)
        or _UP.search(ending)
        or ending.endswith((".dora_scale", ".lora_mid.weight"))
        or any(pattern.search(ending) for kind, pattern in _KINDS if kind != "GLoRA")
    )


# What it is ---------------------------------------------------------------------------------


def _base(facts: Mapping[str, str], entries: Mapping[str, Entry]) -> str:
    for key in _BASE_KEYS:
        said = str(facts.get(key.lower(), "")).lower()[:MAX_TEXT]
        for pattern, base in _BASES:
            if said and re.search(pattern, said):
                return base
    names = list(entries)

    def has(pattern: str) -> bool:
        return any(re.search(pattern, name) for name in names)

    if has(r"lora_te2_|text_encoder_2\.") and has("unet"):
        return "SDXL"
    if has(r"double_blocks|single_transformer_blocks"):
        return "FLUX.1"
    if has("joint_blocks"):
        return "SD 3"
    if has(r"(img|txt)_(mlp|mod)"):
        return "Qwen-Image"
    if has(r"blocks[._]\d+[._](self|cross)_attn"):
        return "Wan"
    # The width of what a U-Net's attention takes from the text.
    width = {768: "SD 1.5", 1024: "SD 2.x", 2048: "SDXL"}
    for name, entry in entries.items():
        if re.search(r"attn2[._]to_[kv]", name) and _DOWN.search(name) and len(entry.shape) >= 2:
            return width.get(entry.shape[1], "")
    return ""


def _kind(facts: Mapping[str, str], entries: Mapping[str, Entry]) -> str:
    endings = {_ending(name) for name in entries}
    if any(ending.endswith((".dora_scale", ".lora_magnitude_vector")) for ending in endings):
        return "DoRA"
    ranked = any(_DOWN.search(ending) for ending in endings)
    for kind, pattern in _KINDS:
        if any(pattern.search(ending) for ending in endings) and not (kind in ("full",) and ranked):
            return kind
    said = f"{facts.get('ss_network_module', '')} {facts.get('ss_network_args', '')}".lower()
    if any(len(entry.shape) == 4 and entry.shape[2] > 1 for entry in entries.values()):
        return "LoCon"
    return "LoCon" if "locon" in said else "LoRA"


def _rank(facts: Mapping[str, str], entries: Mapping[str, Entry]) -> int:
    for pattern, axis in _RANKED:
        ranks = Counter(
            entry.shape[axis]
            for name, entry in entries.items()
            if pattern.search(name) and len(entry.shape) > axis
        )
        if ranks:
            return ranks.most_common(1)[0][0]
    said = str(facts.get("ss_network_dim", ""))
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else 0


def part_of(name: str) -> str | None:
    """Return which text encoder a tensor belongs to, or None for the image model."""
    if not name.startswith(_PART_STARTS):  # quick, for the thousands that are none
        return None
    return next((part for pattern, part in _PARTS if pattern.match(name)), None)


def _encoder_parts(path: Path, entries: Mapping[str, Entry]) -> Iterator[EncoderPart]:
    by_part: dict[str, list[str]] = {}
    for name in entries:
        part = part_of(name)
        if part is not None and _is_lora(name):
            by_part.setdefault(part, []).append(name)
    for part in sorted(by_part):
        names = by_part[part]
        if _is_zero(path, entries, names):
            continue
        widths = Counter(
            entries[name].shape[-1]
            for name in names
            if re.search(r"[qkv]_?(proj)?[._]", name)
            and _DOWN.search(name)
            and len(entries[name].shape) == 2
        )
        width = widths.most_common(1)[0][0] if widths else 0
        layers = {int(match[1]) for name in names if (match := _LAYER.search(name))}
        known = _BY_DIM.get(width, _BY_PART[part])
        yield EncoderPart(known, len(names), tuple(sorted(layers)))


def _is_zero(path: Path, entries: Mapping[str, Entry], names: Sequence[str]) -> bool:
    """Whether a part changes nothing, as trainers save one that they were told not to train.

    A pair does nothing while its second half is zero, with which training begins.
    """
    telling = [name for name in names if _UP.search(name)] or names
    left = _MAX_ZERO_BYTES
    with suppress(OSError), path.open("rb") as file:
        for name in telling:
            entry = entries[name]
            if entry.nbytes <= 0 or entry.offset < 0 or entry.nbytes > left:
                return False  # not looked up, or too much to be sure
            left -= entry.nbytes
            file.seek(entry.offset)
            for start in range(0, entry.nbytes, _CHUNK):
                if any(file.read(min(_CHUNK, entry.nbytes - start))):
                    return False
        return True
    return False


def _trainer(facts: Mapping[str, str]) -> str:
    software = as_json(facts.get("software"))
    if isinstance(software, dict) and isinstance(software.get("name"), str):
        return short(software["name"])
    if "ot_config" in facts or "ot_branch" in facts:
        return "OneTrainer"
    if any("simpletuner" in str(value).lower()[:MAX_TEXT] for value in facts.values()):
        return "SimpleTuner"
    module = str(facts.get("ss_network_module", ""))
    if module.startswith("lycoris"):
        return "LyCORIS"
    if "musubi" in str(facts.get("modelspec.implementation", "")).lower() or "hunyuan" in module:
        return "musubi-tuner"
    if any(key.startswith("ss_") for key in facts):
        return "kohya"
    return "diffusers" if "lora_adapter_metadata" in facts else ""
