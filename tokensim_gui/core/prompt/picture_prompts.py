"""Which prompts a picture was made with, from the metadata of the program that made it.

A ComfyUI workflow that was saved by itself holds what its pictures hold.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.prompt.comfyui_graph import GraphPrompts, graph_prompts
from tokensim_gui.core.prompt.comfyui_workflow import executed
from tokensim_gui.core.prompt.infotext import parse_infotext
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.prompt.picture_texts import hidden_text, read_texts

_WORKFLOW = ".json"

_MOST_WORKFLOW = 8 << 20  # bytes
_MOST_TEXT = 100_000
_MOST_NODES = 10_000
_MOST_SETTINGS = 60
_MOST_REGIONS = 100
_LONGEST_SETTING = 2_000
_DEEPEST = 4  # JSON in strings of JSON

_DREAM = re.compile(r'\s*"(?P<prompt>(?:\\.|[^"\\])*)"\s*(?P<switches>-.*)?', re.DOTALL)
_SWITCH = re.compile(r"-(\w+)\s+([^\s-]\S*)")
_UNWANTED = re.compile(r"\[([^][]*)\]")  # of InvokeAI up to 2.3: the negative prompt
_INFOTEXTS = ("parameters", "UserComment", "comment", "Comment", "ImageDescription", "XPComment")
_PROMPT_KEYS = ("prompt", "Prompt", "positive_prompt", "positivePrompt", "positive", "c")
_NEGATIVE_KEYS = (
    "negative_prompt",
    "Negative Prompt",
    "Negative",
    "negativePrompt",
    "negativeprompt",
    "negative",
    "uc",
)


@dataclass(frozen=True, slots=True)
class PicturePrompts:
    """The prompts of a picture.

    Attributes:
        source: The program that wrote them.
        interface: In whose syntax they are.
        prompts: The prompt; of ComfyUI, and where characters have their own, all positive texts.
        negatives: The negative prompts.
        settings: Steps, Sampler and so on, where they are told.
        notes: Sentences for the user about texts that are not in the picture.
    """

    source: str
    interface: Interface
    prompts: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def read_picture(path: Path) -> PicturePrompts:
    """Return the prompts in a picture's metadata, or hidden in its pixels; or in a workflow.

    Raises:
        FileError: The file is no picture and no workflow, is damaged, or holds no prompt.
    """
    is_workflow = path.suffix.lower() == _WORKFLOW
    texts = {"workflow": _workflow_text(path)} if is_workflow else read_texts(path)
    found = prompts_in(texts)
    if not is_workflow and (found is None or not found.prompts):
        hidden = hidden_text(path)
        if hidden is not None:
            found = prompts_in({"parameters": hidden}) or found
    if found is None:
        why = "its metadata was removed, or never written"
        if any(map(_is_comfyui, map(_json, texts.values()))):
            why = "its ComfyUI workflow was given no text"
        raise FileError(f"“{path.name}” holds no prompt: {why}.")
    if not found.prompts and found.notes:
        raise FileError(f"“{path.name}” doesn’t hold its prompt: {found.notes[0]}")
    return found


def _workflow_text(path: Path) -> str:
    try:
        text = read_regular(path, _MOST_WORKFLOW).decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileError(f"“{path.name}” can't be read: {error.strerror}.") from error
    value = _json(text)
    if not any(map(_is_comfyui, (value, value.get("prompt"), value.get("workflow")))):
        raise FileError(
            f"“{path.name}” is no ComfyUI workflow, and no other JSON holds a prompt that is read "
            "here; a tokenizer is added on Encoders."
        )
    return text


def prompts_in(texts: dict[str, str]) -> PicturePrompts | None:
    """Return the prompts in texts by keyword; None if there are none.

    Of programs that write several texts the one with the prompt as it was typed comes first.
    """
    objects = {keyword: value for keyword in texts if (value := _json(texts[keyword]))}
    graphs = _of_comfyui(objects)
    for keyword in _INFOTEXTS:
        if keyword in texts and keyword not in objects:
            found = _of_infotext(texts[keyword], texts, certain=keyword == "parameters")
            if found is not None:
                if graphs and found.source == "A1111":  # nodes that write infotext as well
                    return PicturePrompts(
                        "ComfyUI", "comfyui", found.prompts, found.negatives, found.settings
                    )
                return found
    for keyword, value in objects.items():
        found = _of_object(value, keyword, texts)
        if found is not None:
            return found
    return _of_invokeai_2(texts, objects) or graphs or _of_keywords(texts)


def _json(text: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else, however deep or long."""
    if not text.lstrip()[:1] == "{":
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _made(
    source: str,
    interface: Interface,
    prompts: Iterable[object],
    negatives: Iterable[object],
    settings: dict[str, Any],
    notes: tuple[str, ...] = (),
) -> PicturePrompts | None:
    """Return what is a text of these; None if no prompt is."""
    positive, negative = _kept(prompts), _kept(negatives)
    if not positive and not negative and not notes:
        return None
    return PicturePrompts(source, interface, positive, negative, tuple(_shown(settings)), notes)


def _kept(texts: Iterable[object]) -> tuple[str, ...]:
    kept = [
        text.strip("\0")[:_MOST_TEXT]
        for text in texts
        if isinstance(text, str) and text.strip("\0 \n")
    ]
    return tuple(dict.fromkeys(kept))


def _shown(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in list(settings.items())[:_MOST_SETTINGS]:
        if isinstance(value, str | int | float) and value != "":
            yield str(name)[:_LONGEST_SETTING], str(value)[:_LONGEST_SETTING]


def _of_infotext(text: str, texts: dict[str, str], *, certain: bool) -> PicturePrompts | None:
    """Read what A1111 and its kin write; a text of which it is not certain must have settings."""
    info = parse_infotext(text)
    if info is None:
        dream = _of_dream(text)
        if dream is not None or not certain:
            return dream
        return _made("A1111", "a1111", [text.strip()], [], {})
    settings = info.settings
    version = settings.get("Version", "")
    if "fooocus_scheme" in texts or "Fooocus" in version:
        source = "Fooocus"
    elif "SD.Next" in settings.get("App", ""):
        source = "SD.Next"
    elif "Civitai resources" in settings:
        source = "Civitai"
    elif version.startswith(("f", "neo")) or "Forge" in version:
        source = "Forge"
    elif version == "stable-diffusion.cpp":
        source = version
    elif "ComfyUI" in version:
        return _made("ComfyUI", "comfyui", [info.prompt], [info.negative], settings)
    else:
        source = "A1111"
    return _made(source, "a1111", [info.prompt], [info.negative], settings)


def _of_object(
    value: dict[str, Any], keyword: str, texts: dict[str, str], depth: int = 0
) -> PicturePrompts | None:
    """Read a JSON object, known by its keys."""
    swarm = value.get("sui_image_params")
    if isinstance(swarm, dict):
        return _from_keys("SwarmUI", "comfyui", swarm)
    own = keyword == "Comment" and texts.get("Software") == "NovelAI"
    if own or isinstance(value.get("v4_prompt"), dict) or ("uc" in value and "c" not in value):
        return _of_novelai(value, texts)
    if "positive_prompt" in value and keyword != "workflow":
        regions = [*_regions(value.get("canvas_v2_metadata"))]
        prompts = [value.get("positive_prompt"), value.get("positive_style_prompt")]
        prompts += [region.get("positivePrompt") for region in regions]
        negatives = [value.get("negative_prompt"), value.get("negative_style_prompt")]
        negatives += [region.get("negativePrompt") for region in regions]
        rest = _without(value, "positive_prompt", "positive_style_prompt", "negative_prompt")
        found = _made("InvokeAI", "compel", prompts, negatives, rest)
        if found is not None:
            return found
    if "c" in value and "uc" in value:
        return _from_keys("Draw Things", "a1111", value)
    if depth < _DEEPEST:  # NovelAI outside of PNG, and Civitai
        for key in ("Comment", "extraMetadata", "parameters", "invokeai_metadata"):
            inner = value.get(key)
            if isinstance(inner, str):
                inner = _json(inner)
            if isinstance(inner, dict) and inner:
                around = {**texts, **{k: v for k, v in value.items() if isinstance(v, str)}}
                found = _of_object(inner, key, around, depth + 1)
                if found is not None:
                    is_graph = key == "extraMetadata"
                    return (
                        found
                        if not is_graph
                        else _made(
                            "Civitai", "a1111", found.prompts, found.negatives, dict(found.settings)
                        )
                    )
    return _of_prompt_and_settings(value, texts)


def _of_prompt_and_settings(value: dict[str, Any], texts: dict[str, str]) -> PicturePrompts | None:
    """Read an object whose keys are a prompt and settings, of programs that share the names."""
    prompt = _first(value, _PROMPT_KEYS)
    if not isinstance(prompt, str) or prompt.lstrip().startswith("{"):
        return None
    keys = value.keys()
    is_kin = "fooocus" in str(value.get("software")).lower()
    if (
        "fooocus_scheme" in texts
        or is_kin
        or keys & {"full_prompt", "real_prompt", "base_model", "styles"}
    ):
        return _from_keys("Fooocus", "a1111", value)
    if keys & {"use_stable_diffusion_model", "Stable Diffusion model"}:
        return _from_keys("Easy Diffusion", "a1111", value)
    if keys & {"num_inference_steps", "guidance_scale", "pipeline", "_class_name"}:
        return _from_keys("diffusers", "plain", value)
    return _from_keys("Unknown", "plain", value)


def _from_keys(source: str, interface: Interface, value: dict[str, Any]) -> PicturePrompts | None:
    prompt, negative = _first(value, _PROMPT_KEYS), _first(value, _NEGATIVE_KEYS)
    return _made(
        source, interface, [prompt], [negative], _without(value, *_PROMPT_KEYS, *_NEGATIVE_KEYS)
    )


def _first(value: dict[str, Any], keys: tuple[str, ...]) -> object:
    return next((value[key] for key in keys if isinstance(value.get(key), str)), None)


def _without(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key not in keys}


def _of_novelai(value: dict[str, Any], texts: dict[str, str]) -> PicturePrompts | None:
    """Read NovelAI's object; from V4 on the characters of a picture have prompts of their own."""
    prompts = [*_captions(value.get("v4_prompt"))]
    negatives = [*_captions(value.get("v4_negative_prompt"))]
    prompts = prompts or [value.get("prompt") or texts.get("Description")]
    negatives = negatives or [value.get("uc")]
    return _made("NovelAI", "novelai", prompts, negatives, _without(value, "prompt", "uc"))


def _captions(prompt: object) -> Iterator[object]:
    caption = prompt.get("caption") if isinstance(prompt, dict) else None
    if isinstance(caption, dict):
        if caption.get("base_caption"):
            yield caption["base_caption"]
        characters = caption.get("char_captions")
        for one in characters if isinstance(characters, list) else ():
            if isinstance(one, dict) and one.get("char_caption"):
                yield one["char_caption"]


def _regions(canvas: object) -> Iterator[dict[str, Any]]:
    """Yield the regions of InvokeAI's canvas that have prompts of their own, if they count."""
    listed = canvas.get("regionalGuidance") if isinstance(canvas, dict) else None
    for one in listed[:_MOST_REGIONS] if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("isEnabled") is not False:
            yield one


def _of_invokeai_2(
    texts: dict[str, str], objects: dict[str, dict[str, Any]]
) -> PicturePrompts | None:
    """Read what InvokeAI wrote up to 2.3: an object, and the command line before it."""
    image = objects.get("sd-metadata", {}).get("image")
    if isinstance(image, dict):
        listed = image.get("prompt")
        pieces = listed if isinstance(listed, list) else [listed]
        typed = [one.get("prompt") if isinstance(one, dict) else one for one in pieces]
        prompts, negatives = _parted([text for text in typed if isinstance(text, str)])
        return _made("InvokeAI", "compel", prompts, negatives, _without(image, "prompt"))
    return _of_dream(texts.get("Dream") or texts.get("dream") or "")


def _of_dream(text: str) -> PicturePrompts | None:
    match = _DREAM.fullmatch(text)
    if match is None:
        return None
    prompts, negatives = _parted([match["prompt"].replace('\\"', '"')])
    return _made(
        "InvokeAI", "compel", prompts, negatives, dict(_SWITCH.findall(match["switches"] or ""))
    )


def _parted(prompts: list[str]) -> tuple[list[str], list[str]]:
    """Part the words in [brackets], which are unwanted, from the others."""
    negatives = [part.strip(" ,") for text in prompts for part in _UNWANTED.findall(text)]
    return [_UNWANTED.sub("", text).strip(" ,") for text in prompts], [", ".join(negatives)]


def _of_comfyui(objects: dict[str, dict[str, Any]]) -> PicturePrompts | None:
    """Read a graph of ComfyUI, else the workflow of its window, wherever they stand."""
    holders = [objects, *objects.values()]
    graphs = [one for holder in holders for one in _found(holder, "prompt", _is_graph)]
    graphs = graphs or [one for one in objects.values() if _is_graph(one)]
    flows = [one for holder in holders for one in _found(holder, "workflow", _is_workflow)]
    flows = flows or [one for one in objects.values() if _is_workflow(one)]
    flows = [executed(flow) for flow in flows]
    invoke = [_invokeai_nodes(one) for one in objects.values() if _is_invokeai_graph(one)]
    best = GraphPrompts()
    for graph in [*graphs, *flows, *invoke]:
        prompts = graph_prompts(graph)
        makers = prompts.makers
        if prompts.prompts:
            best = prompts
            break
        best.makers = best.makers or makers
        best.negatives = best.negatives or prompts.negatives
    source, interface = _whose(graphs or flows, invoke)
    notes = tuple(
        f"a text was made by the node “{maker}” while it ran, and is not in the file."
        for maker in best.makers
    )
    return _made(source, interface, best.prompts, best.negatives, {}, notes)


def _whose(comfyui: list[Any], invoke: list[Any]) -> tuple[str, Interface]:
    return ("InvokeAI", "compel") if invoke and not comfyui else ("ComfyUI", "comfyui")


def _found(
    holder: dict[str, Any], key: str, test: Callable[[dict[str, Any]], bool]
) -> Iterator[dict[str, Any]]:
    value = holder.get(key)
    if isinstance(value, str):
        value = _json(value)
    if isinstance(value, dict) and test(value):
        yield value


def _is_comfyui(value: object) -> bool:
    return isinstance(value, dict) and (_is_graph(value) or _is_workflow(value))


def _is_graph(value: dict[str, Any]) -> bool:
    return any(
        isinstance(node, dict) and "class_type" in node and isinstance(node.get("inputs"), dict)
        for node in list(value.values())[:1000]
    )


def _is_workflow(value: dict[str, Any]) -> bool:
    return isinstance(value.get("nodes"), list) and isinstance(value.get("links"), list)


def _is_invokeai_graph(value: dict[str, Any]) -> bool:
    return isinstance(value.get("nodes"), list | dict) and isinstance(value.get("edges"), list)


def _invokeai_nodes(value: dict[str, Any]) -> dict[str, Any]:
    """Return the graph or workflow of InvokeAI in the form of ComfyUI's."""
    listed = value["nodes"]
    nodes: dict[str, Any] = {}
    for node in list(listed.values() if isinstance(listed, dict) else listed)[:_MOST_NODES]:
        if not isinstance(node, dict):
            continue
        data = node.get("data")
        own = data if isinstance(data, dict) else node  # a workflow keeps it one level deeper
        fields = own.get("inputs")
        inputs = {
            key: one.get("value") if isinstance(one, dict) and isinstance(fields, dict) else one
            for key, one in (fields if isinstance(fields, dict) else own).items()
            if key not in ("id", "type")
        }
        nodes[str(node.get("id"))] = {"class_type": str(own.get("type")), "inputs": inputs}
    for edge in value["edges"][: 4 * _MOST_NODES]:
        source, target = (
            (edge.get(end) for end in ("source", "destination"))
            if isinstance(edge, dict)
            else (None, None)
        )
        if isinstance(source, dict) and isinstance(target, dict):
            origin, goal, name = source.get("node_id"), target.get("node_id"), target.get("field")
        elif isinstance(edge, dict):
            origin, goal, name = source, edge.get("target"), edge.get("targetHandle")
        else:
            continue
        if str(goal) in nodes and isinstance(name, str):
            nodes[str(goal)]["inputs"][name] = [str(origin), 0]
    return nodes


def _of_keywords(texts: dict[str, str]) -> PicturePrompts | None:
    """Read programs that give every setting a keyword of its own."""
    if texts.get("Software") == "NovelAI":
        return _made("NovelAI", "novelai", [texts.get("Description")], [], {})
    return _of_prompt_and_settings(dict(texts), texts)
