"""Every colour, space and size of the window, once.

No other file names a colour or calls ``setStyleSheet``; a test keeps it so. Text and mark colours
were measured against their grounds (text at least 4.5:1, marks 3:1); the pairs are kept as a test.
"""

import sys
from dataclasses import dataclass, fields
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 12, 16, 24
RADIUS, CHIP_RADIUS = 6, 12
FIELD_HEIGHT, BAR_HEIGHT, CHIP_HEIGHT, TRAY_HEIGHT, HINT_HEIGHT = 28, 38, 24, 36, 26
SCORE_BAR_WIDTH, SCORE_BAR_HEIGHT = 140, 4
MARK_WIDTH = 3

ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Colours:
    """The roles of UX as colours ``#RRGGBB``."""

    window: str
    base: str
    text: str
    text2: str
    border: str
    notice: str
    accent: str
    on_accent: str
    selection: str
    score_bar: str
    map_far: str
    map_near: str
    query: str
    error: str
    error_ground: str
    encoder1: str
    encoder2: str
    encoder3: str
    encoder4: str

    def colour(self, role: str) -> QColor:
        """The QColor of a role, for painters."""
        return QColor(getattr(self, role))


LIGHT = Colours(
    window="#F4F5F7",
    base="#FFFFFF",
    text="#1C2128",
    text2="#59636E",
    border="#D5DAE1",
    notice="#FFF4D6",
    accent="#2457D6",
    on_accent="#FFFFFF",
    selection="#DCE6FC",
    score_bar="#5F8AEA",
    map_far="#7F93B8",
    map_near="#1D4FC4",
    query="#B5480A",
    error="#C0271C",
    error_ground="#FFE9E7",
    encoder1="#2457D6",
    encoder2="#73360D",
    encoder3="#119D65",
    encoder4="#AF008C",
)
DARK = Colours(
    window="#1B1E23",
    base="#22262C",
    text="#E6E9ED",
    text2="#A3ADB9",
    border="#363C45",
    notice="#3A3016",
    accent="#7FA6FF",
    on_accent="#10131A",
    selection="#2C3F66",
    score_bar="#5476C4",
    map_far="#667085",
    map_near="#8DB4FF",
    query="#FFA45C",
    error="#FF8A80",
    error_ground="#47211F",
    encoder1="#7FA6FF",
    encoder2="#B26634",
    encoder3="#50ECAD",
    encoder4="#E6008A",
)

# Stops of cividis, even in lightness and for every sight (Nuñez, Anderton, Renslow 2018).
_CIVIDIS = ("#00224E", "#2A3F6D", "#575D6D", "#7D7C78", "#A59C74", "#D2C060", "#FEE838")
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


def _from_palette(palette: QPalette) -> Colours:
    """Colours out of the system's own palette, for high contrast."""

    def name(role: QPalette.ColorRole) -> str:
        return palette.color(role).name()

    role = QPalette.ColorRole
    text, highlight = name(role.Text), name(role.Highlight)
    return Colours(
        window=name(role.Window),
        base=name(role.Base),
        text=text,
        text2=text,
        border=text,
        notice=name(role.Window),
        accent=highlight,
        on_accent=name(role.HighlightedText),
        selection=highlight,
        score_bar=text,
        map_far=text,
        map_near=text,
        query=name(role.Link),
        error=text,
        error_ground=name(role.Window),
        encoder1=text,
        encoder2=text,
        encoder3=text,
        encoder4=text,
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


# Widgets take a look by the dynamic property "look"; names are said once, here.
_STYLE = """
* {{ outline: none; }}
QToolTip {{ background: {base}; color: {text}; border: 1px solid {border}; padding: 4px; }}
QMenuBar {{ background: {window}; padding: 2px 8px; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {selection}; }}
QMenu {{ background: {base}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selection}; }}
QMenu::item:disabled {{ color: {text2}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}
QMenu::indicator {{ width: 12px; height: 12px; left: 6px; }}
QListView::indicator {{
    width: 11px; height: 11px; border: 1px solid {text2}; border-radius: 3px;
    background: {base}; }}
QListView::indicator:checked {{ background: {accent}; border-color: {accent}; }}
QStatusBar::item {{ border: none; }}
QLineEdit, QPushButton, QToolButton, QComboBox, QSpinBox {{
    background: {base}; color: {text}; border: 1px solid {border}; border-radius: 6px;
    padding: 0 10px; min-height: 26px; }}
QLineEdit, QSpinBox {{
    selection-background-color: {selection}; selection-color: {text}; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
QSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {text2}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {selection}; }}
QLineEdit:focus, QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus {{
    border: 1px solid {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {text2}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[look="primary"] {{
    background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[look="primary"]:disabled {{
    background: {base}; color: {text2}; border-color: {border}; }}
QPushButton[look="bar"], QToolButton[look="bar"] {{ min-height: 36px; padding: 0 12px; }}
QLineEdit[look="query"] {{ min-height: 36px; padding: 0 10px 0 6px; font-size: {query_pt}pt; }}
QLineEdit[look="query"][problem="true"] {{ border-color: {error}; }}
QToolButton[look="flat"], QPushButton[look="flat"], QToolButton[look="flat words"] {{
    background: transparent; border: 1px solid transparent; padding: 0 6px; }}
QToolButton[look="flat"], QPushButton[look="flat"] {{ min-width: 16px; }}
QToolButton[look="flat"]:hover, QPushButton[look="flat"]:hover,
QToolButton[look="flat words"]:hover {{ border-color: {border}; }}
QToolButton[look="flat"]:focus, QPushButton[look="flat"]:focus,
QToolButton[look="flat words"]:focus {{ border-color: {accent}; }}
QToolButton[look="cross"] {{
    background: transparent; border: none; color: {text2}; padding: 0; min-height: 20px; }}
QToolButton[look="cross"]:hover {{ color: {text}; }}
QToolButton[look="fold"] {{
    background: transparent; border: 1px solid transparent; color: {text2};
    padding: 0 2px; min-height: 20px; }}
QToolButton[look="fold"]:hover {{ color: {text}; }}
QToolButton[look="fold"]:focus {{ border-color: {accent}; }}
QPushButton[look="link"] {{
    background: transparent; border: 1px solid transparent; color: {accent};
    padding: 0 4px; min-height: 20px; }}
QPushButton[look="link"]:focus {{ border-color: {accent}; }}
QPushButton[look="chip"] {{
    background: {selection}; border: 1px solid {selection}; border-radius: 12px;
    min-height: 22px; max-height: 22px; padding: 0 12px; }}
QPushButton[look="absent chip"] {{
    background: transparent; border: 1px dashed {border}; border-radius: 12px; color: {text2};
    min-height: 22px; max-height: 22px; padding: 0 12px; }}
QPushButton[look="absent chip"]:focus {{ border-color: {accent}; }}
QPushButton[look="chip"]:hover {{ border-color: {text2}; }}
QPushButton[look="chip"]:focus, QPushButton[look="chip"]:checked {{ border-color: {accent}; }}
QPushButton[look="tab"] {{
    background: transparent; border: none; border-bottom: 2px solid transparent;
    border-radius: 0; color: {text2}; padding: 0 14px; }}
QPushButton[look="tab"]:checked {{ color: {text}; border-bottom-color: {accent}; }}
QPushButton[look="tab"]:focus {{ color: {accent}; }}
QPushButton[look="part"] {{
    background: transparent; border: 1px solid transparent; color: {text2}; }}
QPushButton[look="part"]:checked {{
    background: {base}; color: {text}; border-color: {border}; }}
QPushButton[look="part"]:focus {{ border-color: {accent}; }}
QFrame[look="panel"] {{
    background: {base}; border: 1px solid {border}; border-radius: 6px; }}
QFrame[look="notice"] {{ background: {notice}; border: none; border-radius: 6px; }}
QFrame[look="error"] {{ background: {error_ground}; border: none; border-radius: 6px; }}
QLabel {{ background: transparent; }}
QLabel[look="dim"] {{ color: {text2}; }}
QLabel[look="caption"] {{ color: {text2}; font-size: {caption_pt}pt; }}
QLabel[look="title"] {{ font-weight: 600; }}
QLabel[look="heading"] {{ font-size: {heading_pt}pt; font-weight: 600; }}
QLabel[look="error"] {{ color: {error}; }}
QLabel[look="piece"], QLineEdit[look="piece"] {{ font-family: "{mono}"; }}
QTableView, QListView, QTreeView {{
    background: {base}; color: {text}; border: 1px solid {border}; border-radius: 6px;
    selection-background-color: {selection}; selection-color: {text}; }}
QTableView:focus, QListView:focus, QTreeView:focus {{ border-color: {accent}; }}
QTableView[look="plain"]::item, QListView[look="plain"]::item {{ padding: 0 8px; border: none; }}
QTableView[look="plain"]::item:selected, QListView[look="plain"]::item:selected {{
    background: {selection}; color: {text}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    background: {base}; color: {text2}; border: none; border-bottom: 1px solid {border};
    padding: 6px 8px; }}
QHeaderView::section:first {{ border-top-left-radius: 5px; }}
QHeaderView::section:last {{ border-top-right-radius: 5px; }}
QTableView[look="tokens"] QHeaderView::section:first {{ padding-left: 12px; }}
QSplitter::handle {{ background: transparent; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle {{ background: {border}; border-radius: 4px; min-height: 28px;
    min-width: 28px; }}
QScrollBar::handle:hover {{ background: {text2}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QProgressBar {{ background: {border}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QTextEdit, QPlainTextEdit, QTextBrowser {{
    background: {base}; color: {text}; border: 1px solid {border}; border-radius: 6px;
    selection-background-color: {selection}; selection-color: {text}; padding: 4px; }}
QTextEdit:focus, QPlainTextEdit:focus {{ border-color: {accent}; }}
"""


def base_font() -> QFont:
    """The system's family and size with tabular figures."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def sized(points: float, *, bold: bool = False) -> QFont:
    """The application font, ``points`` larger than the base, demi-bold if asked."""
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() + points)
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
    return max(28, QFontMetrics(QApplication.font()).height() + 10)


def _high_contrast(app: QApplication) -> bool:
    if not hasattr(app.styleHints(), "accessibility"):  # Qt before 6.10 can't tell
        return False
    accessibility = app.styleHints().accessibility()
    return accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast


def apply(app: QApplication, theme: ThemeName) -> None:
    """Put the whole application in a theme; under system high contrast its palette stays."""
    global _active
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
    values = {field.name: getattr(_active, field.name) for field in fields(_active)}
    app.setStyleSheet(
        _STYLE.format(
            **values,
            query_pt=base + 4,
            caption_pt=base - 1,
            heading_pt=base + 10,
            mono=mono_font().family(),
        )
    )
