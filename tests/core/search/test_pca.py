"""The map: principal components against numpy's SVD, and a picture that stays put."""

import numpy as np
import pytest
import torch

from tokensim_gui.core.search.pca import Layout, pca


def neighbourhood(seed, count=65, dim=384):
    """Unit vectors round one direction, spread most along a few, as neighbours of a token are."""
    rng = np.random.default_rng(seed)
    spread = rng.standard_normal((count, dim)) * 0.9 ** np.arange(dim)
    points = (
        3 * rng.standard_normal(dim) / np.sqrt(dim)
        + spread @ np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    )
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def layout_of(points, ids=None, previous=None):
    ids = np.arange(len(points), dtype=np.int32) if ids is None else ids
    return pca(torch.from_numpy(points), ids, previous)


@pytest.mark.parametrize("count", [3, 12, 65, 130, 260])
def test_the_picture_is_the_plane_of_most_variance(count):
    points = neighbourhood(count, count)
    layout = layout_of(points)
    centred = points.astype(np.float64) - points.astype(np.float64).mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :2] * sizes[:2]
    expected *= np.sign((expected * layout.coords).sum(axis=0))
    np.testing.assert_allclose(layout.coords, expected, atol=0.02)
    share = (sizes[:2] ** 2).sum() / (sizes**2).sum()
    assert layout.explained == pytest.approx(share, abs=1e-3)


def test_distances_in_the_picture_are_those_of_the_projection():
    flat = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
    points = np.hstack([flat, np.zeros((40, 100), np.float32)])
    layout = layout_of(points)
    before = np.linalg.norm(flat[:, None] - flat, axis=2)
    after = np.linalg.norm(layout.coords[:, None] - layout.coords, axis=2)
    np.testing.assert_allclose(after, before, atol=1e-4)
    assert layout.explained == pytest.approx(1)
    assert layout.faithfulness == 1


def test_faithfulness_is_the_share_of_ten_nearest_kept():
    points = neighbourhood(1)
    layout = layout_of(points)
    shares = []
    for i in range(len(points)):
        others = [j for j in range(len(points)) if j != i]
        near = sorted(others, key=lambda j: np.linalg.norm(points[i] - points[j]))[:10]
        seen = sorted(others, key=lambda j: np.linalg.norm(layout.coords[i] - layout.coords[j]))
        shares.append(len(set(near) & set(seen[:10])) / 10)
    assert 0.2 < layout.faithfulness < 0.9
    assert layout.faithfulness == pytest.approx(np.mean(shares), abs=0.005)


@pytest.mark.parametrize("count", [1, 2, 3, 11])
def test_few_points_are_drawn_without_a_claim_of_faithfulness(count):
    layout = layout_of(neighbourhood(2, count))
    assert layout.coords.shape == (count, 2)
    assert np.isfinite(layout.coords).all()
    assert 0 <= layout.explained <= 1
    assert np.isnan(layout.faithfulness)


def test_equal_points_lie_in_one_place():
    layout = layout_of(np.tile(neighbourhood(3, 1), (20, 1)))
    np.testing.assert_allclose(layout.coords, 0, atol=1e-3)
    assert layout.explained == 1


def test_the_first_picture_of_the_same_points_is_always_the_same():
    points = neighbourhood(4)
    first, second = layout_of(points), layout_of(points)
    np.testing.assert_array_equal(first.coords, second.coords)
    farthest = first.coords[np.abs(first.coords).argmax(axis=0), [0, 1]]
    assert (farthest > 0).all()


@pytest.mark.parametrize("mirror", [[-1, 1], [1, -1], [-1, -1]])
def test_a_mirrored_last_picture_mirrors_the_next(mirror):
    points = neighbourhood(5)
    first = layout_of(points)
    last = Layout(first.ids, first.coords * np.array(mirror, np.float32), 1, 1)
    np.testing.assert_allclose(layout_of(points, previous=last).coords, last.coords, atol=1e-5)


def test_a_turned_last_picture_turns_the_next():
    points = neighbourhood(6)
    first = layout_of(points)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]], np.float32)
    last = Layout(first.ids, first.coords @ turn, 1, 1)
    np.testing.assert_allclose(layout_of(points, previous=last).coords, last.coords, atol=1e-5)


def test_shared_points_keep_their_places_when_others_come_and_go():
    points = neighbourhood(7, 90)
    ids = np.random.default_rng(7).permutation(90).astype(np.int32)
    first = layout_of(points[:60], ids[:60])
    mirrored = Layout(ids[:60], np.ascontiguousarray(-first.coords), 1, 1)
    for previous in (first, mirrored):
        shifted = layout_of(points[5:65], ids[5:65], previous)
        moved = np.linalg.norm(shifted.coords[:55] - previous.coords[5:], axis=1).mean()
        assert moved < 0.3 * np.linalg.norm(previous.coords, axis=1).mean()


def test_turning_changes_neither_shape_nor_quality():
    points = neighbourhood(8)
    alone = layout_of(points)
    last = layout_of(neighbourhood(9))
    turned = layout_of(points, previous=last)
    np.testing.assert_allclose(
        np.linalg.norm(turned.coords[:, None] - turned.coords, axis=2),
        np.linalg.norm(alone.coords[:, None] - alone.coords, axis=2),
        atol=1e-5,
    )
    assert (turned.explained, turned.faithfulness) == (alone.explained, alone.faithfulness)


def test_a_last_picture_without_shared_points_does_not_matter():
    points = neighbourhood(10)
    last = layout_of(points, ids=np.arange(1000, 1065, dtype=np.int32))
    np.testing.assert_array_equal(layout_of(points, previous=last).coords, layout_of(points).coords)


def test_projecting_leaves_torchs_threads_as_they_were():
    before = torch.get_num_threads()
    layout_of(neighbourhood(11))
    assert torch.get_num_threads() == before


def test_further_points_lie_where_they_would_as_points_and_change_nothing():
    points = neighbourhood(5)
    ids = np.arange(len(points), dtype=np.int32)
    alone = pca(torch.from_numpy(points), ids)
    further = np.vstack([points[7:9], points.mean(axis=0, keepdims=True)])
    both = pca(torch.from_numpy(points), ids, None, torch.from_numpy(further))
    assert np.array_equal(both.coords, alone.coords)
    assert both.beyond[:2] == pytest.approx(alone.coords[7:9], abs=1e-5)
    assert both.beyond[2] == pytest.approx(0, abs=1e-5)
