"""What the inputs of ComfyUI's nodes are, as far as their names tell."""

import re
from typing import Any, Literal, TypeAlias

Side: TypeAlias = Literal["positive", "negative"]

_SIDES: dict[str, Side] = {
    "positive": "positive",
    "pos": "positive",
    "negative": "negative",
    "neg": "negative",
    "uncond": "negative",
}
_PARTS = re.compile(r"[^\W_]+")
_TEXT_PARTS = frozenset(
    "text texts prompt prompts string strings str positive negative caption tags lyrics wildcard "
    "populated t5xxl t5 llama bert mt5xl gemma value val any anything content pos neg".split()
)
_NOT_TEXT_PARTS = frozenset(
    "system delimiter separator mode name path file format normalization interpretation encoder "
    "select seed find replace type language weight strength model instruction template style cfg "
    "encoders width height enabled enable trigger tidy embeds".split()
)
_CLIP_TEXT = re.compile(r"clip_?[lgh]|text_?[lg]")
_GENERATES = frozenset(
    "temperature max_tokens max_new_tokens max_length top_p top_k system system_prompt num_beams "
    "system_message api_key llm_model ollama_model florence2_model do_sample keep_alive "
    "caption_type tagger threshold chat_type".split()
)
_GENERATOR = re.compile(
    r"LLM|VLM|(?i:gpt|ollama|florence|caption|tagger|interrogat|blip|gemini|claude|joytag|llava|"
    r"moondream|describe|img2txt|image.?to.?(?:text|prompt)|promptgen|superprompt)"
)
_SELECTORS = ("select", "index", "selected", "input", "switch", "boolean", "condition", "choice")
_BRANCHES = {
    True: ("on_true", "true", "if_true", "tt_value"),
    False: ("on_false", "false", "if_false", "ff_value"),
}
_CONSTANTS = ("value", "boolean", "bool", "int", "integer", "number", "int_value")
_NUMBERED = re.compile(r"_[a-h]$|_?\d+$")


def is_link(value: object) -> bool:
    """Whether an input comes from another node."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str | int)


def parts_of(key: str) -> list[str]:
    """Return the words of an input's name without the numbers behind them."""
    return [part.rstrip("0123456789") or part for part in _PARTS.findall(key.lower())]


def side_of(key: str) -> Side | None:
    """Return for what an input is by its name, None if for neither."""
    return next((_SIDES[part] for part in parts_of(key) if part in _SIDES), None)


def is_text(key: str) -> bool:
    """Whether an input is by its name a text for an encoder."""
    if _CLIP_TEXT.fullmatch(key.lower()):
        return True
    parts = [*parts_of(key), *_PARTS.findall(key.lower())]
    return not _NOT_TEXT_PARTS.intersection(parts) and bool(_TEXT_PARTS.intersection(parts))


def may_be_text(key: str, value: object) -> bool:
    """Whether an input of a node that joins texts may be one, whatever it is called."""
    return (isinstance(value, str) or is_link(value)) and not _NOT_TEXT_PARTS.intersection(
        parts_of(key)
    )


def is_selector(key: str) -> bool:
    """Whether an input says what a switch lets through."""
    return key.lower() in _SELECTORS


def constant(inputs: dict[str, Any]) -> object:
    """Return what a node holds that gives out one number or truth, or the link to it."""
    return next((value for key, value in inputs.items() if key.lower() in _CONSTANTS), None)


def one_of_a_row(texts: list[tuple[str, Any]], slot: int) -> list[tuple[str, Any]]:
    """Return the text of an output where a node has several: text, text_b, text_c."""
    stems = {_NUMBERED.sub("", key) for key, _ in texts}
    return [texts[slot]] if len(stems) == 1 and 0 <= slot < len(texts) else texts


def chosen(inputs: dict[str, Any], items: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the one input that a switch lets through; none if this is no switch."""
    if items and all(re.fullmatch(r"any_\d+", key) for key, _ in items):
        return items[:1]  # rgthree: the first that is there
    for key, value in inputs.items():
        name = key.lower()
        if name not in _SELECTORS or is_link(value) or not isinstance(value, bool | int | str):
            continue
        if isinstance(value, bool):
            return [one for one in items if one[0].lower() in _BRANCHES[value]]
        digits = re.search(r"\d+", str(value))
        if digits is None:
            continue
        numbered = [
            (int(match[2]), (at, one))
            for at, one in items
            if (match := re.fullmatch(r"([a-z_ ]*?)_?(\d+)", at.lower())) and at != key
        ]
        return [one for number, one in numbered if number == int(digits[0])]
    return []


def generates(node: dict[str, Any]) -> bool:
    """Whether a node makes its text while it runs: a language model, or one that sees."""
    inputs = node["inputs"]
    kind = str(node.get("class_type"))
    looks = any(is_link(inputs.get(key)) for key in ("image", "images", "pixels", "video"))
    if any(is_link(value) and side_of(key) for key, value in inputs.items()):
        looks = False  # a picture for what is drawn, and none to be described
    return looks or not _GENERATES.isdisjoint(inputs) or bool(_GENERATOR.search(kind))
