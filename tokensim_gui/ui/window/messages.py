"""What just happened, in one sentence at the lower edge of the page."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.ui import theme

_SHOWN_MS = 6_000
_MOST_OFFERS = 2


class Messages(QFrame):
    """Floats over what is below it, so that nothing moves; goes unless it is being read.

    It stays as long as the mouse or the keyboard is in it, and is read out to screen readers.
    """

    offerTaken = Signal(object)  # Offer

    def __init__(self, over: QWidget) -> None:
        """Take the widget over whose lower edge it floats."""
        super().__init__(over)
        self._over = over
        self._last = Notice("")
        self.setProperty("look", "message")
        self.setAccessibleName("Message")
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = [QPushButton() for _ in range(_MOST_OFFERS)]
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._words, 1)
        for button in self._buttons:
            button.setProperty("look", "link")
            button.clicked.connect(self._on_button_clicked)
            row.addWidget(button)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_SHOWN_MS)
        self._fade.timeout.connect(self._on_fade_timeout)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Say something; a notice without a text takes the last one away."""
        self._last = notice
        self._fade.start()
        if not notice.text:
            self.hide()
            return
        self._words.setText(notice.text)
        for number, button in enumerate(self._buttons):
            offered = number < len(notice.offers)
            button.setVisible(offered)
            if offered:
                button.setText(notice.offers[number].words)
        self.show()
        self.place()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, notice.text))

    def text(self) -> str:
        """The sentence said last, shown or not."""
        return self._last.text

    def place(self) -> None:
        """Find the place anew: the room has changed. A foot of the page itself stays free."""
        margin, edge = theme.SPACE_L, theme.SPACE_S
        room = self._over.rect().adjusted(margin, 0, -margin, -edge)
        for foot in self._over.findChildren(QFrame):
            if foot.property("look") == "strip" and foot.isVisible():
                above = foot.mapTo(self._over, QPoint(0, -1 - edge)).y()
                room.setBottom(min(room.bottom(), above))
        self._words.setWordWrap(False)
        width, height = self.sizeHint().toTuple()
        if width > room.width():
            self._words.setWordWrap(True)
            width = room.width()
            height = self.heightForWidth(width)
        # At the right: names, which begin at the left, stay in sight, and [Copy] is near.
        corner = QPoint(room.right() + 1 - width, room.bottom() + 1 - height)
        self.setGeometry(QRect(corner, QSize(width, height)))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while it is read."""
        super().enterEvent(event)
        self._fade.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go after a while."""
        super().leaveEvent(event)
        self._fade.start()

    @Slot()
    def _on_fade_timeout(self) -> None:
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._fade.start()
        else:
            self.hide()

    @Slot()
    def _on_button_clicked(self) -> None:
        number = [button is self.sender() for button in self._buttons].index(True)
        offer: Offer = self._last.offers[number]
        self.hide()
        self.offerTaken.emit(offer)
