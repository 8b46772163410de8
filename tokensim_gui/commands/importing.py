"""``tokensim import``: its progress for people, for scripts, and for the window."""

import json
import os
import re
import signal
import sys
import time
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.report.token_report import tables_json

_HUB = "hf:"
_REPORT_S = 0.1


_WEB_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?huggingface\.co/([^/]+/[^/:?#]+)(?:/(?:blob|resolve)/[^/]+/([^?#]+))?.*"
)


def list_source(source: str) -> list[dict[str, Any]]:
    """What could be imported from a path or a hub address; nothing is read but headers.

    Files of a folder that can't be used are told on stderr.

    Raises:
        TokenSimError: It can't be read or reached.
    """
    if source.startswith(_HUB):
        from tokensim_gui.core.hub.hub import Hub

        hub = Hub.from_environment()
        found = [one.table for one in hub.candidates(source.removeprefix(_HUB))]
    else:
        _refuse_web_page(source)
        from tokensim_gui.core.checkpoints import survey

        seen = survey(Path(source))
        found = seen.candidates
        for sentence in seen.damaged:
            print(sentence, file=sys.stderr)
    return [
        {
            "name": one.name,
            "rows": one.rows,
            "dim": one.dim,
            "dtype": one.dtype,
            "bytes": one.nbytes,
            "family": one.family,
            "key": one.key,
        }
        for one in found
    ]


def _refuse_web_page(source: str) -> None:
    """Tell the form of a hub address to those who have that of its web page.

    Raises:
        TokenSimError: It is that of a web page.
    """
    page = _WEB_PAGE.fullmatch(source)
    if page is not None and not Path(source).exists():
        address = _HUB + ":".join(part for part in page.groups() if part)
        raise TokenSimError(f"{source} is a web page. Type {address} to fetch its token vectors.")


def import_source(arguments: Namespace) -> None:
    """Import, and print what was made.

    With ``--json-progress`` every outcome, errors too, is a line of JSON on stdout; see
    `ChildTask`.

    Raises:
        TokenSimError: The import failed, unless ``--json-progress`` is given.
    """
    if arguments.json_progress:
        _as_child(arguments.source)
        return
    job = Job(_print_progress if sys.stderr.isatty() else None)
    tables = _import(arguments.source, job)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if arguments.json:
        print(json.dumps({"tables": tables}, ensure_ascii=False))
    else:
        for table in tables:
            print(f"{table['slug']}: {table['name']}, {table['rows']} × {table['dim']}")
            if table["notice"]:
                print(table["notice"], file=sys.stderr)


def _as_child(source: str) -> None:
    _step_back()
    last = [0.0]

    def say(**line: object) -> None:
        print(json.dumps(line), flush=True)

    def report(done: int, total: int, text: str) -> None:
        now = time.monotonic()
        if now - last[0] >= _REPORT_S or done == total:
            last[0] = now
            say(progress=[done, total, text])

    job = Job(report)
    signal.signal(signal.SIGTERM, lambda *_: job.cancel())
    try:
        say(result=_import(source, job))
    except JobCancelled:
        say(error="Stopped.")
    except TokenSimError as error:
        say(error=str(error))


def _import(source: str, job: Job) -> list[dict[str, Any]]:
    from tokensim_gui.core.library.table_import import import_checkpoint, import_from_hub

    library = TableLibrary()
    if source.startswith(_HUB):
        from tokensim_gui.core.hub.hub import Hub

        address = source.removeprefix(_HUB)
        made = import_from_hub(address, library, Hub.from_environment(), job=job)
    else:
        _refuse_web_page(source)
        made = import_checkpoint(Path(source), library, job=job)
    return [
        {**table, "notice": one.notice}
        for table, one in zip(tables_json([one.info for one in made]), made, strict=True)
    ]


def _print_progress(done: int, total: int, text: str) -> None:
    share = f"{done / total:4.0%}" if total else "    "
    print(f"\r{share} {text:60.60}", end="", file=sys.stderr, flush=True)


def _step_back() -> None:
    """Give way to the window: search beside an import must stay quick."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        process = ctypes.windll.kernel32.GetCurrentProcess()
        ctypes.windll.kernel32.SetPriorityClass(process, below_normal)
    else:
        with suppress(OSError):
            os.nice(10)
