"""Pictures of ComfyUI give the prompts that its nodes made."""

import pytest

from tests.core.prompt.comfyui_graphs import GRAPHS, drawn, encode, node
from tests.core.prompt.comfyui_workflows import WORKFLOWS
from tests.core.prompt.made_pictures import (
    png_of,
)
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.prompt.picture_prompts import read_picture

# name: picture, prompts, negatives
PICTURES = {
    **{
        f"graph, {name}": (png_of("utf-8", prompt=graph), texts, against)
        for name, (graph, texts, against) in GRAPHS.items()
    },
    **{
        f"workflow, {name}": (png_of("iTXt", workflow=flow), texts, against)
        for name, (flow, texts, against) in WORKFLOWS.items()
    },
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_comfyui_gives_its_prompts(saved, name):
    data, texts, against = PICTURES[name]
    found = read_picture(saved(data))
    assert (found.source, found.interface) == ("ComfyUI", "comfyui")
    assert (found.prompts, found.negatives) == (texts, against)
    assert not found.notes


MADE_BY_A_MODEL = drawn(
    p=encode(["f", 3]),
    f=node("Florence2Run", image=["i", 0], text_input="", task="caption", max_new_tokens=99),
    i=node("LoadImage", image="a.png"),
    n=encode(""),
)


def test_a_text_that_a_model_made_is_said_to_be_made(saved):
    with pytest.raises(FileError, match=r"made by the node “Florence2Run” while it ran") as error:
        read_picture(saved(png_of(prompt=MADE_BY_A_MODEL)))
    assert "holds no prompt" not in str(error.value)


def test_a_text_beside_one_that_a_model_made_is_given_with_a_note(saved):
    graph = {
        **MADE_BY_A_MODEL,
        "k": node("KSampler", model=["m", 0], positive=["c", 0], negative=["n", 0]),
        "c": node("ConditioningCombine", conditioning_1=["p", 0], conditioning_2=["q", 0]),
        "q": encode("a cat"),
    }
    found = read_picture(saved(png_of(prompt=graph)))
    assert found.prompts == ("a cat",)
    assert "“Florence2Run”" in found.notes[0]


def test_a_workflow_that_links_in_circles_ends(saved):
    nodes = {
        "1": node("x", positive=["2", 0], negative=["missing", 0]),
        "2": node("x", a=["3", 0], text="x", clip=["1", 0]),
        "3": node("x", a=["2", 0], b=[None, 0], c=[[], 1]),
        "4": "no node",
    }
    assert read_picture(saved(png_of(prompt=nodes))).prompts == ("x",)
    ring = drawn(
        p=encode(["a", 0]),
        a=node("StringConcatenate", string_a=["b", 0], string_b="x", delimiter=","),
        b=node("StringConcatenate", string_a=["a", 0], string_b="y", delimiter=","),
    )
    assert "x" in read_picture(saved(png_of(prompt=ring))).prompts[0]


def test_a_text_that_doubles_itself_ends(saved):
    chain = {
        f"s{n}": node("JoinStrings", string1=[f"s{n + 1}", 0], string2=[f"s{n + 1}", 0])
        for n in range(100)
    }
    graph = drawn(p=encode(["s0", 0]), **chain, s100=node("String", value="cat " * 99))
    assert len(read_picture(saved(png_of(prompt=graph))).prompts[0]) <= 100_000


def test_a_subgraph_that_holds_itself_ends(saved):
    twins = [{"id": number, "type": "g", "mode": 0} for number in (1, 2)]
    graph = {"id": "g", "nodes": twins, "links": []}
    flow = {"nodes": twins, "links": [], "definitions": {"subgraphs": [graph]}}
    with pytest.raises(FileError, match="holds no prompt"):
        read_picture(saved(png_of(workflow=flow)))


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, "[]", '{"1": {"inputs": 3}}', "{"])
def test_a_broken_workflow_is_no_prompt(saved, text):
    with pytest.raises(FileError, match="holds no prompt"):
        read_picture(saved(png_of("iTXt", workflow=text)))


def test_a_workflow_without_any_text_is_told_from_metadata_that_is_gone(saved):
    graph = {"1": node("LoadImage", image="a.png"), "2": node("SaveImage", images=["1", 0])}
    for texts in ({"prompt": graph}, {"workflow": {"nodes": [], "links": []}}):
        with pytest.raises(FileError, match="holds no prompt: its ComfyUI workflow was given no"):
            read_picture(saved(png_of(**texts)))
