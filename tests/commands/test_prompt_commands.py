"""Prompts on the command line, as a user or a script handles them."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import CommandLine
from tests.core.prompt.made_pictures import (
    INFOTEXT,
    NEGATIVE,
    PROMPT,
    exif,
    jpeg,
    user_comment,
)
from tokensim_gui.core.prompt.conversion import parse
from tokensim_gui.core.prompt.interfaces import WITH_WEIGHTS


def test_a_prompt_as_json_has_every_token_in_its_place(tokensim: CommandLine) -> None:
    done = tokensim("prompt", "a (😅 cat:1.5) <lora:x:1>", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    places = [said["prompt"][token["start"] : token["end"]] for token in said["tokens"]]
    assert places == ["a", "😅", "cat"]
    assert [token["weight"] for token in said["tokens"]] == [1, 1.5, 1.5]
    assert said["unsent"][0]["text"] == "<lora:x:1>"


def test_a_prompt_in_the_terminal_is_a_token_a_line_and_a_count(tokensim: CommandLine) -> None:
    lines = tokensim("prompt", "long_hair cat BREAK cat").stdout.splitlines()
    assert [line.split()[2] for line in lines[:-1]] == [
        *("long</w>", "_</w>", "hair</w>", "cat</w>", "cat</w>")
    ]
    assert lines[-2].split()[0] == "2" and lines[-2].endswith("repeated")
    assert lines[-1] == "5 tokens in 2 chunks"


def test_a_prompt_is_counted_against_the_model_that_is_asked_for(tokensim: CommandLine) -> None:
    said = json.loads(
        tokensim(
            "prompt", "cat " * 300, "--model", "schnell", "--interface", "compel", "--json"
        ).stdout
    )
    assert (said["count"], said["over"], said["limit"]) == (300, 45, 256)
    assert said["notes"][0].startswith("A guess: FLUX.1 schnell counts the tokens of T5, and these")


@pytest.mark.parametrize(("steps", "word"), [("20", "dog"), ("30", "cat")])
def test_prompt_editing_takes_fractions_of_the_steps_asked_for(
    tokensim: CommandLine, steps: str, word: str
) -> None:
    said = json.loads(tokensim("prompt", "[cat:dog:0.04]", "--steps", steps, "--json").stdout)
    assert [token["text"] for token in said["tokens"]] == [word]
    asked = ("convert", "--from", "a1111", "--to", "plain", "[cat:dog:0.04]", "--steps", steps)
    assert tokensim(*asked).stdout == f"{word}\n"


def test_convert_prints_the_prompt_alone_and_names_what_is_lost_on_stderr(
    tokensim: CommandLine,
) -> None:
    done = tokensim(
        *("convert", "--from", "a1111", "--to", "comfyui", "((cat)), [dog], tree <lora:x:1>")
    )
    assert done.returncode == 0
    assert done.stdout == "(cat:1.21), (dog:0.909), tree \n"
    assert done.stderr == "tokensim: The network tag “<lora:x:1>” is left out.\n"


@pytest.mark.parametrize("target", WITH_WEIGHTS)
def test_a_conversion_keeps_the_weights(tokensim: CommandLine, target: str) -> None:
    text = "a (red:1.21) cat, (dark:0.8) sky"
    done = tokensim("convert", "--from", "comfyui", "--to", target, text)

    def weights(prompt: str, interface: str) -> list[tuple[str, float]]:
        spans = parse(prompt, interface).spans
        return [
            (word, round(span.weight, 2)) for span in spans for word in span.text.split() if word
        ]

    assert weights(done.stdout, target) == weights(text, "comfyui")


def test_a_prompt_to_convert_may_begin_with_a_minus(tokensim: CommandLine) -> None:
    done = tokensim("convert", "--from", "compel", "--to", "a1111", "-cat")
    assert (done.returncode, done.stdout) == (0, "-cat\n")


def test_mutate_prints_different_prompts_and_the_same_for_the_same_seed(
    tokensim: CommandLine,
) -> None:
    first = tokensim("mutate", "a #emoji# of #prefix#banana", "-n", "20", "--seed", "7")
    lines = first.stdout.splitlines()
    assert len(lines) == len(set(lines)) == 20 and first.stderr == ""
    assert all(line.startswith("a ") and line.endswith("banana") for line in lines)
    assert tokensim("mutate", "a #emoji# of #prefix#banana", "-n", "20", "--seed", "7").stdout == (
        first.stdout
    )
    assert tokensim("mutate", "a #emoji#", "-n", "5", "--seed", "8").stdout != (
        tokensim("mutate", "a #emoji#", "-n", "5", "--seed", "7").stdout
    )


def test_mutate_draws_neighbours_of_a_query(tokensim: CommandLine) -> None:
    done = tokensim("mutate", "a #near:cute# cat", "-n", "30", "--seed", "2")
    assert done.returncode == 0, done.stderr
    assert {"adorable", "cutest"} & {line.split()[1] for line in done.stdout.splitlines()}


def test_a_prefix_before_a_hyphen_is_explained(tokensim: CommandLine) -> None:
    done = tokensim("mutate", "photo of a #prefix#-banana", "-n", "3")
    assert "For true prefixes write #prefix#banana." in done.stderr


def test_the_prompts_of_a_picture_as_json(tokensim: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    picture.write_bytes(jpeg(exif(user_comment(INFOTEXT))))
    done = tokensim("prompt", "--file", str(picture), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert list(said) == ["source", "interface", "prompts", "negatives", "settings"]
    assert (said["source"], said["interface"]) == ("A1111", "a1111")
    assert (said["prompts"], said["negatives"]) == ([PROMPT], [NEGATIVE])
    assert said["settings"]["Sampler"] == "Euler a"
    lines = tokensim("prompt", "--file", str(picture)).stdout
    assert lines.startswith(f"{PROMPT}\nNegative prompt: {NEGATIVE}\nSteps: 20\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["prompt", "--file", "nosuch.png"],
        ["prompt", "text", "--file", "nosuch.png"],
        ["mutate", "no slot"],
        ["mutate", "#word#", "--filter", "/(/"],
        ["convert", "--from", "a1111", "text"],
        ["convert", "--from", "a1111", "--to", "other", "text"],
        ["prompt"],
        ["prompt", "x", "--model", "nosuch"],
        ["prompt", "x", "--table", "nosuch"],
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tokensim: CommandLine, arguments: list[str]) -> None:
    done = tokensim(*arguments)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert done.stderr.startswith("tokensim: ")
