"""ComfyUI workflows that were saved as JSON hold what their pictures would."""

import json

import pytest

from tests.core.prompt.comfyui_graphs import GRAPHS, drawn, node
from tests.core.prompt.comfyui_workflows import WORKFLOWS
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.picture_prompts import read_picture

FLOWS = {
    **{f"graph, {name}": case for name, case in GRAPHS.items()},
    **{f"workflow, {name}": case for name, case in WORKFLOWS.items()},
}


@pytest.fixture
def save(tmp_path):
    def save(content, name="a.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return save


@pytest.mark.parametrize("name", FLOWS)
def test_a_workflow_by_itself_gives_the_prompts_of_its_pictures(save, name):
    flow, prompts, negatives = FLOWS[name]
    found = read_picture(save(flow))
    assert (found.source, found.interface) == ("ComfyUI", "comfyui")
    assert (found.prompts, found.negatives) == (prompts, negatives)


@pytest.mark.parametrize("name", ["A.JSON", "b c.json"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n  "])
def test_neither_its_name_nor_a_mark_before_it_matters(save, name, mark):
    flow, prompts, _ = next(iter(FLOWS.values()))
    assert read_picture(save(mark + json.dumps(flow).encode(), name)).prompts == prompts


def test_what_is_sent_to_the_interface_is_read_too(save):
    graph, prompts, _ = next(iter(GRAPHS.values()))
    assert read_picture(save({"prompt": graph, "client_id": "x"})).prompts == prompts


@pytest.mark.parametrize(
    "content",
    [
        {"version": "1.0", "model": {"type": "BPE", "vocab": {}}},
        {"prompt": "a cat"},
        [1, 2],
        b"",
        b"{",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"nodes": ' + b"[" * 100_000,
    ],
)
def test_another_json_says_where_it_belongs(save, content):
    with pytest.raises(FileError, match=r"^“a\.json” is no ComfyUI workflow.* on Encoders\.$"):
        read_picture(save(content))


def test_a_workflow_without_a_text_says_so(save):
    with pytest.raises(FileError, match="its ComfyUI workflow was given no text"):
        read_picture(save({"1": node("LoadImage", image="a.png")}))


def test_a_text_that_a_model_made_is_said_to_be_made(save):
    flow = drawn(
        p=node("CLIPTextEncode", clip=["c", 1], text=["f", 3]),
        f=node("Florence2Run", image=["i", 0], text_input="", task="caption", max_new_tokens=99),
        i=node("LoadImage", image="a.png"),
        n=node("CLIPTextEncode", clip=["c", 1], text=""),
    )
    with pytest.raises(FileError, match="made by the node “Florence2Run”"):
        read_picture(save(flow))


def test_a_file_too_large_and_none_at_all_are_told(save, tmp_path):
    with pytest.raises(FileError, match=r"^“a\.json” can't be read: it is too large\.$"):
        read_picture(save(b"{" + b" " * (8 << 20)))
    with pytest.raises(FileError, match=r"“b\.json” can't be read"):
        read_picture(tmp_path / "b.json")
