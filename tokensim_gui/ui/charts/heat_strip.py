"""A prompt with the influence of each token laid under it as a colour, and the number below."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokensim_gui.ui import theme
from tokensim_gui.ui.widgets.plain_tip import plain_tip

if TYPE_CHECKING:
    from tokensim_gui.core.text_encoders.likeness import Influence

_PAD = 6.0
_LINE_GAP = 10.0


class HeatStrip(QWidget):
    """Wraps like text; the strongest token has the brightest ground."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._influence: Influence | None = None
        self._places: list[tuple[QRectF, int]] = []
        self.setAccessibleName("Influence of each token")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_influence(self, influence: "Influence") -> None:
        """Show what leaving out each token of a prompt changes."""
        self._influence = influence
        said = (f"{self._word(n)} {self._share(n)}" for n in range(len(influence.ids)))
        self.setAccessibleDescription(", ".join(said))
        self._arrange()

    def heightForWidth(self, width: int) -> int:
        """Height that the wrapped lines take."""
        places = self._placed(float(width))
        return int(places[-1][0].bottom() + _LINE_GAP) if places else 0

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(300, self.heightForWidth(max(200, self.width())))

    def _word(self, number: int) -> str:
        assert self._influence is not None
        start, end = self._influence.spans[number].tolist()
        return self._influence.prompt[start:end].strip() or "␣"

    def _share(self, number: int) -> str:
        assert self._influence is not None
        return f"{float(self._influence.pooled[number]) * 100:.1f}%"

    def _placed(self, width: float) -> list[tuple[QRectF, int]]:
        """The box of every token; a token of bytes of a character gets a box of its own."""
        if self._influence is None:
            return []
        words, small = QFontMetricsF(theme.sized(0)), QFontMetricsF(theme.sized(-1))
        height = words.height() + small.height() + theme.SPACE_S
        x = y = 0.0
        places = []
        for number in range(len(self._influence.ids)):
            wide = 2 * _PAD + max(
                words.horizontalAdvance(self._word(number)),
                small.horizontalAdvance(self._share(number)),
            )
            if x and x + wide > width:
                x, y = 0.0, y + height + _LINE_GAP
            places.append((QRectF(x, y, wide, height), number))
            x += wide + 2
        return places

    def _arrange(self) -> None:
        self._places = self._placed(float(self.width()))
        height = int(self._places[-1][0].bottom() + _LINE_GAP) if self._places else 0
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the boxes."""
        if self._influence is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max(float(self._influence.pooled.max()), 1e-9)
        fonts = (theme.sized(0), theme.sized(-1))
        for rect, number in self._places:
            ground, words = theme.cividis(float(self._influence.pooled[number]) / most)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(rect, theme.SPACE_XS, theme.SPACE_XS)
            painter.setPen(words)
            half = rect.height() * 0.55
            for font, text, box in (
                (fonts[0], self._word(number), rect.adjusted(0, 0, 0, half - rect.height())),
                (fonts[1], self._share(number), rect.adjusted(0, half - 2, 0, -2)),
            ):
                painter.setFont(font)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Answer for tooltips."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for rect, number in self._places:
                if rect.contains(event.pos().toPointF()) and self._influence is not None:
                    others = float(self._influence.others[number])
                    QToolTip.showText(
                        event.globalPos(),
                        plain_tip(
                            f"Without “{self._word(number)}” the encoding of the prompt moves by "
                            f"{self._share(number)}, that of the other tokens by {others:.1%}."
                        ),
                        self,
                    )
                    return True
        return super().event(event)
