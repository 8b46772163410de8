import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save, save_file

from tests.core.checkpoints.layouts_on_disk import write_safetensors
from tests.core.hub.hub_server import COMMIT, Hub, serving
from tests.core.library.killable_import import PATIENCE, run_import
from tokensim_gui.core.errors import FileError, NetworkError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.hub import hub as hub_module
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.catalogue import CatalogueTokenizer, catalogue
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROWS, DIM = 1000, 64
KEY = "model.embed_tokens.weight"


def vectors(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, DIM)).astype(np.float16)


def checkpoint(path: Path, seed: int = 0, keys: tuple[str, ...] = (KEY,)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {key: vectors(seed + number) for number, key in enumerate(keys)}
    save_file({**tensors, "other": np.zeros(100_000, np.float32)}, path)
    return path


def tokenizer_json() -> bytes:
    """Return a byte-level tokenizer of 256 + 2 pieces, written by the library itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate([*alphabet, "ca", "cat"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [("c", "a"), ("ca", "t")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer.to_str().encode()


@pytest.fixture
def library(tmp_path: Path) -> TableLibrary:
    return TableLibrary(tmp_path / "data")


def imported(library: TableLibrary) -> list[str]:
    return [info.slug for info in library.tables() if info.slug != "starter"]


def folders(library: TableLibrary) -> list[Path]:
    return list((library.root / "tables").glob("*"))


def assert_holds(library: TableLibrary, slug: str, expected: np.ndarray) -> None:
    table = Table.load(library.folder(slug))
    assert table.data.tobytes() == expected.tobytes()
    assert Vocabulary.load(library.folder(slug)).rows == len(expected)
    library.verify(slug)


def test_a_checkpoint_becomes_a_table_bit_for_bit(library: TableLibrary, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "models" / "tiny.safetensors")
    (path.parent / "tokenizer.json").write_bytes(tokenizer_json())
    seen: list[tuple[int, int]] = []
    job = Job(lambda done, total, text: seen.append((done, total)))
    (made,) = table_import.import_checkpoint(path, library, job=job)
    assert made.notice == ""
    assert (made.info.slug, made.info.name, made.info.family) == ("tiny", "tiny", "byte-bpe")
    assert (made.info.source, made.info.key, made.info.dtype) == (str(path), KEY, "F16")
    assert_holds(library, "tiny", vectors())
    vocabulary = Vocabulary.load(library.folder("tiny"))
    assert [vocabulary.piece(token) for token in vocabulary.encode("cat")] == ["cat"]
    assert (ROWS * DIM * 2, ROWS * DIM * 2) in seen


def test_without_a_tokenizer_the_table_opens_and_says_what_is_missing(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "models" / "tiny.safetensors")
    (made,) = table_import.import_checkpoint(path, library)
    assert "No tokenizer was found for tiny" in made.notice
    assert_holds(library, "tiny", vectors())
    (path.parent / "tokenizer.json").write_text("[]")
    (made,) = table_import.import_checkpoint(path, library)
    assert "have ids, but no names" in made.notice and "models/tokenizer.json" in made.notice
    assert str(library.root) not in made.notice
    assert not (library.folder("tiny") / "tokenizer.json").exists()


def test_a_single_file_of_a_known_encoder_is_named_as_the_one_that_is_here(
    library: TableLibrary, tmp_path: Path
) -> None:
    from tokenizers import Tokenizer, models

    pieces = [("<unk>", 0.0), *((f"▁{number}", -1.0) for number in range(1, 32_100))]
    codes = torch.full((32_128, 4_096), 0.5).to(torch.float8_e4m3fn)
    for name in ("with", "alone"):
        write_safetensors(tmp_path / name / f"{name}.safetensors", {"shared.weight": codes})
    (made,) = table_import.import_checkpoint(tmp_path / "alone", library)
    assert made.notice == (
        "No tokenizer was found for T5-XXL. The tokens of T5-XXL have ids, but no names. To "
        "change that, put its tokenizer.json or spiece.model beside the file, or choose it."
    )
    (tmp_path / "with" / "tokenizer.json").write_text(Tokenizer(models.Unigram(pieces, 0)).to_str())
    (made,) = table_import.import_checkpoint(tmp_path / "with", library)
    assert made.notice == (
        "The vectors of T5-XXL in with.safetensors are those of “T5-XXL”, byte for byte, so they "
        "are not stored twice."
    )
    assert imported(library) == [made.info.slug]
    vocabulary = Vocabulary.load(library.folder(made.info.slug))
    assert (vocabulary.family, vocabulary.piece(7)) == ("unigram", "▁7")
    library.rename(made.info.slug, "Mine")
    write_safetensors(tmp_path / "b" / "b.safetensors", {"shared.weight": codes.half() + 1})
    (made,) = table_import.import_checkpoint(tmp_path / "b", library)
    assert made.notice.startswith(
        "No tokenizer was found for T5-XXL. Its tokens are named as those of “Mine” are. To change"
    )


def test_what_can_be_done_about_a_tokenizer_is_said_once(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "two.safetensors", keys=("a.shared.weight", "b.shared.weight"))
    made = table_import.import_checkpoint(path, library)
    assert ["To change that" in one.notice for one in made] == [False, True]


def test_a_damaged_encoder_of_a_folder_is_told_in_the_notice(
    library: TableLibrary, tmp_path: Path
) -> None:
    folder = tmp_path / "pipeline"
    checkpoint(folder / "text_encoder" / "tiny.safetensors")
    for number in range(2, 6):
        path = checkpoint(folder / f"text_encoder_{number}" / f"cut{number}.safetensors")
        os.truncate(path, 5_000)
    (made,) = table_import.import_checkpoint(folder, library)
    assert made.notice.endswith(
        "text_encoder_2/cut2.safetensors is cut short: only 0.95 % of it is here. Download "
        "it again. text_encoder_3/cut3.safetensors is cut short: only 0.95 % of it is here. "
        "Download it again. 2 more of its files can't be used."
    )


def test_all_or_chosen_encoders_of_a_checkpoint_are_taken(
    library: TableLibrary, tmp_path: Path
) -> None:
    keys = ("text_encoders.llama.transformer.model.embed_tokens.weight", "b.shared.weight")
    path = checkpoint(tmp_path / "two.safetensors", keys=keys)
    with pytest.raises(TokenSimError, match=r"has no “nope”\. It has two, llama\."):
        table_import.import_checkpoint(path, library, ["nope"])
    assert imported(library) == []
    table_import.import_checkpoint(path, library, ["llama"])
    assert imported(library) == ["llama"]
    table_import.import_checkpoint(path, library)
    assert imported(library) == ["llama", "two"]
    assert_holds(library, "two", vectors(1))


def test_a_vocabulary_that_is_here_already_is_not_derived_again(
    library: TableLibrary, tmp_path: Path
) -> None:
    said: dict[str, set[str]] = {"one": set(), "two": set()}
    for seed, (name, texts) in enumerate(said.items()):
        path = checkpoint(tmp_path / name / f"{name}.safetensors", seed)
        (path.parent / "tokenizer.json").write_bytes(tokenizer_json())
        job = Job(lambda _, __, text, texts=texts: texts.add(text))
        table_import.import_checkpoint(path, library, job=job)
    assert len(said["one"]) > 1
    assert said["two"] == {
        "Looking for the tokenizer of two",
        "Comparing two with what is here",
        "Saving two",
    }
    assert Vocabulary.load(library.folder("two")).encode("cat") == (257,)


def test_importing_again_replaces_the_table_under_its_slug(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    table_import.import_checkpoint(path, library)
    before = library.folder("tiny")
    checkpoint(path, seed=7)
    table_import.import_checkpoint(path, library)
    assert imported(library) == ["tiny"]
    assert_holds(library, "tiny", vectors(7))
    assert folders(library) == [library.folder("tiny")] != [before]
    checkpoint(tmp_path / "other" / "tiny.safetensors", seed=3)
    table_import.import_checkpoint(tmp_path / "other" / "tiny.safetensors", library)
    assert imported(library) == ["tiny", "tiny-2"]


def test_two_imports_of_one_file_at_once_make_one_table(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    others: list[table_import.Imported] = []

    def import_meanwhile(done: int, total: int, text: str) -> None:
        if text.startswith("Saving") and not others:
            others.extend(table_import.import_checkpoint(path, TableLibrary(library.root)))

    (made,) = table_import.import_checkpoint(path, library, job=Job(import_meanwhile))
    assert imported(library) == [made.info.slug] == [others[0].info.slug]
    assert len(folders(library)) == 1
    assert_holds(library, made.info.slug, vectors())


def test_one_file_by_two_paths_is_one_table(library: TableLibrary, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "models" / "tiny.safetensors")
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "models" / "link").symlink_to(tmp_path / "elsewhere" / "deep")
    for other in (path, path.parent / ".." / "models" / path.name):
        table_import.import_checkpoint(other, library)
    assert imported(library) == ["tiny"]
    assert library.info("tiny").source == str(path)
    # What a link leads to has another folder above it.
    strange = checkpoint(tmp_path / "elsewhere" / "tiny.safetensors", seed=1)
    (made,) = table_import.import_checkpoint(path.parent / "link" / ".." / path.name, library)
    assert Path(made.info.source).samefile(strange)


def test_another_model_under_the_same_name_gets_its_own_table_and_name(
    library: TableLibrary, tmp_path: Path
) -> None:
    key = "text_model.embeddings.token_embedding.weight"
    path = tmp_path / "model.safetensors"
    for dim, name in ((768, "CLIP-L"), (1280, "OpenCLIP bigG")):
        table = torch.full((49_408, dim), 0.5).to(torch.float8_e4m3fn)
        write_safetensors(path, {key: table})
        (made,) = table_import.import_checkpoint(path, library)
        assert (made.info.name, made.info.dim) == (name, dim)
    assert imported(library) == ["clip-l", "openclip-bigg"]


def test_a_source_that_changes_while_it_is_read_is_refused(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.safetensors"
    # More than one read of 4 MB, so that there is a time in between.
    save_file({KEY: np.ones((20_000, 128), np.float16)}, path)
    table_import.import_checkpoint(path, library)

    def change(done: int, total: int, text: str) -> None:
        if text.startswith("Saving"):
            os.utime(path, ns=(1, 1))

    with pytest.raises(FileError, match=r"tiny\.safetensors changed while it was read"):
        table_import.import_checkpoint(path, library, job=Job(change))
    assert_holds(library, "tiny", np.ones((20_000, 128), np.float16))
    assert len(folders(library)) == 1


@pytest.mark.parametrize("moment", ["Saving tiny", ""])
def test_cancelling_leaves_the_library_as_it_was(
    library: TableLibrary, tmp_path: Path, moment: str
) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    job = Job(lambda _, __, text: job.cancel() if text.startswith(moment) else None)
    with pytest.raises(JobCancelled):
        table_import.import_checkpoint(path, library, job=job)
    assert imported(library) == []
    assert folders(library) == []


def test_a_path_of_emoji_and_300_characters_is_read(library: TableLibrary, tmp_path: Path) -> None:
    deep = tmp_path / ("😀" * 60) / ("長い名前" * 18) / ("é" * 100)
    path = checkpoint(deep / f"{'🦊' * 50}.safetensors")
    assert len(str(path)) > 300
    (made,) = table_import.import_checkpoint(path, library)
    assert made.info.source == str(path)
    assert_holds(library, made.info.slug, vectors())
    with pytest.raises(FileError, match="can't be read"):
        table_import.import_checkpoint(path.with_name("x" * 300), library)


def test_a_data_folder_that_can_not_be_made_is_one_sentence(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="can't be written to"):
        table_import.import_checkpoint(path, TableLibrary(tmp_path / "file" / "data"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the disk that is always full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OSError) as full, Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")
    sentence = str(atomic.write_failure(tmp_path, full.value, 20_000_000))
    assert sentence == f"The disk of {tmp_path} is full. 20 MB are needed. Make room and try again."


def _kill_often(library: TableLibrary, source: str, runs: int, check: Callable[[], None]) -> int:
    """Kill imports at random moments; return how many came to their end before."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(["tests.core.killable_import", "safetensors.numpy"])
    chance = random.Random(3)
    span_s, finished = 0.5, 0
    for _ in range(runs):
        process = context.Process(target=run_import, args=(source, library.root))
        begun = time.monotonic()
        process.start()
        process.join(chance.random() * span_s)
        process.kill()
        process.join()
        if process.exitcode == 0:
            finished += 1
            span_s = 0.3 * span_s + 0.7 * (time.monotonic() - begun)
        else:
            span_s *= 1.1
        process.close()
        check()
        library.clean_up()
        assert len(folders(library)) == len(imported(library))
        assert not list(library.root.glob(".*"))
    return finished


def test_an_import_killed_at_any_moment_leaves_the_library_as_before_or_complete(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "tiny.safetensors")
    table_import.import_checkpoint(checkpoint(tmp_path / "kept.safetensors", seed=5), library)
    seeds = [0]

    def check() -> None:
        assert "kept" in imported(library)
        assert_holds(library, "kept", vectors(5))
        if "tiny" in imported(library):
            data = Table.load(library.folder("tiny")).data.tobytes()
            assert data in {vectors(seed).tobytes() for seed in seeds}
        seeds.append(len(seeds))
        checkpoint(path, seed=seeds[-1])

    finished = _kill_often(library, str(path), 25, check)
    assert 0 < finished < 25


@pytest.fixture
def hub() -> Iterator[Hub]:
    content = save({KEY: vectors(), "other": np.zeros(300_000, np.float32)})
    with serving(Hub({"model.safetensors": content, "tokenizer.json": tokenizer_json()})) as hub:
        yield hub


def test_a_download_killed_at_any_moment_is_continued_and_bit_equal(
    library: TableLibrary, hub: Hub
) -> None:
    del hub.files["tokenizer.json"]

    def check() -> None:
        if imported(library):
            assert_holds(library, "a-b", vectors())

    finished = _kill_often(library, hub.endpoint, 25, check)
    assert finished < 25
    run_import(hub.endpoint, library.root)
    assert_holds(library, "a-b", vectors())
    assert list(library.downloads.iterdir()) == []


def test_a_repository_becomes_a_table_with_its_commit(library: TableLibrary, hub: Hub) -> None:
    (made,) = table_import.import_from_hub("a/b", library, hub_module.Hub(hub.endpoint))
    assert made.notice == ""
    assert (made.info.source, made.info.revision) == ("hf:a/b:model.safetensors", COMMIT)
    assert_holds(library, "a-b", vectors())
    asked = sum(last - first + 1 for first, last in hub.asked_ranges())
    assert asked <= 100_001 + ROWS * DIM * 2


def test_an_interrupted_download_is_taken_up_by_the_next_import(
    library: TableLibrary, hub: Hub
) -> None:
    hub.trouble = ["", "cut 60000", "status 418"]
    client = hub_module.Hub(hub.endpoint, None, PATIENCE)
    with pytest.raises(NetworkError, match="418"):
        table_import.import_from_hub("a/b", library, client)
    assert imported(library) == []
    table_import.import_from_hub("a/b", library, client)
    assert_holds(library, "a-b", vectors())
    first, second = hub.asked_ranges()[1], hub.asked_ranges()[-1]
    assert second == (first[0] + 60_000, first[1])


def test_a_missing_tokenizer_is_taken_from_where_the_catalogue_says(
    library: TableLibrary, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = hub_module.Hub(hub.endpoint)
    tokenizer = hub.files.pop("tokenizer.json")
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert "No tokenizer was found" in made.notice
    hub.files["sub/tokenizer.json"] = tokenizer
    entry = catalogue()[-1]
    tokenizer_there = CatalogueTokenizer("c/d", "sub/tokenizer.json", 0)
    entry = replace(entry, rows=ROWS, dim=DIM, tokenizer=tokenizer_there)
    monkeypatch.setattr(table_import, "catalogue", lambda: [entry])
    (made,) = table_import.import_from_hub("a/b", library, client)
    assert made.notice == ""
    assert imported(library) == ["a-b"]
    assert any(one.path.startswith("/c/d/resolve/") for one in hub.requests)
