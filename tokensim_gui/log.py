"""Logs, and what is left behind by a crash."""

import faulthandler
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO

from tokensim_gui.core import paths

_CRASH = "crash.txt"  # of an exception
_FAULT = "fault.txt"  # of a library that broke off the whole process, such as a segmentation fault
_NAME = "tokensim"
_faults: BinaryIO | None = None


def start_logging() -> None:
    """Log to a rotating file; without a folder to write to, only to the console if there is one.

    From here on, where each thread stood is also written down if the process is broken off.
    """
    global _faults
    from logging.handlers import RotatingFileHandler  # 10 ms that the first window need not wait

    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handlers: list[logging.Handler] = []
    with suppress(OSError):
        paths.log_dir().mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                paths.log_dir() / "tokensim.log", maxBytes=500_000, backupCount=3, encoding="utf-8"
            )
        )
        # Windows share it, each adding to its end.
        _faults = (paths.log_dir() / _FAULT).open("ab")
        faulthandler.enable(_faults)
    if sys.stderr is not None:
        console = logging.StreamHandler()
        console.setLevel(logging.WARNING)
        handlers.append(console)
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handler.set_name(_NAME)
        root.addHandler(handler)


def stop_logging() -> None:
    """Close the files."""
    global _faults
    if _faults is not None:
        faulthandler.disable()
        if sys.platform == "win32":
            # There a library's own exceptions are written down too, though it dealt with them.
            _faults.truncate(0)
        _faults.close()
        _faults = None
    root = logging.getLogger()
    for handler in list(root.handlers):
        if handler.get_name() == _NAME:
            root.removeHandler(handler)
            handler.close()


def record_crash(error: BaseException) -> str:
    """Log a bug and leave it for the next start; returns its text."""
    text = "".join(traceback.format_exception(error))
    logging.getLogger("tokensim_gui").error("bug:\n%s", text)
    with suppress(OSError):
        paths.log_dir().mkdir(parents=True, exist_ok=True)
        (paths.log_dir() / _CRASH).write_text(text, "utf-8")
    return text


def take_last_crash() -> str:
    """The text of the last crash, once; "" if there was none."""
    texts = []
    for name in (_CRASH, _FAULT):
        with suppress(OSError), (paths.log_dir() / name).open("r+b") as file:
            texts.append(file.read().decode("utf-8", errors="replace"))
            file.truncate(0)  # not deleted: another window may have it open
    return "\n".join(filter(None, texts))


def install_excepthook(show: Callable[[BaseException], None]) -> None:
    """Record every exception that nobody caught, then ``show`` it; the program goes on."""

    def hook(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            raise SystemExit(130)
        show(error)

    sys.excepthook = hook
