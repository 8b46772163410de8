"""The map: the neighbourhood of the query as a flat picture."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tokensim_gui.core.errors import FileError
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.map_canvas import MapCanvas

if TYPE_CHECKING:
    from tokensim_gui.core.values import Results
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

_PICTURE_SCALE = 2
_COUNTED = {"nearest": "nearest", "opposite": "most opposite", "unrelated": "most unrelated"}


class NeighbourhoodMap(QFrame):
    """Panel with a title, the canvas and a caption that says how far to trust it.

    Signals and gestures: those of `MapCanvas`.
    """

    tokenActivated = Signal(int)
    tokensSelected = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._vocabulary: Vocabulary | None = None
        self._dim = 0
        self._words: tuple[str, ...] = ("",)
        self._captions: tuple[str, ...] = ("",)

        self.canvas = MapCanvas(self)  # before the button, and so before it for Tab
        self.gestures = self.canvas.gestures
        self._title = QLabel("Map")
        self._title.setProperty("look", "title")
        self._subtitle = _shrinking_label("dim")
        self._fit_button = QToolButton(self)
        self._fit_button.setText("⤢")
        self._fit_button.setProperty("look", "flat")
        self._fit_button.setToolTip("Show the whole map (0)")
        self._fit_button.setAccessibleName("Show the whole map")
        self._caption = _shrinking_label("caption")
        self.setFocusProxy(self.canvas)

        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self._title)
        top.addWidget(self._subtitle, 1)
        top.addWidget(self._fit_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_XS)
        layout.addLayout(top)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._caption)

        self._fit_button.clicked.connect(self.fit)
        self.canvas.tokenActivated.connect(self.tokenActivated)
        self.canvas.tokensSelected.connect(self.tokensSelected)
        self.set_results(None)

    def set_vocabulary(self, vocabulary: "Vocabulary", dim: int) -> None:
        """Take the vocabulary of the table and the number of its dimensions; empties the map."""
        self._vocabulary = vocabulary
        self._dim = dim
        self.set_results(None)

    def set_results(self, results: "Results | None") -> None:
        """Draw an answer, all of it in view; None empties the map."""
        self.canvas.show_results(results, self._vocabulary)
        drawn = results is not None and len(results.map_ids) > 0
        self._fit_button.setEnabled(drawn)
        self._caption.setVisible(drawn)
        if results is None or not drawn:
            self._words, self._captions = ("",), ("",)
        else:
            counted = f"{len(results.map_ids)} {_COUNTED[results.query.order]}"
            self._words = (f"{counted}; close here is roughly close in truth", counted)
            self._captions = self._caption_variants(results.faithfulness)
            self._caption.setToolTip(
                f"The two directions of the picture hold {results.explained:.0%} of the "
                "differences between these tokens."
            )
        self._choose_words()

    def _caption_variants(self, faithfulness: float) -> tuple[str, ...]:
        flat = f"Flat picture of {self._dim} dimensions"
        if math.isnan(faithfulness):
            return (flat,)
        kept = f"keeps {faithfulness:.0%} of"
        return (
            f"{flat} · {kept} each token’s true neighbours",
            f"{kept} each token’s true neighbours",
            f"{kept} true neighbours",
        )

    def set_selection(self, token_id: int | None) -> None:
        """Put the ring round a token; none if it is not on the map."""
        self.canvas.set_selection(token_id)

    def fit(self) -> None:
        """Bring everything into view."""
        self.canvas.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the words that fit."""
        super().resizeEvent(event)
        self._choose_words()

    def _choose_words(self) -> None:
        inside = self.width() - 2 * theme.SPACE_M
        beside = self._title.sizeHint().width() + self._fit_button.sizeHint().width()
        _set_longest(self._subtitle, self._words, inside - beside - 3 * theme.SPACE_S)
        _set_longest(self._caption, self._captions, inside)

    def draw_whole(self, painter: QPainter, size: QSizeF) -> None:
        """Draw all of the map and its caption into a size, without a ground."""
        line = self._caption.fontMetrics().height() + theme.SPACE_S
        self.canvas.draw_whole(painter, size - QSizeF(0, line))
        painter.setPen(theme.colours().colour("text2"))
        painter.setFont(self._caption.font())
        at = QRectF(0, size.height() - line, size.width(), line)
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, self._captions[0])

    def picture(self) -> QImage:
        """The canvas as it is, without hover and focus, at twice the size."""
        image = QImage(self.canvas.size() * _PICTURE_SCALE, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_PICTURE_SCALE)
        painter = QPainter(image)
        self.canvas.draw(painter)
        painter.end()
        return image

    def save(self, path: Path) -> None:
        """Write the canvas to a file.

        Args:
            path: Where to; ``.png`` or ``.svg`` says how.

        Raises:
            FileError: The suffix is another one, or the file can't be written.
        """
        suffix = path.suffix.lower()
        if suffix == ".png":
            data = self._png()
        elif suffix == ".svg":
            data = self._svg()
        else:
            raise FileError(f"“{path.name}” can’t be written: the name must end in .png or .svg.")
        try:
            path.write_bytes(data)
        except OSError as error:
            raise FileError(
                f"“{path}” can’t be written: {error.strerror}. Choose another place."
            ) from error

    def _png(self) -> bytes:
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.picture().save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(held.data())

    def _svg(self) -> bytes:
        from PySide6.QtSvg import QSvgGenerator

        held = QByteArray()
        buffer = QBuffer(held)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.canvas.size())
        generator.setViewBox(self.canvas.rect())
        generator.setTitle(self.canvas.accessibleDescription())
        painter = QPainter(generator)
        self.canvas.draw(painter)
        painter.end()
        return bytes(held.data())


def _shrinking_label(look: str) -> QLabel:
    """A label that never asks for width; what it says is chosen to fit."""
    label = QLabel()
    label.setProperty("look", look)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _set_longest(label: QLabel, variants: tuple[str, ...], room: int) -> None:
    """Say the first of ``variants``, longest first, that fits into ``room`` pixels."""
    label.ensurePolished()
    metrics = label.fontMetrics()
    fitting = (text for text in variants if metrics.horizontalAdvance(text) <= room)
    label.setText(next(fitting, variants[-1]))
