"""Folders, shards and parts: which of their files hold the tables, and what is told of the rest."""

import json
import os

import gguf
import pytest
import torch

from tests.core.checkpoints.layouts_on_disk import (
    CLIP,
    ROWS,
    lock,
    numbers,
    write_gguf,
    write_pickle,
    write_safetensors,
)
from tokensim_gui.core.checkpoints import candidates, survey
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.tokenizers.converting import tokenizer_of


class TestParts:
    def test_a_gguf_in_parts_is_one_table_with_the_names_of_its_first_part(self, tmp_path):
        first, second = (
            tmp_path / f"qwen3-4b-Q8_0-0000{number}-of-00002.gguf" for number in (1, 2)
        )
        tokens = [*(chr(code) for code in range(33, 127)), "ca", "cat"]
        writer = gguf.GGUFWriter(first, "qwen3")
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("qwen2")
        writer.add_token_list(tokens)
        writer.add_token_merges(["c a", "ca t"])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        write_gguf(second)
        for path in (first, second, tmp_path):
            (one,) = candidates(path)
            assert (one.name, one.path, one.rows) == ("qwen3-4b-Q8_0", second, ROWS)
            found = tokenizer_of(one)
            assert found is not None and (found.rows, found.guess) == (len(tokens), "")
        second.unlink()
        with pytest.raises(FileError, match=r"is one of 2 parts .* of which 1 is here"):
            candidates(first)

    def test_a_part_that_was_renamed_is_known_by_what_it_says_of_itself(self, tmp_path):
        path = tmp_path / "model (1).gguf"
        writer = gguf.GGUFWriter(path, "qwen3")
        writer.add_uint16("split.count", 3)
        writer.add_tensor("blk.0.attn_q.weight", numbers().numpy())
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        with pytest.raises(FileError) as caught:
            candidates(path)
        assert str(caught.value) == (
            "model (1).gguf is one of 3 parts of a checkpoint, of which 1 is here, which does not "
            "hold its token vectors. Put the other parts beside it, under names such as model "
            "(1)-00001-of-00003.gguf."
        )

    def test_the_missing_part_with_the_tokenizer_is_named(self, tmp_path):
        (one,) = candidates(write_gguf(tmp_path / "q-00002-of-00003.gguf"))
        with pytest.raises(FileError) as caught:
            tokenizer_of(one)
        assert str(caught.value) == (
            "The tokenizer of q is in q-00001-of-00003.gguf, which is not here."
        )

    @pytest.mark.parametrize("write", [write_safetensors, write_pickle])
    def test_a_part_without_the_table_leads_to_the_one_with_it(self, write, tmp_path):
        paths = [tmp_path / f"model-0000{number}-of-00003.bin" for number in (1, 2, 3)]
        for number, path in enumerate(paths):
            key = "model.embed_tokens.weight" if number == 1 else f"model.layers.{number}.q.weight"
            write(path, {key: numbers(), "b": numbers(8)})
        for path in (*paths, tmp_path):
            (one,) = candidates(path)
            assert (one.path, one.name) == (paths[1], tmp_path.name)


class TestFolders:
    def test_text_encoders_come_before_the_whole_models_beside_them(self, tmp_path):
        write_safetensors(tmp_path / "flux1-dev.safetensors", {"double_blocks.0.x": numbers(8)})
        write_safetensors(tmp_path / "ae.safetensors", {"decoder.conv_in.weight": numbers(8)})
        write_safetensors(tmp_path / "text_encoder" / "model.safetensors", {CLIP: numbers()})
        shard = "model-00001-of-00002.safetensors"
        write_safetensors(tmp_path / "text_encoder_2" / shard, {"shared.weight": numbers()})
        index = tmp_path / "text_encoder_2" / "model.safetensors.index.json"
        index.write_text(json.dumps({"weight_map": {"shared.weight": shard}}))
        found = candidates(tmp_path)
        assert [one.path.parent.name for one in found] == ["text_encoder", "text_encoder_2"]

    def test_an_index_of_a_variant_is_an_index(self, tmp_path):
        shard = "model.fp16-00001-of-00002.safetensors"
        write_safetensors(tmp_path / shard, {"shared.weight": numbers()})
        index = tmp_path / "model.safetensors.index.fp16.json"
        index.write_text(json.dumps({"weight_map": {"shared.weight": shard}}))
        for path in (tmp_path, index):
            (one,) = candidates(path)
            assert one.path == tmp_path / shard

    def test_a_locked_folder_is_one_sentence_and_hides_nothing_beside_it(
        self, tmp_path, monkeypatch
    ):
        write_safetensors(tmp_path / "models" / "clip.safetensors", {CLIP: numbers()})
        write_safetensors(tmp_path / "lost+found" / "clip.safetensors", {CLIP: numbers()})
        lock(tmp_path / "lost+found", monkeypatch)
        (one,) = candidates(tmp_path)
        assert one.path.parent.name == "models"
        with pytest.raises(FileError, match=r"lost\+found can't be read: Permission denied\."):
            candidates(tmp_path / "lost+found")

    def test_what_is_damaged_in_a_folder_is_told_beside_what_is_found(self, tmp_path):
        write_safetensors(tmp_path / "text_encoder" / "model.safetensors", {CLIP: numbers()})
        other = tmp_path / "text_encoder_2"
        path = write_safetensors(other / "model.safetensors", {"shared.weight": numbers()})
        os.truncate(path, 5_000)
        write_safetensors(other / "vision.safetensors", {"decoder.conv_in.weight": numbers(8)})
        (other / "openvino_model.bin").write_bytes(bytes(100))
        seen = survey(tmp_path)
        assert [one.path.parent.name for one in seen.candidates] == ["text_encoder"]
        (sentence,) = seen.damaged
        assert sentence.startswith("text_encoder_2/model.safetensors is cut short")

    def test_a_clone_without_its_large_files_says_so(self, tmp_path):
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
        for name in ("text_encoder", "text_encoder_2"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "model.safetensors").write_bytes(pointer)
            (tmp_path / name / "openvino_model.bin").write_bytes(bytes(9))
        with pytest.raises(FileError, match="only points to the real file"):
            candidates(tmp_path)

    def test_a_diffusers_folder_gives_each_text_encoder_with_its_tokenizer(self, tmp_path):
        state = {"shared.weight": numbers()}
        for name in ("text_encoder", "text_encoder_2", "unet"):
            write_safetensors(tmp_path / name / "model.safetensors", state)
            write_pickle(tmp_path / name / "pytorch_model.bin", state)
        (tmp_path / "model_index.json").write_text("{}")
        for name in ("tokenizer", "tokenizer_2"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "tokenizer.json").write_text("{}")
        found = candidates(tmp_path)
        assert [one.path.parent.name for one in found] == ["text_encoder", "text_encoder_2"]
        assert [one.path.suffix for one in found] == [".safetensors"] * 2
        assert [one.tokenizers[0].path.parent.name for one in found] == ["tokenizer", "tokenizer_2"]
        assert len({one.name for one in found}) == 2

    def test_shards_are_found_through_their_index_and_only_those_needed_are_opened(self, tmp_path):
        names = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
        write_safetensors(tmp_path / names[1], {"model.embed_tokens.weight": numbers()})
        (tmp_path / names[0]).write_bytes(b"not looked at")
        index = tmp_path / "model.safetensors.index.json"
        weights = {"model.layers.0.mlp.weight": names[0], "model.embed_tokens.weight": names[1]}
        index.write_text(json.dumps({"metadata": {}, "weight_map": weights}))
        for path in (tmp_path, index):
            (one,) = candidates(path)
            assert one.path == tmp_path / names[1]

    def test_a_folder_of_single_files_gives_them_all_and_skips_what_is_damaged(self, tmp_path):
        write_safetensors(tmp_path / "clip.safetensors", {CLIP: numbers()})
        write_gguf(tmp_path / "qwen.gguf")
        (tmp_path / "broken.ckpt").write_bytes(b"broken")
        (tmp_path / "README.md").write_text("not a checkpoint")
        assert [one.name for one in candidates(tmp_path)] == ["clip", "qwen"]

    def test_a_cache_folder_gives_its_newest_snapshot(self, tmp_path):
        repo = tmp_path / "models--org--small"
        for age, commit in enumerate(("a" * 40, "b" * 40)):
            snapshot = repo / "snapshots" / commit
            write_safetensors(snapshot / "model.safetensors", {CLIP: numbers()})
            os.utime(snapshot, (1000 - age, 1000 - age))
        (one,) = candidates(repo)
        assert (one.name, one.path.parent.name) == ("org/small", "a" * 40)

    def test_an_empty_folder_says_so(self, tmp_path):
        with pytest.raises(FileError, match="holds no checkpoint"):
            candidates(tmp_path)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("[" * 100_000, "is not JSON"),
            ("[]", "is not an index"),
            ('{"weight_map": {"a.weight": "a.safetensors"}}', "names no token table"),
            ('{"weight_map": {"shared.weight": "../a.safetensors"}}', "outside its folder"),
            ('{"weight_map": {"shared.weight": ["a"]}}', "outside its folder"),
            (
                '{"weight_map": {"shared.weight": "a.safetensors"}}',
                "a.safetensors is missing, the part",
            ),
        ],
    )
    def test_a_wrong_index_is_refused(self, content, sentence, tmp_path):
        (tmp_path / "model.safetensors.index.json").write_text(content)
        with pytest.raises(FileError, match=sentence):
            candidates(tmp_path)


def test_a_missing_part_is_said_to_be_the_one_with_the_vectors(tmp_path):
    part = "model-00001-of-00002.safetensors"
    index = {
        "weight_map": {"model.embed_tokens.weight": part, "norm": part.replace("1-of", "2-of")}
    }
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    write_safetensors(tmp_path / part.replace("1-of", "2-of"), {"norm": torch.zeros(64)})
    for path in (tmp_path, tmp_path / "model.safetensors.index.json"):
        with pytest.raises(
            FileError, match=rf"^{part} is missing, the part with the token vectors"
        ):
            candidates(path)
