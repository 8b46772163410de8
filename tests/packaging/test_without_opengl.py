"""Charts need nothing of Qt's modules of OpenGL, for which the bundle has stand-ins."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAW = """
import runpy, sys
runpy.run_path(sys.argv[1])
import pyqtgraph
from PySide6.QtWidgets import QApplication, QWidget
from tokensim_gui.ui.charts.chart_view import ChartView
application = QApplication([])
plot, parent = pyqtgraph.PlotWidget(), QWidget()
plot.plot([1, 2, 3], [3, 1, 2])
for view in (plot, ChartView(parent)):
    view.resize(200, 100)
    assert not view.grab().isNull()
print(*sorted(name for name in vars(sys.modules["PySide6.QtOpenGL"]) if name[0] == "Q"))
"""


def test_charts_are_drawn_without_opengl() -> None:
    stand_ins = str(ROOT / "packaging/bundle/without_opengl.py")
    done = subprocess.run(
        [sys.executable, "-c", DRAW, stand_ins],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stdout.split()
