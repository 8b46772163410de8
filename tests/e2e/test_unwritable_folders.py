"""What the window does where nothing can be kept."""

from collections.abc import Callable
from pathlib import Path

from driver import Driver

from tokensim_gui.state.notice import Notice


def test_where_nothing_can_be_kept_the_window_says_so_once_and_works(
    start: Callable[..., Driver], home: Path, tmp_path: Path
) -> None:
    home.mkdir()
    for name in ("config", "data", "cache", "log"):
        (home / name).touch()  # a file: nobody, not even root, can write below it
    driver = start()
    said: list[str] = []
    crashes: list[object] = []

    def note(notice: Notice) -> None:
        said.append(notice.text)

    driver.session.noticed.connect(note)
    driver.session.crashed.connect(crashes.append)
    driver.ready().type("dog")
    driver.session.search.change_tray(lambda tray: tray.toggle([5, 6]))
    for page in ("prompt", "compare", "encoders", "search"):
        driver.window.pages.show_page(page)
    driver.session.encoders.open_path(tmp_path / "gone.safetensors")
    driver.qtbot.waitUntil(lambda: driver.session.encoders.running is None, timeout=30_000)
    assert driver.session.encoders.problem is not None
    driver.close()
    assert not crashes
    assert len([text for text in said if text.startswith("Settings last only")]) == 1
    assert {one.name for one in home.iterdir() if one.is_file()} == {
        "config",
        "data",
        "cache",
        "log",
    }
