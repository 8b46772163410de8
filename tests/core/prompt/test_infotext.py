"""Blocks of A1111 are read as A1111 reads them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.prompt.made_pictures import INFOTEXT
from tokensim_gui.core.prompt.infotext import Infotext, parse_infotext

SIZE = {"Size": "8x8", "Seed": "1", "Model": "x"}
LINE = "Size: 8x8, Seed: 1, Model: x"


def test_a_block_of_a1111_is_read_in_its_parts():
    info = parse_infotext(INFOTEXT)
    assert info is not None
    assert info.prompt == "a (cute:1.2) cat,\n<lora:x:1>"
    assert info.negative == "ugly, (bad:1.3)\nblurry"
    assert info.settings["Lora hashes"] == "x: 1, y: 2"


@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("a cat", None),
        ("", None),
        ("(red:1.1), (blue:1.2), (green:1.3), (grey:1.4)", None),
        ("red: 1, blue: 2, green: 3", None),
        ("a cat\n(red:1.1), (blue:1.2), (green:1.3)", None),
        ("Steps: 20", None),
        ("Steps: leading up to a temple", None),
        ("Steps: a long way, Seed: of doubt, forest", None),
        ("cat\nSteps: 20", None),
        (f"cat\n{LINE}", Infotext("cat", "", SIZE)),
        ("cat\nNegative prompt: dog", Infotext("cat", "dog")),
        (f"Negative prompt: dog\n{LINE}", Infotext("", "dog", SIZE)),
        (f"Steps: up\nNegative prompt: dog\n{LINE}", Infotext("Steps: up", "dog", SIZE)),
        (LINE, Infotext("", "", SIZE)),
        ("Steps: of a temple, cat: 3, Sampler: none, sunset", None),
        (
            f"cat\n{LINE}\nTemplate: a {{b|c}}\nd\nNegative Template: e",
            Infotext("cat", "", {**SIZE, "Template": "a {b|c}\nd", "Negative Template": "e"}),
        ),
        ("Template: a\ncat", None),
    ],
)
def test_a_block_may_lack_parts_and_a_prompt_alone_is_no_block(text, info):
    assert parse_infotext(text) == info


@given(st.text(st.sampled_from('Steps: ,"\\\nNegative prompt:a'), max_size=60))
@settings(deadline=None, derandomize=True)
def test_any_text_is_read_as_a_block_or_not(text):
    parse_infotext(text)
