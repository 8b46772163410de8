"""An engine for a table, made without freezing the window while torch is mapped."""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tokensim_gui.core.files.table import Table
from tokensim_gui.core.job import Job
from tokensim_gui.core.large_import import import_apart
from tokensim_gui.core.loras.inversion_shelf import InversionShelf
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokensim_gui.core.search.engine import Engine

_SWITCH_S = 0.0005
_CHUNK = 1 << 22
_LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")


def engine_for(table: Table, vocabulary: Vocabulary, shelf: InversionShelf, job: Job) -> "Engine":
    """Return an engine that searches ``table``, which leaves a core to the window.

    Raises:
        JobCancelled: The job was cancelled.
    """
    engine_class = _import_engine()
    job.check()
    # What torch computes on both of two cores waits for the one that paints: a key press took 17 ms
    # instead of 12. The threads of the scan wait for nobody.
    engine = engine_class(threads=max(1, (os.cpu_count() or 2) - 1), shelf=shelf)
    engine.open(table, vocabulary, job)
    return engine


def _import_engine() -> type["Engine"]:
    """Import torch with the interpreter lock free for most of the time.

    The import maps half a gigabyte of shared libraries with the lock held, which stops the window
    for up to 0.7 s. The C library's dlopen called as a foreign function releases the lock; what is
    mapped already then costs the import nothing.
    """
    if "torch" in sys.modules:
        from tokensim_gui.core.search.engine import Engine

        return Engine
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        if sys.platform.startswith("linux"):
            _map_torch()
        import_apart("tokensim_gui.core.search.engine")
        from tokensim_gui.core.search.engine import Engine
    finally:
        sys.setswitchinterval(interval)
    return Engine


def _map_torch() -> None:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    libraries = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in _LIBRARIES:
        path = libraries / name
        if not path.exists():
            continue
        with path.open("rb", buffering=0) as file:  # reading ahead takes the disk out of it
            block = bytearray(_CHUNK)
            while file.readinto(block):
                pass
        dlopen(str(path).encode(), 0x101)  # RTLD_LAZY | RTLD_GLOBAL, as torch opens them
