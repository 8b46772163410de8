import pytest

from tests.ui.charts.maps import answer, draw
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
