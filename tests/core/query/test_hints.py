"""What a query is offered to mean instead: inputs as people and their keyboards write them."""

import pytest

from tokensim_gui.core import paths
from tokensim_gui.core.query.hints import apostrophe_hint, arithmetic_hint
from tokensim_gui.core.query.parser import parse
from tokensim_gui.core.vocabulary.vocabulary import Vocabulary

CLIP = Vocabulary.load(paths.resource("starter"))


def offered(typed: str) -> str | None:
    hint = arithmetic_hint(typed, parse(typed, CLIP).terms)
    if hint is None:
        return None
    assert hint.fix is not None and arithmetic_hint(hint.fix, parse(hint.fix, CLIP).terms) is None
    return hint.fix


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("„cute girl“ / 2", '"cute girl" / 2'),
        ("„cute girl” / 2", '"cute girl" / 2'),
        ("”cute girl” / 2", '"cute girl" / 2'),
        ("“cute girl“ / 2", '"cute girl" / 2'),
        ("« king » - man", '"king" - man'),
        ("»king« - man", '"king" - man'),
        ("‹king› + ‹queen›", '"king" + "queen"'),
        ("「猫」 + 「犬」", '"猫" + "犬"'),
        ("『猫』", '"猫"'),
        ("＂cat＂ + dog", '"cat" + dog'),
        ("‘cute girl’ / 2", '"cute girl" / 2'),
        ("‚cat‘ + dog", '"cat" + dog'),
        ("„girl“ – „boy“", '"girl" - "boy"'),
        ("„rock – pop“ – jazz", '"rock – pop" - jazz'),
    ],
)
def test_quotes_of_other_languages_are_offered_as_quotes(typed: str, fix: str) -> None:
    assert offered(typed) == fix


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("sunset – sun", "sunset - sun"),
        ("sunset ‑ sun", "sunset - sun"),
        ("king−man", "king - man"),
        ("cute＋girl", "cute+girl"),
        ("（cute ＋ girl）÷２", "(cute + girl)/2"),
        ("２×cat", "2*cat"),
        ("cat·2", "cat*2"),
        ("2⋅cat - ½", "2*cat - ½"),
        ("cat ⁄ 2", "cat / 2"),
        ("（cat：1.3）", "(cat:1.3)"),
        ("(cat：1.3)", "(cat:1.3)"),
        ("cat ➖ dog", "cat - dog"),
        ("“rock – pop” × 2", "“rock – pop” * 2"),
        ("king-man+woman", "king - man + woman"),
    ],
)
def test_signs_of_other_keyboards_are_offered_as_arithmetic(typed: str, fix: str) -> None:
    assert offered(typed) == fix


@pytest.mark.parametrize(
    "typed",
    [
        *("5” heels + 6” boots", "6′ 2″ man", "“open + girl", "girl” + boy", "rock ’n’ roll"),
        *("“king” - man", '"„cat“" + dog', "“„cat“” + dog", "‘", "«", "»«", "„“"),
        *("Spider–Man", "sunset—sun", "col·lecció", "cat ×", "cat –", "➕", "×", "cat，dog", "½"),
        *(
            "t-shirt",
            "t-shirt+jeans",
            "red-haired + girl",
            "cute+girl",
            "cute\u00a0+\u00a0girl",
            "cute\t+\tgirl",
        ),
        *(
            "👩\u200d👩\u200d👧 + 👍🏽",
            "1️⃣ + 2️⃣",
            "🇯🇵 - 🇫🇷",
            "❤️ - ❤",
            "(cat:1.3)",
            "cat++",
            "cat:1.3",
        ),
    ],
)
def test_what_is_read_as_it_was_meant_gets_no_offer(typed: str) -> None:
    assert offered(typed) is None


def test_a_typed_apostrophe_is_offered_as_some_programs_read_it() -> None:
    hint = apostrophe_hint("a girl’s + boy‘s")
    assert hint is not None and hint.fix == "a girl's + boy's"
    assert hint.text == "A1111/Forge and others that clean text with ftfy read ’ as '."
    for typed in ("girls’ night", "‘quoted’", "girl's"):
        assert apostrophe_hint(typed) is None
