import pytest

from tests.ui.charts.maps import CUTE, CUTER, OTHER, answer, draw
from tokensim_gui.core import paths
from tokensim_gui.core.files.landscape_file import load_landscape
from tokensim_gui.core.vocabulary.regions import regions
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_pane import MapPane


@pytest.fixture
def shown(qtbot, qapp, vocabulary):
    """The map with four tokens at the corners of a square, the query in the middle."""
    theme.apply(qapp, "light")
    widget = MapPane()
    qtbot.addWidget(widget)
    widget.resize(700, 420)
    widget.set_vocabulary(vocabulary, 384)
    words = vocabulary.order[:4].tolist()
    draw(widget, answer(words, [(-1, 1), (1, 1), (1, -1), (-1, -1), (0, 0)]))
    with qtbot.waitExposed(widget):
        widget.show()
    widget.canvas.use_chart()
    return widget


@pytest.fixture(scope="module")
def landscape(vocabulary):
    return load_landscape(paths.resource("starter"), vocabulary.rows)


@pytest.fixture(scope="module")
def named(vocabulary, landscape):
    return regions(vocabulary, landscape.coords)


@pytest.fixture
def pane(qtbot, qapp, vocabulary, landscape, named):
    theme.apply(qapp, "light")
    pane = MapPane()
    qtbot.addWidget(pane)
    pane.resize(730, 675)
    pane.canvas.use_chart()
    pane.set_vocabulary(vocabulary, 384)
    pane.set_results(answer([CUTER, OTHER], [(0, 0), (1, 0), (0, 1), (1, 1)], own=(CUTE,)))
    pane.show_whole(True)
    pane.set_landscape(landscape, named)
    with qtbot.waitExposed(pane):
        pane.show()
    return pane
