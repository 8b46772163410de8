"""The weights of a prompt under every interface, and writing it for another one."""

import pytest

from tests.state.prompt_bench import LONG_MS, Bench
from tokensim_gui.core.prompt.interfaces import WITH_WEIGHTS
from tokensim_gui.core.prompt.prompt_reading import Weights


def test_the_interface_decides_the_weights(bench: Bench) -> None:
    bench.read("[cat]")
    for interface, count in (("comfyui", 3), ("a1111", 1)):
        bench.settings.set("write_for", interface)
        with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
            bench.prompt.read()
        assert len(bench.read()) == count


def test_every_word_has_a_weight_under_every_interface(bench: Bench) -> None:
    bench.read("a (red:1.2) cat++")
    bench.prompt.want_weights(True)
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    rows = {row.text: dict(zip(WITH_WEIGHTS, row.weights, strict=True)) for row in weights.rows}
    assert rows["red"]["a1111"] == rows["red"]["comfyui"] == 1.2
    assert rows["red"]["compel"] == rows["red"]["novelai"] == 1
    assert rows["cat"]["compel"] == pytest.approx(1.21)
    assert rows[":1.2"]["a1111"] is None and rows[":1.2"]["novelai"] == 1


def test_a_word_in_escaped_brackets_is_one_row_with_them(bench: Bench) -> None:
    bench.read(r"cat \(artist\), dog")
    bench.prompt.want_weights(True)
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    assert [row.text for row in weights.rows] == ["cat", r"\(artist\)", "dog"]


def test_a_prompt_is_written_for_the_interface_that_is_chosen(bench: Bench) -> None:
    bench.read("((cat)) <lora:x:1>")
    bench.prompt.want_weights(True)
    bench.wait(bench.prompt.weightsChanged, Weights)
    bench.prompt.set_target("compel")
    weights = bench.wait(bench.prompt.weightsChanged, Weights)
    assert weights.converted.text.strip() == "(cat)1.21"
    assert weights.converted.lost == ("The network tag “<lora:x:1>” is left out.",)


def test_using_a_converted_prompt_changes_for_whom_is_written(bench: Bench) -> None:
    bench.prompt.write_for("(cat)1.21", "compel")
    assert bench.settings.write_for == "compel"
    assert bench.read() == ["cat"]


def test_undoing_a_conversion_goes_back_to_its_interface(bench: Bench) -> None:
    bench.read("((cat))")
    bench.prompt.write_for("1.21::cat::", "novelai")
    told = [notice.text for notice in bench.notices]
    asked = []
    for text in ("((cat))", "1.21::cat::", "a dog", "((cat))"):  # undo, redo, and typed anew
        bench.read(text)
        asked.append(bench.settings.write_for)
    assert asked == ["a1111", "novelai", "novelai", "novelai"]
    assert told[-1] == "From now on this is a prompt for NovelAI."
    assert [notice.text for notice in bench.notices][-2:] == [
        f"From now on this is a prompt for {program}." for program in ("A1111/Forge", "NovelAI")
    ]
