"""The tokens of a prompt as chips, painted by one widget: three hundred cost no widget each."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokensim_gui.core.prompt.parsed_prompt import number
from tokensim_gui.core.prompt.prompt_reading import Reading
from tokensim_gui.core.values import KINDS
from tokensim_gui.ui import theme
from tokensim_gui.ui.prompt_page.chip_layout import GAP, PAD, Chip, Layout, Section, lay_out
from tokensim_gui.ui.prompt_page.weight_line import paint_weight
from tokensim_gui.ui.tokens import glyphs
from tokensim_gui.ui.tokens.token_gestures import TokenGestures, claims
from tokensim_gui.ui.widgets.plain_tip import plain_tip

_RING = 2
_BAR_WIDTH, _BAR_HEIGHT = 150, 4
_WIDE_TITLE, _WIDE_COUNT = "Chunk 88", "75 of 75"
_CACHE, _WIDTHS = 4096, 4
_LEFT_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ChipCanvas(QWidget):
    """Shows every token in its place; one of them is current, and the arrows go along them."""

    tokenActivated = Signal(int)  # index of a token
    currentMoved = Signal(QRect)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gestures = TokenGestures(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Tokens of the prompt")
        self._reading: Reading | None = None
        self._layout: Layout | None = None
        self._layouts: dict[int, Layout] = {}  # by width
        self._current: int | None = None
        self._faces: dict[int, glyphs.Face] = {}
        self._widths: dict[tuple[str, int], float] = {}
        self._read_theme()

    # What is shown ----------------------------------------------------------------------------

    def set_reading(self, reading: Reading) -> None:
        """Show the tokens of a prompt."""
        if self._reading is None or self._reading.vocabulary is not reading.vocabulary:
            self._faces.clear()
        self._reading = reading
        self._layouts.clear()
        self._arrange()

    def set_current(self, index: int | None) -> None:
        """Make a token the current one, without a signal."""
        self._current = index
        chip = self._chip_of(index)
        self.setAccessibleDescription(self.words_of(index) if index is not None else "")
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        if chip is not None:
            self.currentMoved.emit(chip.rect.toAlignedRect())
        self.update()

    def words_of(self, index: int) -> str:
        """A token in words, as a screen reader and the tooltip say it."""
        reading = self._reading
        if reading is None or index >= len(reading.prompt.tokens):
            return ""
        token, vocabulary = reading.prompt.tokens[index], reading.vocabulary
        words = [
            f"“{vocabulary.display(token.id)}”, #{token.id}, "
            f"a {KINDS[vocabulary.kinds[token.id]]}, "
            f"token {index + 1} of {len(reading.prompt.tokens)}"
        ]
        if token.weight != 1:
            words.append(f"weight {number(token.weight)}")
        if token.odd:
            same = [other for other in reading.prompt.tokens if other.word == token.word]
            word = reading.text[same[0].start : same[-1].end]
            words.append(f"“{word}” takes {len(same)} tokens")
        if token.repeated:
            words.append("the word was there before")
        if index >= len(reading.prompt.tokens) - reading.prompt.over:
            words.append("cut off")
        return ", ".join(words)

    def heightForWidth(self, width: int) -> int:
        """Height that the wrapped lines take."""
        layout = self._made_for(width)
        return 0 if layout is None else int(layout.height) + 1

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(400, self.heightForWidth(max(self.width(), 200)))

    # Inside -----------------------------------------------------------------------------------

    def _read_theme(self) -> None:
        self._fonts = (
            theme.sized(0),
            theme.sized(2.5),
            theme.sized(-1),
            theme.sized(-1, bold=True),
        )
        self._metrics = tuple(QFontMetricsF(font) for font in self._fonts)
        self._widths.clear()
        self._faces.clear()
        self._layouts.clear()

    def _face(self, token: int) -> glyphs.Face:
        assert self._reading is not None
        face = self._faces.get(token)
        if face is None:
            face = glyphs.face(self._reading.vocabulary, token, self._fonts[0])
            self._faces[token] = face
        return face

    def _width(self, words: str, font: int) -> float:
        width = self._widths.get((words, font))
        if width is None:
            if len(self._widths) > _CACHE:
                self._widths.clear()
            width = self._metrics[font].horizontalAdvance(words)
            self._widths[words, font] = width
        return width

    def _face_width(self, face: glyphs.Face) -> float:
        font = 1 if face.pictorial else 0
        if not face.before and not face.after:
            return self._width(face.text, font)
        return sum(self._width(mark, font) for mark in (face.before, face.text, face.after))

    def _note_width(self, words: str) -> float:
        return self._width(words, 2)

    def _heading_height(self) -> float:
        return self._metrics[2].height() + theme.SPACE_L

    def _made_for(self, width: int) -> Layout | None:
        reading = self._reading
        if reading is None:
            return None
        if width not in self._layouts:  # Qt asks for the same few widths again and again
            if len(self._layouts) >= _WIDTHS:
                del self._layouts[next(iter(self._layouts))]
            self._layouts[width] = lay_out(
                reading.text,
                reading.prompt,
                self._face,
                (self._face_width, self._note_width),
                self._heading_height(),
                float(width),
            )
        return self._layouts[width]

    def _arrange(self) -> None:
        self._layout = self._made_for(self.width())
        if self._layout is not None and self.minimumHeight() != int(self._layout.height) + 1:
            self.setMinimumHeight(int(self._layout.height) + 1)
        self.updateGeometry()
        self.update()

    def _chip_of(self, index: int | None) -> Chip | None:
        if self._layout is None or index is None:
            return None
        return next((chip for chip in self._layout.chips if chip.item.token == index), None)

    def _chip_at(self, where: QPointF) -> Chip | None:
        chips = () if self._layout is None else self._layout.chips
        return next((chip for chip in chips if chip.rect.contains(where)), None)

    def _id(self, index: int) -> int:
        assert self._reading is not None
        return self._reading.prompt.tokens[index].id

    def _id_at(self, where: QPoint) -> int | None:
        chip = self._chip_at(QPointF(where))
        return None if chip is None or chip.item.token < 0 else self._id(chip.item.token)

    def _current_id(self) -> int | None:
        current = self._current
        return None if current is None or current >= self._count() else self._id(current)

    def _count(self) -> int:
        return 0 if self._reading is None else len(self._reading.prompt.tokens)

    # Painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is seen of headings and chips."""
        if self._layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        seen = QRectF(event.rect())
        for section in self._layout.sections:
            if section.rect.intersects(seen):
                self._paint_heading(painter, section, c)
        for chip in self._layout.chips:
            if chip.rect.top() - 8 < seen.bottom() and chip.rect.bottom() + 8 > seen.top():
                self._paint_chip(painter, chip, c)

    def _paint_heading(self, painter: QPainter, section: Section, c: theme.Colours) -> None:
        line = QRectF(section.rect.left(), section.rect.top(), 0, self._heading_height())
        x = float(theme.TEXT_LEFT)
        if section.title:
            self._write(painter, x, line, section.title, 3, c.colour("text2"))
            x += self._width(_WIDE_TITLE, 3) + theme.SPACE_S
        self._write(painter, x, line, section.count, 2, c.colour("text2"))
        if section.share is None:
            return
        x += self._width(_WIDE_COUNT, 2) + theme.SPACE_M
        bar = QRectF(x, line.center().y() - _BAR_HEIGHT / 2, _BAR_WIDTH, _BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        full = "query" if section.wasted else "score_bar"
        for role, share in (("score_track", 1.0), (full, section.share)):
            painter.setBrush(c.colour(role))
            bar.setWidth(_BAR_WIDTH * share)
            painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        x += _BAR_WIDTH + theme.SPACE_M
        room = max(0.0, section.rect.right() - theme.SPACE_S - x)
        words = self._metrics[2].elidedText(section.reason, Qt.TextElideMode.ElideRight, room)
        self._write(painter, x, line, words, 2, c.colour("text2"))

    def _paint_chip(self, painter: QPainter, chip: Chip, c: theme.Colours) -> None:
        item, rect = chip.item, chip.rect
        is_token = item.token >= 0 and not item.cut
        dim = c.colour("query" if item.wasted else "text2")
        own = dim if item.face.dim or item.cut else c.colour("text")
        if item.odd and is_token:
            own = c.colour("notice_text")
        self._paint_ground(painter, chip, c, dim)
        x, right = rect.left() + PAD, rect.right() - PAD
        font = 1 if item.face.pictorial else 0
        note_width = self._note_width(item.note) + GAP if item.note else 0
        for mark in (item.face.before, item.face.text, item.face.after):
            if mark:
                colour = own if mark is item.face.text else dim
                room = right - note_width - x
                if self._width(mark, font) > room + 1:
                    mark = self._metrics[font].elidedText(mark, Qt.TextElideMode.ElideRight, room)
                x += self._write(painter, x, rect, mark, font, colour)
        if item.note:
            colour = c.colour("query") if is_token else dim
            self._write(painter, right - note_width + GAP, rect, item.note, 2, colour)
        if is_token:
            paint_weight(painter, rect.left() + PAD, right, rect.bottom() + 1, item.weight)

    def _paint_ground(
        self, painter: QPainter, chip: Chip, c: theme.Colours, dashed: QColor
    ) -> None:
        item, rect = chip.item, chip.rect
        current = item.token >= 0 and item.token == self._current
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if item.token < 0 or item.cut:
            painter.setPen(QPen(dashed, 1, Qt.PenStyle.DashLine))
        elif not item.is_bare:
            painter.setBrush(c.colour("notice" if item.odd else "chip"))
        if current:
            painter.setPen(QPen(c.colour("accent"), _RING))
        inset = 0.0 if painter.pen().style() == Qt.PenStyle.NoPen else painter.pen().widthF() / 2
        ground = rect.adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(ground, theme.CHIP_RADIUS, theme.CHIP_RADIUS)
        if item.odd and not item.cut and not current:
            if not chip.opens:
                painter.drawRect(rect.adjusted(0, 0, -rect.width() / 2, 0))
            if not chip.closes:
                painter.drawRect(rect.adjusted(rect.width() / 2, 0, 0, 0))

    def _write(
        self, painter: QPainter, x: float, rect: QRectF, words: str, font: int, colour: QColor
    ) -> float:
        painter.setFont(self._fonts[font])
        painter.setPen(colour)
        width = self._width(words, font)
        room = QRectF(x, rect.top(), width + 2, rect.height())
        painter.drawText(room, _LEFT_WORDS, words)
        return width

    # Events -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._read_theme()
            self._arrange()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Answer for tooltips; claim the keys of a token."""
        if claims(event):
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            chip = self._chip_at(QPointF(event.pos()))
            if chip is not None:
                words = plain_tip(chip.item.tip or f"{self.words_of(chip.item.token)}.")
                QToolTip.showText(event.globalPos(), words, self, chip.rect.toAlignedRect())
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a token."""
        chip = self._chip_at(event.position())
        if chip is not None and chip.item.token >= 0:
            self.tokenActivated.emit(chip.item.token)
            if event.button() == Qt.MouseButton.LeftButton:
                self.gestures.press(event, [self._id(chip.item.token)])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let a token be dragged."""
        self.gestures.move(event, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish a click."""
        self.gestures.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look a token up."""
        self.gestures.double_click(event, self._id_at(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a token."""
        chip, token = self._chip_of(self._current), self._current_id()
        current = None if chip is None or token is None else (token, chip.rect.center().toPoint())
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            chip = self._chip_at(QPointF(event.pos()))
            if chip is not None and chip.item.token >= 0:
                self.tokenActivated.emit(chip.item.token)
        self.gestures.context_menu(event, self, self._id_at, current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go along the tokens, and do with one what can be done with it anywhere."""
        key, count, current = event.key(), self._count(), self._current
        moves = {
            Qt.Key.Key_Left: -1 if current is None else current - 1,
            Qt.Key.Key_Right: 0 if current is None else current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
            Qt.Key.Key_Up: self._beside(-1),
            Qt.Key.Key_Down: self._beside(1),
        }
        if key in moves:
            if 0 <= moves[Qt.Key(key)] < count:
                self.tokenActivated.emit(moves[Qt.Key(key)])
        elif not self.gestures.key(event, self._current_id()):
            super().keyPressEvent(event)

    def _beside(self, step: int) -> int:
        """The token nearest to the current one on the line above or below; -1 for none."""
        if self._layout is None or self._current is None or self._current >= self._count():
            return 0
        lines = self._layout.lines
        here = self._chip_of(self._current)
        assert here is not None
        numbers = sorted({line for line in lines if (line - lines[self._current]) * step > 0})
        if not numbers:
            return -1
        wanted = numbers[0] if step > 0 else numbers[-1]
        chips = [
            c for c in self._layout.chips if c.item.token >= 0 and lines[c.item.token] == wanted
        ]
        x = here.rect.center().x()
        return min(chips, key=lambda chip: abs(chip.rect.center().x() - x)).item.token
