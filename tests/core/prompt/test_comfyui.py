import pytest

from tests.core.prompt.weighed import weighed
from tokensim_gui.core.prompt.comfyui import escape, parse, write
from tokensim_gui.core.prompt.parsed_prompt import Run


def read(prompt):
    return weighed(parse(prompt))


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("plain", [("plain", 1)]),
        ("(cat)", [("cat", 1.1)]),
        ("((cat))", [("cat", 1.21)]),
        ("(cat:2)", [("cat", 2)]),
        ("((cat:1.5))", [("cat", 1.5)]),
        ("((cat):1.5)", [("cat", 1.65)]),
        ("((cat:1):0)", [("cat", 1)]),
        ("(a (b:2) c:0.5)", [("a ", 0.5), ("b", 2), (" c", 0.5)]),
        ("(a (b) c:0.5)", [("a ", 0.5), ("b", 0.55), (" c", 0.5)]),
        (
            "x ((y (cat:666) z:100)) w",
            [("x ", 1), ("y ", 100), ("cat", 666), (" z", 100), (" w", 1)],
        ),
        ("(a)(b)", [("a", 1.1), ("b", 1.1)]),
        ("(a: 1.5 )", [("a", 1.5)]),
        ("(a:b:1.2)", [("a:b", 1.2)]),
        ("(:1.2)", [(":1.2", 1.1)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("(a:-1)", [("a", -1)]),
        ("[a]", [("[a]", 1)]),
        ("()", []),
    ],
)
def test_an_explicit_weight_replaces_the_outer_one(prompt, pieces):
    assert read(prompt) == pieces


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("(open", [("(open", 1)]),
        ("a (b (c)", [("a ", 1), ("b ", 1.1), ("(c", 1.1)]),
        ("closed) (a)", [("closed) (a)", 1)]),
        ("closed) (a ((b))", [("closed) (a ", 1), ("b", 1.21)]),
        (r"\(a\)", [("(a)", 1)]),
        (r"(a\):1.5)", [("a)", 1.5)]),
        (r"\\(a\\)", [(r"\(a\)", 1)]),
        (r"a\b", [(r"a\b", 1)]),
    ],
)
def test_unbalanced_and_escaped_parentheses(prompt, pieces):
    assert read(prompt) == pieces


@pytest.mark.parametrize(
    ("prompt", "text", "kinds"),
    [
        ("a // b\nc", "a \nc", ["comment"]),
        ("a /* b\n */ c /* open", "a  c /* open", ["comment"]),
        ("https://x.y", "https:", ["comment"]),
        ("# a", "# a", []),
        ("a {b|c} {d} \\{e\\}", "a b d {e}", ["choice"] * 4),
        ("<lora:x:1>", "<lora:x:1>", []),
        ("a embedding:bad, b", "a , b", ["embedding"]),
        ("(embedding:bad:1.2)", "", ["embedding"]),
        ("xembedding:bad", "xembedding:bad", []),
    ],
)
def test_what_is_not_sent_is_marked(prompt, text, kinds):
    parsed = parse(prompt)
    assert "".join(span.text for span in parsed.spans) == text
    assert [mark.kind for mark in parsed.unsent] == kinds


def test_only_braces_with_a_bar_are_said_to_be_drawn():
    assert not parse("{{masterpiece}}, {}").notes
    assert "draws one" in parse("{{a|b}}").notes[0]


def test_syntax_of_others_is_named_as_text():
    notes = " ".join(parse("[a] <lora:x:1> BREAK").notes)
    assert "[ ]" in notes and "<lora" in notes and "BREAK" in notes


def test_a_written_prompt_reads_as_meant():
    runs = [Run("a\\"), Run("cat (big)", 1.2), Run(" {x}"), Run("dog", 0.5)]
    written = write(runs).text
    assert written == r"a\ (cat \(big\):1.2) \{x\}(dog:0.5)"
    assert read(written) == [("a\\ ", 1), ("cat (big)", 1.2), (" {x}", 1), ("dog", 0.5)]
    assert escape("(a)") == r"\(a\)"


def test_what_has_no_place_is_named():
    written = write([Run("see http://x"), Run("BREAK", kind="break"), Run("b")])
    assert written.text == "see http://x, b"
    assert len(written.lost) == 2


@pytest.mark.parametrize(
    ("prompt", "sent"),
    [
        ("a {cat|dog", "a cat"),
        ("a {cat", "a cat"),
        ("{a {b|c}|d", "a b"),
        ("a/* x *//* y */b", "ab"),
        ("a /* x", "a /* x"),
        ("a // x\nb", "a \nb"),
        ("a /* { */ b | c", "a  b | c"),
        (r"a \/* x */{b|c}", "a {b|c}"),
        ("a __pet__", "a __pet__"),
    ],
)
def test_the_window_draws_choices_and_strips_comments(prompt, sent):
    assert "".join(span.text for span in parse(prompt).spans) == sent
