"""A bar that shows a share of anything, however many units that is."""

from PySide6.QtWidgets import QProgressBar, QWidget

_STEPS = 1000


class ProgressBar(QProgressBar):
    """Takes 0 to 1; Qt's own integers would end at 2^31 bytes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """``name`` is what a screen reader calls it."""
        super().__init__(parent)
        self.setTextVisible(False)
        self.setAccessibleName(name)

    def show_share(self, share: float | None) -> None:
        """Show how much is done, or, with None, that it is not known."""
        self.setRange(0, 0 if share is None else _STEPS)
        if share is not None:
            self.setValue(round(_STEPS * share))
