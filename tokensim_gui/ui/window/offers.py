"""What the buttons of notices do."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl

from tokensim_gui.state.notice import Offer
from tokensim_gui.ui.window.web_links import open_outside

if TYPE_CHECKING:
    from tokensim_gui.state.workspace import Workspace


def carry_out(offer: Offer, workspace: "Workspace") -> None:
    """Do what was offered."""
    if offer.command == "copy":
        workspace.clipboard.copy_text(offer.payload)
    elif offer.command == "open":
        workspace.open_table(offer.payload)
    elif offer.command == "page":
        workspace.pageRequested.emit(offer.payload)
    elif offer.command == "undo_remove":
        workspace.encoders.restore(offer.payload)
    elif offer.command == "browse":
        if not open_outside(QUrl(offer.payload)):
            workspace.say(f"No browser could be started. The page is {offer.payload}")
    else:
        workspace.prompting.hint.act(offer)
