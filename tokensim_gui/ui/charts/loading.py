"""pyqtgraph is imported after the first paint, on the worker thread."""

import gc
import importlib
import sys

from tokensim_gui.core.job import Job

_FIRST = "tokensim_gui.ui.charts.chart_view"


def load_charts(job: Job) -> None:
    """Import pyqtgraph, so that no chart has to on the window's thread."""
    job.check()
    importlib.import_module(_FIRST)
    gc.freeze()  # a full collection need not walk through it


def charts_are_loaded() -> bool:
    """Whether a chart can be made without an import that stops the window."""
    return _FIRST in sys.modules
