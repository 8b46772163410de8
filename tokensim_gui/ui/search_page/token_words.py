"""What the token card says about a token, in sentences."""

import unicodedata

from tokensim_gui.core.prompt.copying import (
    alone_becomes,
    at_start,
    inside_what,
    never_because,
    typeable_of,
)
from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.relatives import Relative
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary
from tokensim_gui.ui.tokens.glyphs import unicode_name

_AS_IS, _UNSPACED, _START, _INSIDE, _NEVER = "●", "◒", "◔", "◐", "○"
_MAX_CODE_POINTS = 24

_FRAGMENT = (
    "Characters too rare for a token of their own are spelled in bytes; this token is one piece "
    "of such a spelling, and may hold the end of one character and the beginning of the next."
)

_EMOJI = "SD 1.5 hears emoji at Clip skip 1."


def typed_sentence(vocabulary: Vocabulary, token_id: int) -> str:
    """How the token is typed, after a mark whose shape says it too."""
    typeable = typeable_of(vocabulary, token_id)
    if typeable == "never":
        return f"{_NEVER}  Cannot be typed: {never_because(vocabulary, token_id)}."
    text = vocabulary.text(token_id)
    if typeable == "alone":
        if text is None:
            return f"{_AS_IS}  Typed as is, it is cut out of a prompt: a sign for the encoder."
        what = "word" if text.isalpha() else "text"
        return f"{_AS_IS}  Typed as is: a prompt with this {what} uses exactly this token."
    if typeable == "unspaced":
        return f"{_UNSPACED}  Typed as is in a text without blanks: behind one it falls apart."
    if typeable == "start":
        where, becomes = at_start(vocabulary, token_id), alone_becomes(vocabulary, token_id)
        return f"{_START}  Typed only {where}; in a prompt it becomes {becomes}."
    if text is None:
        host = vocabulary.host(token_id) or ""
        what = "a character" if len(host) == 1 else "a longer text"
        return f"{_INSIDE}  Typed inside {what}, as in “{host}”."
    where, becomes = inside_what(vocabulary, token_id), alone_becomes(vocabulary, token_id)
    return f"{_INSIDE}  Typed {where}; alone it becomes {becomes}."


def kind_words(vocabulary: Vocabulary, token_id: int) -> str:
    """The kind and what it means in this family of tokenizers."""
    kind = KINDS[vocabulary.kinds[token_id]]
    ends = vocabulary.family == "clip"
    meaning = {
        "word": "ends a word" if ends else "begins a word",
        "part": "joins what follows" if ends else "joins what precedes",
        "bytes": "not a whole character",
        "special": "a sign for the encoder",
        "unused": "a row without a piece",
    }[kind]
    return f"{kind}: {meaning}"


def relation_words(vocabulary: Vocabulary, relative: Relative) -> str:
    """How a token has to do with the one that is shown."""
    if relative.relation == "twin":
        inside = KINDS[vocabulary.kinds[relative.token]] == "part"
        return "Inside a word" if inside else "Same text"
    is_emoji = SCRIPTS[vocabulary.scripts[relative.token]] == "Emoji"
    words = {"case": "Letter case", "form": "Word form"}
    return words.get(relative.relation, "Emoji" if is_emoji else "Its word")


def explanation(vocabulary: Vocabulary, token_id: int, is_starter: bool = False) -> str:
    """What a piece that looks like gibberish is, or what to know of an emoji; "" for all others.

    The starter's vector of an emoji is that of its name: see `packaging/build_resources.py`.
    """
    if KINDS[vocabulary.kinds[token_id]] == "bytes":
        return _FRAGMENT
    if SCRIPTS[vocabulary.scripts[token_id]] != "Emoji":
        return ""
    name = unicode_name(vocabulary.text(token_id) or "")
    said = (
        _EMOJI if vocabulary.family == "clip" else "",
        f"Its starter vector is only that of its name, “{name}”." if is_starter else "",
    )
    return " ".join(filter(None, said))


def commonness_words(vocabulary: Vocabulary, token_id: int) -> str:
    """``26,639th of 48,894 pieces learned``; "" for a token that was not learned."""
    commonness = vocabulary.commonness(token_id)
    if commonness is None:
        return ""
    rank, count = commonness
    return f"{ordinal(rank)} of {count:,} pieces learned"


def ordinal(number: int) -> str:
    """An English ordinal with thousands separated: ``1st``, ``11th``, ``1,022nd``."""
    if number % 100 in (11, 12, 13):
        suffix = "th"
    else:
        suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{suffix}"


def bytes_words(vocabulary: Vocabulary, token_id: int) -> str:
    """The bytes in hexadecimal, ``63 75 74``."""
    return vocabulary.raw_bytes(token_id).hex(" ")


def code_point_lines(vocabulary: Vocabulary, token_id: int) -> str:
    """One line a character, ``U+0063 latin small letter c``; "" for a token without a text."""
    text = vocabulary.text(token_id) or ""
    lines = [
        f"U+{ord(character):04X} {unicodedata.name(character, '').lower()}".rstrip()
        for character in text[:_MAX_CODE_POINTS]
    ]
    if len(text) > _MAX_CODE_POINTS:
        lines.append(f"and {len(text) - _MAX_CODE_POINTS} more")
    return "\n".join(lines)
