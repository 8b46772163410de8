"""Every test has folders of its own, and leaves no window and no thread behind."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home; TokenSim's folders lie below it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TOKENSIM_HOME", str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a visible top-level widget or a running thread of TokenSim."""
    before = {thread.name for thread in threading.enumerate()}
    yield
    app = QApplication.instance()
    if isinstance(app, QApplication) and "qtbot" in request.fixturenames:
        visible = [widget for widget in app.topLevelWidgets() if widget.isVisible()]
        for widget in visible:
            widget.close()
        assert not visible, f"left open: {visible}"
        # What is to be deleted later is now, and not when Python ends: in no order.
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()  # here, on the thread of the widgets that the test left as garbage
    # Pools without a name are libraries': transformers keeps one for loading weights.
    after = {
        thread.name
        for thread in threading.enumerate()
        if not thread.daemon and not thread.name.startswith("ThreadPoolExecutor")
    }
    assert after <= before, f"left running: {after - before}"
