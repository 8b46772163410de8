import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QRectF, QSizeF

from tokensim_gui.ui.charts.map_layout import Wish, fitted, place_labels, to_pixels

boxes = st.tuples(st.floats(4, 150), st.floats(8, 30))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    points=hnp.arrays(np.float64, (20, 2), elements=st.floats(0, 300)),
    sizes=st.lists(boxes, min_size=1, max_size=12),
)
def test_labels_keep_off_each_other_the_rim_and_the_marks(points, sizes):
    bounds = QRectF(0, 0, 300, 300)
    wishes = [Wish(index, *size, may_cover=9.0) for index, size in enumerate(sizes)]
    radii = np.full(20, 4.0)
    placed = place_labels(wishes, points, radii, [18, 19], bounds)
    rects = list(placed.values())
    for index, rect in enumerate(rects):
        assert bounds.contains(rect)
        assert not any(rect.intersects(other) for other in rects[:index])
        for x, y in points[18:]:
            assert not rect.intersects(QRectF(x - 4, y - 4, 8, 8))


def test_points_far_from_every_label_change_nothing():
    rng = np.random.default_rng(2)
    points = rng.uniform((100, 100), (500, 400), (60, 2))
    wishes = [Wish(index, 60, 16, 8.0) for index in range(25)]
    bounds = QRectF(0, 0, 600, 500)
    placed = place_labels(wishes, points, np.full(60, 4.0), [59], bounds)
    assert 5 < len(placed) < 25
    more = np.vstack((points, rng.uniform((2000, 0), (3000, 900), (900, 2))))
    assert place_labels(wishes, more, np.full(960, 4.0), [59], bounds) == placed


def test_the_first_label_gets_the_best_place():
    points = np.array([(50.0, 50.0), (50.0, 50.0)])
    placed = place_labels(
        [Wish(0, 40, 16, 0), Wish(1, 40, 16, 0)],
        points,
        np.full(2, 3.0),
        [],
        QRectF(0, 0, 200, 100),
    )
    assert placed[0].left() > 50
    assert placed[1].right() < 50


def test_a_label_takes_the_place_that_covers_least_or_none():
    wish = Wish(0, 40, 16, may_cover=3)
    ring = [
        (50 + 30 * dx, 50 + 18 * dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0)
    ]
    points = np.array([(50.0, 50.0), *ring])
    bounds = QRectF(0, 0, 100, 100)
    radii = np.full(9, 2.0)
    assert place_labels([wish], points, radii, [], bounds)
    radii[1:] = 4
    assert not place_labels([wish], points, radii, [], bounds)
    radii[1:] = 1
    assert place_labels([wish], points, radii, [], bounds)
    assert not place_labels([wish], points, radii, list(range(1, 9)), bounds)
    radii[1:] = 4
    radii[5] = 1  # below
    assert place_labels([wish], points, radii, [], bounds)[0].top() > 50


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    hnp.arrays(np.float32, (5, 2), elements=st.floats(-10, 10, width=32)),
    st.floats(20, 2000),
    st.floats(20, 2000),
)
def test_a_fitted_picture_is_whole_and_stretched_by_a_bounded_factor_at_most(coords, width, height):
    size = QSizeF(width, height)
    shown = fitted(coords, size)
    pixels = to_pixels(coords, shown, size)
    assert (pixels >= -0.01).all()
    assert (pixels <= (width + 0.01, height + 0.01)).all()
    across, down = width / shown.width(), height / shown.height()
    assert 1 / 1.251 <= across / down <= 1.251
    wide, high = coords[1].astype(float) - coords[0]
    assert pixels[1] - pixels[0] == pytest.approx((wide * across, -high * down), abs=1e-3)


def test_no_label_stands_nearer_to_another_point_than_to_its_own():
    points = np.array([(50.0, 50.0), (96.0, 50.0)])
    radii = np.full(2, 3.0)
    wish = Wish(0, 38, 16, may_cover=14)
    only_right = QRectF(45, 40, 100, 20)
    assert not place_labels([wish], points, radii, [], only_right)
    points[1] = 110, 50
    assert place_labels([wish], points, radii, [], only_right)
