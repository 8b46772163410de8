"""``tokensim screenshot``: the window as a picture, also without a display."""

import argparse
import os
import signal

from tokensim_gui.commands.command import Answer, Commands, add_command, file_path
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.job import Job

_LARGEST = 8000
_REST_MS, _RESTS = 50, 4  # nothing was asked for that long: the page is whole


def add_commands(commands: Commands) -> None:
    """Add the parser."""
    parser = add_command(commands, "screenshot", _screenshot)
    parser.add_argument("target", type=file_path, metavar="OUT.png")
    parser.add_argument("--query", help="what to search for")
    parser.add_argument("--table", metavar="SLUG", help="the table to open")
    parser.add_argument(
        "--size", type=_size, default=(1400, 900), metavar="1400x900", help="in pixels"
    )
    parser.add_argument("--theme", choices=("light", "dark"))
    parser.add_argument(
        "--page", choices=("search", "prompt", "compare", "encoders"), default="search"
    )
    parser.add_argument("--view", choices=("neighbours", "vocabulary"), default="neighbours")
    parser.add_argument("--map", choices=("close", "whole"), default="close")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"“{text}” is not a size such as 1400x900")
    return min(int(width), _LARGEST), min(int(height), _LARGEST)


def _screenshot(arguments: argparse.Namespace, _: Job) -> Answer:
    """Write a picture of the window; works without a display."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt would print the exception and go on
    from PySide6.QtCore import QSize, QTimer

    from tokensim_gui.app import App, has_display, qt_application
    from tokensim_gui.state.settings import Settings

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    settings = Settings()
    application = qt_application(arguments.theme or settings.theme, settings.text_size)
    tokensim = App(settings, arguments.table)
    tokensim.window.resize(QSize(*arguments.size))
    session = tokensim.session
    written: list[bool] = []

    # A page asks for more once it is shown: tokens of the prompt, what is near a token.
    rest = QTimer(application)
    rest.setInterval(_REST_MS)
    idle = [0]

    def on_rest() -> None:
        idle.append(idle[-1] + 1 if session.worker.is_idle else 0)
        if idle[-1] == _RESTS:
            rest.stop()
            finish()

    rest.timeout.connect(on_rest)

    def finish() -> None:
        application.sendPostedEvents()  # what a change of layout asked for
        written.append(tokensim.window.grab().save(str(arguments.target)))
        application.quit()

    def on_shown(_value: object) -> None:
        if not session.search.is_current:
            return
        if arguments.view == "vocabulary" != session.search.view:
            session.search.set_view("vocabulary")  # and is called again
        else:
            tokensim.window.pages.show_page(arguments.page)
            if arguments.map == "whole":
                session.map.landscapeChanged.connect(lambda *_: rest.start())
                tokensim.window.search.map.show_whole(True)
            else:
                rest.start()

    session.search.resultsChanged.connect(on_shown)
    session.search.problemChanged.connect(on_shown)
    session.search.idsChanged.connect(on_shown)  # an empty query shows the vocabulary
    # A fault of TokenSim's own must not leave a program that waits for ever.
    session.crashed.connect(lambda _error: application.quit())
    tokensim.start(arguments.query)
    application.exec()
    tokensim.close()
    if not any(written):
        raise FileError(f"{arguments.target} can't be written: choose another folder or name.")
    return Answer()
