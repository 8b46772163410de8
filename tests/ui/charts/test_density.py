"""Many points as shades: what is dense, what is seen, and what is left out."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from tokensim_gui.ui.charts.density import paint_density

SIZE = 160, 120


@pytest.fixture(autouse=True)
def application(qapp):
    """Pictures need one."""


def picture(places):
    image = QImage(*SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    columns, rows = np.array(places, np.float32).reshape(-1, 2).T
    paint_density(painter, (columns.copy(), rows.copy()), SIZE, QColor("#204060"))
    painter.end()
    return image


def opacity(image, x, y):
    return image.pixelColor(x, y).alpha()


def test_the_more_points_the_darker_and_none_far_from_any():
    many, few = [(40, 60)] * 30, [(110, 60)] * 3
    image = picture(many + few)
    assert opacity(image, 40, 60) > opacity(image, 110, 60) > 0
    assert opacity(image, 75, 5) == 0
    glow = [opacity(image, 40 + away, 60) for away in (2, 6, 12)]
    assert glow == sorted(glow, reverse=True) and glow[1] > 0
    assert image.pixelColor(40, 60).blue() > image.pixelColor(40, 60).red()


def test_points_outside_do_not_count():
    inside = [(20, 20), (80, 60), (140, 100)]
    outside = [(-0.5, 60), (160, 60), (80, -1), (80, 120.5), (-1e6, 1e6), (-30, -30)]
    assert picture(inside + outside) == picture(inside)
    assert picture(outside) == picture([])
    assert opacity(picture([(0, 0), (159.9, 119.9)]), 0, 0) > 0
    assert opacity(picture([(0, 0), (159.9, 119.9)]), 159, 119) > 0


def test_a_frame_leaves_nothing_in_the_next():
    first = picture([(30, 30)] * 9)
    picture([(100, 90)] * 40 + [(10, 100)])
    assert picture([(30, 30)] * 9) == first


def test_a_cell_with_very_many_points_does_not_run_over():
    image = picture([(60, 60)] * 2**14 + [(100, 60)])  # 36 of 256 of that are 0 in 16 bits
    assert opacity(image, 60, 60) > opacity(image, 100, 60)
