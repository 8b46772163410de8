"""Where the window stands and how large it is: always inside the screen."""

from PySide6.QtCore import QPoint, QRect, QSettings, QSize
from PySide6.QtWidgets import QWidget

_DEFAULT = QSize(1400, 900)
_FRAME = QSize(16, 48)  # what a window manager adds at most; unknown until the window is shown


def restore_place(window: QWidget, store: QSettings) -> None:
    """Put a window that was not shown yet where it was, or into the middle, and inside the screen.

    Qt's own ``restoreGeometry`` forgets the size where the screen is another one than last time,
    and knows no frame.
    """
    room = window.screen().availableGeometry()
    if (state := store.value("geometry")) is not None and window.restoreGeometry(state):
        wanted = window.geometry()
    else:
        size = store.value("size", _DEFAULT, QSize)
        wanted = QRect(QPoint(), size if isinstance(size, QSize) else _DEFAULT)
        wanted.moveCenter(room.center() + QPoint(0, _FRAME.height() // 2))
    if window.isMaximized() or window.isFullScreen():
        return
    title = _FRAME.height() - _FRAME.width() // 2
    inner = room.adjusted(_FRAME.width() // 2, title, -_FRAME.width() // 2, -_FRAME.width() // 2)
    wanted.setSize(wanted.size().boundedTo(inner.size()).expandedTo(window.minimumSize()))
    wanted.moveRight(min(wanted.right(), inner.right()))
    wanted.moveBottom(min(wanted.bottom(), inner.bottom()))
    wanted.moveTopLeft(QPoint(max(wanted.left(), inner.left()), max(wanted.top(), inner.top())))
    window.setGeometry(wanted)


def put_over(window: QWidget, other: QWidget) -> None:
    """Put a window that is not shown into the middle of another one, and inside the screen."""
    if window.isVisible():
        return
    window.ensurePolished()
    window.adjustSize()
    place = QRect(QPoint(), window.size())
    place.moveCenter(other.geometry().center())
    room = other.screen().availableGeometry()
    place.moveRight(min(place.right(), room.right()))
    place.moveBottom(min(place.bottom(), room.bottom()))
    window.move(max(place.left(), room.left()), max(place.top(), room.top()))


def keep_place(window: QWidget, store: QSettings) -> None:
    """Remember it for the next start."""
    store.setValue("geometry", window.saveGeometry())
    store.setValue("size", window.normalGeometry().size())
