"""A sentence for the user, with what can be done about it."""

from dataclasses import dataclass
from typing import Literal

Command = Literal[
    "copy",
    "open",
    "encoders",
    "addition",
    "tray",
    "saved",
    "export",
    "page",
    "prompt",
    "search",
    "browse",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of a notice.

    Attributes:
        words: What the button says, a verb first.
        command: ``copy`` a text, ``open`` the table of a slug, undo or redo what was done to the
            ``encoders``, the ``tray`` or the last ``addition`` to the prompt, put back what was
            ``saved``, end the ``export``, show a ``page``, ``browse`` a web address, or open a
            text as a ``prompt`` or leave it to ``search``.
        payload: The text, slug, ``undo`` or ``redo``, key, page or address.
    """

    words: str
    command: Command
    payload: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is so, and at most two things to do.

    Attributes:
        text: A sentence; "" takes the last one away.
        offers: What can be done about it.
        place: The ``status`` line, or the line under the ``bar`` for what is about the query.
    """

    text: str
    offers: tuple[Offer, ...] = ()
    place: Literal["status", "bar"] = "status"
