"""The words that a LoRA was trained on: wherever trainers, and programs beside them, write them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tokensim_gui.core.files.regular_file import read_regular

Sureness: TypeAlias = Literal["said", "counted", "guessed"]

MAX_TEXT = 500
MAX_TAGS = 100_000
_MAX_TRIGGERS = 200
_MAX_BESIDE_BYTES = 2**20

_SAID = (
    *("modelspec.trigger_phrase", "trained_words", "trainedwords", "ss_trained_words"),
    *("trigger_words", "trigger_word", "trigger", "activation text", "activation_text"),
    *("instance_prompt", "ss_trigger_words", "trigger_phrase", "ss_class_tokens"),
)
"""Names under which metadata hold trigger words, in lower case, the surest first."""

_NESTED = ("ot_config", "training_info", "config", "ss_dreambooth", "job_config", "lora_config")
_NESTED_KEYS = ("trigger_word", "trigger_words", "placeholder", "class_tokens", "instance_prompt")
_NO_TRIGGERS = frozenset(("", "none", "null", "true", "false", "n/a", "[]", "{}"))
# Folders of training images: 10_ohwx man.
_REPEATED = re.compile(r"\d+_(.+)")
_USUAL_FOLDERS = re.compile(r"(img|imgs|images?|train(ing)?|data(set)?|reg|default|\d+)", re.I)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word that the LoRA listens to.

    Attributes:
        text: As it is written.
        count: In how many captions, or None where nothing counts it.
        origin: The name of the metadata that hold it.
        sureness: ``said`` by who trained it; ``counted`` in every caption; ``guessed`` from the
            name of a folder.
    """

    text: str
    count: int | None
    origin: str
    sureness: Sureness


def triggers_of(
    facts: Mapping[str, str],
    tags: Mapping[str, Mapping[str, int]],
    counts: Mapping[str, int],
    beside: Mapping[str, Any],
) -> list[Trigger]:
    """Return the words that a LoRA listens to, the surest first.

    Args:
        facts: Its metadata, names in small letters.
        tags: As of `tags_of`.
        counts: The same over all folders.
        beside: As of `beside`.
    """
    found: dict[str, Trigger] = {}

    def add(text: object, origin: str, sureness: Sureness) -> None:
        word = short(text) if isinstance(text, str) else ""
        if word.lower() not in _NO_TRIGGERS and len(found) < _MAX_TRIGGERS:
            found.setdefault(word, Trigger(word, counts.get(word), origin, sureness))

    for name in _SAID:
        for key in (name, f"modelspec.{name}"):
            for text in _words(facts.get(key)):
                add(text, key, "said")
    for name in _NESTED:
        for text in _deep(as_json(facts.get(name)), _NESTED_KEYS):
            for word in _words(text):
                add(word, name, "said")
    for text in _deep(as_json(facts.get("ss_datasets")), ("class_tokens", "trigger_word")):
        for word in _words(text):
            add(word, "ss_datasets", "said")
    for name, value in beside.items():
        for text in _words(value):
            add(text, name, "said")
    for folder, listed in tags.items():
        most = max(listed.values(), default=0)
        for tag, count in listed.items():
            if len(listed) <= 3 or (count == most and most > 1):
                add(tag, "ss_tag_frequency", "counted")
        _add_folder(folder, add)
    for folder in as_json(facts.get("ss_dataset_dirs")) or ():
        if isinstance(folder, str):
            _add_folder(folder, add)
    order = ("said", "counted", "guessed")
    return sorted(found.values(), key=lambda one: (order.index(one.sureness), -(one.count or 0)))


def _add_folder(folder: str, add: Any) -> None:  # noqa: ANN401  (the function above)
    match = _REPEATED.fullmatch(re.split(r"[/\\]", folder)[-1])
    name = match[1] if match else ""
    if name and not _USUAL_FOLDERS.fullmatch(name):
        add(name.replace("_", " ").strip(), "folder", "guessed")


def _words(value: object) -> Iterator[str]:
    """Give the words of a text, which may be a list in JSON or parted by commas."""
    if isinstance(value, str):
        parsed = as_json(value) if value.lstrip()[:1] in ("[", "{", '"') else None
        if isinstance(parsed, list | dict):
            yield from _words(parsed)
        else:
            text = parsed if isinstance(parsed, str) else value
            yield from (part.strip() for part in re.split(r"[,;\n]", text[:10_000]))
    elif isinstance(value, list):
        for one in value[:_MAX_TRIGGERS]:
            yield from _words(one)
    elif isinstance(value, dict):
        yield from (key for key in list(value)[:_MAX_TRIGGERS] if isinstance(key, str))


def tags_of(facts: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return how often each tag occurs, by folder."""
    found: dict[str, dict[str, int]] = {}
    sources = [as_json(facts.get("ss_tag_frequency"))]
    for one in as_json(facts.get("ss_datasets")) or ():
        if isinstance(one, dict):
            sources.append(one.get("tag_frequency"))
    for source in sources:
        for folder, listed in source.items() if isinstance(source, dict) else ():
            if not isinstance(listed, dict):
                continue
            kept = found.setdefault(str(folder), {})
            for tag, count in listed.items():
                text = short(tag)
                if text and type(count) is int and 0 < count < 2**53 and len(kept) < MAX_TAGS:
                    kept[text] = kept.get(text, 0) + count
    return found


def beside(path: Path) -> dict[str, Any]:
    """Return what other programs keep beside a LoRA about its words."""
    found: dict[str, Any] = {}
    stem = path.name.removesuffix(path.suffix)
    for suffix in (".civitai.info", ".json", ".metadata.json"):
        file = path.with_name(stem + suffix)
        with suppress(OSError, ValueError, RecursionError):
            content = json.loads(read_regular(file, _MAX_BESIDE_BYTES))
            words = list(_deep(content, ("trainedWords", "activation text", "trigger_words")))
            if words:
                found[suffix.removeprefix(".")] = words
    return found


def _deep(value: object, keys: Sequence[str], depth: int = 0) -> Iterator[Any]:
    """Give the values under some keys, however deep they lie."""
    if depth > 6:
        return
    if isinstance(value, dict):
        for key, inner in list(value.items())[:1_000]:
            if key in keys:
                yield inner
            else:
                yield from _deep(inner, keys, depth + 1)
    elif isinstance(value, list):
        for inner in value[:1_000]:
            yield from _deep(inner, keys, depth + 1)


def as_json(text: object) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """Return what a stranger's text holds as JSON; None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def short(text: str) -> str:
    """Return a stranger's text on one line, and not too long for one."""
    return " ".join(str(text)[:MAX_TEXT].split()) if str(text).strip() else ""
