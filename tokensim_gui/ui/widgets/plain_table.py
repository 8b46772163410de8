"""A table of plain words in the look of the token table."""

from PySide6.QtCore import QAbstractItemModel, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tokensim_gui.ui import theme


class PlainTable(QTableView):
    """Rows are chosen as a whole; Enter and a double click mean one of them."""

    rowChosen = Signal(int)

    def __init__(
        self, model: QAbstractItemModel, name: str, stretch: int, parent: QWidget | None = None
    ) -> None:
        """Take the model, an accessible name, and the column that takes the room left."""
        super().__init__(parent)
        self._widths: dict[int, int] = {}  # at plain text size
        self._given: dict[int, int] = {}  # what the columns had of them; another is the user's
        self._unit = theme.px(100)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setProperty("look", "plain")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(theme.row_height())
        self.doubleClicked.connect(self._on_double_clicked)

    def set_widths(self, widths: dict[int, int]) -> None:
        """Give columns a width in pixels at plain text size; none is narrower than its head."""
        self._widths, self._unit = dict(widths), theme.px(100)
        self._fit_columns()

    def _fit_columns(self) -> None:
        header = self.horizontalHeader()
        for column, width in self._widths.items():
            self._given[column] = max(theme.px(width), header.sectionSizeHint(column))
            header.resizeSection(column, self._given[column])

    def _fit_text(self) -> None:
        """Let rows and columns grow and shrink with the text, from what the user made of them."""
        self.verticalHeader().setDefaultSectionSize(theme.row_height())
        for column, given in self._given.items():
            size = self.horizontalHeader().sectionSize(column)
            if size not in (given, 0):  # 0: it is hidden
                self._widths[column] = round(size * 100 / self._unit)
        self._unit = theme.px(100)
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter means the current row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.rowChosen.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        if event.type() == QEvent.Type.FontChange:
            self._fit_text()
        super().changeEvent(event)

    @Slot()
    def _on_double_clicked(self) -> None:
        self.rowChosen.emit(self.currentIndex().row())
