"""A prompt typed as a query is known and offered to the Prompt page."""

import pytest
from pytestqt.qtbot import QtBot

from tests.state.prompt_bench import LONG_MS, Bench
from tokensim_gui.core.prompt.prompt_reading import prompt_marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("(cute + girl) / 2", ()),
        ("(banana:1.2)", ()),
        ("a, b, c", ()),
        ("masterpiece, (cat:1.2), best", ("weights",)),
        ("cat <lora:x:0.8>", ("a LoRA tag",)),
        ("a, b, (c:1.1) <lora:x:1> BREAK d", ("weights", "a LoRA tag", "a BREAK")),
        (", ".join(["beautiful scenery nature"] * 8), ("many parts between commas",)),
    ],
)
def test_a_query_is_known_as_a_prompt_by_its_marks(text: str, marks: tuple[str, ...]) -> None:
    assert prompt_marks(text) == marks


def test_a_prompt_typed_as_a_query_can_be_opened_or_searched(bench: Bench, qtbot: QtBot) -> None:
    text = "masterpiece, cat, (dog:1.2) <lora:x:1>"
    with qtbot.waitSignal(
        bench.session.noticed, timeout=LONG_MS, check_params_cb=lambda n: bool(n.text)
    ):
        bench.session.search.set_text(text)
    notice = bench.notices[-1]
    assert notice.text == "This looks like a prompt: weights and a LoRA tag."
    assert [offer.words for offer in notice.offers] == ["Open in Prompt", "Search it anyway"]
    pages: list[str] = []
    bench.session.pageRequested.connect(pages.append)
    bench.session.hint.leave(notice.offers[1].payload)
    bench.session.hint._rest.timeout.emit()
    assert pages == [] and bench.notices[-1].text == ""
    bench.session.open_in_prompt(text)
    assert pages == ["prompt"] and bench.prompt.text == text
