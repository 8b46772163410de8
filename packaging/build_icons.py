"""Make the icons of all systems out of ``resources/icons/tokensim.svg``.

Run as ``python packaging/build_icons.py`` after a change of the drawing. The same Qt gives the
same bytes. Writes beside the drawing: ``tokensim-<size>.png`` for Linux, ``tokensim.ico`` for
Windows, ``tokensim.icns`` for macOS.
"""

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS: Final = Path(__file__).parents[1] / "resources" / "icons"

PNG_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 256)
# Apple's names of the sizes; some are a smaller size on a screen of double density.
ICNS_SIZES: Final = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic11": 32,
    b"ic12": 64,
    b"ic07": 128,
    b"ic13": 256,
    b"ic08": 256,
    b"ic14": 512,
    b"ic09": 512,
    b"ic10": 1024,
}


def main() -> None:
    """Write all of them."""
    drawing = QSvgRenderer(str(ICONS / "tokensim.svg"))
    for size in PNG_SIZES:
        (ICONS / f"tokensim-{size}.png").write_bytes(png(drawn(drawing, size)))
    (ICONS / "tokensim.ico").write_bytes(ico([drawn(drawing, size) for size in ICO_SIZES]))
    parts = {name: png(drawn(drawing, size)) for name, size in ICNS_SIZES.items()}
    (ICONS / "tokensim.icns").write_bytes(icns(parts))


def drawn(drawing: QSvgRenderer, size: int) -> QImage:
    """The drawing as a square of ``size`` pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    return image


def png(image: QImage) -> bytes:
    """``image`` as a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(data.data())


def bitmap(image: QImage) -> bytes:
    """``image`` as an icon's bitmap: rows from the bottom, BGRA, then an empty mask of one bit.

    Windows reads small icons from such bitmaps; installers do not understand PNG there.
    """
    size = image.width()
    pixels, row = bytes(image.constBits()), 4 * image.width()
    upwards = b"".join(pixels[start : start + row] for start in range(row * (size - 1), -1, -row))
    mask = bytes((size + 31) // 32 * 4 * size)
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    return header + upwards + mask


def ico(images: list[QImage]) -> bytes:
    """A Windows icon: a directory of sizes, then the pictures."""
    bodies = [png(image) if image.width() == 256 else bitmap(image) for image in images]
    offset = 6 + 16 * len(images)
    entries = b""
    for image, body in zip(images, bodies, strict=True):
        side = image.width() % 256  # 256 is written as 0
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(body), offset)
        offset += len(body)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(bodies)


def icns(parts: dict[bytes, bytes]) -> bytes:
    """A macOS icon: a magic word and a length, then named PNG files."""
    body = b"".join(name + struct.pack(">I", 8 + len(data)) + data for name, data in parts.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


if __name__ == "__main__":
    main()
