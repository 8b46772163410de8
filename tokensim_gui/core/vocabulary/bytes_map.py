"""How byte-level tokenizers write bytes as visible characters."""

from typing import Final


def _byte_to_char() -> tuple[str, ...]:
    # GPT-2's table (`bytes_to_unicode` in its encoder.py): a byte that Latin-1 prints stands for
    # itself, the others follow from U+0100 on.
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    table = []
    others = 0x100
    for byte in range(256):
        if byte in printable:
            table.append(chr(byte))
        else:
            table.append(chr(others))
            others += 1
    return tuple(table)


BYTE_TO_CHAR: Final = _byte_to_char()
"""The character that stands for each byte."""

CHAR_TO_BYTE: Final = {character: byte for byte, character in enumerate(BYTE_TO_CHAR)}
"""The byte that each of those characters stands for."""
