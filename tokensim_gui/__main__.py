"""Entry point of ``tokensim``, of ``python -m tokensim_gui`` and of the bundle."""

import signal
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    if sys.platform == "win32":
        _prepare_windows()
    # While Python's own handler is in place, Ctrl+C amid the imports would be a traceback.
    is_pythons = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_pythons:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tokensim_gui.commands.main import run

    if is_pythons:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(sys.argv[1:])


def _prepare_windows() -> None:
    """Load the C++ runtime that torch was built for, and let every letter be printed."""
    import ctypes
    import io
    from contextlib import suppress
    from pathlib import Path

    # The first one loaded serves the whole process. Qt carries an older one, with which torch does
    # not start: WORKAROUND https://github.com/pytorch/pytorch/issues/166628
    folder = getattr(sys, "_MEIPASS", None)
    for name in ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll"):
        with suppress(OSError):
            ctypes.CDLL(str(Path(folder, name)) if folder else name)
    # Pipes and files get the code page of the system, which lacks most tokens.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
