from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.torch_dtypes import TORCH_DTYPES
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table, save_table
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.search.moved_tokens import moved, same_vectors

ROWS, DIM = 3000, 512


def original(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(ROWS, DIM, generator=generator) * 0.014
    values[:, :4] *= 1e-4  # subnormal in half precision
    values[7] = 0
    return values


def table(folder: Path, values: torch.Tensor, dtype: str = "F32") -> Table:
    scales = None
    if dtype == "I8":
        scales = (values.abs().amax(1) / 127).clamp(min=1e-9).numpy()
        stored = torch.round(values / torch.from_numpy(scales)[:, None]).to(torch.int8)
    else:
        stored = values.to(TORCH_DTYPES[dtype])
    raw = stored.contiguous().view(torch.uint8).numpy().tobytes()
    path = folder / str(len(list(folder.iterdir())))
    save_table(path, f"Table {dtype}", "clip", dtype, *values.shape, [raw], scales)
    return Table.load(path)


def brute_force(old: Table, new: Table) -> tuple[list[float], list[float]]:
    a, b = old.vectors(slice(None)), new.vectors(slice(None))
    turned, length = [], []
    for x, y in zip(a, b, strict=True):
        x_length, y_length = float(np.sqrt(x @ x)), float(np.sqrt(y @ y))
        length.append(y_length - x_length)
        if x_length and y_length:
            turned.append(1 - float(x @ y) / (x_length * y_length))
        else:
            turned.append(float(bool(x_length or y_length)))
    return turned, length


@pytest.mark.parametrize("dtypes", [("F32", "F32"), ("F16", "BF16"), ("I8", "F8_E4M3")])
def test_turn_and_length_are_those_of_a_brute_force(
    tmp_path: Path, dtypes: tuple[str, str]
) -> None:
    old = table(tmp_path, original(), dtypes[0])
    changed = original(1) * 1.5
    changed[9] = 0
    new = table(tmp_path, changed, dtypes[1])
    result = moved(old, new)
    turned, length = brute_force(old, new)
    np.testing.assert_allclose(result.turned, turned, rtol=0, atol=1e-14)
    np.testing.assert_allclose(result.length, length, rtol=0, atol=1e-14)
    assert (result.turned[7], result.turned[9]) == (0.0, 1.0)
    expected = sorted(
        np.flatnonzero(result.moved),
        key=lambda i: (-round(turned[i], 12), -round(abs(length[i]), 12), i),
    )
    assert len(result.order) == len(expected) == ROWS - 1
    # A brute force rounds otherwise in the last digit, which may swap neighbours in the ranking.
    assert np.count_nonzero(result.order != expected) < 5


@pytest.mark.parametrize("before", [*TORCH_DTYPES, "I8"])
@pytest.mark.parametrize("after", [*TORCH_DTYPES, "I8"])
def test_storing_in_another_format_moves_no_token(tmp_path: Path, before: str, after: str) -> None:
    result = moved(table(tmp_path, original(), before), table(tmp_path, original(), after))
    assert not result.moved.any()
    assert len(result.order) == 0


def test_two_tables_hold_the_same_where_rounding_alone_tells_them_apart(tmp_path: Path) -> None:
    values, last = original(), original()
    last[ROWS - 1, DIM - 1] += 0.01
    whole, half = table(tmp_path, values), table(tmp_path, values, "F16")
    assert same_vectors(whole, half, Job()) and same_vectors(half, half, Job())
    assert not same_vectors(whole, table(tmp_path, last), Job())
    assert not same_vectors(whole, table(tmp_path, values[:-1]), Job())


@pytest.mark.parametrize("after", ["F32", "F16", "BF16"])
def test_a_fine_tune_of_three_tokens_shows_these_three_in_order(tmp_path: Path, after: str) -> None:
    values = original()
    values[100] += 0.01
    values[200, 3] += 0.05
    values[300] *= 1.02
    result = moved(table(tmp_path, original()), table(tmp_path, values, after))
    assert result.order.tolist() == [100, 200, 300]
    assert result.turned[100] > result.turned[200] > 1e-3 > result.turned[300]
    assert result.length[300] == pytest.approx(0.02 * float(original()[300].norm()), rel=0.02)


def test_one_bit_counts_in_tables_of_one_format_and_is_measured_though_tiny(
    tmp_path: Path,
) -> None:
    old = original()
    new = old.clone()
    new[5, 50] = torch.nextafter(new[5, 50], torch.tensor(1.0))
    result = moved(table(tmp_path, old), table(tmp_path, new))
    assert result.order.tolist() == [5]
    assert 0 < result.turned[5] < 1e-12


def test_tables_of_different_shapes_are_refused_with_both_shapes(tmp_path: Path) -> None:
    small = table(tmp_path, original()[:2000, :64])
    with pytest.raises(TokenSimError, match=r"3000 × 512 numbers and Table F16 2000 × 64"):
        moved(table(tmp_path, original()), table(tmp_path, original()[:2000, :64], "F16"))
    assert not moved(small, small).moved.any()


def test_the_comparison_reports_rows_can_be_cancelled_and_is_read_only(tmp_path: Path) -> None:
    one = table(tmp_path, original())
    seen: list[tuple[int, int]] = []
    result = moved(one, one, Job(lambda done, total, _: seen.append((done, total))))
    assert seen[0] == (0, ROWS) and seen[-1] == (ROWS, ROWS) and len(seen) > 3
    assert not any(
        array.flags.writeable
        for array in (result.turned, result.length, result.moved, result.order)
    )
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        moved(one, one, job)
