import pytest

from tests.core.prompt.weighed import weighed
from tokensim_gui.core.prompt.a1111 import escape, parse, write
from tokensim_gui.core.prompt.conversion import convert
from tokensim_gui.core.prompt.parsed_prompt import Run


def read(prompt):
    return weighed(parse(prompt))


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("plain text", [("plain text", 1)]),
        ("an (important) word", [("an ", 1), ("important", 1.1), (" word", 1)]),
        ("((cat))", [("cat", 1.21)]),
        ("(((cat)))", [("cat", 1.331)]),
        ("[cat]", [("cat", 0.9091)]),
        ("[[cat]]", [("cat", 0.8264)]),
        ("([cat])", [("cat", 1)]),
        ("(cat:1.5)", [("cat", 1.5)]),
        ("((cat:1.5))", [("cat", 1.65)]),
        ("((cat:1.5):2)", [("cat", 3)]),
        ("(a (b:2) c:0.5)", [("a ", 0.5), ("b", 1), (" c", 0.5)]),
        ("(cat: 1.5 )", [("cat", 1.5)]),
        ("(cat:-1)", [("cat", -1)]),
        ("(cat:0)", [("cat", 0)]),
        ("(cat:.5)", [("cat", 0.5)]),
        ("(un)(der)", [("under", 1.1)]),
        ("un(der)", [("un", 1), ("der", 1.1)]),
        ("[cat:1.5]", []),  # prompt editing: a cat from step 1 on
        ("a:b", [("a:b", 1)]),
        ("(a:b:1.2)", [("a:b", 1.2)]),
        ("(16:9)", [("16", 9)]),
    ],
)
def test_nesting_multiplies(prompt, pieces):
    assert read(prompt) == pieces


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("(open", [("open", 1.1)]),
        ("((open", [("open", 1.21)]),
        ("a [open", [("a ", 1), ("open", 0.9091)]),
        ("closed)", [("closed)", 1)]),
        ("closed]", [("closed]", 1)]),
        ("closed:1.2)", [("closed:1.2)", 1)]),
        ("(a [b) c]", [("a ", 1.1), ("b", 1), (" c", 0.9091)]),
        (")(", [(")", 1)]),
    ],
)
def test_unbalanced_brackets_count_to_the_end_or_are_text(prompt, pieces):
    assert read(prompt) == pieces


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        (r"\(cat\)", "(cat)"),
        (r"\[cat\]", "[cat]"),
        (r"a\\b", r"a\b"),
        (r"a\b", "ab"),
        ("a\\", "a"),
    ],
)
def test_a_backslash_makes_a_bracket_text_and_vanishes(prompt, text):
    assert read(prompt) == [(text, 1)]


def test_a_number_that_is_none_is_text_and_is_named():
    parsed = parse("(cat:1.2.3)")
    assert [span.text for span in parsed.spans] == ["cat", ":1.2.3)"]
    assert "“:1.2.3)” is not a number: A1111 stops with an error." in parsed.notes


def test_break_ends_a_chunk_and_takes_the_white_space_round_it():
    spans = parse("a cat  BREAK \n a dog").spans
    assert [(span.text, span.kind) for span in spans] == [
        ("a cat", "text"),
        ("BREAK", "break"),
        ("a dog", "text"),
    ]
    assert read("unBREAKable") == [("unBREAKable", 1)]


def test_break_inside_of_brackets_is_a_word_as_in_a1111():
    parsed = parse("(a BREAK b)")
    assert [(s.text, round(s.weight, 3), s.kind) for s in parsed.spans] == [
        ("a", 1.1, "text"),
        ("BREAK", -1.1, "text"),
        ("b", 1.1, "text"),
    ]
    assert parsed.notes == ("BREAK inside of brackets is sent as a word.",)


def test_and_parts_prompts_that_have_weights_of_their_own():
    parsed = parse("a cat :1.5 AND a dog:0.5")
    assert [(span.text, span.kind) for span in parsed.spans] == [
        ("a cat", "text"),
        ("AND", "and"),
        (" a dog", "text"),
    ]
    assert [mark.kind for mark in parsed.unsent] == ["prompt weight"] * 2
    assert read("SAND") == [("SAND", 1)]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("a [cat:dog:0.5] x", "a cat x"),
        ("a [cat:dog:0] x", "a dog x"),
        ("a [cat:10] x", "a  x"),
        ("a [cat::10] x", "a cat x"),
        ("a [cat|dog|cow] x", "a cat x"),
        ("a [b:[c:d:2]:1] e", "a b e"),
        (r"\[a:b:3\]", "[a:b:3]"),
    ],
)
def test_prompt_editing_stands_at_the_first_step(prompt, text):
    assert read(prompt) == [(text, 1)]
    assert any("first step" in note for note in parse(prompt).notes) == ("\\" not in prompt)


@pytest.mark.parametrize(
    ("prompt", "steps", "words"),
    [
        ("[cat:dog:0.5]", 20, "Up to step 10 of 20 “cat”, then “dog”."),
        ("[cat:dog:0.5]", 31, "Up to step 15 of 31 “cat”, then “dog”."),
        ("[cat:dog:7]", 31, "Up to step 7 of 31 “cat”, then “dog”."),
        ("[cat:dog:0.04]", 20, "From the first step on “dog”, never “cat”."),
        ("[cat:dog:0.04]", 30, "Up to step 1 of 30 “cat”, then “dog”."),
        ("[cat:dog:40]", 30, "For all 30 steps “cat”, never “dog”."),
        ("[cat::0.5]", 20, "Up to step 10 of 20 “cat”, then nothing."),
        ("[dog:0.5]", 20, "Up to step 10 of 20 nothing, then “dog”."),
        ("[dog:0]", 20, "From the first step on “dog”."),
        ("[cat|dog| ]", 20, "“cat”, “dog” and nothing take turns, step by step."),
    ],
)
def test_prompt_editing_is_told_step_by_step(prompt, steps, words):
    (schedule,) = parse(f"a <lora:x:1> {prompt} b", steps=steps).schedules
    assert (schedule.words, schedule.start, schedule.end) == (words, 13, 13 + len(prompt))


def test_prompt_editing_within_another_is_told_after_it():
    words = [schedule.words for schedule in parse("[in [red:blue:2]:out:0.9]").schedules]
    assert words == [
        "Up to step 18 of 20 “in [red:blue:2]”, then “out”.",
        "Up to step 2 of 20 “red”, then “blue”.",
    ]


@pytest.mark.parametrize(("steps", "written"), [(20, "a dog"), (30, "a cat")])
def test_a_conversion_writes_the_first_step_of_as_many_as_there_are(steps, written):
    assert convert("a [cat:dog:0.04]", "a1111", "comfyui", steps).text == written


@pytest.mark.parametrize(
    ("prompt", "edited"),
    [("((a][:b:c [d:3]", ["[d:3]"]), ("[a (b] c:d:0.5]", []), ("[a:b] [c::9]", ["[", "::9]"])],
)
def test_stray_brackets_are_no_prompt_editing(prompt, edited):
    assert [prompt[mark.start : mark.end] for mark in parse(prompt).unsent] == edited


@pytest.mark.parametrize("behind", ["\\", "x\\\\\\", "\\\nx", "\\  "])
def test_a_backslash_that_escapes_nothing_ends_prompt_editing_altogether(behind):
    assert parse(f"[cat:dog:0.5] {behind}").unsent == ()
    assert parse("[cat:dog:0.5] \\\\").unsent != ()


def test_a_bar_outside_of_square_brackets_ends_prompt_editing_altogether():
    assert parse("a | b [c:d:0.5]").unsent == ()


@pytest.mark.parametrize(
    ("prompt", "text", "kinds"),
    [
        ("a <lora:x_y:0.8>cat", "a cat", ["network"]),
        ("a <lyco:x>, <hypernet:h:1>", "a , ", ["network", "network"]),
        ("a <b> c", "a <b> c", []),
        ("# quality\na cat # mine", "\na cat ", ["comment", "comment"]),
        ("a __animals/cat__ b", "a  b", ["wildcard"]),
        ("a {cat|dog} b", "a cat b", ["choice", "choice"]),
        ("a {x{cat|cow}|dog} b", "a xcat b", ["choice"] * 4),
        ("a {cat} b", "a {cat} b", []),
        ("// a", "// a", []),
    ],
)
def test_what_is_not_sent_is_marked(prompt, text, kinds):
    parsed = parse(prompt)
    assert "".join(span.text for span in parsed.spans) == text
    assert [mark.kind for mark in parsed.unsent] == kinds


def test_written_weights_are_explicit_and_short():
    runs = [Run("a "), Run(" cat ", 1.23456), Run("dog", 1.0004), Run(" b", 2.0), Run("c", -0.5)]
    assert write(runs).text == "a  (cat:1.235) dog (b:2)(c:-0.5)"


def test_what_a1111_would_obey_is_disarmed_or_named():
    assert escape(r"a (b) [c] \d") == r"a \(b\) \[c\] \\d"
    written = write([Run("BREAK SAND AND #1 :2")])
    assert written.text == "Break SAND And #1 :2()"
    assert len(written.lost) == 3
    assert parse(written.text).spans[-1].text != "Break SAND And"


@pytest.mark.parametrize(
    "prompt", ["a cat:1.2 AND a dog:0.5", "a:2() AND b:3", "a AND b :.5", "x:2 __w__", "{a:2|b}"]
)
def test_the_weights_of_whole_prompts_are_written_as_they_were_read(prompt):
    written = convert(prompt, "a1111", "a1111")
    assert written.lost == ()
    assert marks_and_text(written.text) == marks_and_text(prompt)


def marks_and_text(prompt):
    parsed = parse(prompt)
    marks = [(mark.kind, prompt[mark.start : mark.end].strip()) for mark in parsed.unsent]
    return marks, "".join("".join(span.text for span in parsed.spans).split())


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("x :2")], "x :2()"),
        ([Run("x :2"), Run(" AND ", kind="and"), Run("y:3 ")], "x :2() AND y:3 ()"),
        ([Run("x :2 "), Run("__w__", raw=True)], "x :2 ()__w__"),
        ([Run("x"), Run(":2", raw=True)], "x:2"),
    ],
)
def test_a_text_that_ends_like_a_weight_stays_text(runs, text):
    written = write(runs).text
    assert written == text
    sent = "".join(span.text for span in parse(written).spans)
    assert sent.split() == "".join(run.text for run in runs if not run.raw).split()


@pytest.mark.parametrize(
    ("prompt", "steps", "sent"),
    [
        ("[cat:dog:0.01]", 20, "dog"),
        ("[cat:dog:0.01]", 100, "cat"),
        ("[cat:dog:0.05]", 20, "cat"),
        ("[cat:dog:1]", 20, "cat"),
        ("[cat:dog:0]", 20, "dog"),
        ("[cat::0.01]", 20, ""),
        ("[cat:0.01]", 20, "cat"),
    ],
)
def test_prompt_editing_depends_on_the_number_of_steps(prompt, steps, sent):
    assert "".join(span.text for span in parse(prompt, steps=steps).spans) == sent
