"""Use the bundle as people would: ``python packaging/bundle_test`` after ``make deb``.

Needs Linux, Xvfb, xdotool and xclip. As root it also shows that no network is touched (in a
network namespace without interfaces), that nothing is written outside TokenSim's own folders (as
users that own nothing else), and installs, starts and removes the package. Ends at the first
fault; prints what it measured.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import own_tests
import package
import use
import windows
from desktop import APART, IS_APART, Desktop, Place
from PySide6.QtGui import QGuiApplication

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def main() -> None:
    """Every part, in the order in which faults are cheapest to find."""
    timed("the installer for Windows compiles", windows.compile_installer)
    timed("the package is in order", package.check)
    with Desktop():
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        application = QGuiApplication([])
        timed("the end-to-end tests in the bundle", own_tests.run)
        if not IS_APART:
            print("Not root in a namespace: no package is installed, no other users are tried.")
            use_it(Place(Path("/"), ROOT / "dist/TokenSim/TokenSim"), application)
            return
        root = timed("a Debian to install it in", package.debian)
        if root is None:
            print("No Debian could be made: the package is installed into this system.")
        try:
            with package.installed(root or Path("/")) as place:
                use_it(place, application)
                timed("started by its desktop entry", lambda: package.started_by_entry(place))
                timed("portable and AppDir", lambda: package.started_from_anywhere(place))
            print("ok  removed without a trace")
        finally:
            if root is not None:
                package.forget(root)


def use_it(place: Place, application: QGuiApplication) -> None:
    """What people do with it."""
    timed("the command line", lambda: use.command_line(place))
    timed("search, map, clipboard", lambda: use.window(place, application))
    timed("a checkpoint as argument", lambda: use.checkpoint(place))
    timed("other programs", lambda: use.others_programs(place))
    timed("two people at once", lambda: use.two_people(place))


def timed(name: str, part: Callable[[], T]) -> T:
    """Run a part and say how long it took."""
    began = time.monotonic()
    value = part()
    print(f"ok  {name}, {time.monotonic() - began:.0f} s", flush=True)
    return value


if __name__ == "__main__":
    if os.geteuid() == 0 and not IS_APART:
        # What is mounted in a namespace of its own goes with this process, however it ends.
        # Containers without the right to it can only try the rest.
        if subprocess.run(["unshare", "--mount", "--net", "true"], check=False).returncode == 0:
            os.environ[APART] = "1"
            os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    main()
