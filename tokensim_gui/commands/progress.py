"""How far a command is, told to people or to the window that started it."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tokensim_gui.commands.command import answering
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, JobCancelled

_REPORT_S = 0.1


@contextmanager
def shown_on_terminal() -> Iterator[Job]:
    """A job whose progress is a line on stderr, where that is a terminal."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield Job()
        return
    said = False

    def report(done: int, total: int, text: str) -> None:
        nonlocal said
        said = True
        share = f"{done / total:4.0%}" if total else "    "
        print(f"\r{share} {text:60.60}", end="", file=sys.stderr, flush=True)

    yield Job(report)
    if said:
        print(file=sys.stderr)


def run_as_child(arguments: argparse.Namespace) -> None:
    """Carry out a command for the window: every outcome, errors too, is a line of JSON on stdout.

    ``{"progress": [done, total, text]}`` now and then, last ``{"result": …}`` or
    ``{"error": sentence}``; see `ChildTask`. SIGTERM cancels.
    """
    step_back()
    last = 0.0

    def say(**line: object) -> None:
        with answering():
            print(json.dumps(line), flush=True)

    def report(done: int, total: int, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_S or done == total:
            last = now
            say(progress=[done, total, text])

    job = Job(report)
    signal.signal(signal.SIGTERM, lambda *_: job.cancel())
    try:
        say(result=arguments.run(arguments, job).data)
    except JobCancelled:
        say(error="Stopped.")
    except TokenSimError as error:
        say(error=str(error))


def step_back() -> None:
    """Give way to the window: search beside other work must stay quick."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        process = ctypes.windll.kernel32.GetCurrentProcess()
        ctypes.windll.kernel32.SetPriorityClass(process, below_normal)
    else:
        with suppress(OSError):
            os.nice(10)
