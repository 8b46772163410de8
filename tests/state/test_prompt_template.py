"""Slots of a template are filled."""

from tests.state.prompt_bench import Bench
from tokensim_gui.core.values import Query, TokenFilter


def test_slots_are_filled_and_the_seed_repeats_them(bench: Bench) -> None:
    made = []
    for _ in range(2):
        bench.prompt.template.fill("a #emoji# cat", 5, 7, TokenFilter(), "a1111")
        mutations = bench.wait(bench.prompt.template.changed, object)
        made.append([mutation.prompt for mutation in mutations.prompts])
    assert made[0] == made[1] and len(set(made[0])) == 5


def test_a_near_slot_needs_an_open_encoder_and_then_draws_neighbours(bench: Bench) -> None:
    bench.prompt.template.fill("a #near:cute# cat", 5, 7, TokenFilter(), "a1111")
    assert "open an encoder" in bench.wait(bench.prompt.template.changed, str)
    bench.open_table()
    bench.prompt.template.fill("a #near:cute# cat", 30, 7, TokenFilter(), "a1111")
    made = bench.wait(bench.prompt.template.changed, object)
    assert any("adorable" in mutation.prompt for mutation in made.prompts)


def test_a_near_slot_draws_few_prompts_from_the_nearest_alone(bench: Bench) -> None:
    bench.open_table()
    vocabulary, opened = bench.session.tables.vocabulary, bench.session.tables.front
    assert opened is not None
    nearest = opened.engine.search(Query("cute", count=40, map_count=0)).ids.tolist()
    words = {vocabulary.display(token) for token in nearest}
    bench.prompt.template.fill("#near:cute#", 20, 7, TokenFilter(), "a1111")
    made = bench.wait(bench.prompt.template.changed, object)
    assert {mutation.prompt for mutation in made.prompts} <= words


def test_a_template_without_a_slot_is_one_sentence(bench: Bench) -> None:
    bench.prompt.template.fill("a cat", 5, 7, TokenFilter(), "a1111")
    assert bench.wait(bench.prompt.template.changed, str).startswith("The template holds no")
