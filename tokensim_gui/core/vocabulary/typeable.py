"""Whether a token can be typed: alone, only inside a longer text, or never, and why."""

import html
import math
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from tokensim_gui.core.job import Job
from tokensim_gui.core.values import Kind, Typeable

REASONS: Final[tuple[str, ...]] = (
    "",
    "capital",
    "digit",
    "white space",
    "control",
    "unreachable",
    "special",
    "unused",
)
"""Why a token can never be typed; "" for the others."""

ENDINGS: Final[tuple[str, ...]] = (
    *("s", "er", "ing", "box", "man", "land", "ed", "ly", "y", "a", "e", "o", "n", "t", "q", "é"),
    *("!", ".", "'", "-", "💕", "1", "я", "の"),
)
"""Tried in this order after a piece that joins what follows."""

BEGINNINGS: Final[tuple[str, ...]] = (
    *("a", "e", "i", "o", "s", "n", "r", "t", "l", "d", "un", "re", "x", "q", "z", "é"),
    *("1", "-", "(", "!", ".", "'", "\n", "A", "S", "я", "の", "💕"),
)
"""Tried in this order before a piece that joins what precedes."""

Encode = Callable[[Sequence[str]], list[list[int]]]
"""Texts to their ids, without special tokens."""

_CHUNK: Final = 8_192  # texts encoded between two looks at the job
_AFTER_BYTES: Final = ("", "!", "a")  # what follows bytes that are completed to characters
# Each is tried in hundreds of texts that hold all of it: long ones would fill the memory.
_MOST_BYTES: Final = 64
# So many find each of CLIP's that any number found: 87 of 172, in 0.2 s.
_MOST_TEXTS: Final = 600
_ALL_TEXTS: Final = 100_000  # so that a vocabulary with thousands of such tokens takes seconds


def openai_clean(text: str) -> str:
    """``text`` as OpenAI's tokenizer cleans it before it splits.

    Source: ``basic_clean`` and ``whitespace_clean`` of CLIP's ``simple_tokenizer.py``. The fast
    tokenizer only composes characters (NFC), collapses white space and lowers case; after
    cleaning, the two split alike.
    """
    if not (text.isascii() and text.isprintable() and "&" not in text):
        import ftfy  # 50 ms to import; plain English text never needs it

        text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Typing:
    """What was found, by row.

    Attributes:
        typeable: The class of each row.
        reasons: One of `REASONS` for each row.
        hosts: A verified host text for each row that is typeable *inside*.
    """

    typeable: list[Typeable]
    reasons: list[str]
    hosts: dict[int, str]


def find_typing(
    family: str,
    kinds: Sequence[Kind],
    texts: Sequence[str | None],
    fragments: Mapping[int, bytes],
    encode: Encode,
    job: Job,
) -> Typing:
    """Try how each token can be typed, by encoding.

    A token is typeable *alone* if its text, at the start of a prompt or after a space, gives
    exactly this token; else *inside* if the encoding of some host contains it: its text with an
    ending or a beginning or, for bytes, a single character or as few as complete them. CLIP is
    asked twice, since OpenAI's own tokenizer cleans a text before it splits: only what both agree
    on counts. (Not so for the bytes of a character, which nobody types for their own sake.)

    Args:
        family: One of `pieces.FAMILIES`.
        kinds: Kind of each row.
        texts: Text of each row; None for bytes, specials and unused rows.
        fragments: The bytes of each row of kind *bytes*.
        encode: The tokenizer.
        job: Reports progress, and may be cancelled.

    Raises:
        JobCancelled: The job was cancelled.
    """
    typist = _Typist(encode, openai_clean if family == "clip" else None)
    typeable: list[Typeable] = ["never"] * len(kinds)
    hosts: dict[int, str] = {}
    left = [number for number, text in enumerate(texts) if text]
    templates = [("", ""), (" ", "")] if family != "clip" else [("", "")]
    alone = len(templates)
    templates += [("", ending) for ending in ENDINGS]
    templates += [(beginning, "") for beginning in BEGINNINGS]
    for step, (before, after) in enumerate(templates):
        job.progress(step, len(templates) + 1, "Trying how tokens are typed")
        readings = typist.readings([f"{before}{texts[number]}{after}" for number in left], job)
        missed = []
        for number, found in zip(left, readings, strict=True):
            if step < alone and all(ids == [number] for ids in found):
                typeable[number] = "alone"
            elif step >= alone and all(number in ids for ids in found):
                typeable[number] = "inside"
                hosts[number] = f"{before}{texts[number]}{after}"
            else:
                missed.append(number)
        left = missed
    job.progress(len(templates), len(templates) + 1, "Trying how tokens are typed")
    found_with = _characters_with(fragments.keys(), encode, job)
    missing = {row: raw for row, raw in fragments.items() if row not in found_with}
    found_with |= _completed(missing, texts, encode, job)
    for number, host in found_with.items():
        typeable[number] = "inside"
        hosts[number] = host
    reasons = ["" if how != "never" else "unreachable" for how in typeable]
    for number, kind in enumerate(kinds):
        if kind in ("special", "unused"):
            reasons[number] = kind
    for number in left:
        reasons[number] = _reason(texts[number] or "", encode)
    return Typing(typeable, reasons, hosts)


class _Typist:
    """Types texts into one tokenizer or, for CLIP, into two."""

    def __init__(self, encode: Encode, clean: Callable[[str], str] | None) -> None:
        self._encode = encode
        self._clean = clean

    def readings(self, texts: Sequence[str], job: Job) -> list[tuple[list[int], ...]]:
        """The ids that each tokenizer makes of each text."""
        found: list[tuple[list[int], ...]] = []
        for start in range(0, len(texts), _CHUNK):
            job.check()
            chunk = texts[start : start + _CHUNK]
            fast = self._encode(chunk)
            if self._clean is None:
                found += [(ids,) for ids in fast]
                continue
            cleaned = [self._clean(text) for text in chunk]
            changed = [new for old, new in zip(chunk, cleaned, strict=True) if new != old]
            again = iter(self._encode(changed))
            for text, new, ids in zip(chunk, cleaned, fast, strict=True):
                found.append((ids, ids if new == text else next(again)))
        return found


def _characters_with(fragments: Collection[int], encode: Encode, job: Job) -> dict[int, str]:
    """The first single character whose encoding contains each of ``fragments``, if any does."""
    if not fragments:
        return {}
    points = map(chr, range(0x80, sys.maxunicode + 1))
    unseen = ("Cn", "Co", "Cs", "Cc")
    characters = [
        character for character in points if unicodedata.category(character) not in unseen
    ]
    return _first_with(fragments, characters, encode, job)


def _completed(
    fragments: Mapping[int, bytes], texts: Sequence[str | None], encode: Encode, job: Job
) -> dict[int, str]:
    """A text of several characters whose encoding contains each of ``fragments``, if any is found.

    A fragment is the last bytes of a character, whole characters and the first bytes of another;
    both ends are completed with characters of the vocabulary's own texts, the commonest first,
    and with Latin letters: 🇺 and half of a flag's second letter becomes 🇺🇸. Long fragments are not
    tried.
    """
    fragments = {row: raw for row, raw in fragments.items() if len(raw) <= _MOST_BYTES}
    if not fragments:
        return {}
    latin = map(chr, range(0xC0, 0x250))
    common = dict.fromkeys("".join(text for text in texts if text)) | dict.fromkeys(latin)
    ends: dict[bytes, list[str]] = {b"": [""]}
    begins: dict[bytes, list[str]] = {b"": [""]}
    for character in common:
        if unicodedata.category(character)[0] not in "CZ":
            raw = character.encode()
            for cut in range(1, len(raw)):
                begins.setdefault(raw[:cut], []).append(character)
                ends.setdefault(raw[cut:], []).append(character)
    most = min(_MOST_TEXTS, _ALL_TEXTS // len(fragments))
    candidates: dict[str, None] = {}
    for raw in fragments.values():
        job.check()
        last, whole, first = _parted(raw)
        # `product` copies both before it gives the first pair.
        befores, afters = ends.get(last, [])[:most], begins.get(first, [])[:most]
        if last and first:
            befores = befores[: math.isqrt(most)]
        pairs = islice(product(befores, afters), most)
        candidates |= dict.fromkeys(before + whole + after for before, after in pairs)
    longer = (text + ending for ending in _AFTER_BYTES for text in candidates)
    return _first_with(fragments.keys(), longer, encode, job)


def _parted(raw: bytes) -> tuple[bytes, str, bytes]:
    """Part bytes into the end of a character, whole characters and the beginning of another."""
    start = next((at for at, byte in enumerate(raw) if byte & 0xC0 != 0x80), len(raw))
    end = len(raw)
    try:
        whole = raw[start:].decode()
    except UnicodeDecodeError as error:
        end = start + error.start
        whole = raw[start:end].decode()
    return raw[:start], whole, raw[end:]


def _first_with(
    fragments: Collection[int], texts: Iterable[str], encode: Encode, job: Job
) -> dict[int, str]:
    """The first of ``texts`` whose encoding contains each of ``fragments``, if any does."""
    wanted = set(fragments)
    found: dict[int, str] = {}
    rest = iter(texts)
    while chunk := list(islice(rest, _CHUNK)):
        job.check()
        for text, ids in zip(chunk, encode(chunk), strict=True):
            for number in wanted.intersection(ids):
                found.setdefault(number, text)
    return found


def _reason(text: str, encode: Encode) -> str:
    """Why ``text``'s token is never typed: what about the text the tokenizer changes or splits."""
    if any(character.isspace() and character not in _SEPARATORS for character in text):
        return "white space"
    if any(unicodedata.category(character) in ("Cc", "Cf") for character in text):
        return "control"
    plain, lowered = encode([text, text.lower()])
    if text != text.lower() and plain == lowered:
        return "capital"
    if any(unicodedata.category(character)[0] == "N" for character in text):
        return "digit"
    return "unreachable"


_SEPARATORS: Final = "\x1c\x1d\x1e\x1f"  # Python calls them spaces, Unicode and tokenizers do not
