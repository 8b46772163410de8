"""What a process of our own prints: a JSON value a line."""

import json

_MAX_LINE = 1_000_000


class JsonLines:
    """Puts together the lines of what arrives piece by piece."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[object]:
        """The values whose lines end in ``data``; what a library prints between them is none."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_MAX_LINE:]
        values = []
        for line in lines:
            try:
                values.append(json.loads(line))
            except ValueError:
                continue
        return values
