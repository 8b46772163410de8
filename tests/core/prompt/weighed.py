"""What a parsed prompt says, and how strongly."""

from tokensim_gui.core.prompt.parsed_prompt import Parsed, segments


def weighed(parsed: Parsed) -> list[tuple[str, float]]:
    """The texts of a prompt in order, each with its weight."""
    return [
        (segment.text, round(segment.weight, 4)) for segment in segments(parsed) if segment.text
    ]
