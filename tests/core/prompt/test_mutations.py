import numpy as np
import pytest

from tokensim_gui.core.errors import QueryError, TokenSimError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.prompt.mutations import mutate
from tokensim_gui.core.prompt.prompt_tokens import tokenize_prompt
from tokensim_gui.core.values import KINDS, TokenFilter
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS


@pytest.mark.parametrize(
    "template",
    [
        "photo of a #prefix#banana",
        "a #word# and a #emoji#",
        "a (#word#:1.2) [#emoji#]",
        "super#suffix#",
        "#part#ing",
        "#word##emoji#",
    ],
)
def test_every_token_drawn_stands_alone_in_its_slot(clip, template):
    made = mutate(template, clip, 20, 7, interface="a1111")
    assert len({mutation.prompt for mutation in made.prompts}) == 20
    assert made.notes == ()
    for mutation in made.prompts:
        tokens = tokenize_prompt(mutation.prompt, clip, "a1111").tokens
        for drawn in mutation.drawn:
            inside = [t.id for t in tokens if t.start < drawn.end and t.end > drawn.start]
            assert inside == [drawn.id] == [drawn.came_out]


def test_the_seed_decides(clip):
    def prompts(seed):
        return [m.prompt for m in mutate("#word# #word#", clip, 5, seed).prompts]

    assert prompts(7) == prompts(7) != prompts(8)


def test_slots_draw_from_their_kind(clip):
    made = mutate("#emoji# #prefix#banana #word#", clip, 30, 1)
    emoji, prefixes, words = zip(*(m.drawn for m in made.prompts), strict=True)
    assert {SCRIPTS[clip.scripts[d.id]] for d in emoji} == {"Emoji"}
    assert {KINDS[clip.kinds[d.id]] for d in prefixes} == {"part"}
    assert {KINDS[clip.kinds[d.id]] for d in words} == {"word"}


def test_a_filter_narrows_the_draw(clip):
    kept = TokenFilter(text="#2000..#2400", scripts=("Latin",))
    made = mutate("a #word#", clip, 10, 3, token_filter=kept)
    assert all(2000 <= m.drawn[0].id <= 2400 for m in made.prompts)


def test_before_a_hyphen_a_prefix_becomes_a_word_token_and_says_so(clip):
    made = mutate("photo of a #prefix#-banana", clip, 5, 7)
    drawn = made.prompts[0].drawn[0]
    text = clip.text(drawn.id)
    assert KINDS[clip.kinds[drawn.id]] == "part"
    assert KINDS[clip.kinds[drawn.came_out]] == "word"
    assert clip.text(drawn.came_out) == text
    assert made.notes == (
        f"Before a hyphen “{text}” is the word token #{drawn.came_out}, not the prefix "
        f"#{drawn.id}. For true prefixes write #prefix#banana.",
    )
    assert made.better_template == "photo of a #prefix#banana"


def test_at_the_end_a_prefix_is_no_prefix_either(clip):
    made = mutate("a #prefix#", clip, 3, 7)
    assert made.notes[0].startswith("At the end “")
    assert made.better_template is None


def test_neighbours_of_a_query_are_drawn(clip):
    asked = []

    def near(query):
        asked.append(query)
        return (2242, 1611, 49406)  # cute, girl and a special

    made = mutate("a #near:cute + girl#", clip, 5, 7, neighbours=near)
    assert asked == ["cute + girl"]
    assert sorted(m.prompt for m in made.prompts) == ["a cute", "a girl"]
    assert made.notes == (
        "Only 2 different prompts are possible with these slots and this filter.",
    )


def test_a_place_where_no_token_survives_ends_soon(clip):
    made = mutate("#word#banana", clip, 5, 7, token_filter=TokenFilter(scripts=("Latin",)))
    assert made.prompts == ()
    assert "few tokens survive" in made.notes[0]


@pytest.mark.parametrize(
    ("template", "kept", "sentence"),
    [
        ("a cat", TokenFilter(), "The template holds no slot"),
        ("#nearr:cute#", TokenFilter(), "“#nearr:cute#” is no slot."),
        ("#word# #wrod#", TokenFilter(), "“#wrod#” is no slot."),
        ("#near:#", TokenFilter(), "“#near:#” needs a word."),
        ("#prefix", TokenFilter(), "The slot at character 1 is never closed."),
        ("#word# #near:cute", TokenFilter(), "The slot at character 8 is never closed."),
        ("a #cat, #1", TokenFilter(), "The template holds no slot"),
        ("#emoji#", TokenFilter(scripts=("Latin",)), "No token for “#emoji#” passes the filter"),
        ("#near:cute#", TokenFilter(), "“#near:cute#” needs token vectors"),
    ],
)
def test_mistakes_get_a_sentence(clip, template, kept, sentence):
    with pytest.raises(TokenSimError, match=sentence):
        mutate(template, clip, 3, 1, token_filter=kept)


def test_a_misspelt_slot_is_told_which_there_are(clip):
    with pytest.raises(TokenSimError, match="Slots are #word# #prefix# #suffix#"):
        mutate("#wrd#", clip, 3, 1)


def test_a_mistake_in_a_query_names_the_query_in_which_it_is_counted(clip):
    def near(_query):
        raise QueryError("The bracket at character 1 is never closed.", 0, 1)

    sentence = "^In “\\(cute”: The bracket at character 1 is never closed.$"
    with pytest.raises(TokenSimError, match=sentence):
        mutate("a photo of #near:(cute#", clip, 3, 1, neighbours=near)


def test_drawing_can_be_cancelled(clip):
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        mutate("#word#", clip, 3, 1, job=job)


def test_the_trap_holds_for_every_letter_prefix_of_clip(clip):
    parts = np.flatnonzero(clip.kinds == KINDS.index("part"))
    letters = [t for t in parts.tolist() if (clip.text(t) or "").isalpha()][:500]
    assert not any(clip.encode(f"{clip.text(t)}-banana")[0] == t for t in letters)
