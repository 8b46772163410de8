"""The prompts in a graph of ComfyUI, followed backwards from what they do to the picture.

There are thousands of node types, so a node is understood by its inputs: ``clip`` and a text make
an encoder, several texts and a delimiter a concatenation, ``select`` and numbered inputs a switch.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tokensim_gui.core.prompt.comfyui_inputs import (
    Side,
    chosen,
    constant,
    generates,
    is_link,
    is_selector,
    is_text,
    may_be_text,
    one_of_a_row,
    parts_of,
    side_of,
)
from tokensim_gui.core.prompt.comfyui_workflow import Graph

_MOST_NODES = 10_000
_MOST_TEXT = 100_000
_MOST_INPUTS = 200
_DEEPEST = 150

_ENCODES = ("clip", "opt_clip", "clip1", "text_encoder", "text_encoders", "t5", "wan_t5_model")
_NOT_FOLLOWED = frozenset(
    "model clip vae control_net controlnet image images pixels video frames latent latents mask "
    "latent_image samples noise sampler sigmas style_model clip_vision clip_vision_output "
    "scheduler seed width height upscale_model reference lora lora_stack opt_clip opt_model".split()
)
_JOINS = re.compile(r"concat|join|combin|append|merge|multi|function|builder", re.IGNORECASE)
_DELIMITERS = ("delimiter", "separator", "delim", "join_with", "sep", "joiner")
_SHOWN = ("text_0", "shown_text", "displayed_text")
_SINK = re.compile(r"save|preview|output|combine", re.IGNORECASE)


@dataclass(slots=True)
class GraphPrompts:
    """The texts of a graph.

    Attributes:
        prompts: Those that the picture was drawn towards.
        negatives: Those that it was drawn away from.
        makers: Nodes that made a text while the graph ran, so that it is not in the picture.
    """

    prompts: list[str] = field(default_factory=list)
    negatives: list[str] = field(default_factory=list)
    makers: list[str] = field(default_factory=list)


def graph_prompts(graph: Graph) -> GraphPrompts:
    """Return the prompts of a graph; empty ones if it has none."""
    return _Reader(graph).read()


class _Reader:
    def __init__(self, graph: Graph) -> None:
        self._nodes = {
            str(name): {**node}
            for name, node in list(graph.items())[:_MOST_NODES]
            if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
        }
        self._makers: dict[str, None] = {}
        self._seen: set[tuple[str, Side]] = set()  # on the way back from one input
        self._strings: dict[tuple[str, Side, int], str | None] = {}
        self._in_rows = {  # whose outputs are texts of their own, and not one text and its length
            str(value[0])
            for node in self._nodes.values()
            for key, value in node["inputs"].items()
            if is_link(value) and isinstance(value[1], int) and value[1] > 0 and is_text(key)
        }
        for node in self._nodes.values():  # a switch may be set by a node of its own
            for key, value in node["inputs"].items():
                if is_selector(key) and is_link(value):
                    node["inputs"] = {**node["inputs"], key: self._constant(value)}

    def read(self) -> GraphPrompts:
        alive = self._alive()
        parts = {  # nodes that make a part of a longer text
            str(value[0])
            for name in alive
            for key, value in self._inputs(name).items()
            if is_link(value) and is_text(key) and side_of(key) is None
        }
        encoders: dict[Side, dict[str, dict[str, None]]] = {}  # texts by where they are encoded
        for side in ("positive", "negative"):
            self._seen.clear()
            found: dict[str, dict[str, None]] = {}
            encoders[side] = found
            for name in alive:
                for key, value in self._inputs(name).items():
                    if side_of(key) != side and not (
                        side == "positive"
                        and key == "wildcard"
                        and "positive" in self._inputs(name)
                    ):  # a detailer's text for what it finds
                        continue
                    if is_link(value):
                        self._follow(str(value[0]), side, found)
                    elif isinstance(value, str) and is_text(key) and name not in parts:
                        found.setdefault(name, {})[value] = None
        prompts = _flat(encoders["positive"])
        # FLUX and its kin need no negative prompt, and are given the positive one for it
        negatives = _flat(
            {
                at: texts
                for at, texts in encoders["negative"].items()
                if texts != encoders["positive"].get(at)
            }
        )
        if not prompts:
            prompts, negatives = self._without_sides(alive, negatives, parts)
        return GraphPrompts(prompts, negatives, list(self._makers))

    def _without_sides(
        self, alive: list[str], known: list[str], parts: set[str]
    ) -> tuple[list[str], list[str]]:
        """Read a graph in which nothing is called positive: by titles, or all is a prompt."""
        ends = [
            name
            for name in alive
            if any(key.startswith(("conditioning", "cond")) for key in self._inputs(name))
            and not self._is_encoder(name)
        ]
        encoders = [name for name in alive if self._is_encoder(name)]
        texts: dict[str, dict[str, None]] = {}
        for starts in (ends, encoders):
            self._seen.clear()
            for name in starts:
                self._follow(name, "positive", texts)
            if _flat(texts):
                break
        else:
            self._seen.clear()
            for name in alive:  # a service that is sent the prompt, else any text at all
                if name not in parts:
                    self._take_own(name, texts)
        prompts: list[str] = []
        negatives = list(known)
        for name, own in texts.items():
            node = self._nodes.get(name.split(" ")[0], {})
            if "negative" in f"{name} {_named(node)} {node.get('class_type')}".lower():
                negatives += [text for text in own if text.strip() and text not in negatives]
            else:
                prompts += [text for text in own if text.strip() and text not in prompts]
        return [text for text in prompts if text not in negatives], negatives

    def _take_own(self, name: str, texts: dict[str, dict[str, None]]) -> None:
        """Collect the texts that a node is given, which is no encoder."""
        for key, value in self._inputs(name).items():
            if not is_text(key) or ("prompt" not in parts_of(key) and not isinstance(value, str)):
                continue
            text = value if isinstance(value, str) else self._string(value, "positive", 0)
            if text and text.strip():
                texts.setdefault(f"{name} {side_of(key) or ''}", {})[text] = None

    def _constant(self, link: object) -> object:
        """Return the number or truth that a link comes from; the link if it is not known."""
        at = link
        for _ in range(_DEEPEST):
            node = self._nodes.get(str(at[0])) if isinstance(at, list) and is_link(at) else None
            if node is None:
                break
            at = constant(node["inputs"])
            if isinstance(at, bool | int):
                return at
        return link

    def _alive(self) -> list[str]:
        """Return the nodes that something saved or shown depends on; all if there is no such."""
        ends = [
            name
            for name, node in self._nodes.items()
            if "filename_prefix" in node["inputs"]
            or ("images" in node["inputs"] and _SINK.search(str(node.get("class_type"))))
        ]
        alive: dict[str, None] = {}
        waiting = ends[::-1]
        while waiting:
            name = waiting.pop()
            if name in alive or name not in self._nodes:
                continue
            alive[name] = None
            values = self._nodes[name]["inputs"].values()
            waiting += [str(value[0]) for value in values if is_link(value)]
        samples = any(
            self._is_encoder(name)
            or any(side_of(key) is not None or key == "conditioning" for key in self._inputs(name))
            for name in alive
        )
        return list(alive) if samples else list(self._nodes)

    def _inputs(self, name: str) -> dict[str, Any]:
        inputs: dict[str, Any] = self._nodes[name]["inputs"]
        return inputs

    def _is_encoder(self, name: str) -> bool:
        inputs = self._inputs(name)
        return any(key in inputs for key in _ENCODES) and any(map(is_text, inputs))

    def _follow(
        self, name: str, side: Side, found: dict[str, dict[str, None]], depth: int = 0
    ) -> None:
        """Collect the texts that conditionings, contexts and pipes come from."""
        if (name, side) in self._seen or name not in self._nodes or depth > _DEEPEST:
            return
        self._seen.add((name, side))
        if self._nodes[name].get("class_type") == "ConditioningZeroOut":
            return  # it takes the meaning off a text, to have a negative prompt of nothing
        inputs = self._inputs(name)
        texts = self._texts(inputs, side)
        if texts and (self._is_encoder(name) or not self._passes_on(texts)):
            for key, value in inputs.items():  # a text may be added to a conditioning
                if is_link(value) and key.lower().startswith("conditioning"):
                    self._follow(str(value[0]), side, found, depth + 1)
            own = found.setdefault(name, {})
            if not self._is_encoder(name) and not any(side_of(key) for key, _ in texts):
                text = self._string(name, side, depth)
                texts = [] if text is None else [("text", text)]
            for _, value in texts:
                text = value if isinstance(value, str) else self._string(value, side, depth + 1)
                if text:
                    own[text] = None
            return
        links = [(key, value) for key, value in inputs.items() if is_link(value)]
        picked = chosen(inputs, links)
        sided = [link for link in links if side_of(link[0]) == side]
        for key, value in picked or sided or links:
            if key.lower() not in _NOT_FOLLOWED and side_of(key) in (None, side):
                self._follow(str(value[0]), side, found, depth + 1)

    def _passes_on(self, texts: list[tuple[str, Any]]) -> bool:
        """Whether what looks like texts by name comes from nodes that encode."""
        return all(is_link(value) and not self._makes_text(str(value[0])) for _, value in texts)

    def _makes_text(self, name: str, depth: int = 0) -> bool:
        node = self._nodes.get(name)
        if node is None or depth > _DEEPEST or self._is_encoder(name):
            return False
        inputs = node["inputs"]
        return generates(node) or any(
            isinstance(value, str) for key, value in inputs.items() if is_text(key)
        )

    def _texts(self, inputs: dict[str, Any], side: Side) -> list[tuple[str, Any]]:
        """Return the inputs that hold texts, or links to them, of one side."""
        for key in ("populated_text", *_SHOWN):
            if isinstance(inputs.get(key), str) and inputs[key].strip():
                return [(key, inputs[key])]  # what came of the other texts
        texts = [
            (key, value)
            for key, value in inputs.items()
            if is_text(key) and (isinstance(value, str) or is_link(value))
        ]
        own = [one for one in texts if side_of(one[0]) == side]
        if own:
            return own
        free = [one for one in texts if side_of(one[0]) is None]
        return free or texts

    def _string(self, link: object, side: Side, depth: int) -> str | None:
        """Return the text that a node gives out; None, and its name kept, if it is not known."""
        if isinstance(link, list) and not is_link(link):
            return None
        name = str(link[0]) if isinstance(link, list) else str(link)
        if name not in self._nodes or depth > _DEEPEST:
            return None
        at = link[1] if isinstance(link, list) and isinstance(link[1], int) else 0
        slot = at if name in self._in_rows else -1
        key = (name, side, slot)
        if key not in self._strings:
            self._strings[key] = None  # should the links run in a circle
            text = self._joined(name, side, depth, slot)
            self._strings[key] = None if text is None else text[:_MOST_TEXT]
        return self._strings[key]

    def _joined(self, name: str, side: Side, depth: int, slot: int) -> str | None:
        node = self._nodes[name]
        inputs = node["inputs"]
        if generates(node) and not self._is_encoder(name):
            self._makers[_named(node)] = None
            return None
        links = [(key, value) for key, value in inputs.items() if is_link(value)]
        texts = chosen(inputs, [*inputs.items()]) or self._texts(inputs, side)
        if not texts and _JOINS.search(str(node.get("class_type"))):
            texts = [one for one in inputs.items() if may_be_text(*one)]
        if not texts:
            onward = [link for link in links if link[0].lower() not in _NOT_FOLLOWED]
            onward = [link for link in onward if not is_selector(link[0])] or onward
            if not onward:
                self._makers[_named(node)] = None
                return None
            texts = onward
        texts = one_of_a_row(texts, slot)
        known: list[str] = []
        length = 0
        for _, value in texts[:_MOST_INPUTS]:
            text = value if isinstance(value, str) else self._string(value, side, depth + 1)
            if text is not None:
                known.append(text)
                length += len(text)
            if length > _MOST_TEXT:  # the rest would be cut off
                break
        if not known:
            return None
        return _put_together(node, [key for key, _ in texts], known)


def _put_together(node: dict[str, Any], names: list[str], texts: list[str]) -> str:
    inputs, kind = node["inputs"], str(node.get("class_type"))
    if inputs.get("action") == "replace" and len(texts) > 1:  # pysssss
        found, by = texts[1], texts[2] if len(texts) > 2 else ""
        is_pattern = len(found) > 2 and found[0] == found[-1] == "/"
        return texts[0] if is_pattern else _replaced(texts[0], found, by)
    if isinstance(inputs.get("find"), str):
        return _replaced(texts[0], inputs["find"], str(inputs.get("replace", "")))
    delimiter = next((inputs[key] for key in _DELIMITERS if isinstance(inputs.get(key), str)), None)
    if len(texts) == 1 or (delimiter is None and not _JOINS.search(kind)):
        return texts[0]
    if delimiter is None:
        delimiter = ", " if inputs.get("tidy_tags") == "yes" else ""
        if not inputs.get("action") and names[:2] != ["a", "b"]:
            delimiter = delimiter or " "
    delimiter = {"\\n": "\n", "\\t": "\t", "newline": "\n", "comma": ", "}.get(delimiter, delimiter)
    if names[:2] == ["string_a", "string_b"]:  # ComfyUI's own joins empty ones too
        return delimiter.join(texts)
    return delimiter.join(text for text in texts if text.strip())


def _replaced(text: str, found: str, by: str) -> str:
    grows = len(by) * (text.count(found) if found else 0)
    return text.replace(found, by) if found and grows <= _MOST_TEXT else text


def _named(node: dict[str, Any]) -> str:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return str(title or node.get("class_type") or "a node")[:80]


def _flat(texts: dict[str, dict[str, None]]) -> list[str]:
    every = (text for own in texts.values() for text in own)
    return list(dict.fromkeys(text for text in every if text.strip()))
