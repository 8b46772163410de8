import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from tests.core.hub.hub_server import COMMIT, Hub, serving
from tokensim_gui.core.checkpoints import read_vectors
from tokensim_gui.core.checkpoints.checkpoint_layouts import ENCODERS, Encoder
from tokensim_gui.core.errors import FileError, NetworkError, TokenSimError
from tokensim_gui.core.hub import hub as hub_module
from tokensim_gui.core.hub.http_client import Patience
from tokensim_gui.core.hub.hub import HubCandidate

PATIENCE = Patience(stall_s=1, tries=2, pause_s=0.01)
KEY = "model.embed_tokens.weight"
VECTORS = np.random.default_rng(0).standard_normal((1000, 64)).astype(np.float16)


@pytest.fixture
def server() -> Iterator[Hub]:
    with serving(Hub()) as server:
        yield server


def hub(server: Hub, token: str | None = None) -> hub_module.Hub:
    return hub_module.Hub(server.endpoint, token, PATIENCE)


def look(server: Hub, address: str = "a/b", **options: str) -> list[HubCandidate]:
    return hub(server).candidates(address, **options)


def test_a_table_is_found_by_reading_the_header_alone(server: Hub) -> None:
    content = save({KEY: VECTORS, "zzz": np.zeros(500_000, np.float32)})
    server.files = {"model.safetensors": content, "README.md": b""}
    (found,) = look(server)
    table = found.table
    assert (table.name, table.rows, table.dim, table.dtype) == ("a/b", 1000, 64, "F16")
    assert (table.key, table.nbytes) == (KEY, VECTORS.nbytes)
    assert (found.repo, found.commit, found.remote.size) == ("a/b", COMMIT, len(content))
    assert server.asked_ranges() == [(0, 100_000)]
    assert content[table.offset : table.offset + table.nbytes] == VECTORS.tobytes()


@pytest.mark.parametrize(
    ("repo", "name", "models"),
    [
        ("org/Large-4B-Instruct", "org/Large-4B-Instruct", ()),
        ("org/Small-4B-Instruct", "Small-4B", ("A model",)),
    ],
)
def test_a_repository_that_calls_itself_otherwise_than_its_shape_keeps_its_name(
    repo: str, name: str, models: tuple[str, ...], server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Encoder("Small-4B", "byte-bpe", ("A model",))
    monkeypatch.setitem(ENCODERS, (1000, 64), known)
    server.files = {"model.safetensors": save({KEY: VECTORS})}
    table = look(server, repo)[0].table
    assert (table.name, table.models, table.encoder) == (name, models, name if models else "")


def test_a_header_longer_than_the_first_bytes_is_read_to_its_end(server: Hub) -> None:
    many = {f"layer.{number}.{'x' * 100}": np.zeros(1, np.float16) for number in range(2000)}
    content = save({KEY: VECTORS, **many})
    server.files = {"model.safetensors": content}
    (found,) = look(server)
    assert found.table.key == KEY
    header = 8 + int.from_bytes(content[:8], "little")
    assert server.asked_ranges() == [(0, 100_000), (100_001, header - 1)]


def test_of_shards_only_those_that_hold_a_token_table_are_looked_at(server: Hub) -> None:
    index = {"weight_map": {KEY: "model-00002-of-00003.safetensors", "a": "nope", "lm_head": "x"}}
    server.files = {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-00001-of-00003.safetensors": b"",
        "model-00002-of-00003.safetensors": save({KEY: VECTORS}),
        "model-00003-of-00003.safetensors": b"",
        "tokenizer.json": b"{}",
    }
    (found,) = look(server)
    assert found.table.path == Path("model-00002-of-00003.safetensors")
    assert found.tokenizer == "tokenizer.json"
    assert len(server.asked_ranges()) == 1
    (again,) = look(server, "a/b:model.safetensors.index.json")
    assert again == found


@pytest.mark.parametrize("variant", ["", ".fp16"])
def test_shards_are_judged_together_also_those_of_a_variant(server: Hub, variant: str) -> None:
    alias = "encoder.embed_tokens.weight"
    shards = [f"model{variant}-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index = {"weight_map": {"shared.weight": shards[0], alias: shards[1]}}
    name = f"model.safetensors.index{variant}.json"
    server.files = {
        name: json.dumps(index).encode(),
        shards[0]: save({"shared.weight": VECTORS}),
        shards[1]: save({alias: VECTORS}),
    }
    (found,) = look(server)
    assert (found.table.key, found.table.path) == ("shared.weight", Path(shards[0]))
    (again,) = look(server, f"a/b:{name}")
    assert again == found


def test_a_diffusers_repository_gives_its_text_encoders_with_their_tokenizers(
    server: Hub,
) -> None:
    other = np.ones((1000, 128), np.float32)
    server.files = {
        "model.safetensors": b"not looked at",
        "text_encoder/model.safetensors": save({KEY: VECTORS}),
        "text_encoder_2/model.safetensors": save({"shared.weight": other}),
        "tokenizer/tokenizer.json": b"{}",
        "tokenizer_2/spiece.model": b"",
        "unet/diffusion.safetensors": b"not looked at",
    }
    first, second = look(server)
    assert first.table.name == "a/b (text_encoder/model.safetensors)"
    assert (first.tokenizer, second.tokenizer) == (
        "tokenizer/tokenizer.json",
        "tokenizer_2/spiece.model",
    )
    assert len(server.asked_ranges()) == 2


def test_a_clip_table_uses_the_bundled_tokenizer_and_one_in_the_file_is_fetched(
    server: Hub, tmp_path: Path
) -> None:
    clip = np.zeros((49_408, 64), np.float16)
    clip[:] = 1
    piece = np.frombuffer(b"model bytes", np.uint8)
    server.files = {
        "clip.safetensors": save({"text_model.embeddings.token_embedding.weight": clip}),
        "gemma.safetensors": save({KEY: VECTORS, "spiece_model": piece}),
    }
    (found,) = look(server, "a/b:clip.safetensors")
    assert [one.form for one in found.table.tokenizers] == ["bundled"]
    (found,) = look(server, "a/b:gemma.safetensors")
    local = hub(server).fetch(found, tmp_path)
    (tokenizer,) = local.tokenizers
    assert (tokenizer.form, tokenizer.title) == ("sentencepiece", "a/b/gemma.safetensors")
    assert tokenizer.path.read_bytes() == b"model bytes"
    assert b"".join(read_vectors(local)) == VECTORS.tobytes()
    hub(server).discard(found, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_scaled_fp8_table_is_fetched_with_its_scale(server: Hub, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save as save_torch

    codes = torch.linspace(-4, 4, 64_000).reshape(1000, 64).to(torch.float8_e4m3fn)
    scale = torch.tensor([0.5])
    content = save_torch({KEY: codes, "model.embed_tokens.scale_weight": scale})
    server.files = {"model.safetensors": content}
    (found,) = look(server)
    assert (found.table.stored, found.table.dtype) == ("F8_E4M3", "F32")
    local = hub(server).fetch(found, tmp_path)
    expected = (codes.float() * 0.5).numpy().tobytes()
    assert b"".join(read_vectors(local)) == expected
    again = hub(server).fetch(found, tmp_path)
    assert b"".join(read_vectors(again)) == expected


def test_a_file_that_changes_after_its_header_was_read_is_refused(
    server: Hub, tmp_path: Path
) -> None:
    content = save({KEY: VECTORS})
    server.files = {"model.safetensors": content}
    (found,) = look(server)
    server.trouble = ["cut 1000", "change"]
    with pytest.raises(NetworkError, match=r"model\.safetensors changed on .*\. Try again\."):
        hub(server).fetch(found, tmp_path)
    # Nor are bytes of the other content taken for a beginning of this one.
    server.files = {"model.safetensors": content}
    (found,) = look(server)
    local = hub(server).fetch(found, tmp_path)
    assert b"".join(read_vectors(local)) == VECTORS.tobytes()


def test_a_token_opens_a_gated_repository_and_is_sent_to_the_endpoint_only(
    server: Hub, tmp_path: Path
) -> None:
    server.files = {"model.safetensors": save({KEY: VECTORS}), "tokenizer.json": b"{}"}
    server.gated = "hf_secret"
    with pytest.raises(NetworkError, match="does not let you read a/b"):
        look(server)
    client = hub(server, "hf_secret")
    (found,) = client.candidates("a/b")
    client.fetch(found, tmp_path)
    assert {one.host for one in server.requests if "authorization" in one.headers} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("address", "error", "sentence"),
    [
        ("", TokenSimError, "is not of the form OWNER/REPO"),
        ("repo", TokenSimError, "is not of the form"),
        ("../etc", TokenSimError, "is not of the form"),
        ("a/b/c", TokenSimError, "is not of the form"),
        ("a/b:", TokenSimError, "is not of the form"),
        ("a/b:/etc/x.safetensors", TokenSimError, "is not of the form"),
        ("a/b:../x.safetensors", TokenSimError, "is not of the form"),
        ("a/b:model.ckpt", TokenSimError, "only those are fetched in part"),
        ("a/b:none.safetensors", FileError, r"a/b has no file none\.safetensors"),
        ("a/b:vae.safetensors", FileError, "holds a VAE"),
        ("a/b:noise.safetensors", FileError, "not a safetensors file"),
        ("a/b:empty.safetensors", NetworkError, "sends other bytes|can't send|HTTP 416"),
        ("a/b:cut.safetensors", FileError, "cut short"),
        ("a/b:huge.safetensors", FileError, "cut short within its header"),
    ],
)
def test_what_can_not_be_looked_at_is_one_sentence(
    server: Hub, address: str, error: type[Exception], sentence: str
) -> None:
    server.files = {
        "vae.safetensors": save({"decoder.conv_in.weight": np.zeros(1, np.float32)}),
        "noise.safetensors": bytes(range(256)) * 1000,
        "empty.safetensors": b"",
        "cut.safetensors": save({KEY: VECTORS})[:-1],
        "huge.safetensors": (24_000_000).to_bytes(8, "little") + b"{" * 100,
    }
    with pytest.raises(error, match=sentence):
        look(server, address)


def test_a_repository_without_safetensors_or_with_too_many_says_so(server: Hub) -> None:
    server.files = {"pytorch_model.bin": b""}
    with pytest.raises(FileError, match="a/b holds no safetensors files"):
        look(server)
    server.files = {f"lora-{number}.safetensors": b"" for number in range(41)}
    with pytest.raises(FileError, match="Name one: a/b:FILE"):
        look(server)


@pytest.mark.parametrize("file", ["", ":model.safetensors.index.json"])
def test_shards_count_as_files_also_where_the_index_is_named(server: Hub, file: str) -> None:
    shards = [f"model-{number:05}-of-00041.safetensors" for number in range(1, 42)]
    keys = {f"{number}.{KEY}": shard for number, shard in enumerate(shards)}
    index = json.dumps({"weight_map": keys}).encode()
    server.files = {"model.safetensors.index.json": index}
    server.files |= dict.fromkeys(shards, save({KEY: VECTORS}))
    with pytest.raises(FileError, match=r"41 safetensors files to look at\. Name one: a/b:FILE"):
        look(server, f"a/b{file}")
    assert server.asked_ranges() == []
    assert look(server, f"a/b:{shards[-1]}")


def test_indexes_are_not_asked_for_where_there_are_too_many(server: Hub) -> None:
    server.files = {f"{number}.safetensors.index.json": b"{}" for number in range(41)}
    with pytest.raises(FileError, match="Name one: a/b:FILE"):
        look(server)
    assert len(server.requests) == 1


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.just(COMMIT),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["sha", "siblings", "rfilename", "weight_map"]), inner
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_as_a_listing_or_an_index_is_one_sentence(content: object) -> None:
    raw = json.dumps(content).encode()
    with serving(Hub(files={"model.safetensors.index.json": raw})) as server:
        with pytest.raises(TokenSimError):
            look(server)
        server.listing = raw
        with pytest.raises(TokenSimError):
            look(server)


def test_the_settings_of_huggingface_hub_are_honoured(server: Hub) -> None:
    server.files = {"model.safetensors": save({KEY: VECTORS})}
    server.gated = "hf_from_environment"
    code = (
        "from tokensim_gui.core.hub.hub import Hub\n"
        "from tokensim_gui.core.errors import NetworkError\n"
        "try: print(Hub.from_environment().candidates('a/b')[0].table.rows)\n"
        "except NetworkError as error: print(error)"
    )
    environment = {
        **os.environ,
        "HF_ENDPOINT": server.endpoint,
        "HF_TOKEN": server.gated,
        "HF_HUB_OFFLINE": "0",
    }
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, **more},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for more in (
            {},
            {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"},
            {"HF_HUB_OFFLINE": "1"},
        )
    ]
    assert outputs[0] == "1000"
    assert "does not let you read a/b" in outputs[1]
    assert outputs[2] == "HF_HUB_OFFLINE forbids the network. Unset it to fetch encoders."


def test_a_tokenizer_alone_is_fetched_and_nothing_else(server: Hub, tmp_path: Path) -> None:
    server.files = {"tokenizer.json": b'{"model": {}}', "model.safetensors": b"no"}
    path = hub(server).fetch_tokenizer("a/b:tokenizer.json", tmp_path)
    assert path.parent == tmp_path and path.name.endswith(".tokenizer.json")
    assert path.read_bytes() == b'{"model": {}}'
    assert not any("model.safetensors" in request.path for request in server.requests)
    with pytest.raises(NetworkError):
        hub(server).fetch_tokenizer("a/b:spiece.model", tmp_path)
    for address in ("a/b", "a/b:model.safetensors", "a/b:../tokenizer.json", "nonsense"):
        with pytest.raises(TokenSimError, match="is not of the form"):
            hub(server).fetch_tokenizer(address, tmp_path)
