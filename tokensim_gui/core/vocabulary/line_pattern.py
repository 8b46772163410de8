"""Rewriting a regular expression so that one pass over many lines searches each by itself."""

import re
from typing import Final

_NAMES: Final = (
    r"(?:L[ulto]?|N[dlo]?|P[cdfieos]?|S[mcko]?|M[nce]?|Latin|Greek|Cyrillic|Arabic|Hebrew"
    r"|Devanagari|Thai|Han|Hiragana|Katakana|Hangul|Emoji|Extended_Pictographic)"
)
# What can match no line break and sees no further than the next one, given MULTILINE.
_LOCAL: Final = re.compile(
    r"""
      (?P<same>
          [^\\\[\](){}\n]                   # a plain character, ^ $ . * + ? |
        | \{\d+(?:,\d*)?\} | \{,\d+\}       # a count
        | \((?![?*]) | \(\?(?:-?i?:|[>=!|]|<[=!]|P?<[A-Za-z]\w*>)    # groups and lookaround
        | \)
        | \\[dwbBS1-9] | \\[^\w\s] | \\p\{NAMES\}    # classes, references, escaped signs
      )
    | (?P<space>\\s) | (?P<nondigit>\\D) | (?P<nonword>\\W) | \\P(?P<other>\{NAMES\})
    | (?P<first>\\A) | (?P<last>\\Z)
    | \[(?P<negated>\^?)(?P<set>(?:[^\\\[\]&|~\n-]|\w-\w|\\[dw]|\\[^\w\s]|\\p\{NAMES\})+)\]
    """.replace("NAMES", _NAMES),
    re.VERBOSE,
)
_REWRITTEN: Final = {
    "space": r"[^\S\n]",
    "nondigit": r"[^\d\n]",
    "nonword": r"[^\w\n]",
    "first": "^",
    "last": "$",
}


def line_pattern(expression: str) -> str | None:
    r"""Return an expression that, MULTILINE, matches once in each line where ``expression`` does.

    The lines hold no other line breaks. Negated classes are kept from the line break; a match
    swallows the rest of its line, so that the next one is in another.

    Args:
        expression: A valid expression for the ``regex`` package.

    Returns:
        The expression, or None where ``expression`` holds anything that this simple reader
        does not know to stay within its line.
    """
    parts = []
    place = 0
    while place < len(expression):
        match = _LOCAL.match(expression, place)
        if match is None:
            return None
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "set":
            opening = r"[^\n" if match["negated"] else "["
            parts.append(f"{opening}{match['set']}]")
        elif kind == "other":
            parts.append(rf"[^\p{match['other']}\n]")
        else:
            parts.append(_REWRITTEN.get(kind, match[0]))
    return rf"(?:{''.join(parts)})[^\n]*+\n?"
