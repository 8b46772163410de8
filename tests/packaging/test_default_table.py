"""The table of CLIP-L that builds carry, out of a checkpoint of the true layout and size."""

import importlib.util
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import pytest

from tests.core.hub.hub_server import COMMIT, Hub, serving
from tokensim_gui.core import paths
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.hub import hub as client_module
from tokensim_gui.core.hub.http_client import Patience
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.search.saved_results import load_results
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary
from tokensim_gui.state.encoder_names import labels

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging/build_default_table.py"
script = importlib.util.module_from_spec(
    spec := importlib.util.spec_from_file_location("build_default_table", SCRIPT)
)
sys.modules[spec.name] = script
spec.loader.exec_module(script)
PATIENCE = Patience(stall_s=2, tries=2, pause_s=0.01)
REPO_COMMIT = "32bd64288804d66eefd0ccbe215aa642df71cc41"
KEY = "text_model.embeddings.token_embedding.weight"
ROWS, DIM = 49_408, 768
FILE_BYTES = 1_710_000_000
CUTE, GIRL, CHICK, KPOP = 2242, 1611, 11_298, 12_337


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def at(query: np.ndarray, score: float, other: np.ndarray) -> np.ndarray:
    """A vector whose cosine with ``query`` is ``score``."""
    aside = unit(other - unit(query) * (other @ unit(query)))
    return unit(query) * score + aside * np.sqrt(1 - score**2)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Seeded, in which the published scores are planted; every number fits fp16."""
    vocabulary = Vocabulary.load(paths.resource("starter"))
    assert vocabulary.id_of_piece("cute</w>") == CUTE and vocabulary.id_of_piece("girl</w>") == GIRL
    chick, kpop = (vocabulary.id_of_piece(f"{word}</w>") for word in ("chick", "kpop"))
    assert chick is not None and kpop is not None
    random = np.random.default_rng(0)
    made = random.standard_normal((ROWS, DIM), np.float32)
    made[chick] = at(made[GIRL], 0.2188, random.standard_normal(DIM))
    made[kpop] = at(made[CUTE] / 2 + made[GIRL] / 2, 0.1671, random.standard_normal(DIM))
    return made.astype("<f2").astype("<f4")


def checkpoint(path: Path, vectors: np.ndarray) -> Path:
    """A file of the true size, all holes but the header and the token table."""
    start = 1_100_000_000
    rest = FILE_BYTES - start - vectors.nbytes
    entries = {
        "vision_model.all": {"dtype": "U8", "shape": [start], "data_offsets": [0, start]},
        KEY: {
            "dtype": "F32",
            "shape": list(vectors.shape),
            "data_offsets": [start, start + vectors.nbytes],
        },
        "text_model.rest": {
            "dtype": "U8",
            "shape": [rest],
            "data_offsets": [start + vectors.nbytes, FILE_BYTES],
        },
    }
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.seek(start, os.SEEK_CUR)
        file.write(vectors.tobytes())
        file.truncate(8 + len(header) + FILE_BYTES)
    return path


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub(commit=REPO_COMMIT)) as hub:
        yield hub


class Maker:
    """Makes the table of what a hub holds, in folders of its own."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.into, self.notes = hub, folder / "tables", folder / "notes"
        self.folder, self.work = self.into / "clip-l", folder / "work"

    @contextmanager
    def holding(self, content: Path) -> Iterator[None]:
        with content.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
            self.hub.files = {"model.safetensors": mapped}
            yield
            self.hub.files = {}

    def __call__(self, content: Path, although: str = "") -> None:
        client = client_module.Hub(self.hub.endpoint, None, PATIENCE)
        with self.holding(content):
            script.make(client, self.folder, self.work, self.notes, although)

    def by_script(self, content: Path) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(SCRIPT), "--into", str(self.into)]
        command += ["--notes", str(self.notes), "--work", str(self.work)]
        more = {"HF_ENDPOINT": self.hub.endpoint, "HF_HUB_OFFLINE": "0", "PYTHONPATH": str(ROOT)}
        with self.holding(content):
            return subprocess.run(
                command, env=os.environ | more, capture_output=True, text=True, check=False
            )

    def refuses(self, content: Path, sentence: str) -> None:
        with pytest.raises(TokenSimError, match=sentence) as error:
            self(content)
        assert "\n" not in str(error.value)
        assert not self.folder.exists() and not self.notes.exists()


@pytest.fixture
def make(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return Maker(hub, tmp_path)


def test_the_table_is_fetched_kept_in_half_the_size_and_becomes_the_default(
    make: Maker, tmp_path: Path, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.hub.trouble = ["", "cut 9000000"]  # the header, then a connection that breaks
    done = make.by_script(checkpoint(tmp_path / "model.safetensors", vectors))
    assert (done.returncode, done.stderr) == (0, "")
    asked = sum(last - first + 1 for first, last in make.hub.asked_ranges())
    assert vectors.nbytes < asked < 2.1 * vectors.nbytes
    assert "girl: chick</w> is at 21.88%" in make.notes.read_text("utf-8")
    table = Table.load(make.folder)
    assert (table.info.dtype, table.info.stored, table.info.revision) == ("F16", "F32", REPO_COMMIT)
    assert (table.vectors(slice(None)) == vectors).all()

    resource = paths.resource
    monkeypatch.setattr(
        paths,
        "resource",
        lambda name: make.into / name[7:] if name.startswith("tables") else resource(name),
    )
    library = TableLibrary()
    assert library.default == "built-in.clip-l"
    assert [info.slug for info in library.tables()] == ["built-in.clip-l", "starter"]
    infos = {info.slug: info for info in library.tables()}
    assert labels(infos.values())["built-in.clip-l"] == (
        "CLIP-L · SD 1.5, SDXL, SD 3, FLUX.1 · built in"
    )
    library.verify(library.default)
    first = load_results(make.folder / "first_result.npz", ROWS)
    assert first is not None and first.slug == library.default

    vocabulary = Vocabulary.load(library.folder(library.default))
    engine = Engine()
    engine.open(table, vocabulary)
    query = vectors[GIRL].astype(np.float64)
    scores = vectors.astype(np.float64) @ query
    scores /= np.linalg.norm(vectors.astype(np.float64), axis=1) * np.linalg.norm(query)
    best = np.lexsort((np.arange(ROWS), -scores.round(12)))[:200]
    assert engine.search(Query("girl")).ids.tolist() == best.tolist()


def test_without_one_the_starter_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = paths.resource
    monkeypatch.setattr(
        paths,
        "resource",
        lambda name: tmp_path / name if name.startswith("tables") else resource(name),
    )
    assert TableLibrary().default == "starter"


def test_scores_that_differ_stop_the_build_unless_a_reason_is_given(
    make: Maker, tmp_path: Path, vectors: np.ndarray
) -> None:
    wrong = vectors.copy()
    wrong[GIRL] = vectors[0]
    content = checkpoint(tmp_path / "model.safetensors", wrong)
    make.refuses(content, "21.88% was published, which differs.")
    before = len(make.hub.asked_ranges())
    make(content, "a test")
    assert len(make.hub.asked_ranges()) == before + 1  # the header: the rest had come before
    assert "Made although they differ: a test" in make.notes.read_text("utf-8")
    assert (make.folder / "table.safetensors").exists()


def test_another_table_a_changed_commit_or_no_number_stops_the_build(
    make: Maker, tmp_path: Path, vectors: np.ndarray
) -> None:
    path = tmp_path / "model.safetensors"
    make.refuses(checkpoint(path, vectors[:-1]), "holds another table")
    with checkpoint(path, vectors).open("r+b") as file:
        file.truncate(FILE_BYTES - 1)
    make.refuses(path, "cut short")
    make.hub.commit = COMMIT
    make.refuses(checkpoint(path, vectors), f"answers with commit {COMMIT}")
    make.hub.commit = REPO_COMMIT
    make.hub.trouble = ["", "status 418"]
    make.refuses(path, "answers HTTP 418")
    spoiled = vectors.copy()
    spoiled[7, 7] = np.nan
    make.refuses(checkpoint(path, spoiled), "holds what is no number")
