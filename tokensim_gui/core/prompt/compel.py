r"""Prompt weights as compel, the prompt language of InvokeAI and diffusers, reads and writes them.

After ``src/compel/prompt_parser.py`` of https://github.com/damian0815/compel: ``word+`` and
``(a b)++`` multiply by 1.1 each, ``-`` by 0.9, ``(a b)1.3`` by the number; nesting multiplies.
Syntax counts only where a word may begin. A group that holds anything its grammar does not
know, a lone ``-`` or a ``=`` for example, is text as a whole. Pieces are joined by spaces.
Only ``\(``, ``\)`` and ``\"`` lose their backslash.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from tokensim_gui.core.prompt import unsent
from tokensim_gui.core.prompt.parsed_prompt import (
    Converted,
    Kept,
    Parsed,
    Range,
    Run,
    Span,
    SpanKind,
    Unsent,
    UnsentKind,
    edges,
    is_neutral,
    number,
)
from tokensim_gui.core.prompt.unpaired import parentheses_sent

PLUS = 1.1
MINUS = 0.9

_BLANK = r" \t\n\r\x0b\x0c"
_BLANK_CHARACTERS = " \t\n\r\x0b\x0c"
_SYMBOLS = r"()\",.+\-="
_WORD = re.compile(rf"(?:\\[{_SYMBOLS}]|[+-](?![{_BLANK}{_SYMBOLS}]|\Z)|[^{_BLANK}{_SYMBOLS}])+")
_FREE_WORD = re.compile(rf"[^{_BLANK}]+")
_COMMA = re.compile(r",\S")
_BLANKS = re.compile(rf"[{_BLANK}]*")
_NUMBER = r"\d+\.\d*|\.\d+|\d+"
_SWAP = re.compile(rf"[{_BLANK}]*\.swap[{_BLANK}]*\(")
# Looked at before the patterns are tried: there are many words, and few operators.
_SWAP_BEGINS = frozenset("." + _BLANK_CHARACTERS)
_OPERATOR_BEGINS = _SWAP_BEGINS | frozenset("+-")
_OPTIONS = re.compile(
    rf",[{_BLANK}]*[\w\-]+(?:[{_BLANK}]*=[{_BLANK}]*[\w\-.]+|\.\d+)?"
    rf"(?:[{_BLANK}]*,[{_BLANK}]*[\w\-]+(?:[{_BLANK}]*=[{_BLANK}]*[\w\-.]+|\.\d+)?)*[{_BLANK}]*"
)
_DEEPEST_SWAP = 20
_AFTER_WORD = re.compile(
    rf"[{_BLANK}]*\.attend[{_BLANK}]*\(\s{{0,9}}(?P<inside>\++|-+|{_NUMBER})\s{{0,9}}\)"
    r"|(?P<behind>\++|-+)"
)
_AFTER_GROUP = re.compile(_AFTER_WORD.pattern[:-1] + rf"|{_NUMBER})")
_LORA = re.compile(r"(?:use|with)Lora\([\w\-]{1,300}(?:,\s{0,9}-?(?:\d+\.\d*|\.\d+|\d+))?\)")
_QUOTED = re.compile(r'"(?:\\"|[^"\n\r])*"')
_ESCAPE = re.compile(r"(?<!\\)\\++(?=[()\"])")
_SYNTAX = re.compile(r"[()\"]")
_BACKSLASHED = re.compile(r"\\[()\"]")
_GROUP_END = re.compile(r"\)[\d.]+\Z")
_SIGNS_OUTSIDE = re.compile(r"[+\-=]+")
_MOST_SIGNS = 7_000  # 1.1 to a higher power is no number any more


@dataclass(slots=True)
class _Reader:
    """A prompt being read."""

    kept: Kept
    spans: list[Span] = field(default_factory=list)
    marks: list[Unsent] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)  # of groups; -1 where it is text
    segment: int = 0
    word_ends: list[int] = field(default_factory=list)
    has_escapes: bool = False
    swap_ends: dict[tuple[int, int], int] = field(default_factory=dict)
    swaps_open: int = 0

    def __post_init__(self) -> None:
        # compel puts a blank behind each comma first, and a comma takes one character with it
        text = self.kept.text
        self.word_ends = [*(match.start() + 1 for match in _COMMA.finditer(text)), len(text)]
        self.has_escapes = "\\" in text

    def read(self, start: int, end: int, *, grouped: bool = False) -> None:
        """Give out the fragments of a prompt, or of what is read as the inside of a group."""
        text = self.kept.text
        # of each: where the content ends, weight outside, where reading goes on, if it is swapped
        groups: list[tuple[int, float, int, bool]] = []
        if grouped:
            groups.append((end, 1.0, end, False))
        weight = 1.0
        at = start
        while True:
            limit = groups[-1][0] if groups else end
            if at < limit and text[at] in _BLANK_CHARACTERS:
                at = _skip(_BLANKS, text, at, limit)
            if at >= limit:
                if not groups:
                    return
                _, weight, at, swapped = groups.pop()
                self.segment += swapped  # what follows is no more joined to it
                continue
            lora = _LORA.match(text, at, limit) if text[at] in "uw" else None
            if lora:
                self._mark("network", at, lora.end())
                at = lora.end()
                continue
            close = self.group_end(at, limit) if text[at] in '("' else -1
            if close >= 0:
                factor, after = self._operator(close, limit, word=False)
                swapped = self._mark_swap(close, after)
                self.segment += swapped
                groups.append((close - 1, weight, after, swapped))
                weight *= factor
                at += 1
                continue
            reach = self._reach(at, limit)
            last = after = _skip(_WORD, text, at, reach)
            factor = 1.0
            swapped = False
            if last > at:
                factor, after = self._operator(last, limit, word=True, reach=reach)
                swapped = self._mark_swap(last, after)
                self.segment += swapped
            if after == last:  # no operator: at the outer level everything up to a blank is text
                last = max(last, at + 1) if groups else _skip(_FREE_WORD, text, at, reach)
                after = last
            self._give_out(at, last, weight * factor)
            self.segment += swapped
            at = after

    def separate(self, kind: SpanKind, start: int, end: int) -> None:
        """Append a mark between two prompts."""
        self.segment += 1
        for left, right in self.kept.pieces(start, end):
            text = self.kept.prompt[left:right]
            self.spans.append(Span(text, 1.0, left, right, self.segment, kind))
        self.segment += 1

    def _reach(self, at: int, limit: int) -> int:
        """Return how far a word that begins at ``at`` may go."""
        return min(limit, self.word_ends[bisect_right(self.word_ends, at)])

    def _give_out(self, start: int, end: int, weight: float) -> None:
        before = self.spans[-1] if self.spans else None
        if before and before.segment == self.segment and before.weight != weight:
            self.segment += 1
        glue = " "
        escapes = _ESCAPE.finditer(self.kept.text, start, end) if self.has_escapes else ()
        for match in (*escapes, None):
            for left, right in self.kept.pieces(start, match.start() if match else end):
                text = self.kept.prompt[left:right]
                self.spans.append(Span(text, weight, left, right, self.segment, "text", glue))
                glue = ""
            start = match.end() if match else end

    def _mark_swap(self, start: int, end: int) -> bool:
        """Mark a swap as unsent, and return whether it is one."""
        if start >= end or self.kept.text[start] not in _SWAP_BEGINS:
            return False
        swapped = _SWAP.match(self.kept.text, start, end) is not None
        if swapped:
            self._mark("editing", start, end)
        return swapped

    def _mark(self, kind: UnsentKind, start: int, end: int) -> None:
        self.marks += [Unsent(kind, *pair) for pair in self.kept.pieces(start, end)]

    def _operator(
        self, at: int, limit: int, *, word: bool, reach: int | None = None
    ) -> tuple[float, int]:
        """Return the factor written at ``at`` and where reading goes on."""
        begins = self.kept.text[at] if at < limit else ")"
        if begins not in _OPERATOR_BEGINS and not begins.isdecimal():
            return 1.0, at
        swapped = self._swap_end(at, limit)
        if swapped >= 0:
            return 1.0, swapped
        match = (_AFTER_WORD if word else _AFTER_GROUP).match(
            self.kept.text, at, limit if reach is None else reach
        )
        operator = match and (match["inside"] or match["behind"])
        return (_factor(operator) if operator else 1.0), match.end() if match else at

    def _swap_end(self, at: int, limit: int) -> int:
        """Return one past a ``.swap(…)`` at ``at``, or -1."""
        text = self.kept.text
        begins = _SWAP.match(text, at, limit)
        if begins is None:
            return -1
        if (at, limit) in self.swap_ends:
            return self.swap_ends[at, limit]
        if self.swaps_open >= _DEEPEST_SWAP:
            return -1
        self.swaps_open += 1
        self.swap_ends[at, limit] = self._replacement_end(begins.end(), limit)
        self.swaps_open -= 1
        return self.swap_ends[at, limit]

    def _replacement_end(self, at: int, limit: int) -> int:
        """Return one past the bracket that closes what a swap puts in, or -1."""
        text = self.kept.text
        while at < limit:
            at = _skip(_BLANKS, text, at, limit)
            unit = text[at : at + 1] if at < limit else ""
            if unit == ",":
                at = _skip(_OPTIONS, text, at, limit)
                return at + 1 if at < limit and text[at] == ")" else -1
            if unit == ")":
                return at + 1
            if unit and unit in '("':
                close = self.group_end(at, limit)
                if close < 0:
                    return -1
                _, at = self._operator(close, limit, word=False)
                continue
            last = _skip(_WORD, text, at, limit)
            if last == at:
                return -1
            _, at = self._operator(last, limit, word=True)
        return -1

    def group_end(self, start: int, limit: int) -> int:
        """Return one past the end of the group that begins at ``start``, or -1.

        What is learned of the groups inside is kept, so no text is gone through twice.
        """
        if start in self.ends:
            return self.ends[start]
        text = self.kept.text
        groups: list[tuple[int, int]] = []  # start, limit of the content
        at = start
        while True:
            inner = groups[-1][1] if groups else limit
            if at < inner and text[at] in _BLANK_CHARACTERS:
                at = _skip(_BLANKS, text, at, inner)
            unit = text[at] if at < inner else ""
            if unit == "(":
                groups.append((at, inner))
                at += 1
                continue
            if unit == '"':
                quoted = _QUOTED.match(text, at, inner)
                if not quoted:
                    break
                groups.append((at, quoted.end() - 1))
                at += 1
                continue
            if unit == ")" or (not unit and groups and text[groups[-1][0]] == '"'):
                if not groups or (unit == ")" and text[groups[-1][0]] == '"'):
                    break
                first, _ = groups.pop()
                self.ends[first] = at + 1
                if not groups:
                    return at + 1
                _, at = self._operator(at + 1, groups[-1][1], word=False)
                continue
            if not unit:
                break
            reach = self._reach(at, inner)
            last = _skip(_WORD, text, at, reach)
            if last > at:
                lora = _LORA.match(text, at, inner) if unit in "uw" else None
                _, at = (
                    (1.0, lora.end())
                    if lora
                    else self._operator(last, inner, word=True, reach=reach)
                )
            elif unit in ",.":
                at += 1
            else:
                break
        for first, inner in groups:
            if inner == limit:  # a group that ends with a quote may go on where that is text
                self.ends[first] = -1
        return self.ends.setdefault(start, -1)


def _skip(pattern: re.Pattern[str], text: str, at: int, limit: int) -> int:
    match = pattern.match(text, at, limit)
    return match.end() if match else at


def _factor(operator: str) -> float:
    if operator[0] in "+-":
        base = PLUS if operator[0] == "+" else MINUS
        return float(base ** min(len(operator), _MOST_SIGNS))
    return float(operator)


def parse(prompt: str, *, wildcards: bool = True) -> Parsed:
    """Read a prompt as compel does; where compel would refuse it, it is read as text.

    Of ``.swap()`` the original words are sent; the parts of ``.blend()`` and ``.and()`` are
    prompts of their own.

    Args:
        prompt: The prompt.
        wildcards: Whether InvokeAI fills in ``__name__`` and ``{a|b}`` before.
    """
    marks = unsent.found(unsent.WILDCARD, "wildcard", prompt)
    marks += unsent.choices(prompt, need_bar=True)
    removed = unsent.without_overlaps(marks if wildcards else ())
    reader = _Reader(Kept.without(prompt, unsent.ranges(removed)))
    notes: list[str] = []
    call = _call(reader)
    if call:
        kind, parts, arguments = call
        done = 0
        for start, end in parts:
            if done:
                comma = reader.kept.text.index(",", done)
                reader.separate(kind, comma, comma + 1)
            # what the grammar of groups knows is read by it, so that a full stop stands by itself
            grouped = start > 0 and reader.group_end(start - 1, end + 1) == end + 1
            reader.read(start, end, grouped=grouped)
            done = end
        notes.append(f"The parts of .{kind}({arguments}) are encoded one by one.")
    else:
        reader.read(0, len(reader.kept.text))
    all_marks = [*removed, *reader.marks]
    kinds = {mark.kind for mark in all_marks}
    if "editing" in kinds:
        notes.append("Of .swap() the original words are sent.")
    if "choice" in kinds:
        notes.append("Of {a|b} the first is counted; InvokeAI draws one of them.")
    notes += ["compel sends [ ] as text."] if "[" in prompt else []
    spans, unpaired = tuple(reader.spans), tuple(parentheses_sent(reader.kept, reader.spans))
    return Parsed(spans, tuple(notes), unsent.without_overlaps(all_marks), unpaired=unpaired)


def _call(reader: _Reader) -> tuple[SpanKind, list[Range], str] | None:
    """Return kind, parts and arguments of ``("a", "b").blend(1, 1)`` or ``.and()``."""
    text = reader.kept.text
    stripped = text.rstrip()
    if not text.lstrip().startswith("(") or not stripped.endswith(")"):
        return None
    names: tuple[tuple[str, SpanKind], ...] = (("blend", "blend"), ("and", "and"), ("add", "and"))
    for name, kind in names:
        close = text.rfind(f").{name}(")
        arguments = stripped[close + len(name) + 3 : -1]
        if close < 0 or "(" in arguments or ")" in arguments:
            continue
        parts: list[Range] = []
        at = text.index("(") + 1
        while True:
            at = _skip(_BLANKS, text, at, close)
            element = _QUOTED.match(text, at, close) or _WORD.match(text, at, close)
            group = reader.group_end(at, close) if text[at : at + 1] == "(" else -1
            end = group if group >= 0 else element.end() if element else at
            if end == at:
                return None
            quotes = int(text[at] in '("')
            parts.append((at + quotes, end - quotes))
            at = _skip(_BLANKS, text, end, close)
            if at == close:
                return kind, parts, arguments
            if text[at] != ",":
                return None
            at += 1
    return None


def escape(text: str) -> str:
    """Return ``text`` so that compel takes it literally where a prompt begins or goes on."""
    text = _SYNTAX.sub(r"\\\g<0>", text)
    # As in the reader: behind a comma that no blank follows another word begins.
    ends = [0, *(match.start() + 1 for match in _COMMA.finditer(text)), len(text)]
    words = (text[start:end] for start, end in pairwise(ends))
    return "".join(_FREE_WORD.sub(_without_operator, word) for word in words)


def _without_operator(match: re.Match[str]) -> str:
    """Part “c++” into “c ++”: a sign right behind a word would be its weight."""
    free_word = match[0]
    end = _skip(_WORD, free_word, 0, len(free_word))
    if 0 < end < len(free_word) and free_word[end] in "+-":
        return f"{free_word[:end]} {free_word[end:]}"
    return free_word


def write(runs: Iterable[Run]) -> Converted:
    """Write a prompt with explicit weights."""
    parts: list[str] = []
    lost: dict[str, None] = {}
    for run in runs:
        if run.raw:
            parts.append(run.text)
            continue
        if run.kind != "text":
            lost[f"{run.kind.upper()} is not carried over: the parts follow one another."] = None
            parts.append(", ")
            continue
        lead, core, tail = edges(run.text)
        if _BACKSLASHED.search(core):
            lost["A backslash before a bracket is left out: to compel it is an escape."] = None
        if not core or is_neutral(run.weight):
            written = escape(core)
        else:
            if run.weight < 0:
                lost["compel has no negative weights: 0 is written."] = None
            written = _weighted(core, number(max(run.weight, 0.0)), lost)
        before = parts[-1][-1:] if parts else ""
        after_group = bool(parts) and _GROUP_END.search(parts[-1]) is not None
        if before and not before.isspace() and not lead:
            if written.startswith("(") or (after_group and written[:1] not in ",.;:!?"):
                lead = " "
        parts.append(lead + written + tail)
    return Converted("".join(parts), tuple(lost))


def _closable(text: str) -> str:
    """A text to be put in brackets; a backslash at its end would escape the closing one."""
    text = text.strip()
    return f"{text} " if text.endswith("\\") else text


def _weighted(core: str, weight: str, lost: dict[str, None]) -> str:
    """Return a text as groups of one weight, leaving outside what no group may hold."""
    if "." not in weight:
        weight += ".0"  # else a full stop that follows would be taken for a part of it
    text = _SYNTAX.sub(r"\\\g<0>", core)
    written: list[str] = []
    held = ""
    at = 0
    while at < len(text):
        end = _skip(_BLANKS, text, at, len(text))
        if end == at:
            end = _skip(_WORD, text, at, len(text))
        if end == at and text[at] in ",.":
            end = at + 1
        if end > at:
            held += text[at:end]
            at = end
            continue
        outside = _SIGNS_OUTSIDE.match(text, at)
        end = outside.end() if outside else at + 1
        lost[f"“{text[at:end]}” keeps the weight 1: a weighted group can't hold it."] = None
        if held.strip():
            written.append(f"({_closable(held)}){weight}")
        written.append(text[at:end])
        held = ""
        at = end
    if held.strip():
        written.append(f"({_closable(held)}){weight}")
    return " ".join(written)
