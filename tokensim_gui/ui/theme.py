"""Every colour, space and size of the window, once.

No other file names a colour or calls ``setStyleSheet``; a test keeps it so. Text and mark colours
were measured against their grounds (text at least 4.5:1, marks 3:1); the pairs are kept as a test.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from tokensim_gui.ui.style_sheet import STYLE

SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 12, 16, 24
TEXT_LEFT = 28  # of the words of every page; edges of fields, switches and chips are at SPACE_L
RADIUS, BAR_RADIUS, CHIP_RADIUS = 6, 8, 6
FIELD_HEIGHT, BAR_HEIGHT, CHIP_HEIGHT = 28, 44, 26
SCORE_BAR_WIDTH, SCORE_BAR_HEIGHT = 64, 3
MARK_WIDTH = 3

ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Colours:
    """The roles of the window as colours ``#RRGGBB``.

    Grounds: ``window`` of the header, ``base`` of the sheets, ``side`` of the inspector, ``field``
    of what is typed in, ``track`` of switches and empty bars, ``chip``, ``selection``, ``notice``.
    Lines: ``border`` between header, sheets and strip, ``hair`` within them, ``dim`` of what is
    decoration. Map: ``map_far`` to ``map_near``, ``dens0`` to ``dens1`` for density, ``group`` for
    names of regions, ``halo`` round labels.
    """

    window: str
    base: str
    side: str
    text: str
    text2: str
    border: str
    hair: str
    field: str
    track: str
    accent: str
    on_accent: str
    selection: str
    chip: str
    score_bar: str
    score_track: str
    map_far: str
    map_near: str
    query: str
    notice: str
    notice_text: str
    error: str
    error_ground: str
    dens0: str
    dens1: str
    group: str
    halo: str
    ok: str
    dim: str
    encoder1: str
    encoder2: str
    encoder3: str
    encoder4: str

    def colour(self, role: str) -> QColor:
        """The QColor of a role, for painters."""
        return QColor(getattr(self, role))


LIGHT = Colours(
    window="#F3F4F6",
    base="#FFFFFF",
    side="#FAFBFC",
    text="#1C2128",
    text2="#59636E",
    border="#D9DDE3",
    hair="#E4E7EB",
    field="#FFFFFF",
    track="#E6E9EE",
    accent="#2457D6",
    on_accent="#FFFFFF",
    selection="#DCE6FC",
    chip="#E9EEF8",
    score_bar="#4E7BE0",
    score_track="#E6E9EE",
    map_far="#74869F",
    map_near="#1D4FC4",
    query="#B5480A",
    notice="#FFF1CC",
    notice_text="#6B4A00",
    error="#C0271C",
    error_ground="#FFE9E7",
    dens0="#FFFFFF",
    dens1="#A2AEC2",
    group="#545E6C",
    halo="#FFFFFF",
    ok="#1B7A4B",
    dim="#A9B2BF",
    encoder1="#2457D6",
    encoder2="#73360D",
    encoder3="#0F7F52",
    encoder4="#AF008C",
)
DARK = Colours(
    window="#1A1D22",
    base="#20242A",
    side="#1D2126",
    text="#E6E9ED",
    text2="#A3ADB9",
    border="#3A414B",
    hair="#2D333B",
    field="#262B32",
    track="#2B3038",
    accent="#7FA6FF",
    on_accent="#10131A",
    selection="#273A60",
    chip="#2C3442",
    score_bar="#6A90E2",
    score_track="#2C3138",
    map_far="#6B7894",
    map_near="#8DB4FF",
    query="#FFA45C",
    notice="#3A3016",
    notice_text="#F2CE7A",
    error="#FF8A80",
    error_ground="#47211F",
    dens0="#20242A",
    dens1="#566480",
    group="#AEB8C6",
    halo="#20242A",
    ok="#5FD39A",
    dim="#525C6A",
    encoder1="#7FA6FF",
    encoder2="#D58B57",
    encoder3="#50ECAD",
    encoder4="#E6008A",
)

# Stops of cividis, even in lightness and for every sight (Nuñez, Anderton, Renslow 2018).
_CIVIDIS = ("#00224E", "#2A3F6D", "#575D6D", "#7D7C78", "#A59C74", "#D2C060", "#FEE838")
# What it runs through where sizes are told apart on a base: the largest stands out most.
_SIZES_ON_LIGHT, _SIZES_ON_DARK = (0.58, 0.0), (0.45, 1.0)
# Classes beside each other, as of script: each at least 3:1 on its base.
_CLASSES_ON_LIGHT = (
    "#C4451C", "#1B7F4B", "#8E2C8E", "#8A6A00", "#0B7C8C", "#C2185B", "#2457D6",
)  # fmt: skip
_CLASSES_ON_DARK = (
    "#FF9A6B", "#5FD39A", "#D99BE8", "#E3C34F", "#5FCFDD", "#FF8FB1", "#7FA6FF",
)  # fmt: skip
_DARK_SHARE = 0.47  # up to here white is read better than black, at least 4.5:1

_active = LIGHT


def colours() -> Colours:
    """The colours in force; widgets read them anew on `QEvent.PaletteChange`."""
    return _active


def cividis(share: float) -> tuple[QColor, QColor]:
    """The colour of a share from 0 (dark blue) to 1 (yellow), and that of a number upon it."""
    place = min(1.0, max(0.0, share)) * (len(_CIVIDIS) - 1)
    at = min(int(place), len(_CIVIDIS) - 2)
    low, high = (QColor(name) for name in _CIVIDIS[at : at + 2])

    def mixed(first: int, second: int) -> int:
        return round(first + (second - first) * (place - at))

    ground = QColor(
        mixed(low.red(), high.red()),
        mixed(low.green(), high.green()),
        mixed(low.blue(), high.blue()),
    )
    return ground, QColor("#FFFFFF" if share < _DARK_SHARE else "#000000")


def _base_is_dark() -> bool:
    return _active.colour("base").lightnessF() < 0.5


def size_colour(share: float) -> QColor:
    """The colour of a size from 0 to 1 on the base, the largest the farthest from it."""
    low, high = _SIZES_ON_DARK if _base_is_dark() else _SIZES_ON_LIGHT
    return cividis(low + (high - low) * share)[0]


def class_colours() -> list[QColor]:
    """Colours of classes on the base, those told apart best first."""
    return [QColor(name) for name in (_CLASSES_ON_DARK if _base_is_dark() else _CLASSES_ON_LIGHT)]


def _from_palette(palette: QPalette) -> Colours:
    """Colours out of the system's own palette, for high contrast."""

    def name(role: QPalette.ColorRole) -> str:
        return palette.color(role).name()

    role = QPalette.ColorRole
    text, highlight = name(role.Text), name(role.Highlight)
    ground, base = name(role.Window), name(role.Base)
    grounds = dict.fromkeys(("window", "notice", "error_ground", "track", "score_track"), ground)
    bases = dict.fromkeys(("base", "side", "field", "chip", "dens0", "halo"), base)
    found = {field.name: text for field in fields(Colours)} | grounds | bases
    return Colours(
        **found
        | {
            "accent": highlight,
            "on_accent": name(role.HighlightedText),
            "selection": highlight,
            "query": name(role.Link),
        }
    )


def _palette(c: Colours) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for where, value in (
        (role.Window, c.window),
        (role.WindowText, c.text),
        (role.Base, c.base),
        (role.AlternateBase, c.base),
        (role.Text, c.text),
        (role.PlaceholderText, c.text2),
        (role.Button, c.base),
        (role.ButtonText, c.text),
        (role.BrightText, c.error),
        (role.ToolTipBase, c.base),
        (role.ToolTipText, c.text),
        (role.Highlight, c.selection),
        (role.HighlightedText, c.text),
        (role.Accent, c.accent),
        (role.Link, c.accent),
        (role.Light, c.base),
        (role.Midlight, c.border),
        (role.Mid, c.border),
        (role.Dark, c.border),
        (role.Shadow, c.border),
    ):
        palette.setColor(where, QColor(value))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, where, QColor(c.text2))
    return palette


TEXT_SIZES = (80, 90, 100, 110, 125, 150, 175, 200)  # per cent

_text_size = 100


def px(pixels: int) -> int:
    """A height that holds text, grown with the text's size: 28 at 200 % is 56."""
    return round(pixels * max(100, _text_size) / 100)


def base_font() -> QFont:
    """The system's family and size, as large as asked, with tabular figures."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(font.pointSizeF() * _text_size / 100)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def sized(points: float, *, bold: bool = False) -> QFont:
    """The application font, ``points`` larger than the base at 100 %, demi-bold if asked."""
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() + points * _text_size / 100)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def mono_font() -> QFont:
    """The fixed-width font of pieces and bytes, in the base size."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QApplication.font().pointSizeF())
    return font


def row_height() -> int:
    """Height of a table row in pixels: at least 28, else the font's height + 10."""
    return max(px(28), QFontMetrics(QApplication.font()).height() + 10)


def _high_contrast(app: QApplication) -> bool:
    if not hasattr(app.styleHints(), "accessibility"):  # Qt before 6.10 can't tell
        return False
    accessibility = app.styleHints().accessibility()
    return accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast


@contextmanager
def styled_when_built() -> Iterator[None]:
    """Build widgets without the style sheet, which is then worked out once for all of them.

    Qt works it out anew for a widget and all below it whenever one gets a parent, which made a
    third of the time in which the window is built.
    """
    app = QApplication.instance()
    sheet = app.styleSheet() if isinstance(app, QApplication) else ""
    if not sheet or not isinstance(app, QApplication):
        yield
        return
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def apply(app: QApplication, theme: ThemeName, text_size: int = 100) -> None:
    """Put the whole application in a theme; under system high contrast its palette stays.

    Args:
        app: Whose look it is.
        theme: Light, dark, or what the system says.
        text_size: In per cent of the system's.
    """
    global _active, _text_size
    _text_size = text_size
    scheme = {
        "system": Qt.ColorScheme.Unknown,
        "light": Qt.ColorScheme.Light,
        "dark": Qt.ColorScheme.Dark,
    }[theme]
    hints = app.styleHints()
    hints.setColorScheme(scheme)
    if sys.platform != "darwin" and app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setFont(base_font())
    if _high_contrast(app):
        _active = _from_palette(app.palette())
    else:
        dark = theme == "dark" or (theme == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
        _active = DARK if dark else LIGHT
        app.setPalette(_palette(_active))
    base = app.font().pointSizeF()
    scale = text_size / 100
    app.setStyleSheet(
        STYLE.format(
            **{field.name: getattr(_active, field.name) for field in fields(_active)},
            query_pt=base + 4 * scale,
            editor_pt=base + 1.5 * scale,
            caption_pt=base - scale,
            small_pt=base - 1.5 * scale,
            heading_pt=base + 10 * scale,
            mono=mono_font().family(),
            inside=px(FIELD_HEIGHT) - 2,
            bar=px(BAR_HEIGHT) - 4,
            badge=px(18),
            chip_inside=px(CHIP_HEIGHT) - 2,
            tab=px(38),
            part=px(22),
            disc=px(18) // 2,
            disc2=px(18),
            rank=px(28),
        )
    )
