"""What an encoder makes of a trigger word: its pieces, what it means already, a rarer spelling."""

from collections.abc import Iterator
from dataclasses import dataclass

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_COMMON = 5
"""The first fifth of the pieces learned are words that everybody knows."""

_DIGITS = {"a": "4", "e": "3", "i": "1", "o": "0"}
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class TriggerReading:
    """A trigger word as an encoder reads it.

    Attributes:
        ids: Its tokens in the middle of a prompt.
        common: Whether each of its words is a common one, so that it means something already.
        rarer: A spelling that is none, or "".
    """

    ids: tuple[int, ...]
    common: bool
    rarer: str


def read_trigger(text: str, vocabulary: Vocabulary) -> TriggerReading:
    """Cut a trigger into tokens and say whether it collides with common words."""
    text = text[:_MAX_TEXT]
    try:
        ids = vocabulary.encode_in_prompt(text)
        words = text.split()
        common = bool(words) and all(_is_common(word, vocabulary) for word in words)
        rarer = _rarer(text, vocabulary) if common else ""
    except TokenSimError:  # a table without a tokenizer
        return TriggerReading((), False, "")
    return TriggerReading(ids, common, rarer)


def _is_common(word: str, vocabulary: Vocabulary) -> bool:
    ids = vocabulary.encode_in_prompt(word)
    rank = vocabulary.commonness(ids[0]) if len(ids) == 1 else None
    return rank is not None and rank[0] < rank[1] // _COMMON


def _rarer(text: str, vocabulary: Vocabulary) -> str:
    """Return the spelling of the fewest tokens in which no word is a common one."""
    found = [
        (len(vocabulary.encode_in_prompt(other)), place, other)
        for place, other in enumerate(_respelled(text))
        if not any(_is_common(word, vocabulary) for word in other.split())
    ]
    return min(found)[2] if found else ""


def _respelled(text: str) -> Iterator[str]:
    words = text.split()
    for vowel, digit in _DIGITS.items():
        if vowel in text:
            yield text.replace(vowel, digit)
    yield " ".join(f"{word}{word[-1]}" for word in words)
    yield " ".join(word[0] + "".join(c for c in word[1:] if c not in "aeiou") for word in words)
    yield " ".join(f"{word[0]}{word}" for word in words)
    yield " ".join(f"{word}x" for word in words)
