"""What the worker does for the Prompt page: plain functions, each called with a job."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.regular_file import open_regular
from tokensim_gui.core.job import Job
from tokensim_gui.core.prompt.interfaces import STEPS
from tokensim_gui.core.values import KINDS, Query, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.captions import CaptionFile
    from tokensim_gui.core.prompt.interfaces import Interface
    from tokensim_gui.core.prompt.models import Model
    from tokensim_gui.core.prompt.mutations import Mutations
    from tokensim_gui.core.prompt.parsed_prompt import Converted
    from tokensim_gui.core.prompt.picture_prompts import PicturePrompts
    from tokensim_gui.core.prompt.prompt_notes import PromptNote
    from tokensim_gui.core.prompt.prompt_tokens import PromptTokens
    from tokensim_gui.core.search.engine import Engine
    from tokensim_gui.core.text_encoders.likeness import Swap

# The rest of core.prompt is imported where it is needed: together it takes 30 ms of a start.

MOST_CHARACTERS = 100_000
_MOST_CAPTION = 1 << 20
_MOST_ENTRIES = 2_000
_WEIGHT = re.compile(r"\([^()\n]{1,200}:\s*\d*\.?\d+\s*\)")
_NETWORK = re.compile(r"<\w{1,20}:[^<>\n]{1,200}>")
_BREAK = re.compile(r"\bBREAK\b")
_LONG, _MANY_COMMAS, _SOME_COMMAS = 120, 5, 2
_WORD = re.compile(r"[^\s,]+")
_ESCAPED = "()[]{}"
_MOST_SWAPS = 48
_SWAPS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt as an encoder gets it.

    Attributes:
        text: What was read.
        vocabulary: What the ids mean.
        prompt: Tokens, chunks and what is not sent.
        underscored: Words that cost fewer tokens with spaces: word, tokens, tokens with spaces.
        notes: What there is to say about it.
    """

    text: str
    vocabulary: Vocabulary
    prompt: "PromptTokens"
    underscored: tuple[tuple[str, int, int], ...]
    notes: "tuple[PromptNote, ...]" = ()


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A word of the prompt and its weights.

    Attributes:
        text: The word.
        start: First character, a code-point index.
        end: One past the last.
        weights: Of each of `core.prompt.interfaces.WITH_WEIGHTS`; None where it is not sent.
    """

    text: str
    start: int
    end: int
    weights: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a prompt under every interface, and the prompt written for one of them."""

    rows: tuple[WeightRow, ...]
    source: "Interface"
    target: "Interface"
    converted: "Converted"


def read_prompt(
    text: str,
    vocabulary: Vocabulary,
    interface: "Interface",
    model: "Model",
    steps: int = STEPS,
    *,
    job: Job,
) -> Reading:
    """Tokenize a prompt for a model; see `core.prompt.prompt_tokens.tokens_for`.

    Raises:
        TokenSimError: It is too long, or the table came without a tokenizer.
    """
    from tokensim_gui.core.prompt.captions import underscored
    from tokensim_gui.core.prompt.prompt_notes import notes_of
    from tokensim_gui.core.prompt.prompt_tokens import tokens_for

    _check_length(text)
    prompt = tokens_for(model, text, vocabulary, interface, steps)
    job.check()
    words = underscored(_sent(text, prompt), vocabulary)
    notes = notes_of(text, vocabulary, prompt, words)
    return Reading(text, vocabulary, prompt, words, notes)


def with_spaces(reading: Reading) -> str:
    """Return the prompt with spaces in the words that cost fewer tokens so.

    Names of networks and wildcards keep their underscores.
    """
    sent, letters = _sent(reading.text, reading.prompt), list(reading.text)
    for word, _, _ in reading.underscored:
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sent):
            letters[slice(*match.span())] = word.replace("_", " ")
    return "".join(letters)


def _sent(text: str, prompt: "PromptTokens") -> str:
    """The prompt with blanks in the place of syntax and of what is not sent."""
    letters = [" "] * len(text)
    for span in prompt.parsed.spans:
        if span.kind == "text":
            letters[span.start : span.end] = span.text
    return "".join(letters)


def read_weights(
    text: str, source: "Interface", target: "Interface", steps: int = STEPS, *, job: Job
) -> Weights:
    """Read the weights of a prompt, and write it for another interface.

    Args:
        text: The prompt.
        source: In whose syntax it is written.
        target: For whom to write it.
        steps: Sampling steps, of which A1111's prompt editing takes fractions.
        job: Cancels between the two.

    Raises:
        TokenSimError: It is too long.
    """
    from tokensim_gui.core.prompt.conversion import convert

    _check_length(text)
    rows = tuple(_weight_rows(text, steps))
    job.check()
    return Weights(rows, source, target, convert(text, source, target, steps))


def _weight_rows(text: str, steps: int) -> Iterator[WeightRow]:
    """Yield the words, parted where an interface changes its mind; punctuation is left out."""
    from tokensim_gui.core.prompt.conversion import side_by_side

    stretches = list(side_by_side(text, steps))
    for number, (one, following) in enumerate(pairwise(stretches)):
        if text[one.start : one.end] == "\\" and text[following.start] in _ESCAPED:
            stretches[number] = replace(one, weights=following.weights)  # a word stays whole
    for weights, group in groupby(stretches, key=lambda stretch: stretch.weights):
        together = tuple(group)
        start, end = together[0].start, together[-1].end
        if all(weight is None for weight in weights):
            continue
        for match in _WORD.finditer(text, start, end):
            if any(char.isalnum() or not char.isascii() for char in match[0]):
                yield WeightRow(match[0], match.start(), match.end(), weights)


def make_mutations(
    template: str,
    vocabulary: Vocabulary,
    count: int,
    seed: int,
    token_filter: TokenFilter,
    interface: "Interface",
    engine: "Engine | None",
    *,
    job: Job,
) -> "Mutations":
    """Fill the slots of a template; on the thread of the engine, which answers ``#near:…#``.

    Raises:
        TokenSimError: See `core.prompt.mutations.mutate`; or a query can't be read.
    """
    from tokensim_gui.core.prompt.mutations import mutate, near_count

    def neighbours(query: str) -> Sequence[int]:
        assert engine is not None
        asked = Query(query, count=near_count(count), map_count=0, filter=token_filter, strict=True)
        ids: list[int] = engine.search(asked, job).ids.tolist()
        return ids

    return mutate(
        template,
        vocabulary,
        count,
        seed,
        token_filter=token_filter,
        interface=interface,
        neighbours=None if engine is None else neighbours,
        job=job,
    )


def swaps_of(
    text: str, vocabulary: Vocabulary, engine: "Engine", *, job: Job
) -> "tuple[Swap, ...]":
    """Return swaps of the words of a prompt for their nearest words, the most alike first.

    Runs on the thread of the engine.

    Raises:
        TokenSimError: No word of the prompt has a neighbour.
    """
    from tokensim_gui.core.prompt.copying import typed_text
    from tokensim_gui.core.prompt.prompt_tokens import tokenize_prompt
    from tokensim_gui.core.text_encoders.likeness import Swap

    usable = TokenFilter(kinds=("word",), typeable=("alone",))
    swaps = []
    for token in tokenize_prompt(text, vocabulary, "plain").tokens:
        if KINDS[vocabulary.kinds[token.id]] != "word" or token.odd:
            continue
        if not any(map(str.isalpha, text[token.start : token.end])):
            continue
        query = Query(
            f"#{token.id}", count=_SWAPS_A_TOKEN, map_count=0, leave_out_own=True, filter=usable
        )
        try:
            found = engine.search(query, job)
        except TokenSimError:  # a token without a vector
            continue
        for near, score in zip(found.ids.tolist(), found.scores.tolist(), strict=True):
            word = typed_text(vocabulary, near)
            if word is not None:
                swaps.append(Swap(token.start, token.end, word, score))
    if not swaps:
        raise TokenSimError("No word of this prompt has a neighbour to swap it for.")
    return tuple(sorted(swaps, key=lambda swap: -swap.similarity)[:_MOST_SWAPS])


def read_captions(
    folder: Path, vocabulary: Vocabulary, limit: int | None, *, job: Job
) -> "tuple[CaptionFile, ...]":
    """Check the caption files of a folder; see `core.prompt.captions.check_captions`."""
    from tokensim_gui.core.prompt.captions import check_captions

    return check_captions(folder, vocabulary, limit, job)


def read_picture_prompts(path: Path, *, job: Job) -> "PicturePrompts":
    """Read the prompts in a picture; see `core.prompt.picture_prompts.read_picture`."""
    from tokensim_gui.core.prompt.picture_prompts import read_picture

    job.check()
    return read_picture(path)


def read_caption(path: Path, *, job: Job) -> str:
    """Read a text file, of a long one its beginning; what is no UTF-8 is replaced.

    Raises:
        FileError: It can't be read.
    """
    job.check()
    try:
        with open_regular(path) as file:
            return file.read(_MOST_CAPTION).decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileError(f"“{path.name}” can't be read: {error.strerror}.") from error


def holds_model(folder: Path) -> bool:
    """Whether a folder is a model's, not one of captions."""
    marks = ("model_index.json", "config.json")
    if any(os.path.isfile(folder / name) for name in marks):
        return True
    with suppress(OSError), os.scandir(folder) as entries:  # asked while it is dragged: not of all
        first = islice(entries, _MOST_ENTRIES)
        return any(entry.name.endswith((".safetensors", ".ckpt")) for entry in first)
    return False


def prompt_marks(text: str) -> tuple[str, ...]:
    """What makes a typed query look like a whole prompt: words for a sentence; none if nothing."""
    commas = text.count(",")
    marks = []
    if commas >= _SOME_COMMAS and _WEIGHT.search(text):
        marks.append("weights")
    if _NETWORK.search(text):
        marks.append("a LoRA tag")
    if _BREAK.search(text):
        marks.append("a BREAK")
    if not marks and len(text) >= _LONG and commas >= _MANY_COMMAS:
        marks.append("many parts between commas")
    return tuple(marks)


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise TokenSimError(
            f"This text has {len(text):,} characters; a prompt ends at {MOST_CHARACTERS:,}."
        )
