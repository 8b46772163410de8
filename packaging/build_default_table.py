"""Make ``resources/tables/clip-l``: CLIP-L's own vectors, for builds that may ask a hub.

``python packaging/build_default_table.py`` fetches the token table alone out of the published
checkpoint (152 MB of 1.7 GB) and checks it: its shape, that every number is finite, that it is the
one which was pinned, and that neighbours whose scores were published are found with them. Only then
does the folder appear. It is kept in fp16 where no number changes by that. An interrupted download
is continued by the next run. ``dist/default-table.md`` says what was found, for the release notes.

``--although REASON`` goes on where a published score is not met; the notes then say so.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tokensim_gui.core.checkpoints import read_vectors
from tokensim_gui.core.errors import TokenSimError
from tokensim_gui.core.files.table import Table, TableInfo, save_table
from tokensim_gui.core.hub.hub import Hub, HubCandidate
from tokensim_gui.core.job import Job
from tokensim_gui.core.library.library import BUILT_IN, STARTER
from tokensim_gui.core.search.engine import Engine
from tokensim_gui.core.values import Query
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROOT: Final = Path(__file__).parents[1]
RESOURCES: Final = ROOT / "resources"
FOLDER: Final = "clip-l"

REPO: Final = "openai/clip-vit-large-patch14"
FILE: Final = "model.safetensors"
COMMIT: Final = "32bd64288804d66eefd0ccbe215aa642df71cc41"
KEY: Final = "text_model.embeddings.token_embedding.weight"
# Of the table's bytes as the checkpoint has them. Whoever makes it first writes it here.
SHA256: Final = ""
ROWS, DIM = 49_408, 768
TOLERANCE: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Known:
    """A score that was published: how near a token is to a query."""

    query: str
    piece: str
    score: float


PUBLISHED: Final = (
    Known("girl", "chick</w>", 0.2188),
    Known("(cute + girl) / 2", "kpop</w>", 0.1671),
)


def main() -> None:
    """Fetch, check, and put the folder in its place."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--although", default="", metavar="REASON")
    parser.add_argument("--into", type=Path, default=RESOURCES / "tables", metavar="FOLDER")
    parser.add_argument("--notes", type=Path, default=ROOT / "dist/default-table.md")
    parser.add_argument("--work", type=Path, default=ROOT / "build/default-table", metavar="FOLDER")
    arguments = parser.parse_args()
    try:
        hub, target = Hub.from_environment(), arguments.into / FOLDER
        make(hub, target, arguments.work, arguments.notes, arguments.although)
    except TokenSimError as error:
        sys.exit(str(error))


def make(hub: Hub, target: Path, work: Path, notes: Path, although: str = "") -> None:
    """Make ``target``, a table's folder, by way of the folder ``work``.

    Raises:
        TokenSimError: The table can't be had, or is not the one that is wanted.
    """
    work.mkdir(parents=True, exist_ok=True)
    job = Job(say_progress)
    found = the_table(hub, job)
    vectors = checked(np.frombuffer(b"".join(read_vectors(hub.fetch(found, work, job))), "<f4"))
    sha256 = hashlib.sha256(vectors.tobytes()).hexdigest()
    require(sha256 == (SHA256 or sha256), f"The table has the SHA-256 {sha256}, not {SHA256}.")
    made = work / "made"
    shutil.rmtree(made, ignore_errors=True)
    info = save(vectors, made)
    said = [f"Token table of {REPO} at {COMMIT}: SHA-256 {sha256}, kept as {info.dtype}."]
    said += compared(made, although)
    first_result = str(made / "first_result.npz")
    script = str(Path(__file__).with_name("build_first_result.py"))
    slug = f"{BUILT_IN}{FOLDER}"
    subprocess.run([sys.executable, script, str(made), slug, first_result], check=True)
    shutil.copy(RESOURCES / "licences/clip-table.txt", made / "LICENCE.txt")
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, target)
    hub.discard(found, work)
    notes.parent.mkdir(parents=True, exist_ok=True)
    notes.write_text("".join(f"- {sentence}\n" for sentence in said), "utf-8")
    print("\n".join(said))


def the_table(hub: Hub, job: Job) -> HubCandidate:
    """The one table that is wanted, of the commit that is wanted."""
    (found,) = hub.candidates(f"{REPO}:{FILE}", COMMIT, job)
    table = found.table
    require(found.commit == COMMIT, f"The hub answers with commit {found.commit}, not {COMMIT}.")
    shape = (table.key, table.rows, table.dim, table.dtype)
    require(shape == (KEY, ROWS, DIM, "F32"), f"{FILE} holds another table: {shape}.")
    return found


def checked(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors [ROWS, DIM], if all numbers are finite."""
    require(bool(np.isfinite(numbers).all()), f"The table of {REPO} holds what is no number.")
    return numbers.reshape(ROWS, DIM)


def save(vectors: NDArray[np.float32], folder: Path) -> TableInfo:
    """Write table and vocabulary, in fp16 if no number changes by it."""
    with np.errstate(over="ignore"):
        half = vectors.astype("<f2")
    fits = np.array_equal(half.astype(np.float32), vectors)
    kept = half if fits else vectors
    folder.mkdir()
    for name in ("tokenizer.json", "vocabulary.npz"):  # the same tokens
        shutil.copy(RESOURCES / STARTER / name, folder / name)
    return save_table(
        folder,
        "CLIP-L",
        "clip",
        "F16" if fits else "F32",
        ROWS,
        DIM,
        [kept.tobytes()],
        source=f"hf:{REPO}:{FILE}",
        revision=COMMIT,
        key=KEY,
        stored="F32" if fits else "",
    )


def compared(folder: Path, although: str) -> list[str]:
    """Sentences about the published scores.

    Raises:
        TokenSimError: One is not met, and there is no reason to go on.
    """
    vocabulary, engine = Vocabulary.load(folder), Engine()
    engine.open(Table.load(folder), vocabulary)
    said, amiss = [], False
    for known in PUBLISHED:
        results = engine.search(Query(known.query, count=ROWS, map_count=0, strict=True))
        (rank,) = np.flatnonzero(results.ids == vocabulary.id_of_piece(known.piece)).tolist()
        score = float(results.scores[rank])
        met = abs(score - known.score) <= TOLERANCE
        amiss |= not met
        said.append(
            f"{known.query}: {known.piece} is at {score:.2%}, rank {rank + 1}; "
            f"{known.score:.2%} was published" + ("." if met else ", which differs.")
        )
    if amiss and not although:
        raise TokenSimError(" ".join(said) + " Give --although REASON to go on.")
    return [*said, *([f"Made although they differ: {although}"] if amiss else [])]


def require(holds: bool, complaint: str) -> None:
    """Refuse a table unless something holds.

    Raises:
        TokenSimError: It does not.
    """
    if not holds:
        raise TokenSimError(complaint)


def say_progress(done: int, total: int, text: str) -> None:
    """One line that is written anew, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{done / max(total, 1):4.0%} {text:60.60}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
