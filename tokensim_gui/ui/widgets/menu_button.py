"""A button that opens a menu."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget

from tokensim_gui.ui import theme

_CHEVRON = 7  # pixels wide, and half as high
_GAP, _RIGHT = 6, 8  # before it and, at least, behind it
_MORE_RIGHT = 15  # of the style sheet: how much wider the margin of a text is on its right


class MenuButton(QToolButton):
    """Opens its menu at once, and looks as before when that is gone; a chevron says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: Sequence[str] = ()
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def setMenu(self, menu: QMenu) -> None:
        """Take the menu to open."""
        super().setMenu(menu)
        menu.aboutToHide.connect(self._on_menu_about_to_hide)

    def reserve(self, texts: Sequence[str]) -> None:
        """Be wide enough for each of these texts, so that nothing moves when they change."""
        self._texts = texts
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The size with the widest text."""
        widths = [self._width(text) for text in self._texts]
        more = max(widths, default=0) - self._width(self.text())
        return super().sizeHint() + QSize(max(0, more), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chevron; the style sheet keeps room for it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().color(QPalette.ColorRole.ButtonText), 1.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        size = theme.px(_CHEVRON)
        behind = (self.width() - _MORE_RIGHT + self._width(self.text())) / 2
        right = min(self.width() - _RIGHT, behind + _GAP + size)
        middle = self.height() / 2 + 0.5
        tip = QPointF(right - size / 2, middle + size / 4)
        for x in (right - size, right):
            painter.drawLine(QPointF(x, middle - size / 4), tip)

    def _width(self, text: str) -> int:
        # As Qt's own hint measures.
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()

    @Slot()
    def _on_menu_about_to_hide(self) -> None:
        # While the menu has the mouse, Qt does not tell the button that it has left.
        if not self.rect().contains(self.mapFromGlobal(QCursor.pos())):
            self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
            QApplication.sendEvent(self, QEvent(QEvent.Type.Leave))
