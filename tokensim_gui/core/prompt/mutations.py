"""Prompts with random tokens in their slots: ``photo of a #prefix#banana``."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.conversion import escape
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.prompt.prompt_tokens import PromptToken, tokenize_prompt
from tokensim_gui.core.values import KINDS, TYPEABLES, BoolArray, TokenFilter

if TYPE_CHECKING:
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

SLOTS = ("#word#", "#prefix#", "#suffix#", "#part#", "#emoji#", "#near:cute#")

Neighbours: TypeAlias = Callable[[str], Sequence[int]]
"""Gives the ids nearest to a query, best first."""

_SLOT = re.compile(r"#(?:(word|prefix|suffix|part|emoji)|near:([^#\n]+))#")
_MARK = re.compile(
    rf"{_SLOT.pattern}|#[a-z]+(?::[^#\n]*)?#|#(?:(?:word|prefix|suffix|part|emoji)\b|near:)"
)
"""Slots, and what was meant as one: an unknown name, or no sign at the end."""
_KIND_CODES: dict[str, int] = {kind: code for code, kind in enumerate(KINDS)}
_MOST_TRIES = 50_000
_HOPELESS = 3_000  # tries without any success


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token in a slot.

    Attributes:
        slot: The slot as it stands in the template.
        id: The token drawn.
        came_out: The token that stands there in the prompt; another than ``id`` only where the
            place admits no prefix.
        start: First character in the prompt, a code-point index.
        end: One past the last.
    """

    slot: str
    id: int
    came_out: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mutation:
    """A prompt made of a template."""

    prompt: str
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Mutations:
    """The prompts made of a template.

    Attributes:
        prompts: All different.
        notes: Sentences for the user.
        better_template: Where a place admits no prefix, a template that does; else None.
    """

    prompts: tuple[Mutation, ...]
    notes: tuple[str, ...] = ()
    better_template: str | None = None


@dataclass(frozen=True, slots=True)
class _Slot:
    text: str
    pool: Sequence[int]
    any_token: bool  # no prefix can survive here: its text is drawn, whatever token it becomes
    place: str


def near_count(count: int) -> int:
    """Of how many neighbours a ``#near:…#`` draws for so many prompts: no farther than it must."""
    return max(30, 2 * count)


def mutate(
    template: str,
    vocabulary: "Vocabulary",
    count: int,
    seed: int,
    *,
    token_filter: TokenFilter | None = None,
    interface: Interface = "plain",
    neighbours: Neighbours | None = None,
    job: Job | None = None,
) -> Mutations:
    """Fill the slots of a template with random tokens.

    A prompt counts only if, tokenized as a whole, each token drawn stands in its slot alone.

    Args:
        template: Text with at least one of `SLOTS`. A prefix joins what follows, a suffix what
            precedes; ``#near:…#`` takes a query.
        vocabulary: Where tokens are drawn from.
        count: How many different prompts to make.
        seed: The same seed gives the same prompts.
        token_filter: Which tokens may be drawn.
        interface: Who will read the prompts; what is drawn is escaped for it.
        neighbours: Answers the queries of ``#near:…#``.
        job: Progress and cancellation.

    Raises:
        TokenSimError: No slot, a misspelt one, no token for a slot, a bad filter, no tokenizer.
        JobCancelled: The job was cancelled.
    """
    job = job or Job()
    texts, slots = _read(template, vocabulary, token_filter or TokenFilter(), neighbours)
    made: dict[str, Mutation] = {}
    tries = 0
    exhausted = True
    for choice in _choices([slot.pool for slot in slots], random.Random(seed)):
        if len(made) == count or tries == (_MOST_TRIES if made else _HOPELESS):
            exhausted = False
            break
        tries += 1
        job.check()
        mutation = _fill(texts, slots, choice, vocabulary, interface)
        if mutation is not None:
            made.setdefault(mutation.prompt, mutation)
            job.progress(len(made), count)
    prompts = tuple(made.values())
    notes, better = _notes(template, slots, prompts, vocabulary)
    if len(prompts) < count:
        notes.append(
            f"Only {len(prompts)} different prompts are possible with these slots and this filter."
            if exhausted
            else f"Found {len(prompts)} of {count} prompts in {tries:,} tries: few tokens survive "
            "at this place. Loosen the filter or move the slot."
        )
    return Mutations(prompts, tuple(notes), better)


def _read(
    template: str,
    vocabulary: "Vocabulary",
    token_filter: TokenFilter,
    neighbours: Neighbours | None,
) -> tuple[list[str], list[_Slot]]:
    """Return the texts around the slots, and the slots."""
    from tokensim_gui.core.vocabulary.filters import mask

    _check(template)
    usable = mask(vocabulary, token_filter) & (vocabulary.typeable != TYPEABLES.index("never"))
    usable &= vocabulary.kinds != KINDS.index("special")  # which end a prompt, if typed into it
    texts: list[str] = []
    slots: list[_Slot] = []
    done = 0
    for match in _SLOT.finditer(template):
        texts.append(template[done : match.start()])
        done = match.end()
        if match[2]:
            if neighbours is None:
                raise TokenSimError(f"“{match[0]}” needs token vectors: open an encoder first.")
            try:
                near = neighbours(match[2])
            except QueryError as error:  # its characters are counted in the query
                raise TokenSimError(f"In “{match[2]}”: {error}") from error
            pool = [token for token in near if usable[token]]
        else:
            pool = np.flatnonzero(usable & _of_slot(match[1], vocabulary)).tolist()
        if not pool:
            raise TokenSimError(f"No token for “{match[0]}” passes the filter. Loosen it.")
        place = _place(template[done : done + 1])
        trapped = match[1] in ("prefix", "part") and vocabulary.family == "clip" and bool(place)
        slots.append(_Slot(match[0], pool, trapped, place))
    if not slots:
        raise TokenSimError(f"The template holds no slot. Write one of {' '.join(SLOTS)}.")
    texts.append(template[done:])
    return texts, slots


def _check(template: str) -> None:
    """Refuse what looks like a slot and is none."""
    for match in _MARK.finditer(template):
        mark = match[0]
        if not mark.endswith("#"):
            raise TokenSimError(f"The slot at character {match.start() + 1} is never closed.")
        if mark.startswith("#near:") and not mark[6:-1].strip():
            raise TokenSimError(f"“{mark}” needs a word.")
        if not _SLOT.fullmatch(mark):
            raise TokenSimError(f"“{mark}” is no slot. Slots are {' '.join(SLOTS)}.")


def _of_slot(name: str, vocabulary: "Vocabulary") -> BoolArray:
    from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS

    if name == "emoji":
        return np.asarray(vocabulary.scripts == SCRIPTS.index("Emoji"))
    joins_next = "part" if vocabulary.family == "clip" else "word"
    joins_previous = "word" if vocabulary.family == "clip" else "part"
    kind = {"prefix": joins_next, "suffix": joins_previous}.get(name, name)
    return np.asarray(vocabulary.kinds == _KIND_CODES[kind])


def _place(following: str) -> str:
    """Name what follows a slot if CLIP ends a word there, else ""."""
    if following.isalpha() or following == "#":
        return ""
    names = {"": "At the end", "-": "Before a hyphen", " ": "Before a space", ",": "Before a comma"}
    return names.get(following, f"Before “{following}”")


def _choices(pools: Sequence[Sequence[int]], draw: random.Random) -> Iterator[tuple[int, ...]]:
    """Yield ids for all slots at random, never the same twice, until there are no more."""
    total = prod(len(pool) for pool in pools)
    if total <= _MOST_TRIES:
        numbers: Iterator[int] = iter(draw.sample(range(total), total))
    else:
        numbers = iter(dict.fromkeys(draw.randrange(total) for _ in range(2 * _MOST_TRIES)))
    for number in numbers:
        ids = []
        for pool in pools:
            number, place = divmod(number, len(pool))
            ids.append(pool[place])
        yield tuple(ids)


def _fill(
    texts: Sequence[str],
    slots: Sequence[_Slot],
    choice: Sequence[int],
    vocabulary: "Vocabulary",
    interface: Interface,
) -> Mutation | None:
    """Return the prompt with these tokens, or None if one does not come out in its slot."""
    prompt = texts[0]
    ranges: list[tuple[int, int]] = []
    for token, text in zip(choice, texts[1:], strict=True):
        written = escape(vocabulary.text(token) or "", interface)
        if not written.strip():
            return None
        ranges.append((len(prompt), len(prompt) + len(written)))
        prompt += written + text
    tokens = tokenize_prompt(prompt, vocabulary, interface).tokens
    drawn: list[Drawn] = []
    for slot, token, (start, end) in zip(slots, choice, ranges, strict=True):
        came_out = _alone(tokens, start, end)
        if came_out is None or (came_out != token and not slot.any_token):
            return None
        drawn.append(Drawn(slot.text, token, came_out, start, end))
    return Mutation(prompt, tuple(drawn))


def _alone(tokens: Sequence[PromptToken], start: int, end: int) -> int | None:
    """Return the only token of a range; None if there are more or it reaches out of the range."""
    inside = [token for token in tokens if token.start < end and token.end > start]
    if len(inside) != 1 or inside[0].start < start or inside[0].end > end:
        return None
    return inside[0].id


def _notes(
    template: str, slots: Sequence[_Slot], prompts: Sequence[Mutation], vocabulary: "Vocabulary"
) -> tuple[list[str], str | None]:
    """Explain where no prefix can stand, with an example."""
    for number, slot in enumerate(slots):
        if not slot.any_token or not prompts:
            continue
        drawn = prompts[0].drawn[number]
        hyphened = re.search(r"#(prefix|part)#-(\w*)", template)
        note = (
            f"{slot.place} “{vocabulary.text(drawn.id)}” is the word token #{drawn.came_out}, "
            f"not the prefix #{drawn.id}."
        )
        if hyphened is None:
            return [note], None
        glued = f"#{hyphened[1]}#{hyphened[2]}"
        return [f"{note} For true prefixes write {glued}."], template.replace(hyphened[0], glued)
    return [], None
