"""Answers about prompts as plain data, for the command line and for scripts."""

from typing import TYPE_CHECKING, Any

from tokensim_gui.core.prompt.conversion import side_by_side
from tokensim_gui.core.prompt.interfaces import STEPS, WITH_WEIGHTS, Interface
from tokensim_gui.core.prompt.models import Model
from tokensim_gui.core.prompt.mutations import Mutations
from tokensim_gui.core.prompt.parsed_prompt import Converted
from tokensim_gui.core.prompt.prompt_tokens import tokens_for

if TYPE_CHECKING:
    from tokensim_gui.core.prompt.picture_prompts import PicturePrompts
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


def prompt_json(
    text: str,
    vocabulary: "Vocabulary",
    interface: Interface = "a1111",
    model: Model = "clip",
    steps: int = STEPS,
) -> dict[str, Any]:
    """Return what `tokensim prompt TEXT --json` prints; places are code-point indices.

    Raises:
        TokenSimError: The table came without a tokenizer.
    """
    prompt = tokens_for(model, text, vocabulary, interface, steps)
    return {
        "prompt": text,
        "interface": interface,
        "model": model,
        "limit": prompt.limit,
        "steps": steps,
        "count": len(prompt.tokens),
        "over": prompt.over,
        "tokens": [
            {
                "id": token.id,
                "piece": vocabulary.piece(token.id),
                "text": vocabulary.text(token.id),
                "start": token.start,
                "end": token.end,
                "weight": token.weight,
                "chunk": token.chunk,
                "word": token.word,
                "repeated": token.repeated,
                "odd": token.odd,
            }
            for token in prompt.tokens
        ],
        "chunks": [
            {"first": chunk.first, "last": chunk.last, "padding": chunk.padding, "end": chunk.end}
            for chunk in prompt.chunks
        ],
        "unsent": [
            {
                "kind": mark.kind,
                "start": mark.start,
                "end": mark.end,
                "text": text[mark.start : mark.end],
            }
            for mark in prompt.parsed.unsent
        ],
        "weights": [
            {
                "start": stretch.start,
                "end": stretch.end,
                "text": text[stretch.start : stretch.end],
                **dict(zip(WITH_WEIGHTS, stretch.weights, strict=True)),
            }
            for stretch in side_by_side(text, steps)
        ],
        "notes": [
            *prompt.notes,
            *(remark.words for remark in (*prompt.parsed.unpaired, *prompt.parsed.schedules)),
        ],
    }


def picture_json(found: "PicturePrompts") -> dict[str, Any]:
    """Return what `tokensim prompt --file PICTURE --json` prints."""
    return {
        "source": found.source,
        "interface": found.interface,
        "prompts": list(found.prompts),
        "negatives": list(found.negatives),
        "settings": dict(found.settings),
    }


def convert_json(converted: Converted, source: Interface, target: Interface) -> dict[str, Any]:
    """Return a conversion as data."""
    return {
        "from": source,
        "to": target,
        "prompt": converted.text,
        "lost": list(converted.lost),
    }


def mutations_json(mutations: Mutations, vocabulary: "Vocabulary") -> dict[str, Any]:
    """Return mutations as data."""
    return {
        "prompts": [
            {
                "prompt": mutation.prompt,
                "drawn": [
                    {
                        "slot": drawn.slot,
                        "id": drawn.id,
                        "piece": vocabulary.piece(drawn.id),
                        "token": drawn.came_out,
                        "start": drawn.start,
                        "end": drawn.end,
                    }
                    for drawn in mutation.drawn
                ],
            }
            for mutation in mutations.prompts
        ],
        "notes": list(mutations.notes),
    }
