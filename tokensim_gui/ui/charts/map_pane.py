"""The map's pane: the canvas with its buttons over it, enlarged over the page, saved to a file."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from tokensim_gui.core.query.term_weights import weighted_terms
from tokensim_gui.ui import theme
from tokensim_gui.ui.charts.axes_fields import AxesFields
from tokensim_gui.ui.charts.axes_scene import AxesScene
from tokensim_gui.ui.charts.landscape_scene import LandscapeScene
from tokensim_gui.ui.charts.map_canvas import MapCanvas
from tokensim_gui.ui.charts.map_head import MapHead
from tokensim_gui.ui.charts.map_picture import picture, save_picture
from tokensim_gui.ui.charts.map_scene import MapScene
from tokensim_gui.ui.charts.token_colours import token_colours

if TYPE_CHECKING:
    from tokensim_gui.core.files.landscape_file import Landscape
    from tokensim_gui.core.job import Progress
    from tokensim_gui.core.values import FloatArray, Results
    from tokensim_gui.core.vocabulary.regions import Regions
    from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
    from tokensim_gui.state.map_state import Axes, MapState

_EMPTY = "Nothing to draw yet: type a word."
_NONE_PASSES = "Nothing to draw: no token passes the filters."
_NO_LANDSCAPE = (
    "This table has no map of all its tokens yet. It takes some minutes, while you go on working."
)
_TWO_WORDS = "Two words: every token is drawn where its likeness to either puts it."
_FIELDS_WIDTH = 360


class MapPane(QWidget):
    """The canvas with its buttons; `canvas` and `gestures` say what is done with a token.

    Signals:
        tokenActivated: A token was clicked or walked to.
        tokensSelected: Tokens were drawn round.
        saveRequested: The map is to be written to a file.
        landscapeWanted: The whole map is looked at.
        landscapeRequested: It is to be made.
        likenessWanted: The scores of all tokens are to be shown, or no longer.
        axesWanted: The scores to two words are to be the axes: two texts; None: no longer.
        cancelRequested: It is not to be made after all.
    """

    tokenActivated = Signal(int)
    tokensSelected = Signal(list)
    saveRequested = Signal()
    landscapeWanted = Signal()
    landscapeRequested = Signal()
    likenessWanted = Signal(bool)
    axesWanted = Signal(object)  # tuple[str, str] | None
    cancelRequested = Signal()

    def __init__(self, page: QWidget | None = None) -> None:
        """Make the pane.

        Args:
            page: What the map covers when it is enlarged; the pane's owner until it is laid out.
        """
        super().__init__(page)
        self._page = page
        self._results: Results | None = None
        self._landscape: Landscape | None = None
        self._scene: LandscapeScene | None = None
        self._making: Progress | None = None
        self._by = "nothing"
        self._lengths: FloatArray | None = None
        self._likeness: FloatArray | None = None
        self._vocabulary: Vocabulary | None = None
        self._axes: AxesScene | None = None
        self._wanted_region = ""  # one that is shown as soon as there is a landscape
        self._message = ""  # why there is no answer
        self._axes_words = ""  # why there is none yet; "" where no axes are wanted
        self._dim = self._covered = 0
        self._controls: tuple[bool, ...] = ()  # what they were last shown by
        self._body = QWidget()
        self._body.setProperty("look", "sheet")  # also where something covers it
        self.canvas = MapCanvas(self._body)
        self.gestures = self.canvas.gestures
        self.setFocusProxy(self.canvas)
        self._head = MapHead(self._body)
        self._head.wholeChosen.connect(self.show_whole)
        self._head.colourChosen.connect(self.colour_by)
        self._head.axesChosen.connect(self.show_axes)
        self._head.pressed.connect(self._on_head_pressed)
        self._head.toggled.connect(self._on_head_toggled)
        self._fields = AxesFields(self._body)
        self._fields.axesChosen.connect(self._on_axes_chosen)
        self._offer = QPushButton(self._body)
        self._offer.clicked.connect(self._on_offer_clicked)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._body)
        self._body.installEventFilter(self)
        if page is not None:
            page.installEventFilter(self)
        self.canvas.lassoDrawn.connect(self._on_canvas_lasso_drawn)
        self.canvas.tokenActivated.connect(self.tokenActivated)
        self.canvas.tokensSelected.connect(self.tokensSelected)
        self.canvas.regionActivated.connect(self._on_canvas_region_activated)
        self._colour()
        self._show()

    def follow(self, state: "MapState") -> None:
        """Ask this state for whole maps, scores and axes, and show them as they come."""
        self.landscapeWanted.connect(state.want_landscape)
        self.landscapeRequested.connect(state.make_landscape)
        self.cancelRequested.connect(state.cancel_landscape)
        self.likenessWanted.connect(state.want_likeness)
        self.axesWanted.connect(state.want_axes)
        state.landscapeChanged.connect(self.set_landscape)
        state.makingChanged.connect(self.set_making)
        state.likenessChanged.connect(self.set_likeness)
        state.axesChanged.connect(self.set_axes)
        state.axesFailed.connect(self.refuse_axes)

    # What is shown

    def set_vocabulary(
        self, vocabulary: "Vocabulary", dim: int, lengths: "FloatArray | None" = None
    ) -> None:
        """Take what the table holds; empties the map.

        Args:
            vocabulary: Its tokens.
            dim: How many numbers a vector has.
            lengths: float64 [rows], lengths of the vectors, once they are known.
        """
        self._vocabulary, self._dim, self._lengths = vocabulary, dim, lengths
        self._landscape = self._scene = self._likeness = self._axes = None
        self._wanted_region = ""
        self.set_results(None)

    def set_results(self, results: "Results | None") -> None:
        """Draw an answer, all of it in view; None empties the map."""
        self._results = results
        for scene in filter(None, (self._scene, self._axes)):
            scene.light(results)
        if self.shows_whole and (self._axes if self._axes_words else self._scene) is not None:
            self._offer_results()
            self.canvas.refresh()
            if self._scene is not None and not self._axes_words:
                self.canvas.lead_to(self._scene.walked(None, 0), self._scene.results_part)
        else:
            self._show()

    def set_message(self, words: str) -> None:
        """Say why there is no answer to draw; “” says how to begin."""
        if words != self._message:
            self._message = words
            if self._results is None:
                self._show()

    def set_landscape(self, landscape: "Landscape | None", regions: "Regions") -> None:
        """Take the places of all tokens and the regions there; None if the table has none yet."""
        self._landscape, self._scene = landscape, None
        if landscape is not None and self._vocabulary is not None:
            self._scene = LandscapeScene(landscape, self._vocabulary, regions)
            self._scene.light(self._results)
            self._colour()
        if self.shows_whole:
            self._show()
        if landscape is not None and self._wanted_region:
            self.show_region(self._wanted_region)

    def set_making(self, progress: "Progress | None") -> None:
        """Show how far the landscape is that is being made; None if none is."""
        self._making = progress
        if self.shows_whole:
            self._show()

    def set_likeness(self, scores: "FloatArray") -> None:
        """Take the scores of all tokens to the query, float64 [rows], NaN without a vector."""
        self._likeness = scores
        if self._by == "likeness":
            self._colour()
            self.canvas.refresh()

    @property
    def shows_whole(self) -> bool:
        """Whether the whole map is shown, and not the close-up."""
        return self._head.is_whole

    @Slot(bool)
    def show_whole(self, whole: bool) -> None:
        """Show the whole map, or the close-up."""
        self._head.set_whole(whole)
        if whole and self._landscape is None:
            self.landscapeWanted.emit()
        self._show()

    def _show(self) -> None:
        """Put the scene of the mode on the canvas, or say why there is none."""
        results, vocabulary, whole = self._results, self._vocabulary, self.shows_whole
        scene: LandscapeScene | MapScene | None = self._scene if whole else None
        by_words = whole and bool(self._axes_words)
        words = self._message or _EMPTY if results is None else _NONE_PASSES
        if whole:
            words = _NO_LANDSCAPE
            if self._making is not None:
                done = "" if self._making.share is None else f" {self._making.share:.0%}"
                words = f"{self._making.text or 'Starting'}…{done}"
            if by_words:
                scene, words = self._axes, self._axes_words
        elif results is not None and vocabulary is not None and len(results.map_ids):
            scene = MapScene(results, vocabulary, self._dim)
        controls = (scene is not None, whole, by_words, self._making is not None, results is None)
        if controls != self._controls:  # another answer leaves them as they are
            self._controls = controls
            self._head.show_state(drawn=scene is not None, by_words=by_words)
            self._offer_results()
            self._fields.setVisible(by_words)
            self._offer.setVisible(whole and scene is None and not by_words)
            self._offer.setText("Make the map" if self._making is None else "Cancel")
            self._place()
        self.canvas.show_scene(scene, words)

    def _offer_results(self) -> None:
        whole = self.shows_whole and self._scene is not None and not self._axes_words
        self._head.offer_results(whole and self._results is not None)

    def _colour(self) -> None:
        self._head.set_colour(self._by)
        scenes = [scene for scene in (self._scene, self._axes) if scene is not None]
        if scenes and self._vocabulary is not None:
            values = self._lengths if self._by == "length" else self._likeness
            colours, key = token_colours(self._by, self._vocabulary, values)
            for scene in scenes:
                scene.colour_by(colours, key)

    @Slot(str)
    def colour_by(self, by: str) -> None:
        """Colour the whole map by a key of `COLOUR_BY`."""
        self._by = by
        self.likenessWanted.emit(by == "likeness")
        self._colour()
        self.canvas.refresh()

    def set_axes(self, axes: "Axes") -> None:
        """Take the scores of all tokens to two words."""
        if not self._axes_words or self._vocabulary is None:
            return
        self._axes = AxesScene(axes, self._vocabulary)
        self._axes.light(self._results)
        self._colour()
        self._show()

    def refuse_axes(self, sentence: str) -> None:
        """Say why two words make no axes."""
        if self._axes_words:
            self._axes, self._axes_words = None, sentence
            self._show()

    @Slot(bool)
    def show_axes(self, wanted: bool) -> None:
        """Show all tokens by their likeness to two words, or like beside like."""
        self._axes, self._axes_words = None, _TWO_WORDS if wanted else ""
        self._show()
        if wanted:
            terms = weighted_terms(self._results.query.text) if self._results is not None else ()
            texts = [*(term.text for term in terms[:2]), "", ""]
            self._fields.set_texts(texts[0], texts[1])
            self._on_axes_chosen(*self._fields.texts())
        else:
            self.axesWanted.emit(None)

    @Slot(str, str)
    def _on_axes_chosen(self, across: str, up: str) -> None:
        if across and up:
            self.axesWanted.emit((across, up))
        else:
            self.refuse_axes(_TWO_WORDS)

    @Slot()
    def _on_offer_clicked(self) -> None:
        (self.landscapeRequested if self._making is None else self.cancelRequested).emit()

    def set_selected(self, tokens: Sequence[int]) -> None:
        """Put rings round tokens, the current one first; none round those not on the map."""
        self.canvas.set_selected(tokens)

    def set_tray(self, tokens: Sequence[int]) -> None:
        """Show which tokens are in the tray."""
        self.canvas.set_tray(tokens)

    def fit(self) -> None:
        """Bring everything into view."""
        self.canvas.fit()

    def zoom_to_results(self) -> None:
        """Bring the first results into view on the whole map."""
        if self._scene is not None and not self._axes_words:
            self.canvas.show_part(self._scene.results_part)

    @Slot(str)
    def show_region(self, name: str) -> None:
        """Show a region of the whole map by its name, as soon as there is one."""
        self._wanted_region = name if self._scene is None else ""
        if self._axes_words:
            self.show_axes(False)
        if not self.shows_whole:
            self.show_whole(True)
        number = None if self._scene is None else self._scene.regions.number(name)
        if number is not None:
            self._on_canvas_region_activated(number)

    @Slot(int)
    def _on_canvas_region_activated(self, number: int) -> None:
        if self._scene is not None:
            self._scene.regions.gone_to = number
            part = partial(self._scene.region_part, number)
            self.canvas.show_part(part, self._scene.regions.name(number))

    def _walk_regions(self, steps: int) -> None:
        if self._scene is not None and self._scene.regions.names and not self._axes_words:
            self._on_canvas_region_activated(self._scene.regions.following(steps))

    def set_enlarged(self, enlarged: bool) -> None:
        """Let the map cover the page, or put it back."""
        if self._page is None or enlarged == (self._body.parentWidget() is self._page):
            return
        self._head.set_on("enlarge", enlarged)
        if enlarged:
            self._layout.removeWidget(self._body)
            self._body.setParent(self._page)
            self._body.setGeometry(self._page.rect())
            self._body.show()
            self._body.raise_()
        else:
            self._layout.addWidget(self._body)
            self._body.show()
        self.canvas.fit()
        self.canvas.setFocus()

    @Slot(str)
    def _on_head_pressed(self, name: str) -> None:
        if name == "results":
            self.zoom_to_results()
        elif name == "fit":
            self.fit()
        else:
            self.saveRequested.emit()

    @Slot(str, bool)
    def _on_head_toggled(self, name: str, on: bool) -> None:
        if name == "enlarge":
            self.set_enlarged(on)
        else:
            self.canvas.lasso = on
            shapes = Qt.CursorShape
            self.canvas.setCursor(shapes.CrossCursor if on else shapes.ArrowCursor)

    @Slot()
    def _on_canvas_lasso_drawn(self) -> None:
        self._head.set_on("lasso", False)

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the head over the canvas, and the enlarged map over the page; Esc puts it back."""
        if watched is self._body and isinstance(event, QResizeEvent):
            self._place()
        enlarged = self._body.parentWidget() is self._page
        if watched is self._page and isinstance(event, QResizeEvent) and enlarged:
            self._body.setGeometry(0, 0, event.size().width(), event.size().height())
        if watched is self._body and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and self._takes(Qt.Key(event.key()), enlarged):
                return True
        return super().eventFilter(watched, event)

    def _takes(self, key: Qt.Key, enlarged: bool) -> bool:
        """Act on a key that the canvas did not take."""
        if key == Qt.Key.Key_Escape and enlarged:
            self.set_enlarged(False)
        elif key == Qt.Key.Key_0 and not self.canvas.is_fitted:
            self.fit()  # where a button of the head has the focus
        elif not self.shows_whole:
            return False
        elif key == Qt.Key.Key_0:
            self.zoom_to_results()
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._walk_regions(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            return False
        return True

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._head.fit_text()
            self._colour()
        super().changeEvent(event)

    def set_covered(self, width: int) -> None:
        """Leave so much at the right, below the head, to what lies over it; in pixels."""
        self._covered = width
        self._place()

    def fit_text(self) -> None:
        """Let the head grow and shrink with the text."""
        self._head.fit_text()
        self.set_covered(self._covered)

    def _place(self) -> None:
        """Lay canvas, head, fields and offer out anew."""
        covered = 0 if self._body.parentWidget() is self._page else self._covered
        self.canvas.setGeometry(self._body.rect().adjusted(0, 0, -covered, 0))
        height, left = theme.px(theme.FIELD_HEIGHT), theme.SPACE_L
        self._head.setGeometry(left, theme.SPACE_M, self._body.width() - 2 * left, height)
        self._head.use_width(self._head.width())
        self._head.raise_()
        width = min(theme.px(_FIELDS_WIDTH), self._body.width() - 2 * left)
        self._fields.setGeometry(left, theme.SPACE_M + height + theme.SPACE_XS, width, height)
        self._fields.raise_()
        over = self._head if self._fields.isHidden() else self._fields
        self.canvas.head = over.geometry().bottom() + 1 + theme.SPACE_S
        middle = self.canvas.geometry().center()
        self._offer.adjustSize()
        self._offer.move(middle.x() - self._offer.width() // 2, middle.y() + 2 * height)
        self._offer.raise_()

    # Pictures

    def draw_whole(self, painter: QPainter, size: QSizeF) -> None:
        """Draw all of the map and its caption into a size, without a ground."""
        self.canvas.draw_whole(painter, size)

    def picture(self) -> QImage:
        """The canvas as it is, without hover and focus, at twice the size."""
        return picture(self.canvas)

    def save(self, path: Path) -> None:
        """Write the canvas to a file.

        Args:
            path: Where to; ``.png`` or ``.svg`` says how.

        Raises:
            FileError: The suffix is another one, or the file can't be written.
        """
        save_picture(self.canvas, path)
