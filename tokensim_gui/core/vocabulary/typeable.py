"""Whether a token can be typed: alone, only inside a longer text, or never, and why."""

import html
import math
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from tokensim_gui.core.job import Job
from tokensim_gui.core.values import Kind, Typeable
from tokensim_gui.core.vocabulary.pieces import BLANK_LED
from tokensim_gui.core.vocabulary.scripts import is_word_anywhere

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

_GLUED: Final = tuple((beginning, "") for beginning in ("tom", "sun", "super", "over", "un", "re"))
"""Tried first before a piece that joins what precedes: as in “tomcat”."""

_AMONG_BLANKS: Final = (("", " a"), (" ", "a"), ("a ", "a"), ("a  ", "a"))
_ANCHOR: Final = "a"
_FRAME: Final = "a {text} a, {text}{comma} a"  # in which the text is the second and fifth token

Encode = Callable[[Sequence[str]], list[list[int]]]
"""Texts to their ids, without special tokens."""

_CHUNK: Final = 8_192  # texts encoded between two looks at the job
_AFTER_BYTES: Final = ("", "!", "a")  # what follows bytes that are completed to characters
# Each is tried in hundreds of texts that hold all of it: long ones would fill the memory.
_MOST_BYTES: Final = 64
# So many find each of CLIP's that any number found: 87 of 172, in 0.2 s.
_MOST_TEXTS: Final = 600
_ALL_TEXTS: Final = 100_000  # so that a vocabulary with thousands of such tokens takes seconds


CLEANERS: Final = "A1111/Forge and others that clean text with ftfy"
"""Who does as `openai_clean` does: open_clip, which A1111 and Forge bring along, requires ftfy, and
transformers before 5 cleans with it where it is. ComfyUI and diffusers bring none."""


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
    signs: Mapping[int, str],
    blank: int | None,
    encode: Encode,
    job: Job,
) -> Typing:
    """Try how each token can be typed, by encoding.

    A token is typeable *alone* if its text gives exactly this token as a word of a prompt: between
    other words and in a list with commas. A blank that is a token of its own is not counted: it
    stands before 8 and 猫 where these have no piece with a blank. Else it is typeable at the
    *start*, if a prompt that is nothing but its text gives it, which is called *unspaced* of a
    script whose words have no blanks between them; else *inside* if the encoding of some host
    contains it: its text with an ending or a beginning or, for bytes, a single character
    or as few as complete them. CLIP is asked twice, since OpenAI's own tokenizer cleans a text
    before it splits: only what both agree on counts. (Not so for the bytes of a character, which
    nobody types for their own sake.)

    Args:
        family: One of `pieces.FAMILIES`.
        kinds: Kind of each row.
        texts: Text of each row; None for bytes, specials and unused rows.
        fragments: The bytes of each row of kind *bytes*.
        signs: The piece of each row of kind *special*, which many tokenizers cut out of a text.
        blank: The token of a single blank, where there is one.
        encode: The tokenizer.
        job: Reports progress, and may be cancelled.

    Raises:
        JobCancelled: The job was cancelled.
    """
    typist = _Typist(family, encode, blank, job)
    typeable: list[Typeable] = ["never"] * len(kinds)
    hosts: dict[int, str] = {}
    words = {number: text for number, text in enumerate(texts) if text}
    shown = {number: text for number, text in words.items() if _is_seen(text)}
    for number in typist.exact(shown):
        typeable[number] = "alone"
        del words[number], shown[number]
    if family in BLANK_LED:
        for number, found in zip(shown, typist.readings(shown.values()), strict=True):
            if found == ([number],):
                unspaced = is_word_anywhere(shown[number])
                typeable[number] = "unspaced" if unspaced else "start"
    templates = [(beginning, "") for beginning in BEGINNINGS]
    if family not in BLANK_LED:
        templates = [*(("", ending) for ending in ENDINGS), *templates]
    else:
        templates = [*_GLUED, *templates, *(("", ending) for ending in ENDINGS), *_AMONG_BLANKS]
    for step, (before, after) in enumerate(templates):
        job.progress(step, len(templates) + 1, "Trying how tokens are typed")
        tried = {number: f"{before}{text}{after}" for number, text in words.items()}
        for number, found in zip(tried, typist.running(tried.values()), strict=True):
            if all(number in ids for ids in found):
                hosts[number] = tried[number]
                if typeable[number] == "never":
                    typeable[number] = "inside"
                del words[number]
    job.progress(len(templates), len(templates) + 1, "Trying how tokens are typed")
    for number, found in zip(signs, typist.running(signs.values()), strict=True):
        if all(number in ids for ids in found):
            typeable[number], hosts[number] = "alone", signs[number]
    found_with = _characters_with(fragments.keys(), encode, job)
    missing = {row: raw for row, raw in fragments.items() if row not in found_with}
    found_with |= _completed(missing, texts, encode, job)
    for number, host in found_with.items():
        typeable[number], hosts[number] = "inside", host
    reasons = ["unreachable" if how == "never" else "" for how in typeable]
    for number, kind in enumerate(kinds):
        if typeable[number] == "never":
            if kind in ("special", "unused"):
                reasons[number] = kind
            elif number in words:
                reasons[number] = _reason(words[number], encode)
    return Typing(typeable, reasons, hosts)


def comma_after(family: str, text: str) -> str:
    """The comma that parts ``text`` from the next in a list, with a blank before it where needed.

    Tokenizers keep a comma together with other signs, “😅,”, but not with letters; T5 has pieces
    of a number with its comma, Llama one of a raised 2 with it.
    """
    category = unicodedata.category(text[-1])
    is_kept = category[0] == "L" or (category == "Nd" and family != "unigram")
    return "," if is_kept else " ,"


def _is_seen(text: str) -> bool:
    """Whether a text can stand in a list: none of its ends gets lost, and no sign controls."""
    return text == text.strip() and not any(unicodedata.category(sign) == "Cc" for sign in text)


class _Typist:
    """Types texts into one tokenizer or, for CLIP, into two."""

    def __init__(self, family: str, encode: Encode, blank: int | None, job: Job) -> None:
        self._family, self._encode, self._blank, self._job = family, encode, blank, job
        self._clean = openai_clean if family == "clip" else None
        self._anchor = encode([_ANCHOR])[0]
        frames = {comma: _FRAME.format(text=_ANCHOR, comma=comma) for comma in (",", " ,")}
        ids = [self._parted(ids) for ids in encode(list(frames.values()))]
        # A tokenizer that lacks the letters of the frame has its texts tried after them alone.
        self._frames = (
            dict(zip(frames, ids, strict=True)) if {len(one) for one in ids} == {7} else {}
        )

    def _parted(self, ids: Iterable[int]) -> list[int]:
        return [token for token in ids if token != self._blank]

    def readings(self, texts: Iterable[str]) -> Iterator[tuple[list[int], ...]]:
        """The ids that each tokenizer makes of each text."""
        rest = iter(texts)
        while chunk := list(islice(rest, _CHUNK)):
            self._job.check()
            fast = self._encode(chunk)
            if self._clean is None:
                yield from ((ids,) for ids in fast)
                continue
            cleaned = [self._clean(text) for text in chunk]
            changed = [new for old, new in zip(chunk, cleaned, strict=True) if new != old]
            again = iter(self._encode(changed))
            for text, new, ids in zip(chunk, cleaned, fast, strict=True):
                yield ids, ids if new == text else next(again)

    def running(self, texts: Iterable[str]) -> Iterator[tuple[list[int], ...]]:
        """The same for each text behind a word and a blank, without those."""
        before = f"{_ANCHOR} " if self._anchor else ""
        for found in self.readings(before + text for text in texts):
            yield tuple(ids[len(self._anchor) :] for ids in found)

    def exact(self, texts: Mapping[int, str]) -> list[int]:
        """The tokens that a prompt gives for their text, between words and in a list."""
        commas = {number: comma_after(self._family, text) for number, text in texts.items()}
        framed = (
            _FRAME.format(text=text, comma=commas[number]) if self._frames else text
            for number, text in texts.items()
        )
        readings = self.readings(framed) if self._frames else self.running(framed)
        exact: list[int] = []
        for number, found in zip(texts, readings, strict=True):
            wanted = [number]
            if self._frames:
                wanted = list(self._frames[commas[number]])
                wanted[1] = wanted[4] = number
            if all(self._parted(ids) == wanted for ids in found):
                exact.append(number)
        return exact


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
