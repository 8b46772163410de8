"""Every token of a table by its scores to two words, on scales that are true."""

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen

from tokensim_gui.core.files.landscape_file import Landscape
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.landscape_scene import LandscapeScene
from tokensim_gui.ui.charts.map_layout import fitted
from tokensim_gui.ui.tokens.token_model import SCORE_WORDS, score_text

if TYPE_CHECKING:
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
    from tokensim_gui.state.map_state import Axes

_APART = 90.0  # pixels between the numbers of a scale, at least
_RIM = 16.0
_LEFT = 60.0  # of the names: the numbers of the scale upwards stand there
_FIELDS, _TITLE_TOP = 44.0, 84.0  # what the fields over the map take; where they end
_DOT = 2.2
_MOST_NAMED = 14  # tokens named because they are farthest along an axis
Tick = tuple[float, float]
"""A number on a scale, and where it is in pixels."""


class AxesScene(LandscapeScene):
    """Across the likeness to one word, upwards that to another."""

    def __init__(self, axes: "Axes", vocabulary: "Vocabulary") -> None:
        self._axes = axes
        # No regions: they are where like tokens lie, which is not what this picture shows.
        super().__init__(Landscape(axes.scores.astype(np.float32)), vocabulary, {})
        best = -1.0 if axes.metric == "euclidean" else 1.0
        scores = np.where(np.isnan(axes.scores), -np.inf, best * axes.scores)
        named: dict[str, int] = {}  # a word once, whatever else is spelt like it
        for keys in (*scores.T, scores.sum(axis=1)):
            count = min(_MOST_NAMED, len(keys) - 1)
            far = np.argpartition(-keys, count)[:count]
            for token in far[np.lexsort((far, -keys[far]))].tolist():
                if text := vocabulary.text(token):
                    named.setdefault(text.casefold(), token)
        self.notable = [token for token in named.values() if self._has_place(token)]

    def fitted(self, size: QSizeF) -> QRectF:
        """All of it, below the fields: what is far out is what one looks for."""
        below = QSizeF(size.width(), max(size.height() - _FIELDS, 1.0))
        shown = fitted(self.corners, below)
        shown.setHeight(shown.height() * size.height() / below.height())  # upwards
        return shown

    def ticks(self) -> tuple[list[Tick], list[Tick]]:
        """The numbers of the scale across and of that upwards, with their pixels."""
        shown, size = self._shown, self._size
        across = _steps(shown.left(), shown.right(), size.width())
        up = _steps(shown.top(), shown.bottom(), size.height())
        right, above = size.width() / shown.width(), size.height() / shown.height()
        return (
            [(value, (value - shown.left()) * right) for value in across],
            [(value, (shown.bottom() - value) * above) for value in up],
        )

    def _room(self) -> QRectF:
        below = 2 * self._letters["caption"].height + _RIM / 2
        return super()._room().adjusted(_LEFT, 0, 0, -below)

    # Words

    def _likeness(self) -> str:
        return SCORE_WORDS[self._axes.metric].lower()

    def description(self) -> str:
        """What is said of the picture to those who don't see it."""
        across, up = self._axes.texts
        words = f"{len(self._tokens):,} tokens by their {self._likeness()} to “{across}”, across, "
        words += f"and to “{up}”, upwards."
        if self._selected:
            token = self._selected[0]
            words = f"{self._name(token)}: {self._numbers(token)}. {words}"
        return f"{words} Arrow keys walk through the results." if self._rank_of else words

    def _numbers(self, token: int) -> str:
        scores = self._axes.scores[token].tolist()
        said = [
            f"{score_text(score, self._axes.metric)} to {text}"
            for score, text in zip(scores, self._axes.texts, strict=True)
        ]
        return ", ".join(said)

    def tip(self, index: int) -> str:
        """What the tool tip of a token says."""
        return f"{self._name(index)} · #{index} · {self._numbers(index)}"

    def captions(self) -> tuple[str, ...]:
        """What is shown, the longest sentence first."""
        across, up = self._axes.texts
        counted = f"{len(self._tokens):,} tokens"
        return (
            f"{counted} by their {self._likeness()} to “{across}” and to “{up}”, "
            "each exactly where its numbers say",
            f"{counted} by {self._likeness()}, exactly",
            counted,
        )

    # Painting

    def paint(self, painter: QPainter, hovered: int | None = None) -> None:
        """Draw the scales, and upon them what a whole map shows."""
        across, up = self.ticks()
        width, height = self._size.width(), self._size.height()
        painter.setPen(QPen(theme.colours().colour("hair"), 1))
        for _, x in across:
            painter.drawLine(QPointF(round(x) + 0.5, 0), QPointF(round(x) + 0.5, height))
        for _, y in up:
            painter.drawLine(QPointF(0, round(y) + 0.5), QPointF(width, round(y) + 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours().colour("map_far"))
        for x, y in self._places_of(self.notable).tolist():
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        super().paint(painter, hovered)
        self._paint_scales(painter, across, up)

    def _paint_scales(self, painter: QPainter, across: list[Tick], up: list[Tick]) -> None:
        """Numbers beside the lines, and at the ends of the scales what they measure."""
        line = self._letters["caption"].height
        below = super()._room().bottom() - line
        for value, x in across:
            words = self._number(value)
            half = self._words.width(words, "caption") / 2 + 2
            if _LEFT + half < x < self._size.width() - half:
                box = QRectF(x - half, below, 2 * half, line)
                self._words.paint(painter, words, box, "text2", "caption")
        for value, y in up:
            words = self._number(value)
            wide = self._words.width(words, "caption")
            if _TITLE_TOP + 2 * line < y < below - line:
                box = QRectF(_RIM, y - line / 2, wide, line)
                self._words.paint(painter, words, box, "text2", "caption")
        titles = [f"{self._likeness()} to {text}" for text in self._axes.texts]
        words = f"{titles[0]} →"
        wide = self._words.width(words, "caption")
        box = QRectF(self._size.width() - _RIM - wide, below - line, wide, line)
        self._words.paint(painter, words, box, "text", "caption")
        words = f"↑ {titles[1]}"
        box = QRectF(_RIM, _TITLE_TOP, self._words.width(words, "caption"), line)
        self._words.paint(painter, words, box, "text", "caption")

    def _number(self, value: float) -> str:
        if self._axes.metric in ("cosine", "centred"):
            return f"{value * 100:.4g}%".replace("-", "−")
        return f"{value:.4g}".replace("-", "−")


def _steps(low: float, high: float, pixels: float) -> list[float]:
    """Round numbers from ``low`` to ``high``, 1, 2 or 5 of some power of ten apart."""
    least = max((high - low) * _APART / max(pixels, 1.0), 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
