"""Which writing system a token's text is in."""

from functools import cache
from typing import Final

SCRIPTS: Final[tuple[str, ...]] = (
    "Latin",
    "Emoji",
    "CJK",
    "Kana",
    "Hangul",
    "Cyrillic",
    "Greek",
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Thai",
    "Other",
    "Mixed",
    "Digits",
    "Symbols",
    "None",
)
"""*CJK* are Han characters, *Other* every further alphabet, *Mixed* letters of several; *None*
marks tokens without anything to see: bytes, specials, control characters, spaces."""

_ALPHABETS: Final = {
    "Latin": "Latin",
    "Han": "CJK",
    "Hiragana": "Kana",
    "Katakana": "Kana",
    "Hangul": "Hangul",
    "Cyrillic": "Cyrillic",
    "Greek": "Greek",
    "Arabic": "Arabic",
    "Hebrew": "Hebrew",
    "Devanagari": "Devanagari",
    "Thai": "Thai",
}
BLANKS: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs without ink: the fillers of Hangul and the empty Braille cell."""

_UNSEEN: Final = {*BLANKS, *(chr(point) for point in range(0xFE00, 0xFE10))}  # and variations
_UNPARTED: Final = (
    r"(?=\p{L})(?!\p{Lm})"
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
)
_SHARED: Final = r"[\p{Script=Common}\p{Script=Inherited}]"
_PICTURES: Final = r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]"


def is_word_anywhere(text: str) -> bool:
    """Whether ``text`` begins with a letter of a script without blanks: 猫, แมว, の."""
    return bool(text) and _needs_no_blank(text[0])


@cache
def _needs_no_blank(character: str) -> bool:
    if character < "\u0e00":
        return False
    import regex

    return regex.match(_UNPARTED, character) is not None


def script_of(text: str) -> str:
    """The script of ``text``, one of `SCRIPTS`.

    Letters decide: all of one alphabet give that, several give *Mixed*, but Kana with Han is
    Japanese and counts as *Kana*. Without letters an emoji decides, then a digit, then a symbol.
    """
    found = {_script_of_character(character) for character in text}
    letters = found - {"Emoji", "Digits", "Symbols", "None"}
    if letters == {"CJK", "Kana"}:
        return "Kana"
    if len(letters) > 1:
        return "Mixed"
    if letters:
        return letters.pop()
    return next((script for script in ("Emoji", "Digits", "Symbols") if script in found), "None")


@cache
def _script_of_character(character: str) -> str:
    import regex  # 20 ms to import, and only a vocabulary that is being built asks

    if character in _UNSEEN or regex.match(r"[\p{C}\p{Z}]", character):
        return "None"
    # Pictographs below U+231A are signs of ordinary text such as © and ™; U+20E3 draws the key
    # of a keycap emoji.
    if character == "\u20e3" or (character >= "\u231a" and regex.match(_PICTURES, character)):
        return "Emoji"
    if regex.match(r"\p{N}", character):
        return "Digits"
    # Letters and marks that several scripts share, such as accents, decide nothing.
    if not regex.match(r"[\p{L}\p{M}]", character) or regex.match(_SHARED, character):
        return "Symbols"
    for name, script in _ALPHABETS.items():
        if regex.match(rf"\p{{Script={name}}}", character):
            return script
    return "Other"
