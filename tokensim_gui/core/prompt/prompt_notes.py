"""What there is to say about a prompt, each note with its place and what would mend it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.prompt_tokens import PromptToken, PromptTokens
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

Fix: TypeAlias = Literal["", "spaces"]

_MOST_OF_A_KIND: Final = 12
_SHORT: Final = 4
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class PromptNote:
    """One thing to know about a prompt.

    Attributes:
        words: A sentence.
        start: First character that it is about, a code-point index.
        end: One past the last; equal to ``start`` where it is about the whole prompt.
        fix: What would mend it: ``spaces`` writes spaces for underscores.
    """

    words: str
    start: int = 0
    end: int = 0
    fix: Fix = ""


@dataclass(frozen=True, slots=True)
class _Read:
    text: str
    vocabulary: "Vocabulary"
    prompt: "PromptTokens"
    underscored: tuple[tuple[str, int, int], ...]


def notes_of(
    text: str,
    vocabulary: "Vocabulary",
    prompt: "PromptTokens",
    underscored: tuple[tuple[str, int, int], ...],
) -> tuple[PromptNote, ...]:
    """Return the notes on a prompt, those that can be mended or that lose something first.

    Args:
        text: The prompt.
        vocabulary: What cut it.
        prompt: Its tokens.
        underscored: Words that cost fewer tokens with spaces: word, tokens, tokens with spaces.
    """
    reading = _Read(text, vocabulary, prompt, underscored)
    return (
        *_cut_off(reading),
        *_with_underscores(reading),
        *(PromptNote(words) for words in reading.prompt.notes),
        *_placed(reading),
        *_differently_cut(reading),
        *_in_pieces(reading),
        *_repeated(reading),
    )


def _cut_off(reading: _Read) -> Iterator[PromptNote]:
    prompt = reading.prompt
    if prompt.over:
        first = prompt.tokens[len(prompt.tokens) - prompt.over]
        words = "token is" if prompt.over == 1 else "tokens are"
        last = prompt.tokens[-1].end
        yield PromptNote(f"The last {prompt.over} {words} cut off.", first.start, last)


def _with_underscores(reading: _Read) -> Iterator[PromptNote]:
    for word, now, then in reading.underscored[:_MOST_OF_A_KIND]:
        spaced = word.replace("_", " ")
        start = reading.text.find(word)
        yield PromptNote(
            f"“{word}” costs {now} tokens, “{spaced}” {then}.", start, start + len(word), "spaces"
        )


def _placed(reading: _Read) -> Iterator[PromptNote]:
    parsed = reading.prompt.parsed
    for remark in (*parsed.unpaired, *parsed.schedules[:_MOST_OF_A_KIND]):
        yield PromptNote(remark.words, remark.start, remark.end)


def _differently_cut(reading: _Read) -> Iterator[PromptNote]:
    """Words that other tokenizers of CLIP clean before they cut them: curly quotes, full width."""
    if reading.vocabulary.family != "clip" or (reading.text.isascii() and "&" not in reading.text):
        return
    from tokensim_gui.core.vocabulary.typeable import CLEANERS, openai_clean

    seen: set[str] = set()
    for span in reading.prompt.parsed.spans:
        for match in _WORD.finditer(span.text) if span.kind == "text" else ():
            word = match[0].strip(",.:!?()[]{}")
            if not word or word in seen or (word.isascii() and "&" not in word):
                continue
            seen.add(word)
            here = reading.vocabulary.encode(word)
            there = reading.vocabulary.encode(openai_clean(word))
            if here != there:
                start = span.start + match.start() + match[0].index(word)
                count = "other tokens" if len(here) == len(there) else f"{len(there)}"
                tokens = "token" if len(here) == 1 else "tokens"
                yield PromptNote(
                    f"“{word}” is {len(here)} {tokens} here, {count} in {CLEANERS}.",
                    start,
                    start + len(word),
                )
            if len(seen) >= _MOST_OF_A_KIND:
                return


def _in_pieces(reading: _Read) -> Iterator[PromptNote]:
    for word, tokens in _words([token for token in reading.prompt.tokens if token.odd]):
        shown = " · ".join(reading.vocabulary.display(token.id) for token in tokens)
        text = reading.text[word[0] : word[1]]
        yield PromptNote(f"“{text}” is split into {shown}.", *word)


def _repeated(reading: _Read) -> Iterator[PromptNote]:
    again: dict[str, tuple[int, int]] = {}
    for word, _ in _words([token for token in reading.prompt.tokens if token.repeated]):
        again.setdefault(reading.text[word[0] : word[1]], word)
    for text, word in again.items():
        if text.isascii() and len(text) < _SHORT:
            continue  # articles and prepositions
        yield PromptNote(f"“{text}” stands more than once.", *word)


def _words(
    tokens: "Iterable[PromptToken]",
) -> "list[tuple[tuple[int, int], list[PromptToken]]]":
    """The words that some tokens belong to, with their places; not too many."""
    words: dict[int, list[PromptToken]] = {}
    for token in tokens:
        words.setdefault(token.word, []).append(token)
    return [
        ((min(t.start for t in word), max(t.end for t in word)), word)
        for word in [*words.values()][:_MOST_OF_A_KIND]
    ]
