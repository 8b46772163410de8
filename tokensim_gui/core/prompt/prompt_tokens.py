"""The tokens of a prompt, each with its place in what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from tokensim_gui.core.prompt.chunks import (
    CHUNK,
    Chunk,
    Piece,
    a1111_chunks,
    comfyui_chunks,
    even_chunks,
    sentence_chunks,
)
from tokensim_gui.core.prompt.conversion import parse
from tokensim_gui.core.prompt.interfaces import STEPS, Interface
from tokensim_gui.core.prompt.models import CLIP_PLACES, REACHES, Model, counted_instead, places
from tokensim_gui.core.prompt.parsed_prompt import Parsed, Segment, segments

if TYPE_CHECKING:
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class PromptToken:
    """A token of a prompt.

    Attributes:
        id: Row in the table.
        start: First character it stands for, a code-point index into what was typed.
        end: One past the last. Tokens of one character (an emoji) share their range; syntax
            that was taken out from within a word lies inside of the range.
        weight: Effective weight.
        chunk: Index of its chunk.
        word: Number of its word; the tokens of one word follow one another.
        repeated: Whether the same word stood earlier in the prompt.
        odd: Whether its word takes more than one token.
    """

    id: int
    start: int
    end: int
    weight: float
    chunk: int
    word: int
    repeated: bool = False
    odd: bool = False


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt as an encoder gets it.

    Attributes:
        interface: Who reads the prompt.
        limit: Places of the encoder, its start and end tokens included; None for any number.
        room: Places without these; of CLIP in one chunk.
        tokens: In order, without start, end and padding.
        chunks: How they are parted; of encoders other than CLIP there is one.
        over: Tokens that are cut off; 0 where a long prompt goes in chunks.
        parsed: What the interface made of the prompt: spans, and what is not sent.
        notes: Sentences for the user.
        counted: Whose tokens these are, where the model's are others; see `tokens_for`.
    """

    interface: Interface
    limit: int | None
    room: int | None
    tokens: tuple[PromptToken, ...]
    chunks: tuple[Chunk, ...]
    over: int
    parsed: Parsed
    notes: tuple[str, ...]
    counted: str = ""

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids in order."""
        return tuple(token.id for token in self.tokens)


def tokenize_prompt(
    text: str,
    vocabulary: "Vocabulary",
    interface: Interface,
    limit: int | None = CLIP_PLACES,
    steps: int = STEPS,
) -> PromptTokens:
    """Tokenize a prompt as an interface does.

    Each weighted segment is tokenized by itself: A1111 joins neighbours of equal weight first,
    ComfyUI does not, compel joins them with a space.

    Args:
        text: The prompt.
        vocabulary: What cuts it.
        interface: Who reads it.
        limit: Places of the encoder, see `models.places`; None for any number.
        steps: Sampling steps, of which A1111's prompt editing takes fractions.

    Raises:
        TokenSimError: The table came without a tokenizer.
    """
    parsed = parse(text, interface, steps=steps)
    tokens: list[PromptToken] = []
    pieces: list[Piece] = []
    for segment in segments(parsed):
        first = len(tokens)
        if segment.kind == "text":
            _append(tokens, segment, vocabulary)
        pieces.append(Piece((first, len(tokens)), segment.kind))
    marked = _marked(tokens, text)
    # CLIP has a start and an end token, BERT [CLS] and [SEP]; T5 has an end, but no start token
    own = 2 if limit == CLIP_PLACES or vocabulary.family == "wordpiece" else 1
    room = None if limit is None else limit - own
    ids = [token.id for token in marked]
    chunks, over = _chunks(pieces, ids, vocabulary, interface, room)
    placed = [
        token if not number else replace(token, chunk=number)
        for number, chunk in enumerate(chunks)
        for token in marked[chunk.first : chunk.last]
    ]
    notes = parsed.notes if interface != "plain" else _literal(text)
    return PromptTokens(interface, limit, room, tuple(placed), tuple(chunks), over, parsed, notes)


def tokens_for(
    model: Model, text: str, vocabulary: "Vocabulary", interface: Interface, steps: int = STEPS
) -> PromptTokens:
    """Tokenize a prompt for a model, as `tokenize_prompt` does.

    Where the vocabulary is of another kind than the model's tokenizer, the count is a guess, and
    said to be one.

    Raises:
        TokenSimError: The table came without a tokenizer.
    """
    prompt = tokenize_prompt(text, vocabulary, interface, places(model, interface), steps)
    counted = counted_instead(model, vocabulary.family, vocabulary.rows)
    if not counted:
        return prompt
    title, own = REACHES[model].title, REACHES[model].tokens
    note = (
        f"A guess: {title} counts the tokens of {own}, and these are of {counted}. "
        f"To count exactly, choose an encoder with the tokens of {own}."
    )
    return replace(prompt, counted=counted, notes=(note, *prompt.notes))


def _append(tokens: list[PromptToken], segment: Segment, vocabulary: "Vocabulary") -> None:
    """Append the tokens of one segment."""
    text, positions = segment.text, segment.positions
    family = vocabulary.family
    word = tokens[-1].word if tokens else -1
    fresh = True
    for token, start, end in vocabulary.encode_offsets(text):
        while start < end and text[start].isspace():
            start += 1
        piece = vocabulary.piece(token)
        if fresh or _begins_word(piece, family):
            word += 1
        fresh = family == "clip" and piece.endswith("</w>")
        left = positions[start] if start < len(positions) else positions[-1] + 1
        right = positions[end - 1] + 1 if end > start else left
        tokens.append(PromptToken(token, left, right, segment.weight, 0, word))


def _begins_word(piece: str, family: str) -> bool:
    if family in ("unigram", "sentencepiece"):
        return piece.startswith("▁")
    if family == "byte-bpe":
        return piece.startswith(("Ġ", "Ċ", "ĉ"))
    if family == "wordpiece":
        return not piece.startswith("##")
    return False


def _marked(tokens: Sequence[PromptToken], text: str) -> list[PromptToken]:
    """Flag words that were there before, and words of more than one token."""
    seen: set[tuple[int, ...]] = set()
    result: list[PromptToken] = []
    for _, group in groupby(tokens, key=lambda token: token.word):
        word = tuple(group)
        ids = tuple(token.id for token in word)
        telling = [token for token in word if _tells(text[token.start : token.end])]
        repeated = bool(telling) and ids in seen
        odd = len(telling) > 1
        seen.add(ids)
        if repeated or odd:
            word = tuple(replace(token, repeated=repeated, odd=odd) for token in word)
        result.extend(word)
    return result


def _tells(text: str) -> bool:
    """Whether a text is more than punctuation."""
    return any(character.isalnum() or not character.isascii() for character in text)


def _chunks(
    pieces: list[Piece],
    ids: list[int],
    vocabulary: "Vocabulary",
    interface: Interface,
    room: int | None,
) -> tuple[list[Chunk], int]:
    """Return the chunks and how many tokens are cut off."""
    count = len(ids)
    if room is None:
        return [Chunk(0, count, 0, "end")], 0
    if room != CHUNK or interface == "plain":
        return [Chunk(0, count, max(room - count, 0), "end")], max(count - room, 0)
    if interface == "a1111":
        return a1111_chunks(pieces, ids, vocabulary.id_of_piece(",</w>")), 0
    if interface == "comfyui":
        return comfyui_chunks(pieces, count), 0
    if interface == "compel":
        return sentence_chunks(pieces, ids, vocabulary.piece), 0
    return even_chunks(pieces, count), 0


def _literal(text: str) -> tuple[str, ...]:
    """Warn of weights where the encoder takes them literally."""
    weighted = next(
        (span for span in parse(text, "comfyui").spans if round(span.weight, 3) != 1), None
    )
    if weighted is None:
        return ()
    return (
        f"No weights here: the brackets round “{weighted.text.strip()[:40]}” are sent as text.",
    )
