"""pyqtgraph is imported after the first paint, on the worker thread."""

import importlib
import sys

from tokensim_gui.core.job import Job
from tokensim_gui.core.large_import import large_import

_FIRST = "tokensim_gui.ui.charts.chart_view"


def load_charts(job: Job) -> None:
    """Import pyqtgraph, so that no chart has to on the window's thread."""
    job.check()
    with large_import():
        importlib.import_module(_FIRST)


def charts_are_loaded() -> bool:
    """Whether a chart can be made without an import that stops the window."""
    return _FIRST in sys.modules
