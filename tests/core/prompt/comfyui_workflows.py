"""Workflows of ComfyUI as its window saves them, with the prompts that were drawn."""

from typing import Any

from tests.core.prompt.comfyui_graphs import CAT, UGLY, Case


def _w(number: int, kind: str, values: list[Any], **more: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "widgets_values": values, "mode": 0, **more}


def _in(name: str, link: int | None, kind: str = "CONDITIONING") -> dict[str, Any]:
    return {"name": name, "type": kind, "link": link}


def _out(kind: str = "CONDITIONING") -> list[dict[str, Any]]:
    return [{"name": kind, "type": kind}]


def _workflow(nodes: list[dict[str, Any]], links: list[list[Any]], **more: Any) -> dict[str, Any]:
    return {"nodes": nodes, "links": links, "version": 0.4, **more}


_KSAMPLER = _w(3, "KSampler", [1, "randomize"], inputs=[_in("positive", 1), _in("negative", 2)])
_SUBGRAPH = {
    "id": "0e1-a",
    "nodes": [
        _w(6, "CLIPTextEncode", ["stale"], inputs=[_in("text", 11, "STRING")], outputs=_out())
    ],
    "links": [
        {"id": 11, "origin_id": -10, "origin_slot": 0, "target_id": 6, "target_slot": 0},
        {"id": 12, "origin_id": 6, "origin_slot": 0, "target_id": -20, "target_slot": 0},
    ],
    "inputs": [{"name": "text", "type": "STRING"}],
    "outputs": [{"name": "CONDITIONING", "type": "CONDITIONING"}],
}

WORKFLOWS: dict[str, Case] = {
    "plain": (
        _workflow(
            [
                _KSAMPLER,
                _w(6, "CLIPTextEncode", ["a cat"], outputs=_out()),
                _w(7, "CLIPTextEncode", ["ugly"], outputs=_out()),
                _w(8, "Note", ["a note of mine"]),
            ],
            [[1, 6, 0, 3, 0, "CONDITIONING"], [2, 7, 0, 3, 1, "CONDITIONING"]],
        ),
        CAT,
        UGLY,
    ),
    "a reroute, a bypassed and a muted node": (
        _workflow(
            [
                _KSAMPLER,
                _w(6, "CLIPTextEncode", ["a cat"], outputs=_out()),
                _w(7, "CLIPTextEncode", ["ugly"], outputs=_out(), mode=2),
                _w(8, "Reroute", [], inputs=[_in("", 4)], outputs=_out()),
                _w(9, "ControlNetApply", [1], inputs=[_in("c", 3)], outputs=_out(), mode=4),
            ],
            [
                [1, 8, 0, 3, 0, "*"],
                [4, 9, 0, 8, 0, "*"],
                [3, 6, 0, 9, 0, "*"],
                [2, 7, 0, 3, 1, "*"],
            ],
        ),
        CAT,
        (),
    ),
    "a primitive for the text": (
        _workflow(
            [
                _KSAMPLER,
                _w(
                    6,
                    "CLIPTextEncode",
                    ["stale"],
                    inputs=[{**_in("text", 3, "STRING"), "widget": {"name": "text"}}],
                    outputs=_out(),
                ),
                _w(7, "PrimitiveNode", ["a cat", "fixed"], outputs=_out("STRING")),
            ],
            [[1, 6, 0, 3, 0, "CONDITIONING"], [3, 7, 0, 6, 0, "STRING"]],
        ),
        CAT,
        (),
    ),
    "a primitive for a number": (
        _workflow(
            [
                _w(
                    3,
                    "SomeGuider",
                    [5],
                    inputs=[_in("positive", 1), _in("negative", 2), _in("cfg_negative", 3)],
                ),
                _w(6, "CLIPTextEncode", ["a cat"], outputs=_out()),
                _w(7, "CLIPTextEncode", ["ugly"], outputs=_out()),
                _w(8, "PrimitiveNode", [5, "fixed"], outputs=_out("FLOAT")),
            ],
            [
                [1, 6, 0, 3, 0, "CONDITIONING"],
                [2, 7, 0, 3, 1, "CONDITIONING"],
                [3, 8, 0, 3, 2, "FLOAT"],
            ],
        ),
        CAT,
        UGLY,
    ),
    "widgets by name": (
        _workflow(
            [
                _KSAMPLER,
                _w(
                    6,
                    "SomeEncoder",
                    [5, "randomize", "euler", "a cat"],
                    inputs=[
                        {"name": name, "type": "STRING", "widget": {"name": name}, "link": None}
                        for name in ("seed", "sampler_name", "text")
                    ],
                    outputs=_out(),
                ),
            ],
            [[1, 6, 0, 3, 0, "CONDITIONING"]],
        ),
        CAT,
        (),
    ),
    "set and get": (
        _workflow(
            [
                _KSAMPLER,
                _w(6, "CLIPTextEncode", ["a cat"], outputs=_out()),
                _w(7, "SetNode", ["mine"], inputs=[_in("CONDITIONING", 3)]),
                _w(8, "GetNode", ["mine"], outputs=_out()),
            ],
            [[1, 8, 0, 3, 0, "CONDITIONING"], [3, 6, 0, 7, 0, "CONDITIONING"]],
        ),
        CAT,
        (),
    ),
    "a subgraph with its text outside": (
        _workflow(
            [
                _KSAMPLER,
                _w(5, "0e1-a", ["a cat"], inputs=[], outputs=_out()),
                _w(7, "CLIPTextEncode", ["ugly"], outputs=_out()),
            ],
            [[1, 5, 0, 3, 0, "CONDITIONING"], [2, 7, 0, 3, 1, "CONDITIONING"]],
            definitions={"subgraphs": [_SUBGRAPH]},
        ),
        CAT,
        UGLY,
    ),
    "a subgraph that shows widgets of its nodes before its own": (
        _workflow(
            [
                _KSAMPLER,
                _w(
                    5,
                    "0e1-a",
                    ["euler", 7, "a cat"],
                    inputs=[],
                    outputs=_out(),
                    properties={"proxyWidgets": [["6", "name"], ["6", "seed"], ["-1", "text"]]},
                ),
            ],
            [[1, 5, 0, 3, 0, "CONDITIONING"]],
            definitions={"subgraphs": [_SUBGRAPH]},
        ),
        CAT,
        (),
    ),
    "a subgraph with a linked text": (
        _workflow(
            [
                _KSAMPLER,
                _w(5, "0e1-a", ["stale"], inputs=[_in("text", 3, "STRING")], outputs=_out()),
                _w(9, "PrimitiveStringMultiline", ["a cat"], outputs=_out("STRING")),
            ],
            [[1, 5, 0, 3, 0, "CONDITIONING"], [3, 9, 0, 5, 0, "STRING"]],
            definitions={"subgraphs": [_SUBGRAPH]},
        ),
        CAT,
        (),
    ),
    "widgets as an object": (
        _workflow(
            [
                _KSAMPLER,
                {
                    **_w(6, "CLIPTextEncode", [], outputs=_out()),
                    "widgets_values": {"text": "a cat"},
                },
            ],
            [[1, 6, 0, 3, 0, "CONDITIONING"]],
        ),
        CAT,
        (),
    ),
}
