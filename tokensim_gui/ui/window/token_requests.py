"""What the gestures of tokens do, on every page that shows those of the encoder in front."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from tokensim_gui.ui.tokens.token_drag import drag
from tokensim_gui.ui.tokens.token_gestures import TokenGestures
from tokensim_gui.ui.window.action_handlers import ActionHandlers
from tokensim_gui.ui.window.actions import Action

if TYPE_CHECKING:
    from tokensim_gui.state.session import Session


class TokenRequests(QObject):
    """Carries out what is asked of tokens; looking up is each page's own matter."""

    def __init__(
        self,
        window: QMainWindow,
        handlers: ActionHandlers,
        copy_as: QMenu,
        session: "Session",
    ) -> None:
        """Take the window that menus open over, its actions, and the menu of copy styles."""
        super().__init__(window)
        self._window, self._handlers, self._copy_as = window, handlers, copy_as
        self._session = session

    def serve(self, gestures: TokenGestures) -> None:
        """Do what these gestures ask for."""
        gestures.copyRequested.connect(self._session.clipboard.copy)
        gestures.appendRequested.connect(self._session.search.append)
        gestures.trayToggled.connect(self._on_tray_toggled)
        gestures.removeRequested.connect(self._on_remove_requested)
        gestures.menuRequested.connect(self._on_menu_requested)
        gestures.dragRequested.connect(self._on_drag_requested)

    @Slot(list)
    def _on_tray_toggled(self, ids: list[int]) -> None:
        self._session.search.change_tray(lambda tray: tray.toggle(ids))

    @Slot(list)
    def _on_remove_requested(self, ids: list[int]) -> None:
        self._session.search.change_tray(lambda tray: tray.remove(ids))

    @Slot(QObject, list)
    def _on_drag_requested(self, source: QWidget, ids: list[int]) -> None:
        text = self._session.clipboard.text_for(ids)
        drag(source, self._session.tables.vocabulary, ids, text)

    @Slot(int, QPoint)
    def _on_menu_requested(self, token: int, where: QPoint) -> None:
        self._session.search.select(token)
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        in_tray = token in self._session.search.tray
        tray_words = "Take out of the tray\tDelete" if in_tray else "Add to the tray\tSpace"
        # The keys are those of the table, which the menu bar's own differ from.
        for words, asked in (
            ("Look up\tEnter", Action.LOOK_UP),
            ("Copy\tCtrl+C", Action.COPY),
            (tray_words, Action.TOGGLE_TRAY_TOKEN),
            ("Add to the query\t+", (token, "+")),
            ("Subtract from the query\t-", (token, "-")),
            ("Show among its ids\tCtrl+G", Action.SHOW_AMONG_IDS),
        ):
            menu.addAction(words).setData(asked)
        menu.insertMenu(menu.actions()[2], self._copy_as)
        menu.triggered.connect(self._on_menu_triggered)
        menu.popup(where)

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        asked = action.data()
        if isinstance(asked, tuple):
            self._session.search.append(*asked)
        elif isinstance(asked, Action):
            self._handlers.run(asked)
