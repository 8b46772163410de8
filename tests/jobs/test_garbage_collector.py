"""When garbage is collected, and what is left out."""

import gc
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tokensim_gui.core.large_import import import_apart, is_importing, large_import
from tokensim_gui.jobs.garbage_collector import Collector


class Circle:
    """Holds itself, so that only a collection ends it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()
    gc.unfreeze()


_young: list[list[int]] = []


def litter() -> "ref[Circle]":
    """Leave garbage behind, and so many objects that a collection is due."""
    _young.extend([number] for number in range(2 * gc.get_threshold()[0]))
    return ref(Circle())


def wait_for_a_turn(collector: Collector, qtbot: QtBot) -> None:
    timer = collector.findChild(QTimer)
    assert timer is not None
    with qtbot.waitSignal(timer.timeout):
        pass


def test_garbage_is_collected_in_time(collector: Collector, qtbot: QtBot) -> None:
    left = litter()
    wait_for_a_turn(collector, qtbot)
    assert left() is None


def test_nothing_is_collected_during_a_large_import(collector: Collector, qtbot: QtBot) -> None:
    with large_import():
        left = litter()
        wait_for_a_turn(collector, qtbot)
        assert left() is not None
    left = litter()
    wait_for_a_turn(collector, qtbot)
    assert left() is None


def test_what_is_there_at_the_start_is_left_out_of_later_collections(
    collector: Collector, qtbot: QtBot
) -> None:
    there = litter()
    collector.leave_out()
    later = litter()
    gc.collect()
    assert there() is not None
    assert later() is None


def test_what_a_large_import_brings_is_left_out_of_later_collections(qtbot: QtBot) -> None:
    with large_import():
        brought = litter()
    gc.collect()
    assert brought() is not None
    gc.unfreeze()


def test_of_two_large_imports_the_last_to_end_brings_the_collector_back() -> None:
    was_enabled = gc.isenabled()
    gc.enable()
    try:
        with large_import():
            with large_import():
                pass
            assert is_importing()
            assert not gc.isenabled()
        assert not is_importing()
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        if not was_enabled:
            gc.disable()


def test_a_large_import_keeps_nothing_of_those_who_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catches = "try:\n    raise ValueError\nexcept ValueError as error:\n    kept = error\n"
    (tmp_path / "keeps_an_error.py").write_text(catches)
    monkeypatch.syspath_prepend(tmp_path)

    def ask() -> "ref[Circle]":
        import_apart("keeps_an_error")
        held = Circle()
        return ref(held)

    left = ask()
    gc.unfreeze()
    gc.collect()
    assert left() is None
