"""A prompt that is typed, read, selected and changed, with the real worker and tokenizer."""

from tests.state.prompt_bench import LONG_MS, Bench
from tokensim_gui.core.values import TokenFilter
from tokensim_gui.state.settings import Settings


def test_a_typed_prompt_is_read_with_places_in_code_points(bench: Bench) -> None:
    assert bench.read("😅 a (cat:1.3)") == ["😅", "a", "cat"]
    assert bench.prompt.reading is not None
    places = [(token.start, token.end) for token in bench.prompt.reading.prompt.tokens]
    assert places == [(0, 1), (2, 3), (5, 8)]


def test_nothing_is_read_for_a_page_that_is_not_seen(bench: Bench) -> None:
    bench.read("cat")
    bench.prompt.set_shown(False)
    with bench.qtbot.waitSignal(bench.prompt._soon.timeout, timeout=LONG_MS):
        bench.prompt.set_text("dog", "prompt")
    bench.prompt.template.fill(
        "#word#", 1, 1, TokenFilter(), "a1111"
    )  # passes through the same worker
    bench.wait(bench.prompt.template.changed, object)
    assert bench.prompt.reading is not None and bench.prompt.reading.text == "cat"
    bench.prompt.set_shown(True)
    assert bench.read() == ["dog"]


def test_prompt_and_negative_prompt_are_kept_apart(bench: Bench) -> None:
    bench.read("a cat")
    bench.prompt.set_side("negative")
    assert bench.read("blurry") == ["blurry"]
    bench.prompt.set_side("prompt")
    assert bench.read() == ["a", "cat"]


def test_both_prompts_are_remembered(bench: Bench) -> None:
    bench.prompt.set_text("a cat", "prompt")
    bench.prompt.set_text("blurry", "negative")
    bench.session.close()
    assert (Settings().last_prompt, Settings().last_negative) == ("a cat", "blurry")


def test_model_and_program_decide_what_is_cut_off(bench: Bench) -> None:
    bench.settings.set("write_for", "compel")
    bench.read("cat " * 300)
    assert bench.prompt.reading is not None
    assert len(bench.prompt.reading.prompt.chunks) == 4
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.set_model("schnell")
    assert bench.prompt.reading.prompt.over == 45
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.set_written_for("comfyui")
    assert bench.prompt.reading.prompt.over == 0  # it cuts nothing


def test_a_text_that_is_no_prompt_is_refused_in_a_sentence(bench: Bench) -> None:
    with bench.qtbot.waitSignal(
        bench.prompt.problemChanged, timeout=LONG_MS, check_params_cb=bool
    ) as problem:
        bench.prompt.set_text("a" * 100_001, "prompt")
    assert problem.args == ["This text has 100,001 characters; a prompt ends at 100,000."]


def test_a_word_stays_selected_when_another_interface_reads_the_prompt(bench: Bench) -> None:
    names = bench.read("a [red:blue:0.5] cat on a mat")
    bench.prompt.select(names.index("cat"))
    assert bench.session.tables.vocabulary.display(bench.prompt.token().id) == "cat"
    before = bench.prompt.selection
    bench.settings.set("write_for", "comfyui")
    with bench.qtbot.waitSignal(bench.prompt.readingChanged, timeout=LONG_MS):
        bench.prompt.read()
    assert bench.prompt.selection != before
    assert bench.session.tables.vocabulary.display(bench.prompt.token().id) == "cat"


def test_a_selected_word_has_neighbours_that_are_usable_words(bench: Bench) -> None:
    bench.open_table()
    bench.read("a cat")
    near = bench.select("cat")
    names = [bench.session.tables.vocabulary.display(token) for token in near]
    assert "kitten" in names and "cat" not in names
    assert bench.session.search.selection == bench.session.tables.vocabulary.id_of_piece("cat</w>")


def test_a_neighbour_takes_the_place_of_the_token_and_no_other(bench: Bench) -> None:
    bench.open_table()
    bench.read("😅 (cat:1.2), cat")
    bench.select("cat")
    kitten = bench.session.tables.vocabulary.id_of_piece("kitten</w>")
    assert kitten is not None
    bench.prompt.replace(kitten)
    assert bench.prompt.text == "😅 (kitten:1.2), cat"
    assert bench.read() == ["😅", "kitten", ",", "cat"]
    assert bench.prompt.selection == 1


def test_a_token_that_becomes_another_one_in_its_new_place_is_told(bench: Bench) -> None:
    bench.open_table()
    bench.read("banananana")
    bench.select("ban")
    cat = bench.session.tables.vocabulary.id_of_piece("cat</w>")
    assert cat is not None
    bench.prompt.replace(cat)
    bench.read()
    assert bench.notices[-1].text.startswith("In this place “cat” is read as ")


def test_what_an_interface_reads_as_syntax_is_escaped_when_it_is_put_in(bench: Bench) -> None:
    bench.open_table()
    bench.read("a cat")
    bench.select("cat")
    smiley = bench.session.tables.vocabulary.id_of_piece(":)</w>")
    assert smiley is not None
    bench.prompt.replace(smiley)
    assert bench.prompt.text == r"a :\)"
    assert bench.read() == ["a", ":)"]


def test_the_selection_moves_to_the_last_token_when_the_prompt_gets_shorter(bench: Bench) -> None:
    bench.read("a cute cat")
    bench.prompt.select(2)
    bench.read("a")
    assert bench.prompt.selection == 0
    bench.read("")
    assert bench.prompt.selection is None


def test_underscores_that_cost_tokens_become_spaces(bench: Bench) -> None:
    bench.read("(long_hair:1.2), blue_eyes, ^_^")
    assert bench.prompt.reading is not None
    assert bench.prompt.reading.underscored[0] == ("long_hair", 3, 2)
    bench.prompt.spaces_for_underscores()
    assert bench.prompt.text == "(long hair:1.2), blue eyes, ^_^"


def test_names_of_networks_and_wildcards_keep_their_underscores(bench: Bench) -> None:
    bench.read("<lora:long_hair:1> __long_hair__ very_long_hair (long_hair:1.2)")
    bench.prompt.spaces_for_underscores()
    assert bench.prompt.text == "<lora:long_hair:1> __long_hair__ very long hair (long hair:1.2)"
