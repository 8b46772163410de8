"""The question for a newer version: only when asked for, and saying no more than it must."""

import socket
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from releases_server import Page, serve

from tokensim_gui import __version__
from tokensim_gui.core import paths
from tokensim_gui.core.errors import NetworkError
from tokensim_gui.core.hub import releases
from tokensim_gui.core.job import Job
from tokensim_gui.state.notice import Notice
from tokensim_gui.state.settings import Settings
from tokensim_gui.state.updates import Updates

LONG_MS = 10_000


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    with serve() as served:
        monkeypatch.setattr(paths, "homepage", lambda: served.address)
        yield served


class Told:
    """An `Updates` and what it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.updates = Updates(self.settings)
        self.notices: list[Notice] = []
        self.updates.noticed.connect(self.notices.append)

    def says(self, sentence: str) -> Notice:
        self.qtbot.waitUntil(
            lambda: bool(self.notices) and self.notices[-1].text == sentence, timeout=LONG_MS
        )
        return self.notices[-1]


@pytest.fixture
def told(qtbot: QtBot) -> Iterator[Told]:
    begun = Told(qtbot)
    yield begun
    begun.updates.close()


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("1.0.1", "1.0.0", True),
        ("1.10.0", "1.9.9", True),
        ("2", "1.9", True),
        ("1.0.0", "1.0.0", False),
        ("1.0", "1.0.0", False),
        ("1.0.0", "1.0", False),
        ("0.9.9", "1.0.0", False),
    ],
)
def test_versions_compare_by_their_numbers(version: str, than: str, newer: bool) -> None:
    assert releases.is_newer(version, than) is newer


def test_the_page_in_the_resources_is_a_web_address() -> None:
    assert paths.homepage().startswith("https://")
    assert not paths.homepage().endswith("/")


def test_a_newer_version_is_told_with_a_way_to_its_page(page: Page, told: Told) -> None:
    page.target = "/releases/tag/v99.1.0"
    told.updates.check_now()
    offers = told.says(f"TokenSim 99.1.0 is out; this is {__version__}.").offers
    assert [(one.command, one.payload) for one in offers] == [
        ("browse", f"{page.address}/releases/latest")
    ]


def test_no_newer_version_is_told_when_asked(page: Page, told: Told) -> None:
    page.target = f"/releases/tag/v{__version__}"
    told.updates.check_now()
    told.says(f"TokenSim {__version__} is the newest version.")


def test_nothing_is_asked_until_the_user_turns_it_on(page: Page, told: Told) -> None:
    told.updates.check_at_start()
    told.updates.check_now()  # an answer, after which an earlier question would have been seen
    told.says(f"TokenSim {__version__} is the newest version.")
    assert sum("/releases/latest" in asked for asked in page.asked) == 1


def test_it_asks_once_a_day_and_speaks_only_of_news(page: Page, told: Told) -> None:
    page.target = "/releases/tag/v99.0.0"
    told.settings.set("check_updates", True)
    told.updates.check_at_start()
    told.says(f"TokenSim 99.0.0 is out; this is {__version__}.")
    before = len(page.asked)
    told.updates.check_at_start()  # the same day again
    page.target = ""
    told.settings.set("updates_checked", "2000-01-01")
    told.updates.check_at_start()
    told.qtbot.waitUntil(lambda: len(page.asked) > before, timeout=LONG_MS)
    told.updates.check_now()
    told.says(f"{page.address[7:]} names no release of TokenSim. Try again later.")
    assert len([one for one in told.notices if "names no release" in one.text]) == 1


def test_the_question_says_nothing_but_the_version(page: Page) -> None:
    assert releases.newest_release(Job()) == "1.0.0"
    head = page.asked[0].lower()
    names = {line.partition(":")[0] for line in head.splitlines()[1:] if line}
    assert names == {"host", "accept-encoding", "user-agent"}
    assert f"user-agent: tokensim/{__version__}\n" in head.replace("\r", "")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("", 200),  # a page instead of a way to a release
        ("/releases/tag/v1.0.0", 404),
        ("/releases/tag/v1.0.0", 500),
        ("/releases/tag/nightly", 200),
        ("/releases/tag/v1.0.0/../../evil", 200),
        ("/releases/tag/v" + "9" * 5000, 200),
        ("/releases/tag/v1.0.0?x=v2.0.0", 200),
    ],
)
def test_an_odd_answer_is_one_sentence(page: Page, target: str, status: int) -> None:
    page.target, page.status = target, status
    try:
        found = releases.newest_release(Job())
    except NetworkError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
    else:
        pytest.fail(f"took {found} out of {target}")


def test_a_page_that_cannot_be_reached_is_one_sentence(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setattr(paths, "homepage", lambda: f"http://{address}")
    told.updates.check_now()
    told.qtbot.waitUntil(lambda: address in told.notices[-1].text, timeout=LONG_MS)
    assert told.notices[-1].text.startswith("The connection to ")


def test_a_fault_of_its_own_is_handed_on(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ValueError("a bug")

    monkeypatch.setattr(paths, "homepage", broken)
    with told.qtbot.waitSignal(told.updates.crashed, timeout=LONG_MS):
        told.updates.check_now()
