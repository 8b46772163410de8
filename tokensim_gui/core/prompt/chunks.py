"""How each interface parts a long prompt into chunks of 75 tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tokensim_gui.core.prompt.parsed_prompt import Range, SpanKind

CHUNK = 75
"""Tokens between start and end in CLIP's 77 places."""

COMMA_BACKTRACK = 20
"""A1111's default: how far back a comma may be for the text behind it to move on as one."""

WHOLE_BELOW = 8
"""ComfyUI parts a piece between two chunks only if it has this many tokens or more."""

End: TypeAlias = Literal[
    "end", "full", "comma", "whole", "sentence", "clause", "word", "break", "and", "blend"
]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens that are encoded together.

    Attributes:
        first: Index of its first token.
        last: One past its last token.
        padding: Places that are filled up behind them.
        end: Why it ends: the prompt does, it is full, the text after a comma moved on as one
            (A1111), a piece stays whole (ComfyUI), a sentence, clause or word ends (InvokeAI), or
            a mark ends it.
    """

    first: int
    last: int
    padding: int
    end: End


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens of one segment, or a mark without tokens."""

    tokens: Range
    kind: SpanKind = "text"


class _Chunks:
    def __init__(self) -> None:
        self.done: list[Chunk] = []
        self.start = 0
        self.of_prompt = 0  # chunks of the current prompt; AND begins another

    def close(self, last: int, end: End) -> None:
        padding = max(CHUNK - (last - self.start), 0)
        self.done.append(Chunk(self.start, last, padding, end))
        self.start = last
        self.of_prompt += 1

    def finish(self, last: int, end: End) -> None:
        """End a prompt; behind a last BREAK there is no empty chunk."""
        if last > self.start or not self.of_prompt:
            self.close(last, end)
        self.of_prompt = 0


def a1111_chunks(pieces: Sequence[Piece], ids: Sequence[int], comma: int | None) -> list[Chunk]:
    """Part as A1111 does, with its default of looking back 20 tokens for a comma.

    After ``tokenize_line`` in ``modules/sd_hijack_clip.py`` of
    https://github.com/AUTOMATIC1111/stable-diffusion-webui.

    Args:
        pieces: The segments in order.
        ids: All token ids.
        comma: Id of the comma, None where the vocabulary has none.
    """
    chunks = _Chunks()
    last_comma = -1
    for piece in pieces:
        first, last = piece.tokens
        if piece.kind == "break":
            chunks.close(first, "break")
            last_comma = -1
        elif piece.kind != "text":
            chunks.finish(first, piece.kind)
            last_comma = -1
        for at in range(first, last):
            if ids[at] == comma:
                last_comma = at
            elif (
                at - chunks.start == CHUNK
                and 0 <= last_comma
                and at - last_comma <= COMMA_BACKTRACK
            ):
                chunks.close(last_comma + 1, "comma" if last_comma + 1 < at else "full")
                last_comma = -1
            if at - chunks.start == CHUNK:
                chunks.close(at, "full")
                last_comma = -1
    chunks.finish(len(ids), "end")
    return chunks.done


def comfyui_chunks(pieces: Sequence[Piece], count: int) -> list[Chunk]:
    """Part as ComfyUI does: a short piece moves on as a whole.

    After ``tokenize_with_weights`` in ``comfy/sd1_clip.py`` of
    https://github.com/Comfy-Org/ComfyUI. A piece is the text between two weights or embeddings,
    not a word.
    """
    chunks = _Chunks()
    for piece in pieces:
        first, last = piece.tokens
        is_large = last - first >= WHOLE_BELOW
        while last - chunks.start > CHUNK:
            if is_large:
                chunks.close(chunks.start + CHUNK, "full")
            else:
                chunks.close(first, "whole" if first - chunks.start < CHUNK else "full")
    chunks.finish(count, "end")
    return chunks.done


def sentence_chunks(
    pieces: Sequence[Piece], ids: Sequence[int], texts: Callable[[int], str]
) -> list[Chunk]:
    """Part as compel from 2.4 on does for InvokeAI: at a sentence, else a clause, else a word.

    After ``_find_next_best_split_point`` in ``src/compel/embeddings_provider.py`` of
    https://github.com/damian0815/compel, with ``SplitLongTextMode.SENTENCES``.

    Args:
        pieces: The segments in order.
        ids: All token ids.
        texts: A token's piece by its id.
    """
    chunks = _Chunks()

    def part(last: int) -> None:
        while last - chunks.start > CHUNK:
            ends = range(chunks.start + CHUNK, chunks.start, -1)
            at, end = next(
                ((at, end) for end, is_end in _SPLITS for at in ends if is_end(texts(ids[at - 1]))),
                (chunks.start + CHUNK, _FULL),
            )
            chunks.close(at, "full" if at - chunks.start == CHUNK else end)

    for piece in pieces:
        if piece.kind != "text":
            part(piece.tokens[0])
            chunks.finish(piece.tokens[0], piece.kind)
    part(len(ids))
    chunks.finish(len(ids), "end")
    return chunks.done


_FULL: End = "full"
_SPLITS: tuple[tuple[End, Callable[[str], bool]], ...] = (
    ("sentence", lambda text: text == ".</w>"),
    ("clause", lambda text: text in (",</w>", ";</w>", ":</w>")),
    ("word", lambda text: text.endswith("</w>")),
)


def even_chunks(pieces: Sequence[Piece], count: int) -> list[Chunk]:
    """Part after every 75 tokens (NovelAI)."""
    chunks = _Chunks()
    for piece in pieces:
        first, last = piece.tokens
        if piece.kind != "text":
            chunks.finish(first, piece.kind)
        while last - chunks.start > CHUNK:
            chunks.close(chunks.start + CHUNK, "full")
    chunks.finish(count, "end")
    return chunks.done
