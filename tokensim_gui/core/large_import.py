"""Imports as large as torch's, through which no garbage collection should walk."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_running = 0
_was_enabled = True


@contextmanager
def large_import() -> Iterator[None]:
    """Import inside what lives as long as the program; safe from any thread.

    A full collection that walks through it stops every thread for 60 to 300 ms. So there is none
    meanwhile (whoever calls the collector by hand asks `is_importing`), and later ones leave out
    what came, the import's own litter with it: to collect that here might destroy, on this thread,
    what belongs to the window's.
    """
    global _running, _was_enabled
    with _lock:
        if _running == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _running += 1
    try:
        yield
        gc.freeze()
    finally:
        with _lock:
            _running -= 1
            if _running == 0 and _was_enabled:
                gc.enable()


def import_apart(name: str) -> None:
    """Import a module as `large_import` does, on a thread of its own.

    Errors that torch and transformers catch meanwhile stay with their frames, and so would those of
    whoever asks, with all that they hold: the table opened first, 20 MB, was never given back.
    """
    from concurrent.futures import ThreadPoolExecutor  # slow to load

    with large_import(), ThreadPoolExecutor(1) as thread:
        thread.submit(importlib.import_module, name).result()


def is_importing() -> bool:
    """Whether a large import is on its way, on whichever thread."""
    return _running > 0
