"""How tokens are written for the clipboard, so that the prompt gets exactly these tokens."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.prompt.interfaces import Interface
from tokensim_gui.core.query.lexer import quoted
from tokensim_gui.core.values import KINDS, TYPEABLES, Typeable
from tokensim_gui.core.vocabulary.typeable import comma_after
from tokensim_gui.core.vocabulary.vocabulary import REASONS, Vocabulary

CopyStyle: TypeAlias = Literal["comma", "lines", "choice", "piece", "id", "json", "tsv"]

COPY_STYLES: Final[dict[CopyStyle, str]] = {
    "comma": "comma list",
    "lines": "one a line",
    "choice": "{a|b|c}",
    "piece": "piece",
    "id": "id",
    "json": "JSON",
    "tsv": "TSV",
}
"""Each copy style and its name in the window."""

_PROMPTS: Final[tuple[CopyStyle, ...]] = ("comma", "lines", "choice")
_CHOOSING: Final[tuple[Interface, ...]] = ("a1111", "comfyui", "compel")  # that know ``{a|b}``

# Nothing of this is syntax anywhere: all syntax is made of ASCII signs and two words.
_NO_SYNTAX: Final = re.compile(r"(?:(?!BREAK|AND)[A-Za-z0-9]|[^\x00-\x7f\s])+")

_NEVER_BECAUSE: Final = {
    "capital": "the tokenizer writes every letter small",
    "digit": "the tokenizer cuts numbers into single digits",
    "white space": "the tokenizer takes white space away",
    "control": "many programs take control characters out of a prompt",
    "special": "it is a sign for the encoder and not for typing",
    "unused": "its row of the table is unused",
}


def typeable_of(vocabulary: Vocabulary, token_id: int) -> Typeable:
    """How the token is typed, one of `TYPEABLES`."""
    return TYPEABLES[int(vocabulary.typeable[token_id])]


def _is_sign(vocabulary: Vocabulary, token_id: int) -> bool:
    return KINDS[int(vocabulary.kinds[token_id])] == "special"


def typed_text(vocabulary: Vocabulary, token_id: int) -> str | None:
    """What to type for a token: its text, else a text that holds it.

    None where there is nothing to type: bytes that no character has, control characters and
    spaces that the tokenizer takes away; and specials, which would end or part a prompt.
    """
    text = vocabulary.text(token_id)
    if text is None:
        return None if _is_sign(vocabulary, token_id) else vocabulary.host(token_id)
    seen = vocabulary.display(token_id) == text
    return text if seen or typeable_of(vocabulary, token_id) != "never" else None


def copied_text(
    vocabulary: Vocabulary, ids: Sequence[int], style: CopyStyle, write_for: Interface
) -> str:
    """The tokens as the clipboard gets them, without what `left_out` returns."""
    return copied(vocabulary, ids, style, write_for)[0]


def left_out(
    vocabulary: Vocabulary, ids: Sequence[int], style: CopyStyle, write_for: Interface
) -> list[int]:
    """The tokens that `copied_text` leaves out.

    Those for which nothing can be typed, and those whose text the interface has no way to take
    as text: ``#`` begins a comment in A1111, ``//`` in ComfyUI, and NovelAI escapes no bracket.
    """
    return copied(vocabulary, ids, style, write_for)[1]


def copied(
    vocabulary: Vocabulary, ids: Sequence[int], style: CopyStyle, write_for: Interface
) -> tuple[str, list[int]]:
    """The tokens as the clipboard gets them, and those that are left out of it.

    The first three styles are prompts: they escape what the interface reads as syntax and leave
    out what it can't take as text. The others name the tokens and change nothing.

    Args:
        vocabulary: Where the ids belong.
        ids: Tokens in the order wanted.
        style: One of `COPY_STYLES`.
        write_for: The interface whose syntax is escaped.
    """
    if style not in _PROMPTS:
        return _listed(vocabulary, ids, style), []
    texts: list[str] = []
    lost: list[int] = []
    for token_id in ids:
        text = _written(vocabulary, token_id, style, write_for)
        if text:
            texts.append(text)
        else:
            lost.append(token_id)
    if style == "lines":
        return "\n".join(texts), lost
    if style == "choice":
        return "{" + "|".join(texts) + "}", lost
    left = set(lost)
    kept = [token_id for token_id in ids if token_id not in left]
    return "".join(_comma_listed(vocabulary, kept, texts)), lost


def _comma_listed(
    vocabulary: Vocabulary, ids: Sequence[int], texts: Sequence[str]
) -> Iterator[str]:
    """Each text with what parts it from the one before; a blank would break an unspaced word."""
    for number, (token_id, text) in enumerate(zip(ids, texts, strict=True)):
        if number:
            yield comma_after(vocabulary.family, texts[number - 1])
            yield "" if typeable_of(vocabulary, token_id) == "unspaced" else " "
        yield text


def _listed(vocabulary: Vocabulary, ids: Sequence[int], style: CopyStyle) -> str:
    """The tokens by name, which no prompt is to read."""
    if style == "piece":
        return ", ".join(vocabulary.piece(token_id) for token_id in ids)
    if style == "id":
        return ", ".join(str(token_id) for token_id in ids)
    if style == "json":
        tokens = [{"id": i, "piece": vocabulary.piece(i), "text": vocabulary.text(i)} for i in ids]
        return json.dumps(tokens, ensure_ascii=False, indent=2)
    rows = [(str(i), vocabulary.piece(i), vocabulary.text(i) or "") for i in ids]
    lines = ("\t".join(map(_one_cell, row)) for row in [("id", "piece", "text"), *rows])
    return "\n".join(lines)


def _written(vocabulary: Vocabulary, token_id: int, style: CopyStyle, write_for: Interface) -> str:
    """One token of a prompt; "" if the interface would send something else."""
    text = typed_text(vocabulary, token_id)
    if text is None:
        return ""
    if _NO_SYNTAX.fullmatch(text):  # nearly all; to parse tens of thousands takes seconds
        return text
    from tokensim_gui.core.prompt import conversion  # 20 ms to import, needed by no start
    from tokensim_gui.core.prompt.parsed_prompt import segments

    written = conversion.escape(text, write_for)
    # What ComfyUI takes for a choice is escaped already, the others leave it.
    if style == "choice":
        written = re.sub(r"(?<!\\)[{|}]", r"\\\g<0>", written)
    elif style == "comma" and write_for in ("a1111", "compel"):
        written = written.replace("{", r"\{")  # a later token may be the bar or the other brace
    in_choice = style == "choice" and write_for in _CHOOSING
    framed = f"{{{written}|}}" if in_choice else written
    sent = [(part.text, part.weight) for part in segments(conversion.parse(framed, write_for))]
    return written if sent == [(text, 1.0)] else ""


def _one_cell(text: str) -> str:
    # A tab or a line break inside a cell would make two of it.
    for character, escape in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(character, escape)
    return text


def alone_becomes(vocabulary: Vocabulary, token_id: int) -> str:
    """What the text of a token turns into as a word of a prompt: ``#1549``, ``2 tokens: ab·c``.

    "" where the token has no text, ``other tokens`` where the table came without a tokenizer, or
    with one that is not loaded yet.
    """
    text = vocabulary.text(token_id)
    if text is None:
        return ""
    typed = vocabulary.id_typed(text)
    if typed is not None:
        return f"#{typed}"
    if not vocabulary.prepare():
        return "other tokens"
    try:
        ids = vocabulary.encode_in_prompt(text)
    except TokenSimError:
        return "other tokens"
    if len(ids) == 1:
        return f"#{ids[0]}"
    return f"{len(ids)} tokens: " + "·".join(vocabulary.display(other) for other in ids)


def never_because(vocabulary: Vocabulary, token_id: int) -> str:
    """Why no prompt gives this token, as the rest of a sentence after a colon."""
    known = _NEVER_BECAUSE.get(REASONS[vocabulary.reasons[token_id]])
    if known is not None:
        return known
    becomes = alone_becomes(vocabulary, token_id)
    return f"typed, it becomes {becomes}" if becomes else "no text gives it"


def inside_what(vocabulary: Vocabulary, token_id: int) -> str:
    """Where a token with text that is typeable *inside* is found, with its host.

    ``inside a word, as in “postbox”`` or ``inside a longer text, as in “!💕”``.
    """
    word = (vocabulary.text(token_id) or "").isalpha()
    return f"inside a {'word' if word else 'longer text'}, as in “{vocabulary.host(token_id)}”"


def at_start(vocabulary: Vocabulary, token_id: int) -> str:
    """Where a token is found that is typeable only at the *start*, with its host if it has one."""
    host = vocabulary.host(token_id)
    return f"at the start or glued, as in “{host}”" if host else "at the very start"


def copy_notice(vocabulary: Vocabulary, token_id: int) -> str:
    """The sentence after copying one token.

    For a token that is typeable only at the *start* or *inside*, the window offers beside it to
    copy ``vocabulary.host(token_id)``.
    """
    copied = typed_text(vocabulary, token_id)
    typeable = typeable_of(vocabulary, token_id)
    if typeable == "never":
        what = "Nothing copied" if copied is None else f"Copied {quoted(copied)}"
        return f"{what}. No prompt gives #{token_id}: {never_because(vocabulary, token_id)}."
    if typeable == "alone" and _is_sign(vocabulary, token_id):
        sign = quoted(vocabulary.piece(token_id))
        return f"Nothing copied. {sign} is a sign for the encoder: typed, it becomes #{token_id}."
    if copied is not None and typeable == "alone":
        return f"Copied {quoted(copied)}."
    if typeable in ("unspaced", "start"):
        shown = quoted(vocabulary.display(token_id))
        if typeable == "unspaced":
            return f"Copied {shown}. It is #{token_id} where no blank stands before it."
        return (
            f"Copied {shown}. In a prompt it becomes {alone_becomes(vocabulary, token_id)}; "
            f"it is #{token_id} only {at_start(vocabulary, token_id)}."
        )
    if copied is not None and vocabulary.text(token_id) is None:
        whose = (
            "a character, and this one has" if len(copied) == 1 else "characters, and these have"
        )
        return f"Copied {quoted(copied)}: #{token_id} is a fragment of {whose} it."
    shown = vocabulary.display(token_id)
    return (
        f"Copied {quoted(shown)}. Typed alone it becomes {alone_becomes(vocabulary, token_id)}; "
        f"it is #{token_id} only {inside_what(vocabulary, token_id)}."
    )
