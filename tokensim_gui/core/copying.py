"""How tokens are written for the clipboard, so that the prompt gets exactly these tokens."""

import json
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

from tokensim_gui.core.values import TYPEABLES, Typeable
from tokensim_gui.core.vocabulary import REASONS, Vocabulary

CopyStyle: TypeAlias = Literal["comma", "lines", "choice", "piece", "id", "json", "tsv"]
Interface: TypeAlias = Literal["a1111", "comfyui", "compel", "novelai", "plain"]

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

INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)

# What each interface takes for syntax and reads as text after a backslash. A1111: `re_attention`
# in modules/prompt_parser.py. ComfyUI: `escape_important` in comfy/sd1_clip.py, which leaves a
# backslash before anything else alone, and the braces of its dynamic prompts. compel: `Fragment`
# in compel/prompt_parser.py.
_SYNTAX: Final[dict[Interface, str]] = {
    "a1111": "()[]\\",
    "comfyui": "(){}",
    "compel": '()"',
    "novelai": "{}[]",
    "plain": "",
}

_NEVER_BECAUSE: Final = {
    "capital": "the tokenizer writes every letter small",
    "digit": "the tokenizer cuts numbers into single digits",
    "white space": "the tokenizer takes white space away",
    "control": "the tokenizer takes control characters away",
    "special": "it is a sign for the encoder and not for typing",
    "unused": "this row of the table is unused",
}


def escaped(text: str, write_for: Interface) -> str:
    """``text`` with a backslash before every character that the interface reads as syntax."""
    syntax = _SYNTAX[write_for]
    return "".join("\\" + character if character in syntax else character for character in text)


def typeable_of(vocabulary: Vocabulary, token_id: int) -> Typeable:
    """Whether the token is typed alone, inside a word or never."""
    return TYPEABLES[int(vocabulary.typeable[token_id])]


def typed_text(vocabulary: Vocabulary, token_id: int) -> str | None:
    """What to type for a token: its text, else a text that holds it, None where there is none."""
    text = vocabulary.text(token_id)
    return vocabulary.host(token_id) if text is None else text


def copied_text(
    vocabulary: Vocabulary, ids: Sequence[int], style: CopyStyle, write_for: Interface
) -> str:
    """The tokens as the clipboard gets them.

    The first three styles are prompts: they escape for the interface and leave out tokens for
    which nothing can be typed. The others name the tokens and change nothing.

    Args:
        vocabulary: Where the ids belong.
        ids: Tokens in the order wanted.
        style: One of `COPY_STYLES`.
        write_for: The interface whose syntax is escaped.
    """
    if style == "piece":
        return ", ".join(vocabulary.piece(token_id) for token_id in ids)
    if style == "id":
        return ", ".join(str(token_id) for token_id in ids)
    if style == "json":
        tokens = [{"id": i, "piece": vocabulary.piece(i), "text": vocabulary.text(i)} for i in ids]
        return json.dumps(tokens, ensure_ascii=False, indent=2)
    if style == "tsv":
        rows = [(str(i), vocabulary.piece(i), vocabulary.text(i) or "") for i in ids]
        return "\n".join("\t".join(_one_cell(cell) for cell in row) for row in _with_header(rows))
    texts = [escaped(text, write_for) for i in ids if (text := typed_text(vocabulary, i))]
    if style == "lines":
        return "\n".join(texts)
    if style == "choice":
        return "{" + "|".join(texts) + "}"
    return ", ".join(texts)


def _with_header(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [("id", "piece", "text"), *rows]


def _one_cell(text: str) -> str:
    # The escapes of the IANA registration of text/tab-separated-values' common dialect.
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def alone_becomes(vocabulary: Vocabulary, token_id: int) -> str:
    """What the text of a token turns into when typed by itself: ``#1549`` or ``2 tokens: ab·c``.

    "" where the token has no text.
    """
    text = vocabulary.text(token_id)
    if text is None:
        return ""
    for other in vocabulary.ids_of_text(text):  # needs no tokenizer, which loads slowly
        if typeable_of(vocabulary, other) == "alone":
            return f"#{other}"
    ids = vocabulary.encode(text)
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


def copy_notice(vocabulary: Vocabulary, token_id: int) -> str:
    """The sentence after copying one token; for a token inside a word it names `host` too.

    Where it does, the window offers to copy ``vocabulary.host(token_id)`` instead.
    """
    copied = typed_text(vocabulary, token_id)
    if copied is None:
        return f"Nothing copied: no prompt gives #{token_id}."
    typeable = typeable_of(vocabulary, token_id)
    if typeable == "alone":
        return f"Copied “{copied}”."
    if typeable == "never":
        return (
            f"Copied “{copied}”. No prompt gives #{token_id}: "
            f"{never_because(vocabulary, token_id)}."
        )
    if vocabulary.text(token_id) is None:
        return f"Copied “{copied}”: #{token_id} is a fragment of a character, and this one has it."
    return (
        f"Copied “{copied}”. Typed alone it becomes {alone_becomes(vocabulary, token_id)}; "
        f"it is #{token_id} only inside a word, as in “{vocabulary.host(token_id)}”."
    )
