"""Colours that can be read, by everyone, in both themes."""

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from tokensim_gui.app import qt_application
from tokensim_gui.ui import theme

TEXT, MARK = 4.5, 3.0
GROUNDS = ("window", "base", "side", "field", "track", "chip", "selection")
PAIRS = [
    *((front, ground, TEXT) for front in ("text", "text2", "accent") for ground in GROUNDS),
    *(("error", ground, TEXT) for ground in ("window", "base", "side", "field", "error_ground")),
    ("text", "error_ground", TEXT),
    ("text2", "error_ground", TEXT),
    ("notice_text", "notice", TEXT),
    ("query", "notice", TEXT),
    ("on_accent", "accent", TEXT),
    *(("query", ground, TEXT) for ground in ("window", "base", "side", "field", "chip")),
    *(("group", ground, TEXT) for ground in ("base", "halo")),
    *(("text", ground, TEXT) for ground in ("halo", "dens0", "dens1")),
    *(("accent", ground, TEXT) for ground in ("halo", "dens0")),
    *(("ok", ground, TEXT) for ground in ("window", "base", "side")),
    # What is no text, and said by none: bars, circles, marks of encoders, the knob of a slider.
    *(("score_bar", ground, MARK) for ground in ("base", "side", "selection", "score_track")),
    *((end, "base", MARK) for end in ("map_far", "map_near")),
    *((f"encoder{number}", "base", MARK) for number in range(1, 5)),
    *((knob, "chip", MARK) for knob in ("accent", "query")),
]
# Lines between sheets, and what is told again by words or place beside it.
DECORATION = {"border", "hair", "dim"}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [channel / 255 for channel in QColor(colour).getRgb()[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_text_and_marks_stand_out(
    colours: theme.Colours, front: str, ground: str, least: float
) -> None:
    assert contrast(getattr(colours, front), getattr(colours, ground)) >= least


def test_every_colour_is_in_a_pair_that_is_tested() -> None:
    tested = {role for front, ground, _ in PAIRS for role in (front, ground)}
    assert {field.name for field in fields(theme.Colours)} == tested | DECORATION


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_colours_a_map_stands_out_from_its_ground(qtbot: QtBot, name: theme.ThemeName) -> None:
    theme.apply(qt_application(name), name)
    shades = [*theme.class_colours(), *(theme.size_colour(step / 10) for step in range(11))]
    base = theme.colours().base
    assert min(contrast(shade.name(), base) for shade in shades) >= MARK
    sizes = [contrast(theme.size_colour(step / 10).name(), base) for step in range(11)]
    assert sizes == sorted(sizes) and sizes[-1] > 3 * sizes[0]


# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_the_query_and_the_map_stay_apart_for_every_sight(
    colours: theme.Colours, sight: str
) -> None:
    def seen(colour: str) -> list[float]:
        rgb = [(c / 255) ** 2.2 for c in QColor(colour).getRgb()[:3]]
        mixed = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in SIGHT[sight]]
        return [max(0.0, min(1.0, c)) ** (1 / 2.2) for c in mixed]

    apart = sum(
        abs(a - b) for a, b in zip(seen(colours.query), seen(colours.map_near), strict=True)
    )
    assert apart > 0.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_theme_reaches_the_whole_application(qtbot: QtBot, name: theme.ThemeName) -> None:
    app = qt_application(name)
    expected = theme.DARK if name == "dark" else theme.LIGHT
    assert theme.colours() is expected
    assert app.palette().window().color().name().upper() == expected.window


def test_high_contrast_leaves_the_palette_of_the_system_alone(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = qt_application("light")
    system = app.palette()
    system.setColor(QPalette.ColorRole.Window, QColor("black"))
    system.setColor(QPalette.ColorRole.Text, QColor("yellow"))
    app.setPalette(system)
    monkeypatch.setattr(theme, "_high_contrast", lambda _app: True)
    theme.apply(app, "light")
    try:
        assert app.palette().window().color() == QColor("black")
        assert theme.colours().text == theme.colours().text2 == QColor("yellow").name()
    finally:
        monkeypatch.undo()
        theme.apply(app, "light")
