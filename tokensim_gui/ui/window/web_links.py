"""Opens web pages and folders with the programs of the desktop."""

import os
import sys

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

# What the bundle's start sets for its own libraries; LD_LIBRARY_PATH_ORIG holds what was there
# before (https://pyinstaller.org/en/stable/runtime-information.html).
_OURS = ("LD_LIBRARY_PATH", "QT_PLUGIN_PATH")


def open_outside(url: QUrl) -> bool:
    """Open a page or folder; whether a program for it was found.

    Out of the bundle it starts without the variables that would lead it to our libraries: a file
    manager with another Qt would not survive them.
    """
    if not getattr(sys, "frozen", False):
        return QDesktopServices.openUrl(url)
    ours = {name: value for name in _OURS if (value := os.environ.pop(name, None)) is not None}
    before = os.environ.get("LD_LIBRARY_PATH_ORIG")
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    try:
        return QDesktopServices.openUrl(url)
    finally:
        os.environ.pop("LD_LIBRARY_PATH", None)
        os.environ.update(ours)
