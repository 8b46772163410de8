"""Runs first in the bundle: stands in for the Qt modules of OpenGL, 9 MB that draw nothing here.

pyqtgraph imports them whenever it is imported, and derives classes from a widget of theirs, but
looks up what they have only where it is asked to draw by OpenGL, which TokenSim never does.
"""

import sys
from types import ModuleType

_widgets = ModuleType("PySide6.QtOpenGLWidgets")
vars(_widgets)["QOpenGLWidget"] = type("QOpenGLWidget", (), {})
sys.modules.update(
    {
        "PySide6.QtOpenGL": ModuleType("PySide6.QtOpenGL"),
        "PySide6.QtOpenGLWidgets": _widgets,
    }
)
