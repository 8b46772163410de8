"""The map as a picture, and as a file."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QPainter

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.atomic import write_atomically
from tokensim_gui.ui.charts.map_canvas import MapCanvas

_SCALE = 2


def picture(canvas: MapCanvas) -> QImage:
    """The canvas as it is, without hover and focus, at twice the size."""
    image = QImage(canvas.size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    painter = QPainter(image)
    canvas.draw(painter)
    painter.end()
    return image


def save_picture(canvas: MapCanvas, path: Path) -> None:
    """Write the canvas to a file.

    Args:
        canvas: The map.
        path: Where to; ``.png`` or ``.svg`` says how.

    Raises:
        FileError: The suffix is another one, or the file can't be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".png":
        data = _png(canvas)
    elif suffix == ".svg":
        data = _svg(canvas)
    else:
        raise FileError(f"“{path.name}” can’t be written: the name must end in .png or .svg.")
    write_atomically(path, data)


def _png(canvas: MapCanvas) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture(canvas).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(held.data())


def _svg(canvas: MapCanvas) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    held = QByteArray()
    buffer = QBuffer(held)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(canvas.size())
    generator.setViewBox(canvas.rect())
    generator.setTitle(canvas.accessibleDescription())
    painter = QPainter(generator)
    canvas.draw(painter)
    painter.end()
    return bytes(held.data())
