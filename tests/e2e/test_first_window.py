"""The window lies inside the screen, whatever screen there is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tokensim_gui.core import paths

# Width, height, and by how much everything is drawn larger.
SCREENS = [
    (1024, 768, 1.0),
    (1280, 800, 1.0),
    (1366, 768, 1.0),
    (1920, 1080, 1.25),
    (1920, 1080, 1.5),
    (2560, 1440, 2.0),
]
CODE = """
import json
from PySide6.QtCore import QTimer
from tokensim_gui.app import App, qt_application
application = qt_application("light")
tokensim = App()
def tell():
    window = tokensim.window
    frame, room = window.frameGeometry(), window.screen().availableGeometry()
    print(json.dumps([frame.getRect(), room.getRect(), window.size().toTuple()]), flush=True)
    window.close()
tokensim.window.firstPainted.connect(lambda: QTimer.singleShot(0, tell))
tokensim.start()
application.exec()
tokensim.close()
"""


def shown(
    tmp_path: Path, width: int, height: int, scale: float
) -> tuple[tuple[int, ...], tuple[int, ...], QSize]:
    """Start on such a screen: where the window's frame, the room and the size are."""
    command = [sys.executable, "-c", CODE]
    environment = {**os.environ, "QT_SCALE_FACTOR": str(scale)}
    if QGuiApplication.platformName() == "xcb":  # where the tests have a display, so has this
        screen = f"-screen 0 {width}x{height}x24"
        command = ["xvfb-run", "-a", "-s", screen, *command]
    else:
        config = tmp_path / "screens.json"
        size = {"width": width, "height": height, "x": 0, "y": 0}
        only = {"name": "only", "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1, **size}
        config.write_text(json.dumps({"screens": [only]}))
        environment["QT_QPA_PLATFORM"] = f"offscreen:configfile={config}"
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    frame, room, size = json.loads(done.stdout.splitlines()[-1])
    return frame, room, QSize(*size)


def is_inside(frame: tuple[int, ...], room: tuple[int, ...]) -> bool:
    return (
        frame[0] >= room[0]
        and frame[1] >= room[1]
        and frame[0] + frame[2] <= room[0] + room[2]
        and frame[1] + frame[3] <= room[1] + room[3]
    )


@pytest.mark.parametrize(("width", "height", "scale"), SCREENS)
def test_the_first_window_lies_inside_the_screen(
    qapp: QApplication, tmp_path: Path, width: int, height: int, scale: float
) -> None:
    frame, room, size = shown(tmp_path, width, height, scale)
    assert is_inside(frame, room), (frame, room)
    assert size.width() >= min(1400, room[2] - 16) and size.height() >= min(900, room[3] - 48)


def test_a_size_that_was_left_is_kept_where_it_fits_and_shrunk_where_not(
    qapp: QApplication, tmp_path: Path
) -> None:
    paths.config_dir().mkdir(parents=True)
    store = QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)
    store.setValue("size", QSize(1210, 1000))
    store.sync()
    frame, room, size = shown(tmp_path, 2560, 1440, 1.0)
    assert is_inside(frame, room) and size == QSize(1210, 1000)
    frame, room, size = shown(tmp_path, 1366, 768, 1.0)  # Qt's own geometry is of another screen
    assert is_inside(frame, room) and size.width() == 1210 and size.height() >= 700
    frame, room, size = shown(tmp_path, 2560, 1440, 1.0)
    assert is_inside(frame, room) and size.width() == 1210
