"""Errors that are sentences for the user; everything else that is raised is a bug."""

import re

from tokensim_gui.core.paths import displayed

# Words from right to left, set apart so that the sentence round them keeps its order.
_ISOLATED = re.compile("\u2068([^\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*)\u2069")
_MOST_SHOWN = 600
_HEAD, _TAIL = 400, 180  # its middle is what is quoted


class TokenSimError(Exception):
    """A mistake or mishap that the user can act on; ``str(error)`` is the sentence to show.

    It is one line, without the middle of what is quoted in it where that is very long.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(one_line(sentence))


def one_line(sentence: str) -> str:
    """Return a sentence as it can be shown, whatever it quotes."""
    if len(sentence) > _MOST_SHOWN:
        sentence = f"{sentence[:_HEAD]} … {sentence[-_TAIL:]}"
    parts = [displayed(part) for part in _ISOLATED.split(sentence)]
    parts[1::2] = [f"\u2068{part}\u2069" for part in parts[1::2]]
    return "".join(parts)


class NotReady(TokenSimError):
    """What is needed is still being loaded; the worker tries the job again until it is there."""

    def __init__(self) -> None:
        super().__init__("The tokenizer of this encoder is still being loaded.")


class NoTokenizer(TokenSimError):
    """A text for an encoder whose tokens have ids and no names."""

    def __init__(self) -> None:
        super().__init__(
            "This encoder has no tokenizer, so text can't be split into its tokens. "
            "Type ids such as #123, or give it its tokenizer."
        )


class QueryError(TokenSimError):
    """A query that can't be read.

    Attributes:
        start: First character at fault, a code-point index into the query.
        end: One past the last character at fault.
        fix: Text that would mend the query, or None where there is no safe proposal.
        fix_label: What a button with that fix says, e.g. ``Close it``; "" without a fix.
    """

    def __init__(
        self, sentence: str, start: int, end: int, fix: str | None = None, fix_label: str = ""
    ) -> None:
        super().__init__(sentence)
        self.start = start
        self.end = end
        self.fix = fix
        self.fix_label = fix_label


class FileError(TokenSimError):
    """A file or folder that can't be read or written, or does not hold what it should."""


class NetworkError(TokenSimError):
    """A hub that can't be reached or does not answer as it should."""
