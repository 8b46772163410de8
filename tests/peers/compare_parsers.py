"""Compare our reading of prompts with that of the interfaces' own code.

    python tests/peers/compare_parsers.py FOLDER [--count 24000] [--seed 1] [--record]

FOLDER holds the code of the interfaces, fetched for the run and never a part of this project:
``modules/prompt_parser.py``, ``modules/extra_networks.py`` and
``modules/processing_scripts/comments.py`` of Forge, ``comfy/sd1_clip.py`` of ComfyUI,
``formatUtil.ts`` of its window (Node.js runs it), ``prompt_parser.py`` of compel; in whatever
folders. lark and pyparsing must be importable. Each prompt is read by both sides, then converted
to each of the other interfaces and read again by that one's own code. What is known to differ, and
why, stands in ``differences.md``. Exit code 1 if more than one prompt in a thousand is read
differently, or a conversion is without saying so. ``--record`` writes what the peers make of our
own prompts into ``tests/core/prompt/peer_readings.json``, which the tests compare with.
"""

import argparse
import ast
import json
import random
import re
import subprocess
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.peers.peer_prompts import OWN, random_prompt
from tokensim_gui.core.prompt.conversion import convert, parse
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.prompt.parsed_prompt import segments

Reading = list[list[tuple[str, float]]]
"""Of each prompt that is encoded by itself the weighted texts; BREAK has the weight -1."""

RECORD = Path(__file__).parents[1] / "core" / "prompt" / "peer_readings.json"
STEPS = 20
MOST_DIFFERENCES = 0.001
# Sentences of a conversion on what is written with other letters or weights; behind the others,
# on a comment left out for example, the target must read what the source reads.
TOLD = re.compile(
    r"keeps the weight 1|no negative weights|no number to write|begins? a comment|"
    r"backslash before a bracket|Of the choices|wildcard|loads a network"
)
WRITTEN = 0.00051  # conversions write three decimals
STANDARD = ("re", "json", "math", "string", "collections", "dataclasses", "typing", "lark")


def load(folder: Path, name: str, told: str, *wanted: str) -> types.SimpleNamespace:
    """Run the wanted parts of the file of that name in which ``told`` stands."""
    path = next(p for p in sorted(folder.rglob(name)) if told in p.read_text("utf-8"))
    tree = ast.parse(path.read_text("utf-8"))
    kept: list[ast.stmt] = []
    for node in tree.body:
        names = [getattr(node, "name", "")]
        if isinstance(node, ast.Assign):
            names = [ast.unparse(target) for target in node.targets]
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.names[0].name if isinstance(node, ast.Import) else str(node.module)
            if module.split(".")[0] in (*STANDARD, "__future__"):
                kept.append(node)
        elif set(names) & set(wanted):
            kept.append(node)
    scope: dict[str, Any] = {}
    exec(compile(ast.Module(kept, []), str(path), "exec"), scope)
    return types.SimpleNamespace(**{name: scope[name] for name in wanted})


def forge(folder: Path) -> Callable[[str], Reading]:
    parser = load(
        folder,
        "prompt_parser.py",
        "parse_prompt_attention",
        *("schedule_parser", "get_learned_conditioning_prompt_schedules", "re_AND", "re_weight"),
        *("SdConditioning", "get_multicond_prompt_list", "re_attention", "re_break"),
        "parse_prompt_attention",
    )
    networks = load(folder, "extra_networks.py", "re_extra_net", "re_extra_net")
    comments = load(folder, "comments.py", "strip_comments", "strip_comments")
    options = types.SimpleNamespace(opts=types.SimpleNamespace(enable_prompt_comments=True))
    comments.strip_comments.__globals__["shared"] = options

    def read(prompt: str) -> Reading:
        text = networks.re_extra_net.sub("", comments.strip_comments(prompt))
        indexes, flat, _ = parser.get_multicond_prompt_list(parser.SdConditioning([text]))
        made = []
        for index, _ in indexes[0]:
            schedule = parser.get_learned_conditioning_prompt_schedules([flat[index]], STEPS)[0]
            made.append([(t, w) for t, w in parser.parse_prompt_attention(schedule[0][1]) if t])
        return made

    return read


def comfyui(folder: Path) -> Callable[[str], Reading]:
    clip = load(
        folder,
        "sd1_clip.py",
        "token_weights",
        *("parse_parentheses", "token_weights", "escape_important", "unescape_important"),
    )
    source = next(folder.rglob("formatUtil.ts")).read_text("utf-8")
    start = source.index("function processDynamicPrompt")
    function = source[start : source.index("\n}\n", start) + 3]
    code = (
        "Math.random = () => 0;\n"
        + re.sub(r": string(\[\])?", "", function)
        + "require('readline').createInterface({input: process.stdin}).on('line', line =>"
        " console.log(JSON.stringify(processDynamicPrompt(JSON.parse(line)))))"
    )
    window = subprocess.Popen(
        ["node", "-e", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def read(prompt: str) -> Reading:
        assert window.stdin and window.stdout
        window.stdin.write(json.dumps(prompt) + "\n")
        window.stdin.flush()
        text = json.loads(window.stdout.readline())
        weighted = clip.token_weights(clip.escape_important(text), 1.0)
        return [[(clip.unescape_important(t), w) for t, w in weighted if t]]

    return read


def compel(folder: Path) -> Callable[[str], Reading]:
    path = next(
        p for p in sorted(folder.rglob("prompt_parser.py")) if "pyparsing" in p.read_text("utf-8")
    )
    import pyparsing

    pyparsing.ParserElement.enable_packrat(cache_size_limit=None)  # the same, twice as fast
    module = types.ModuleType("peer_compel")
    sys.modules["peer_compel"] = module
    exec(compile(path.read_text("utf-8"), str(path), "exec"), module.__dict__)
    parser = module.PromptParser()

    def fragments(prompt: Any) -> Iterator[tuple[str, float]]:
        for child in prompt.children:
            if hasattr(child, "original"):
                yield from ((one.text, one.weight) for one in child.original)
            else:
                yield child.text, child.weight

    def read(prompt: str) -> Reading:
        made = []
        for part in parser.parse_conjunction(prompt).prompts:
            for one in getattr(part, "prompts", [part]):
                made.append([(t, w) for t, w in fragments(one) if t.strip()])
        return made

    return read


def ours(prompt: str, interface: Interface) -> Reading:
    made: Reading = [[]]
    for segment in segments(parse(prompt, interface, alone=True)):
        if segment.kind in ("and", "blend"):
            made.append([])
        elif segment.kind == "break":
            made[-1].append(("BREAK", -1.0))
        elif segment.text:
            made[-1].append((segment.text, segment.weight))
    return made


def same(peer: Reading, own: Reading) -> bool:
    """Equal but for the amount of white space, which no tokenizer keeps."""
    return plain(peer) == plain(own)


def plain(reading: Reading) -> list[list[list[Any]]]:
    parts = [[[" ".join(t.split()), round(w, 6)] for t, w in part if t.strip()] for part in reading]
    return [part for part in parts if part] or [[]]


def letters(reading: Reading) -> list[tuple[str, float]]:
    """Every letter with its weight, however they are cut, for conversions."""
    return [
        (letter, weight)
        for part in reading
        for text, weight in part
        for letter in re.sub(r"[\s,]+", "", text).casefold()  # AND may be written “And”
        if (text, weight) != ("BREAK", -1.0)
    ]


def as_sent(peer: Reading, there: Reading) -> bool:
    """Whether a converted prompt gives the same letters with the same weights."""
    here, after = letters(peer), letters(there)
    return [one for one, _ in here] == [one for one, _ in after] and all(
        abs(before - weight) < WRITTEN for (_, before), (_, weight) in zip(here, after, strict=True)
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--count", type=int, default=24_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--show", type=int, default=1000, help="how many of a kind to print")
    arguments.add_argument("--record", action="store_true")
    given = arguments.parse_args()
    peers: dict[Interface, Callable[[str], Reading]] = {
        "a1111": forge(given.folder),
        "comfyui": comfyui(given.folder),
        "compel": compel(given.folder),
    }
    if given.record:
        record(peers)
        return 0
    rng = random.Random(given.seed)
    found: Counter[str] = Counter()

    def count(kind: str, words: str) -> None:
        found[kind] += 1
        if found[kind] <= given.show:
            print(f"{kind}: {words}", flush=True)

    for number in range(given.count):
        interface = [*peers][number % 3]
        prompt = random_prompt(rng, interface)
        try:
            peer = peers[interface](prompt)
        except Exception as error:
            count(f"{interface} refused", f"{prompt!r}: {str(error)[:100]}")
            continue
        own = ours(prompt, interface)
        found[f"{interface} read"] += 1
        if not same(peer, own):
            count(
                f"{interface} different",
                f"{prompt!r}\n   peer {plain(peer)}\n   ours {plain(own)}",
            )
            continue
        for target in peers:
            if target == interface or "{" in prompt or "__" in prompt:  # of extensions
                continue
            found[f"{interface} to {target} converted"] += 1
            converted = convert(prompt, interface, target)
            if any(map(TOLD.search, converted.lost)):
                found[f"{interface} to {target} told"] += 1
                continue
            try:
                there = peers[target](converted.text)
            except Exception as error:
                there = [[(f"refused: {str(error)[:100]}", 0.0)]]
            if not as_sent(peer, there):
                count(
                    f"{interface} to {target} untold",
                    f"{prompt!r}\n   {converted.text!r}\n   {plain(peer)}\n   {plain(there)}",
                )
    for name in sorted(found):
        print(f"{name:32} {found[name]}")
    read, different, untold = (
        sum(count for name, count in found.items() if name.endswith(kind))
        for kind in ("read", "different", "untold")
    )
    print(f"{different} of {read} readings differ, {untold} conversions without saying so")
    return int(untold > 0 or different > MOST_DIFFERENCES * read)


def record(peers: dict[Interface, Callable[[str], Reading]]) -> None:
    made = []
    for prompt in OWN:
        for interface, read in peers.items():
            try:
                made.append({"interface": interface, "prompt": prompt, "read": plain(read(prompt))})
            except Exception:
                continue
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in made)
    RECORD.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
