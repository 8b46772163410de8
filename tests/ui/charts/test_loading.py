"""What is imported after the first paint, and on which thread its types are made."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys, threading
from PySide6 import QtCore, QtGui, QtWidgets
from tokensim_gui.app import App, qt_application
application = qt_application("light")
tokensim = App()
def look(event, arguments):
    if event == "import" and arguments[0] == "pyqtgraph":
        modules = (QtCore, QtGui, QtWidgets)
        left = [name for one in modules for name in dir(one) if name not in vars(one)]
        print(threading.current_thread() is threading.main_thread(), left, flush=True)
        QtCore.QMetaObject.invokeMethod(application, "quit", QtCore.Qt.QueuedConnection)
sys.addaudithook(look)
tokensim.start()
application.exec()
tokensim.window.close()
tokensim.close()
"""


def test_the_thread_that_imports_pyqtgraph_makes_no_type_that_the_window_may_make_too(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TOKENSIM_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == "False []\n"
