import hashlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.hub.hub_server import Hub, serving
from tokensim_gui.core.errors import FileError, NetworkError
from tokensim_gui.core.hub.http_client import Client, Interrupted, Patience
from tokensim_gui.core.hub.http_range import Remote, download, read_bytes, read_start, read_whole
from tokensim_gui.core.job import Job, JobCancelled

CONTENT = random.Random(0).randbytes(3_000_000)
START, END = 1000, 2_500_000
WANTED = CONTENT[START:END]
PATIENCE = Patience(stall_s=0.3, tries=3, pause_s=0.01, longest_wait_s=0.5)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub(files={"table": CONTENT})) as hub:
        yield hub


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:  # the server's may still say good-bye
        thread.join(10)
    assert set(threading.enumerate()) <= before


def client(hub: Hub, token: str | None = None, patience: Patience = PATIENCE) -> Client:
    return Client(hub.endpoint, token, patience)


def remote(hub: Hub) -> Remote:
    return Remote(f"{hub.endpoint}/a/b/resolve/c/table", "table", len(CONTENT))


def fetch(hub: Hub, part: Path, job: Job | None = None) -> str:
    return download(client(hub), remote(hub), START, END, part, job or Job(), "Fetching")


def assert_fetched(sha256: str, part: Path) -> None:
    assert part.read_bytes() == WANTED
    assert sha256 == hashlib.sha256(WANTED).hexdigest()


def test_only_the_wanted_bytes_are_asked_for(hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    part = tmp_path / "part"
    sha256 = fetch(hub, part, Job(lambda *report: seen.append(report)))
    assert_fetched(sha256, part)
    assert hub.ranges() == [f"bytes={START}-{END - 1}"]
    assert seen[0] == (0, len(WANTED), "Fetching") and seen[-1][:2] == (len(WANTED),) * 2
    assert all(r.headers["accept-encoding"] == "identity" for r in hub.requests)


def test_the_start_of_a_file_tells_its_size(hub: Hub) -> None:
    content, found = read_start(client(hub), remote(hub).url, "table", 100, Job())
    assert (content, found) == (CONTENT[:100], remote(hub))
    content, _ = read_start(client(hub), remote(hub).url, "table", 10**8, Job())
    assert content == CONTENT
    assert read_bytes(client(hub), found, 7, 12, Job()) == CONTENT[7:12]
    with pytest.raises(NetworkError, match="has no bytes"):
        read_bytes(client(hub), found, 7, len(CONTENT) + 1, Job())


@pytest.mark.parametrize(
    "trouble",
    [
        ["cut 100000", "cut 1", "cut 2000000"],
        ["cut 0", "cut 0"],
        ["stall 500000"],
        ["status 403", "cut 5000", "status 403"],
        ["status 429 0", "status 503"],
        ["cut 100000", "weak", "cut 5"],
        ["cut 700000", "change", "change"],
    ],
)
def test_a_download_gets_over_passing_trouble(hub: Hub, tmp_path: Path, trouble: list[str]) -> None:
    hub.trouble = trouble
    assert_fetched(fetch(hub, tmp_path / "part"), tmp_path / "part")
    assert hub.trouble == []


def test_a_cut_download_asks_only_for_the_rest_of_the_same_content(
    hub: Hub, tmp_path: Path
) -> None:
    hub.trouble = ["cut 100000"]
    fetch(hub, tmp_path / "part")
    assert hub.ranges() == [f"bytes={START}-{END - 1}", f"bytes={START + 100000}-{END - 1}"]
    etag = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert [r.headers.get("if-range") for r in hub.requests] == [None, None, etag, etag]


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("whole", "can't send parts of table"),
        ("shift 1", "sends other bytes of table"),
        ("shift -1", "sends other bytes of table"),
        ("range bytes 1000-2499999/*", "sends other bytes of table"),
        ("range bytes 1000-2499998/3000000", "sends other bytes of table"),
        ("range items 1000-2499999/3000000", "sends other bytes of table"),
        ("range bytes 1000-2499999/99", "table changed"),
        ("lie 1", "sends other bytes of table"),
        ("gzip", "compressed"),
        ("endless", "sends other bytes of table"),
        ("cut 0", "broke off while sending table"),
        ("stall 0", "stopped answering"),
        ("status 403", "links to table that do not work"),
        ("status 429", "asked too often"),
        ("status 429 3600", "asks to wait 3600 seconds"),
        ("status 429 Fri, 31 Dec 2100 23:59:59 GMT", r"asks to wait \d+ seconds"),
        ("status 500", r"has trouble \(HTTP 500\)"),
        ("status 418", "answers HTTP 418"),
        ("status 206", "sends other bytes of table"),
    ],
)
def test_what_a_hostile_host_does_for_ever_ends_in_one_sentence(
    hub: Hub, tmp_path: Path, trouble: str, sentence: str
) -> None:
    hub.trouble = [trouble] * 10
    with pytest.raises(NetworkError, match=sentence):
        fetch(hub, tmp_path / "part")
    hub.trouble.clear()
    assert_fetched(fetch(hub, tmp_path / "part"), tmp_path / "part")


def test_a_file_that_changes_with_every_request_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.trouble = ["cut 9", "change", "cut 9", "change", "cut 9", "change", "cut 9", "change"] * 3
    with pytest.raises(NetworkError, match="changed"):
        fetch(hub, tmp_path / "part")


@pytest.mark.parametrize("damage", ["none", "longer", "shorter", "flipped", "note", "other"])
def test_an_interrupted_download_is_continued_bit_for_bit_or_begun_again(
    hub: Hub, tmp_path: Path, damage: str
) -> None:
    part = tmp_path / "part"
    hub.trouble = ["cut 400000", "status 418"]
    with pytest.raises(NetworkError):
        fetch(hub, part)
    raw = part.read_bytes()
    assert raw == WANTED[:400000]
    note = json.loads(part.with_suffix(".json").read_bytes())
    if damage == "longer":
        part.write_bytes(raw + b"x")
    elif damage == "shorter":
        part.write_bytes(raw[:-1])
    elif damage == "flipped":
        part.write_bytes(b"x" + raw[1:])
    elif damage == "note":
        part.with_suffix(".json").write_bytes(b'{"done": 1e999}')
    elif damage == "other":
        part.with_suffix(".json").write_text(json.dumps({**note, "start": 999}))
    assert_fetched(fetch(hub, part), part)
    resumed = damage in ("none", "longer")
    assert hub.ranges()[-1] == f"bytes={START + 400000 * resumed}-{END - 1}"


def test_a_finished_download_asks_for_nothing(hub: Hub, tmp_path: Path) -> None:
    fetch(hub, tmp_path / "part")
    asked = len(hub.requests)
    assert_fetched(fetch(hub, tmp_path / "part"), tmp_path / "part")
    assert len(hub.requests) == asked


def test_the_token_goes_to_the_endpoint_and_nowhere_else(hub: Hub, tmp_path: Path) -> None:
    hub.gated = "hf_secret"
    with pytest.raises(NetworkError, match="does not let you read table") as error:
        fetch(hub, tmp_path / "part")
    assert "hf_secret" not in str(error.value)
    trusted = client(hub, "hf_secret")
    download(trusted, remote(hub), START, END, tmp_path / "part", Job(), "")
    assert {r.host for r in hub.requests if "authorization" in r.headers} == {"127.0.0.1"}
    assert {r.host for r in hub.requests} == {"127.0.0.1", "127.0.0.2"}


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("table", "redirects in circles"),
        ("file:///etc/passwd", "is not a web address"),
        ("ftp://127.0.0.2/table", "is not a web address"),
        ("http://127.0.0.2:99999/", "is not a web address"),
        ("http://[::1", "is not a web address"),
        ("http://:80/table", "is not a web address"),
        ("http://127.0.0.2/a table", "is not a web address"),
    ],
)
def test_redirects_that_lead_nowhere_are_not_followed(
    hub: Hub, location: str, sentence: str
) -> None:
    hub.redirect = location
    with pytest.raises(NetworkError, match=sentence):
        read_start(client(hub), remote(hub).url, "table", 10, Job())
    assert len(hub.requests) <= 6


@pytest.mark.parametrize("moment", ["stall 0", "stall 100000", "status 429 0.4"])
def test_cancelling_ends_a_download_at_once_and_keeps_what_came(
    hub: Hub, tmp_path: Path, moment: str
) -> None:
    hub.trouble = [moment] * 3
    job = Job()
    waiting = Patience(stall_s=20, pause_s=20)
    timer = threading.Timer(0.2, job.cancel)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(JobCancelled):
        download(client(hub, patience=waiting), remote(hub), START, END, tmp_path / "part", job, "")
    assert time.monotonic() - begun < 1
    timer.join()
    came = 100_000 if moment == "stall 100000" else 0
    assert (tmp_path / "part").read_bytes() == WANTED[:came]


def test_a_host_that_is_not_there_is_named(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
    nobody = Client(f"http://{address}", None, PATIENCE)
    with pytest.raises(Interrupted, match=f"{address} failed: Connection refused"):
        read_whole(nobody, f"http://{address}/x", "x", 10, Job())
    nowhere = Client("http://no-such-host.invalid", None, PATIENCE)
    with pytest.raises(NetworkError, match=r"no-such-host\.invalid can't be found"):
        read_whole(nowhere, "http://no-such-host.invalid/x", "x", 10, Job())


def test_noise_instead_of_http_is_one_sentence() -> None:
    for noise in (b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\0" * 100_000, b""):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer(server: socket.socket = server, noise: bytes = noise) -> None:
                for _ in range(PATIENCE.tries):
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(1000)
                        connection.sendall(noise)

            thread = threading.Thread(target=answer)
            thread.start()
            endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
            with pytest.raises(NetworkError, match=r"127\.0\.0\.1"):
                read_whole(Client(endpoint, None, PATIENCE), f"{endpoint}/x", "x", 10, Job())
            thread.join()


@pytest.mark.parametrize("limit", [len(CONTENT) - 1, 10])
def test_a_small_file_that_is_large_is_refused(hub: Hub, limit: int) -> None:
    url = remote(hub).url
    assert read_whole(client(hub), url, "table", len(CONTENT), Job()) == CONTENT
    with pytest.raises(NetworkError, match="larger than"):
        read_whole(client(hub), url, "table", limit, Job())
    with pytest.raises(NetworkError, match="has no nothing"):
        read_whole(client(hub), url.replace("table", "nothing"), "nothing", limit, Job())


def test_two_downloads_of_one_part_do_not_mix(hub: Hub, tmp_path: Path) -> None:
    hub.trouble = ["stall 10"]
    first = Job()
    refused: list[FileError] = []

    def second(*_: object) -> None:
        if hub.ranges() and not refused:
            with pytest.raises(FileError, match="kept busy") as error:
                fetch(hub, tmp_path / "part")
            refused.append(error.value)

    assert_fetched(fetch(hub, tmp_path / "part", Job(second)), tmp_path / "part")
    assert refused
    first.cancel()


def test_a_full_disk_takes_the_part_away(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="are needed"):
        download(
            client(hub), Remote(remote(hub).url, "table", 10**15), 0, 10**15,
            tmp_path / "part", Job(), "",
        )  # fmt: skip


def test_a_broken_token_is_not_sent_or_shown(hub: Hub, tmp_path: Path) -> None:
    download(
        client(hub, "hf_a\r\nX-Evil: 1"), remote(hub), START, END, tmp_path / "part", Job(), ""
    )
    assert not any("authorization" in r.headers or "x-evil" in r.headers for r in hub.requests)
