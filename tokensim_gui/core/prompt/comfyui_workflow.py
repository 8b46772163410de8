"""The workflow that ComfyUI's window saves, as the graph that it sends to be executed.

The window keeps nodes with their widgets' values in a row, links by number, and subgraphs as
definitions of their own: https://docs.comfy.org/specs/workflow_json. What is executed is a
dictionary of nodes, each with inputs by name: a value, or ``[node, slot]``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Graph = dict[str, dict[str, Any]]

_MOST_NODES = 10_000
_MOST_SUBGRAPHS, _DEEPEST, _MOST_PASSED = 1_000, 20, 100
_MUTED, _BYPASSED = 2, 4
_INPUT, _OUTPUT = -10, -20  # a subgraph's own ends
_WIDGET_TYPES = ("STRING", "INT", "FLOAT", "BOOLEAN", "COMBO")
_AFTER_SEED = ("fixed", "increment", "decrement", "randomize")
_NOTES = ("Note", "MarkdownNote", "Label (rgthree)", "Fast Groups Muter (rgthree)")
# Widgets of nodes as they were saved before the window named each of them.
_WIDGETS = {
    "CLIPTextEncodeSDXL": ("width", "height", "x", "y", "to_x", "to_y", "text_g", "text_l"),
    "CLIPTextEncodeSDXLRefiner": ("score", "width", "height", "text"),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl", "empty_padding"),
    "CLIPTextEncodeHunyuanDiT": ("bert", "mt5xl"),
    "CLIPTextEncodeHiDream": ("clip_l", "clip_g", "t5xxl", "llama"),
    "CLIPTextEncodeLumina2": ("system_prompt", "user_prompt"),
    "StringConcatenate": ("string_a", "string_b", "delimiter"),
    "Text Concatenate": ("delimiter", "clean_whitespace"),
    "JoinStrings": ("delimiter",),
    "Efficient Loader": (*"abcdefgh", "positive", "negative"),
    "ImpactWildcardProcessor": ("wildcard_text", "populated_text", "mode", "seed"),
    "ImpactWildcardEncode": ("wildcard_text", "populated_text", "mode"),
    "StringFunction|pysssss": ("action", "tidy_tags", "text_a", "text_b", "text_c"),
    "WanVideoTextEncode": ("positive_prompt", "negative_prompt", "force_offload"),
}
_NAME = re.compile(r"[^\s,]*[_.\\/][^\s,]*")  # of a file or a choice, and no text
_TEXT_TYPE = re.compile(r"text|prompt|string|wildcard|primitive", re.IGNORECASE)

Ends = dict[int, list[Any] | None]
"""Of the inputs or outputs of a subgraph by slot: [node, slot] that each comes from."""


def executed(workflow: dict[str, Any]) -> Graph:
    """Return a workflow as the graph that would be executed; an empty one if it is none."""
    definitions = workflow.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    subgraphs = {one["id"]: one for one in _dicts(listed) if isinstance(one.get("id"), str)}
    graph: Graph = {}
    _Level(workflow, "", {}, _Shared(subgraphs, graph)).add_nodes()
    _join_named(graph)
    return graph


@dataclass(slots=True)
class _Shared:
    """What all levels have in common."""

    subgraphs: dict[str, dict[str, Any]]
    graph: Graph
    instances: int = 0  # of subgraphs, which may hold themselves


class _Level:
    """The nodes of a workflow, or those of one of its subgraphs in one of its places."""

    def __init__(self, level: dict[str, Any], prefix: str, ends: Ends, shared: _Shared) -> None:
        self._nodes = {str(node.get("id")): node for node in _dicts(level.get("nodes"))}
        self._links = {link[0]: link for link in _links(level.get("links"))}
        self._prefix, self._ends, self._shared = prefix, ends, shared
        self._outputs: dict[str, Ends] = {}  # of the subgraphs within

    def add_nodes(self) -> Ends:
        """Add the nodes to the graph, and return where the outputs of the level come from."""
        graph = self._shared.graph
        for name, node in self._nodes.items():
            kind = node.get("type")
            if node.get("mode") in (_MUTED, _BYPASSED) or kind in _NOTES:
                continue
            if self._subgraph(node) is not None:
                self._instance(name, node)
            elif len(graph) < _MOST_NODES:
                inputs = _named_widgets(node)
                for one in _dicts(node.get("inputs")):
                    found = self._source(one.get("link"))
                    if found is not None:
                        inputs[str(one.get("name"))] = found
                title = node.get("title")
                graph[self._prefix + name] = {
                    "class_type": kind if isinstance(kind, str) else "",
                    "inputs": inputs,
                    "_meta": {"title": title if isinstance(title, str) else ""},
                }
        return {
            link[4]: self._source(number)
            for number, link in self._links.items()
            if link[3] == _OUTPUT and isinstance(link[4], int)
        }

    def _subgraph(self, node: dict[str, Any]) -> dict[str, Any] | None:
        kind = node.get("type")
        return self._shared.subgraphs.get(kind) if isinstance(kind, str) else None

    def _instance(self, name: str, node: dict[str, Any]) -> Ends:
        """Add the nodes of a subgraph in this place, once, and return its outputs."""
        definition = self._subgraph(node)
        if name in self._outputs or definition is None:
            return self._outputs.get(name, {})
        self._outputs[name] = {}
        shared = self._shared
        shared.instances += 1
        if shared.instances > _MOST_SUBGRAPHS or self._prefix.count(":") >= _DEEPEST:
            return {}
        given: Ends = {}
        links = {str(one.get("name")): one.get("link") for one in _dicts(node.get("inputs"))}
        inputs = [
            (str(one.get("name")), one.get("type")) for one in _dicts(definition.get("inputs"))
        ]
        names = _shown_widgets(node) or [name for name, kind in inputs if kind in _WIDGET_TYPES]
        widgets = dict(zip(names, _widget_values(node), strict=False))
        for slot, (name_within, kind) in enumerate(inputs):
            given[slot] = self._source(links.get(name_within))
            value = widgets.get(name_within) if kind in _WIDGET_TYPES else None
            if given[slot] is None and isinstance(value, str):
                made = f"{self._prefix}{name}.{slot}"
                shared.graph[made] = {"class_type": "PrimitiveString", "inputs": {"value": value}}
                given[slot] = [made, 0]
        inside = _Level(definition, f"{self._prefix}{name}:", given, shared)
        self._outputs[name] = inside.add_nodes()
        return self._outputs[name]

    def _source(self, number: object, passed: int = 0) -> list[Any] | None:
        """Return [node, slot] where a link comes from, past what only passes on."""
        link = self._links.get(number) if isinstance(number, int | str) else None
        if link is None or passed > _MOST_PASSED:
            return None
        origin, slot = link[1], link[2]
        if origin == _INPUT:
            return self._ends.get(slot)
        node = self._nodes.get(str(origin))
        if node is None or node.get("mode") == _MUTED:
            return None
        if node.get("mode") == _BYPASSED or node.get("type") == "Reroute":
            wanted = _slot_type(node, slot)
            for one in _dicts(node.get("inputs")):
                if wanted in ("", "*") or one.get("type") in (wanted, "*"):
                    return self._source(one.get("link"), passed + 1)
            return None
        if self._subgraph(node) is not None:
            return self._instance(str(origin), node).get(slot)
        return [self._prefix + str(origin), slot]


def _dicts(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        return []
    return [one for one in value[:_MOST_NODES] if isinstance(one, dict)]


def _links(value: object) -> Iterator[list[Any]]:
    """Yield links as [number, from, its slot, to, its slot]; both forms are in use."""
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    for one in value[: 4 * _MOST_NODES] if isinstance(value, list) else ():
        link = [one.get(name) for name in names] if isinstance(one, dict) else one
        if isinstance(link, list) and len(link) >= 5 and isinstance(link[0], int | str):
            if isinstance(link[2], int):
                yield link


def _slot_type(node: dict[str, Any], slot: int) -> str:
    outputs = _dicts(node.get("outputs"))
    kind = outputs[slot].get("type") if 0 <= slot < len(outputs) else ""
    return kind if isinstance(kind, str) else ""


def _widget_values(node: dict[str, Any]) -> list[Any]:
    values = node.get("widgets_values")
    return values if isinstance(values, list) else []


def _shown_widgets(node: dict[str, Any]) -> list[str]:
    """Return the names of a subgraph's widgets, "" for those of nodes within it."""
    properties = node.get("properties")
    shown = properties.get("proxyWidgets") if isinstance(properties, dict) else None
    pairs = shown[:_MOST_NODES] if isinstance(shown, list) else []
    return [
        str(pair[1]) if isinstance(pair, list) and len(pair) > 1 and str(pair[0]) == "-1" else ""
        for pair in pairs
    ]


def _named_widgets(node: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a node's widgets by name, as far as the names can be known."""
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return {str(name): value for name, value in values.items()}
    values = _widget_values(node)
    named = [one for one in _dicts(node.get("inputs")) if isinstance(one.get("widget"), dict)]
    names = [str(one["widget"].get("name") or one.get("name")) for one in named]
    kind = str(node.get("type"))
    controls = sum(value in _AFTER_SEED for value in values if isinstance(value, str))
    if kind in _WIDGETS and len(names) < len(_WIDGETS[kind]):
        return dict(zip(_WIDGETS[kind], values, strict=False))
    if not names or len(names) + controls < len(values):  # only those with a link are named
        is_linked = any(one.get("type") == "STRING" for one in named)
        return {} if is_linked else _guessed(node, kind, values)
    result: dict[str, Any] = {}
    left = iter(values)
    for name in names:
        value = next(left, None)
        if (
            isinstance(value, str)
            and value in _AFTER_SEED
            and [*result][-1:]
            in (
                ["seed"],
                ["noise_seed"],
            )
        ):
            value = next(left, None)
        result[name] = value
    return result


def _guessed(node: dict[str, Any], kind: str, values: list[Any]) -> dict[str, Any]:
    """Name the texts among values by what the node gives out, where they look like texts."""
    if kind in ("SetNode", "GetNode", "easy setNode", "easy getNode"):
        return {"constant": values[0] if values else None}
    outputs = {str(one.get("type")) for one in _dicts(node.get("outputs"))}
    texts = [
        value
        for at, value in enumerate(values)
        if isinstance(value, str) and not _NAME.fullmatch(value)
        if not (at and value in _AFTER_SEED)
    ]
    long = [text for text in texts if len(text.split(None, 2)) > 2]
    if outputs & {"CONDITIONING", "STRING"} or _TEXT_TYPE.search(kind):
        texts = [text for text in texts if text is texts[0] or text in long]
        return {f"text_{number}" if number else "text": text for number, text in enumerate(texts)}
    if outputs & {"IMAGE", "VIDEO", "AUDIO"} and long:  # services that take a prompt themselves
        return {"prompt": max(long, key=len)}
    return {}


def _join_named(graph: Graph) -> None:
    """Link what is set under a name with where it is got."""
    setters = {
        str(node["inputs"].get("constant")): name
        for name, node in graph.items()
        if node["class_type"] in ("SetNode", "easy setNode")
    }
    for node in graph.values():
        if node["class_type"] in ("GetNode", "easy getNode"):
            setter = setters.get(str(node["inputs"].get("constant")))
            node["inputs"] = {} if setter is None else {"value": [setter, 0]}
    for node in graph.values():
        if node["class_type"] in ("SetNode", "easy setNode"):
            node["inputs"].pop("constant", None)
