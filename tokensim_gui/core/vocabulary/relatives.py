"""What else a vocabulary has of a token: its twin, its case and word forms, its emoji."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from tokensim_gui.core.values import AS_WORDS, TYPEABLES
from tokensim_gui.core.vocabulary.filters import word_forms
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary

Relation: TypeAlias = Literal["twin", "case", "form", "emoji"]

_MOST_FORMS: Final = 12
# What the names of emoji say besides the thing: 🐱 is CAT FACE, ☀ is BLACK SUN WITH RAYS.
_PLAIN: Final = (" FACE", " SYMBOL", " SIGN")


@dataclass(frozen=True, slots=True)
class Relative:
    """A token that has to do with another one.

    Attributes:
        token: Its id.
        relation: *twin* has the same text; *case* differs in capitals; *form* shares the stem;
            *emoji* is called so in Unicode, or is the word for one.
    """

    token: int
    relation: Relation


def relatives(vocabulary: Vocabulary, token: int) -> tuple[Relative, ...]:
    """The relatives of a token, twins first; none of a token without a text.

    But for twins only tokens that a prompt can hold by themselves. Asks no tokenizer.
    """
    text = vocabulary.text(token)
    if not text:
        return ()
    found: dict[int, Relation] = {token: "twin"}
    for other in vocabulary.ids_of_text(text):
        found.setdefault(other, "twin")
    cases = dict.fromkeys((text.lower(), text.capitalize(), text.title(), text.upper()))
    for other in _typed(vocabulary, cases):
        found.setdefault(other, "case")
    forms = sorted(word_forms(text) - {text}, key=lambda form: (len(form), form))
    for other in [*_typed(vocabulary, dict.fromkeys(forms))][:_MOST_FORMS]:
        found.setdefault(other, "form")
    for other in _emoji(vocabulary, text):
        found.setdefault(other, "emoji")
    del found[token]
    return tuple(Relative(other, relation) for other, relation in found.items())


def _typed(vocabulary: Vocabulary, texts: "dict[str, None]") -> Iterator[int]:
    usable = [TYPEABLES.index(how) for how in AS_WORDS]
    for text in texts:
        for token in vocabulary.ids_of_text(text):
            if vocabulary.typeable[token] in usable:
                yield token


def _emoji(vocabulary: Vocabulary, text: str) -> Iterator[int]:
    """The emoji that Unicode calls ``text``, or the word that it calls the emoji ``text``."""
    if text.isalpha():
        yield from _called(vocabulary).get(text.lower(), ())
        return
    words = {name: None for character in text for name in _names(character)}
    yield from _typed(vocabulary, words)


_named: WeakKeyDictionary[Vocabulary, dict[str, list[int]]] = WeakKeyDictionary()


def _called(vocabulary: Vocabulary) -> dict[str, list[int]]:
    """The emoji of a vocabulary that can be typed, by their names in Unicode."""
    called = _named.get(vocabulary)
    if called is None:
        called = _named[vocabulary] = {}
        emoji = vocabulary.scripts == SCRIPTS.index("Emoji")
        for how in AS_WORDS:
            for token in np.flatnonzero(emoji & (vocabulary.typeable == TYPEABLES.index(how))):
                text = (vocabulary.text(int(token)) or "").rstrip("\ufe0f")
                for name in _names(text) if len(text) == 1 else ():
                    called.setdefault(name, []).append(int(token))
    return called


@lru_cache(maxsize=4_096)
def _names(character: str) -> tuple[str, ...]:
    """What Unicode calls a character, if that is one word: CAT FACE is ``cat``."""
    name = unicodedata.name(character, "")
    for ending in _PLAIN:
        name = name.removesuffix(ending)
    return (name.lower(),) if name.isalpha() else ()
