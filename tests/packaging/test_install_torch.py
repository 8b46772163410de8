"""Where ``make run`` takes torch from: tried with stand-in wheels on the loopback address."""

import os
import platform
import socket
import subprocess
import sys
import threading
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
VERSION = "2.13.0"


class Index:
    """A package index with one torch; ``asked`` are the paths that were asked for."""

    def __init__(self, folder: Path, version: str) -> None:
        self.asked: list[str] = []
        tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
        name = f"torch-{version}-{tag}-{tag}-linux_{platform.machine()}.whl"
        (folder / "torch").mkdir(parents=True)
        about = f"torch-{version}.dist-info"
        with zipfile.ZipFile(folder / name, "w") as wheel:
            what = f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
            wheel.writestr(f"{about}/METADATA", what)
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n")
            wheel.writestr(f"{about}/RECORD", "")
        link = name.replace("+", "%2B")
        (folder / "torch/index.html").write_text(f'<a href="../{link}">{name}</a>')
        index = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                index.asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """One for the CPU, and pip's own."""
    made = Index(tmp_path / "cpu", f"{VERSION}+cpu"), Index(tmp_path / "own", VERSION)
    yield made
    for index in made:
        index.close()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    return folder / "bin/python"


def install(python: Path, cpu: str, own: str, **more: str) -> tuple[str, str]:
    """What is said, and which torch is installed by that."""
    code = f"import install_torch, sys; install_torch.CPU_INDEX = {cpu!r};"
    code += "install_torch.has_nvidia_driver = lambda: False; sys.exit(install_torch.main())"
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": own, "PIP_FORCE_REINSTALL": "1"}
    own_settings = {name: value for name, value in os.environ.items() if name[:4] != "PIP_"}
    environment = {**own_settings, **pip, "PYTHONPATH": str(PACKAGING), **more}
    done = subprocess.run(
        [python, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    show = [python, "-c", "import importlib.metadata as m; print(m.version('torch'))"]
    version = subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()
    return done.stdout.splitlines()[0], version


def test_the_build_for_the_cpu_is_taken_where_its_index_answers(
    python: Path, indexes: tuple[Index, Index]
) -> None:
    cpu, own = indexes
    said, version = install(python, cpu.url, own.url)
    assert (said, version) == (
        f"Taking torch=={VERSION} for the CPU from {cpu.url}: 0 MB.",
        f"{VERSION}+cpu",
    )
    assert own.asked == []


def test_pip_s_own_index_is_the_way_back(python: Path, indexes: tuple[Index, Index]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        cpu = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said, version = install(python, cpu, indexes[1].url)
    assert said == f"{cpu} does not answer. Taking torch=={VERSION} from pip's own index: 0 MB."
    assert version == VERSION


def test_an_index_that_is_named_decides(python: Path, indexes: tuple[Index, Index]) -> None:
    cpu, own = indexes
    said, version = install(python, cpu.url, cpu.url, TORCH_INDEX=own.url)
    assert (said, version) == (f"Taking torch=={VERSION} from {own.url}.", VERSION)
    assert cpu.asked == []
