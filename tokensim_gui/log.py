"""Logs, and what is left behind by a crash."""

import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from tokensim_gui import paths

_CRASH = "crash.txt"
_NAME = "tokensim"


def start_logging() -> None:
    """Log to a rotating file; without a folder to write to, only to the console if there is one."""
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
    path = paths.log_dir() / _CRASH
    try:
        text = path.read_text("utf-8", errors="replace")
        path.unlink()
    except OSError:
        return ""
    return text


def install_excepthook(show: Callable[[BaseException], None]) -> None:
    """Record every exception that nobody caught, then ``show`` it; the program goes on."""

    def hook(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            raise SystemExit(130)
        show(error)

    sys.excepthook = hook
