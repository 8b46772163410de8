"""A checkpoint becomes a table of the library, once and whole."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from tests.core.checkpoints.layouts_on_disk import write_safetensors
from tests.core.library.small_tables import (
    DIM,
    KEY,
    ROWS,
    assert_holds,
    checkpoint,
    folders,
    imported,
    tokenizer_json,
    vectors,
)
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.library import table_import
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


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
