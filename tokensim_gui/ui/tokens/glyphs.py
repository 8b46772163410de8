"""What is drawn for a token: never a box for a character that no font has."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary, ref

from PySide6.QtGui import QFont, QFontDatabase, QTextLayout

from tokensim_gui.core.values import KINDS
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary


@dataclass(frozen=True, slots=True)
class Face:
    """How a token looks in the window.

    Attributes:
        text: What to draw, without marks.
        before: ``…`` where the token joins what precedes it, else "".
        after: ``…`` where it joins what follows, else "".
        dim: Whether ``text`` stands in for the token's own text (a Unicode name, bytes, a code
            point) and is drawn in the second text colour.
        pictorial: Whether it is an emoji, drawn larger.
    """

    text: str
    before: str = ""
    after: str = ""
    dim: bool = False
    pictorial: bool = False

    @property
    def whole(self) -> str:
        """Text and marks in one."""
        return f"{self.before}{self.text}{self.after}"


def has_glyphs(text: str, font: QFont) -> bool:
    """Whether every character of ``text`` has a glyph in ``font`` or one that stands in for it."""
    return text.isascii() or _has_glyphs(text, font.key())


@lru_cache(maxsize=16_384)
def _has_glyphs(text: str, font_key: str) -> bool:
    # Qt lays out an Indic text that no font covers with a warning for every font that it tries.
    if not all(_script_has_font(_name(character).partition(" ")[0]) for character in text):
        return False
    font = QFont()
    font.fromString(font_key)
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return all(0 not in run.glyphIndexes() for run in layout.glyphRuns())


@lru_cache(maxsize=256)
def _script_has_font(script: str) -> bool:
    """Whether a font claims a script, given by the first word of its characters' names."""
    system = getattr(QFontDatabase.WritingSystem, script.capitalize(), None)
    return system is None or bool(QFontDatabase.families(system))


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")


def unicode_name(text: str) -> str:
    """The Unicode names of the characters in small letters, ``U+XXXX`` for one without a name."""
    return " + ".join(name if name.startswith("U+") else name.lower() for name in map(_name, text))


_MOST_FACES = 1024


class Faces(dict[int, Face]):
    """The face of each token of a vocabulary in one family of fonts; the last ones are kept."""

    def __init__(self, vocabulary: Vocabulary, font: QFont) -> None:
        super().__init__()
        self._vocabulary, self._font = ref(vocabulary), font

    def __missing__(self, token_id: int) -> Face:
        vocabulary = self._vocabulary()
        assert vocabulary is not None  # who asks has it
        if len(self) >= _MOST_FACES:
            self.clear()
        found = self[token_id] = _face(vocabulary, token_id, self._font)
        return found


_FACES: WeakKeyDictionary[Vocabulary, dict[str, Faces]] = WeakKeyDictionary()


def faces(vocabulary: Vocabulary, font: QFont) -> Faces:
    """How to draw the tokens of a vocabulary in ``font``, whose size does not matter."""
    families = _FACES.setdefault(vocabulary, {})
    family = font.family()
    if family not in families:
        families[family] = Faces(vocabulary, font)
    return families[family]


def face(vocabulary: Vocabulary, token_id: int, font: QFont) -> Face:
    """How to draw one token in ``font``, whose size does not matter."""
    return faces(vocabulary, font)[token_id]


def _face(vocabulary: Vocabulary, token_id: int, font: QFont) -> Face:
    text = vocabulary.display(token_id)
    before = after = ""
    if KINDS[vocabulary.kinds[token_id]] == "part":
        before, after = ("", "…") if vocabulary.family == "clip" else ("…", "")
    if text != vocabulary.text(token_id):
        return Face(text, before, after, dim=True)
    pictorial = SCRIPTS[vocabulary.scripts[token_id]] == "Emoji"
    if not has_glyphs(text, font):
        name = unicode_name(text)
        # As shortcodes are written: the princess 👸 stands right beside the word princess.
        return Face(f":{name}:" if pictorial else name, before, after, dim=True)
    return Face(text, before, after, pictorial=pictorial)
