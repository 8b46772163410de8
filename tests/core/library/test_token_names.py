"""Names of tokens: which tokenizer a table gets, and who gets it afterwards."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.core.library.small_tables import tokenizer_json
from tests.core.tokenizers.tokenizer_files import BPE, sentencepiece
from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.library.catalogue import CatalogueTokenizer
from tokensim_gui.core.library.library import TableLibrary
from tokensim_gui.core.library.table_import import import_checkpoint
from tokensim_gui.core.library.token_names import (
    catalogued_tokenizer,
    is_named,
    name_tokens,
    tokenizer_of_its_like,
)
from tokensim_gui.core.vocabulary.pieces import LANGUAGE
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

ROWS, DIM = 1000, 64
LLM, T5 = "model.embed_tokens.weight", "shared.weight"


def checkpoint(path: Path, key: str = LLM, seed: int = 0, rows: int = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = np.random.default_rng(seed).standard_normal((rows, DIM)).astype(np.float16)
    save_file({key: table}, path)
    return path


def unigram_json(count: int = 900) -> bytes:
    from tokenizers import Tokenizer, models, pre_tokenizers

    pieces = [("<unk>", 0.0), *((f"▁w{number}", -1.0 - number / 1000) for number in range(count))]
    tokenizer = Tokenizer(models.Unigram(pieces, 0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer.to_str().encode()


def piece(library: TableLibrary, slug: str, token: int) -> str:
    return Vocabulary.load(library.folder(slug)).piece(token)


@pytest.mark.parametrize("turn", range(6))
def test_a_folder_of_single_files_and_all_their_tokenizers_is_imported_right_in_any_order(
    turn: int, library: TableLibrary, tmp_path: Path
) -> None:
    models = tmp_path / "text_encoders"
    clip = checkpoint(models / "clip_l.safetensors", "text_model.token_embedding.weight", 1, 49_408)
    t5 = checkpoint(models / "t5xxl_fp16.safetensors", T5, 2)
    qwen = checkpoint(models / "qwen_3_4b.safetensors", LLM, 3)
    if turn % 2:
        (models / "tokenizer.json").write_bytes(tokenizer_json())
        (models / "t5xxl_fp16.tokenizer.json").write_bytes(unigram_json())
    else:
        (models / "tokenizer.json").write_bytes(unigram_json())
        (models / "qwen_3_4b.tokenizer.json").write_bytes(tokenizer_json())
    order = [[clip, t5, qwen], [t5, qwen, clip], [qwen, clip, t5]][turn // 2]
    for path in [*order, *order]:
        import_checkpoint(path, library)
    assert len(library.tables()) == 4
    family = {info.source: info.family for info in library.tables()}
    assert [family[str(path)] for path in (clip, t5, qwen)] == ["clip", "unigram", "byte-bpe"]


def test_a_language_model_takes_its_own_kind_of_tokenizer_whichever_that_is(
    library: TableLibrary, tmp_path: Path
) -> None:
    path = checkpoint(tmp_path / "llama.safetensors")
    (tmp_path / "tokenizer.json").write_bytes(unigram_json(999))  # which fits better by its size
    (tmp_path / "tokenizer.model").write_bytes(sentencepiece(BPE, 2))
    (made,) = import_checkpoint(path, library)
    assert (made.info.family, piece(library, made.info.slug, 7)) == ("sentencepiece", "▁cat")
    (alike,) = import_checkpoint(checkpoint(tmp_path / "b" / "other.safetensors", seed=1), library)
    assert "named as those of “llama”" in alike.info.guess
    (t5,) = import_checkpoint(checkpoint(tmp_path / "c" / "t5.safetensors", T5, 2), library)
    assert not is_named(t5.info, library)


def test_of_two_families_of_one_size_names_stay_in_the_family(
    library: TableLibrary, tmp_path: Path
) -> None:
    for number, name in enumerate(("gemma-9b", "codegemma", "aya"), 1):  # the last is Cohere's
        path = tmp_path / f"{name}.safetensors"
        save_file({LLM: np.full((256_000, 64), number, np.float16)}, path)
        import_checkpoint(path, library)
    (tmp_path / "tokenizer.model").write_bytes(sentencepiece(BPE, 2))
    named = name_tokens("gemma-9b", tmp_path / "tokenizer.model", library)
    assert [info.slug for info in named] == ["gemma-9b", "codegemma"]
    assert tokenizer_of_its_like(256_000, 3072, "sentencepiece", library)[1] == "gemma-9b"
    assert tokenizer_of_its_like(256_000, 3072, LANGUAGE, library) == (None, "")


def test_a_tokenizer_that_comfyui_ships_is_found_and_said_to_be_taken_by_its_size(
    library: TableLibrary, tmp_path: Path
) -> None:
    root = tmp_path / "ComfyUI"
    path = checkpoint(root / "models" / "text_encoders" / "umt5.safetensors", T5)
    shipped = root / "comfy" / "text_encoders" / "t5_tokenizer"
    shipped.mkdir(parents=True)
    (shipped / "tokenizer.json").write_bytes(unigram_json())
    (made,) = import_checkpoint(path, library)
    assert (made.info.family, piece(library, made.info.slug, 2)) == ("unigram", "▁w1")
    assert made.info.guess.startswith("t5_tokenizer/tokenizer.json fits it by its size")
    assert made.notice == made.info.guess


def test_names_that_come_late_are_passed_on_to_equal_tables(
    library: TableLibrary, tmp_path: Path
) -> None:
    first, second = (
        import_checkpoint(checkpoint(tmp_path / f"{seed}" / "a.safetensors", LLM, seed), library)[0]
        for seed in (1, 2)
    )
    other = import_checkpoint(checkpoint(tmp_path / "3" / "a.safetensors", LLM, 3, 2000), library)
    library.rename(second.info.slug, "Second")
    before = Table.load(library.folder(second.info.slug)).data.tobytes()
    file = tmp_path / "my.tokenizer.json"
    file.write_bytes(tokenizer_json())
    named = name_tokens(first.info.slug, file, library)
    assert [info.slug for info in named] == [first.info.slug, second.info.slug]
    assert [info.name for info in named] == ["a", "Second"]
    assert all(piece(library, info.slug, 257) == "cat" for info in named)
    assert "named as those of “a”" in named[1].guess
    assert Table.load(library.folder(second.info.slug)).data.tobytes() == before
    assert not is_named(other[0].info, library)
    library.verify(first.info.slug)


def test_a_tokenizer_that_does_not_belong_is_refused_and_nothing_changes(
    library: TableLibrary, tmp_path: Path
) -> None:
    (made,) = import_checkpoint(checkpoint(tmp_path / "a.safetensors"), library)
    with pytest.raises(FileError, match="do not belong together"):
        name_tokens(made.info.slug, paths.resource("starter/tokenizer.json"), library)
    with pytest.raises(FileError, match="is not a tokenizer"):
        name_tokens(made.info.slug, tmp_path / "a.safetensors", library)
    with pytest.raises(TokenSimError, match="comes with"):
        name_tokens("starter", paths.resource("starter/tokenizer.json"), library)
    assert not is_named(library.info(made.info.slug), library)


def test_the_user_may_choose_the_tokenizer_at_once(library: TableLibrary, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "models" / "a.safetensors", "any name")
    file = tmp_path / "elsewhere" / "tokenizer.json"
    file.parent.mkdir()
    file.write_bytes(tokenizer_json())
    (made,) = import_checkpoint(path, library)
    assert "have ids, but no names" in made.notice
    (made,) = import_checkpoint(path, library, tokenizer=file)
    assert (made.notice, piece(library, made.info.slug, 257)) == ("", "cat")
    with pytest.raises(FileError, match=r"missing\.json can't be read: No such file"):
        import_checkpoint(path, library, tokenizer=file.with_name("missing.json"))
    (again,) = import_checkpoint(path, library)
    assert again.notice == f"The tokens of {made.info.name} keep the names that they had."
    assert piece(library, again.info.slug, 257) == "cat"


def test_a_bare_table_of_t5_s_size_is_named_where_the_library_has_t5(
    library: TableLibrary, tmp_path: Path
) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "with" / "tokenizer.json").write_bytes(unigram_json(32_099))
    import_checkpoint(checkpoint(tmp_path / "with" / "t5.safetensors", T5, 1, 32_128), library)
    for rows in (32_128, 32_100):
        path = tmp_path / "bare" / f"{rows}.npy"
        path.parent.mkdir(exist_ok=True)
        np.save(path, np.random.default_rng(rows).standard_normal((rows, DIM)).astype("f4"))
        (made,) = import_checkpoint(path, library)
        assert "named as those of “t5”" in made.notice
        assert piece(library, made.info.slug, 8) == "▁w7"


def test_vectors_that_are_here_byte_for_byte_are_not_stored_again(
    library: TableLibrary, tmp_path: Path
) -> None:
    first = checkpoint(tmp_path / "first.safetensors")
    (tmp_path / "first.tokenizer.json").write_bytes(tokenizer_json())
    (made,) = import_checkpoint(first, library)
    second = checkpoint(tmp_path / "b" / "second.safetensors")
    (again,) = import_checkpoint(second, library)
    assert again.info.slug == made.info.slug
    assert again.notice == (
        "The vectors of second in second.safetensors are those of “first”, byte for byte, so they "
        "are not stored twice."
    )
    assert len(list((library.root / "tables").glob("*"))) == 1
    (second.parent / "tokenizer.json").write_bytes(unigram_json())  # the same numbers, other words
    (other,) = import_checkpoint(second, library)
    assert other.info.slug != made.info.slug
    first.unlink()
    (moved,) = import_checkpoint(checkpoint(tmp_path / "c" / "third.safetensors"), library)
    assert (moved.info.slug, Path(moved.info.source).name) == (made.info.slug, "third.safetensors")
    assert piece(library, moved.info.slug, 257) == "cat"


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.json", "mine_vocab.json"])
def test_a_vocabulary_alone_opens_without_vectors_and_is_recognised(
    name: str, library: TableLibrary, tmp_path: Path
) -> None:
    content = paths.resource("starter/tokenizer.json").read_bytes()
    path = tmp_path / "origin" / name
    path.parent.mkdir()
    if name != "tokenizer.json":
        content = json.dumps(json.loads(content)["model"]["vocab"]).encode()
    path.write_bytes(content)
    for _ in range(2):
        (made,) = import_checkpoint(path, library)
        assert (made.info.rows, made.info.dim, made.info.has_vectors) == (49_408, 0, False)
        assert "is the vocabulary of “Starter words”, which TokenSim has." in made.notice
    assert len(library.tables()) == 2
    vocabulary = Vocabulary.load(library.folder(made.info.slug))
    assert (vocabulary.display(9188), vocabulary.encode("cat")) == ("😅", (2368,))
    assert Table.load(library.folder(made.info.slug)).norms.max() == 0


def test_a_vocabulary_that_the_program_does_not_have_keeps_its_own_words(
    library: TableLibrary, tmp_path: Path
) -> None:
    vocab = {piece: number for number, piece in enumerate(["a", "b", "ab", "Ġab", "c"] * 1)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocab))
    (made,) = import_checkpoint(tmp_path / "vocab.json", library)
    assert "GPT-2's way" in made.notice and "Without its merges.txt" in made.notice
    vocabulary = Vocabulary.load(library.folder(made.info.slug))
    assert [vocabulary.piece(token) for token in range(5)] == ["a", "b", "ab", "Ġab", "c"]
    assert vocabulary.encode("ab") == (2,)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(FileError, match="holds a tokenizer that can't be read"):
        import_checkpoint(tmp_path / "config.json", library)


def test_a_file_whose_name_is_not_utf8_is_imported_under_a_name_that_can_be_shown(
    library: TableLibrary, tmp_path: Path
) -> None:
    plain = checkpoint(tmp_path / "folder" / "x")
    strange = os.path.join(os.fsencode(plain.parent), "猫モデル.safetensors".encode("shift_jis"))
    os.rename(plain, strange)
    path = Path(os.fsdecode(strange))
    (made,) = import_checkpoint(path, library)
    assert "\ufffd" in made.info.name
    assert made.info.source == str(path).encode("utf-8", "surrogateescape").decode(
        "utf-8", "replace"
    )
    assert paths.resolved(Path(made.info.source)) == path
    (again,) = import_checkpoint(Path(made.info.source), library)
    assert again.info.slug == made.info.slug
    json.dumps(made.info.name, ensure_ascii=False).encode()
    os.truncate(path, 300)
    with pytest.raises(FileError) as caught:
        import_checkpoint(path, library)
    str(caught.value).encode()


def test_the_catalogue_tells_where_a_tokenizer_can_be_had(library: TableLibrary) -> None:
    starter = library.info("starter")
    assert catalogued_tokenizer(starter) is None
    from dataclasses import replace

    qwen = replace(starter, rows=151_936, dim=2560)
    assert catalogued_tokenizer(qwen) == CatalogueTokenizer("Qwen/Qwen3-4B", "tokenizer.json", 11)
