"""Which prompts a picture was made with, from the metadata of its interface."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.infotext import Infotext, parse_infotext
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.prompt.picture_texts import is_cut_off, read_texts

_MOST_NODES = 10_000
_MOST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class PicturePrompts:
    """The prompts of a picture.

    Attributes:
        interface: Who wrote them.
        prompts: The prompt, of ComfyUI all of its positive texts.
        negatives: The negative prompts.
        settings: Steps, Sampler and so on; of A1111 only.
    """

    interface: Interface
    prompts: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def read_picture(path: Path) -> PicturePrompts:
    """Return the prompts in a PNG file's metadata.

    Knows A1111 and Forge (``parameters``), ComfyUI (``prompt``), InvokeAI
    (``invokeai_metadata``) and NovelAI (``Description``, ``Comment``).

    Raises:
        FileError: The file is no PNG, or holds no prompt.
    """
    texts = read_texts(path)
    found = (
        _of_a1111(texts.get("parameters", ""))
        or _of_comfyui(_json(texts.get("prompt", "")))
        or _of_invokeai(_json(texts.get("invokeai_metadata", "")))
        or _of_novelai(texts.get("Description", ""), _json(texts.get("Comment", "")))
    )
    if found is None and is_cut_off(path):
        raise FileError(f"“{path.name}” is damaged: it ends in the middle of the picture.")
    if found is None:
        raise FileError(
            f"“{path.name}” holds no prompt: its metadata was removed, or never written."
        )
    return found


def _json(text: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else, however deep or long."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _of_a1111(text: str) -> PicturePrompts | None:
    if not text:
        return None
    info = parse_infotext(text) or Infotext(text.strip())
    negatives = (info.negative[:_MOST_TEXT],) if info.negative else ()
    return PicturePrompts(
        "a1111", (info.prompt[:_MOST_TEXT],), negatives, tuple(info.settings.items())
    )


def _of_invokeai(data: dict[str, Any]) -> PicturePrompts | None:
    return _pair("compel", data.get("positive_prompt"), data.get("negative_prompt"))


def _of_novelai(description: str, comment: dict[str, Any]) -> PicturePrompts | None:
    return _pair("novelai", comment.get("prompt") or description, comment.get("uc"))


def _pair(interface: Interface, prompt: object, negative: object) -> PicturePrompts | None:
    if not isinstance(prompt, str) or not prompt:
        return None
    negatives = (negative[:_MOST_TEXT],) if isinstance(negative, str) and negative else ()
    return PicturePrompts(interface, (prompt[:_MOST_TEXT],), negatives)


def _of_comfyui(nodes: dict[str, Any]) -> PicturePrompts | None:
    """Follow the links from every node with a positive and a negative input to the texts."""
    inputs = {
        name: node["inputs"]
        for name, node in list(nodes.items())[:_MOST_NODES]
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
        # It takes the meaning off a text, to have a negative prompt of nothing.
        if node.get("class_type") != "ConditioningZeroOut"
    }
    prompts = _texts(inputs, [own["positive"] for own in inputs.values() if "positive" in own])
    negatives = _texts(inputs, [own["negative"] for own in inputs.values() if "negative" in own])
    if not prompts:  # FLUX: a guider with one conditioning, or no sampler at all
        every = _texts(inputs, [[name, 0] for name in inputs])
        prompts = tuple(text for text in every if text not in negatives)
    return PicturePrompts("comfyui", prompts, negatives) if prompts else None


_TEXT_INPUTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "string", "value")


def _texts(inputs: dict[str, dict[str, Any]], links: list[Any]) -> tuple[str, ...]:
    """Return the texts that can be reached backwards from some links, each once."""
    texts: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [link for link in reversed(links) if _is_link(link)]
    while waiting:
        name = str(waiting.pop()[0])
        if name in seen or name not in inputs:
            continue
        seen.add(name)
        own = inputs[name]
        texts.update((text[:_MOST_TEXT], None) for text in _own_texts(own))
        waiting += [
            link
            for key, link in reversed(own.items())
            if _is_link(link) and key not in ("positive", "negative", "model", "clip", "vae")
        ]
    return tuple(texts)


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str | int)


def _own_texts(own: dict[str, Any]) -> Iterator[str]:
    for key in _TEXT_INPUTS:
        value = own.get(key)
        if isinstance(value, str) and value.strip():
            yield value
