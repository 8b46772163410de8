"""Syntax that is taken out of a prompt before any weight is read."""

import re
from collections.abc import Iterable, Sequence

from tokensim_gui.core.prompt.parsed_prompt import Kept, Range, Unsent, UnsentKind

# https://github.com/AUTOMATIC1111/stable-diffusion-webui/blob/master/modules/extra_networks.py:
# any <name:arguments>, whether or not such a network exists; comments are cut before. The bound
# keeps a row of unclosed “<a:” from costing the square of its length.
NETWORK = re.compile(r"<\w{1,100}:[^>#]{1,300}>")

# modules/processing_scripts/comments.py of the same: from “#” to the end of the line, anywhere.
HASH_COMMENT = re.compile(r"#[^\n]*")

# Wildcard files: Dynamic Prompts and its kin, extensions nearly everywhere.
WILDCARD = re.compile(r"__(?!_)[\w\-/*.]{1,200}?__(?!_)")

_LINE_END = re.compile(r"[\n\r\u2028\u2029]|\Z")
_COMMENT = re.compile(r"//|/\*")


def found(pattern: re.Pattern[str], kind: UnsentKind, prompt: str) -> list[Unsent]:
    """Return all matches of ``pattern`` as marks."""
    return [Unsent(kind, match.start(), match.end()) for match in pattern.finditer(prompt)]


def slash_comments(prompt: str) -> list[Unsent]:
    """Return ``// …`` and ``/* … */``, which the window of ComfyUI strips.

    Source: https://docs.comfy.org/built-in-nodes/ClipTextEncode. A web address loses everything
    after its “//”.
    """
    marks: list[Unsent] = []
    done = 0
    unclosed = False
    while match := _COMMENT.search(prompt, done):
        done = match.end()
        if match[0] == "//":
            line_end = _LINE_END.search(prompt, done)
            done = line_end.start() if line_end else len(prompt)
        else:
            close = -1 if unclosed else prompt.find("*/", done)
            if close < 0:
                unclosed = True
                done = match.start() + 1
                continue
            done = close + 2
        marks.append(Unsent("comment", match.start(), done))
    return marks


def choices(prompt: str, *, need_bar: bool, removed: Sequence[Unsent] = ()) -> list[Unsent]:
    r"""Return what is not sent of dynamic prompts ``{a|b}``, counting each first alternative.

    Args:
        prompt: The prompt; ``\{`` is text.
        need_bar: Leave braces without a ``|`` alone (they are text in A1111 and InvokeAI;
            ComfyUI takes them off, and lets one that is not closed reach to the end).
        removed: What is taken out before, in order.
    """
    open_braces: list[tuple[int, list[int]]] = []  # of each: its place, those of its bars
    marks: list[Unsent] = []
    kept = Kept.without(prompt, ranges(removed))
    for match in re.finditer(r"\\.|[{|}]", kept.text, re.DOTALL):
        at = kept.pieces(match.start(), match.end())[0][0]
        if match[0] == "{":
            open_braces.append((at, []))
        elif match[0] == "|" and open_braces:
            open_braces[-1][1].append(at)
        elif match[0] == "}" and open_braces:
            start, bars = open_braces.pop()
            if bars or not need_bar:
                whole = (start, at + 1)
                marks.append(Unsent("choice", start, start + 1, whole))
                marks.append(Unsent("choice", bars[0] if bars else at, at + 1, whole))
    for start, bars in () if need_bar else open_braces:
        whole = (start, len(prompt))
        marks.append(Unsent("choice", start, start + 1, whole))
        if bars:
            marks.append(Unsent("choice", bars[0], len(prompt), whole))
    return marks


def drawn(marks: Iterable[Unsent]) -> set[Range]:
    """Return the choices that have a ``|``; of braces without one nothing is drawn."""
    return {
        mark.whole
        for mark in marks
        if mark.kind == "choice" and mark.whole and mark.end - mark.start > 1  # “|b}”, not “}”
    }


def without_overlaps(marks: Iterable[Unsent]) -> tuple[Unsent, ...]:
    """Return the marks in order; of two that overlap the one that begins first is kept."""
    kept: list[Unsent] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(kept)


def ranges(marks: Iterable[Unsent]) -> list[Range]:
    """Return where the marks are."""
    return [(mark.start, mark.end) for mark in marks]
