"""Use the bundle as people would: ``python packaging/bundle_test`` after ``make deb``.

Needs Linux, Xvfb, xdotool and xclip. As root it also shows that no network is touched (in a
network namespace without interfaces), that nothing is written outside TokenSim's own folders (as
users that own nothing else), and installs, starts and removes the package. Ends at the first
fault; prints what it measured.
"""

import os
import time
from pathlib import Path

import use
from desktop import Desktop, Place
from PySide6.QtGui import QGuiApplication

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Every part, in the order in which faults are cheapest to find."""
    place = Place(Path("/"), ROOT / "dist/TokenSim/TokenSim")
    with Desktop():
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        application = QGuiApplication([])
        for part in (use.command_line, use.window, use.checkpoint, use.two_people):
            began = time.monotonic()
            part(place, application)
            print(f"ok  {part.__name__.replace('_', ' ')}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
