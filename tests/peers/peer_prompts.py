"""Prompts for the comparison with the interfaces: our own, and as many more as wanted."""

import random

from tokensim_gui.core.prompt.interfaces import Interface

PHRASES = (
    "a lighthouse keeper on a stormy cliff at dusk, volumetric light, long_hair, grey beard, "
    "1girl, solo, masterpiece, best quality, 8k uhd, film grain, post-apocalyptic city, "
    "35mm photograph, f/1.4, a cat's paw, don't move, red+blue, sci-fi, rock-n-roll, score_9, "
    "oil on canvas by someone, rule of thirds, wide angle, café, 猫, 😅, C++ code, 2-3 people, "
    ":d, ^_^, <3, half-closed eyes, t-shirt, state-of-the-art, 50% off, $5 bill, #1 fan, a & b, "
    "smile., river, blue sky; clouds, 16:9, time 12:30, e.g. this, v1.5, 3.5 mm, http://x.y/z, "
    "“quoted”, it's 'fine', (o_o), :)"
).split(", ")

WEIGHTED: dict[Interface, tuple[str, ...]] = {
    "a1111": (
        "({}:1.2)",
        "({}:0.8)",
        "({})",
        "(({}))",
        "[{}]",
        "[[{}]]",
        "({}: 1.3 )",
        "({}:.5)",
        r"{} \(series\)",
        "({}, ({}:1.1))",
        "[{}:{}:0.5]",
        "[{}:0.3]",
        "[{}::8]",
        "[{}|{}]",
        "[{}:{}:0.01]",
        "[{}:{}:3]",
        "{} BREAK {}",
        "{} AND {}",
        "{} AND {} :0.7",
        "<lora:x:0.7>",
        "# {}\n",
        "(({}:1.2) {}:0.9)",
        "({}",
        "{})",
        "[{}",
        "({}:1.2",
        r"\({}\)",
        "({}:-0.5)",
        "[({}:1.2):{}:0.25]",
        "[[{}:{}:2]:{}:10]",
        "[{}:{}:]",
        "({}:abc)",
        "{}:1.2",
    ),
    "comfyui": (
        "({}:1.2)",
        "({}:0.8)",
        "({})",
        "(({}))",
        "[{}]",
        "({}: 1.3 )",
        "({}:.5)",
        r"{} \(series\)",
        "({}, ({}:1.1))",
        "((({}) {}:1.4))",
        "{{{}|{}}}",
        "{{{}|{{{}|x}}}}",
        "{{{}|{}",
        "{{{}",
        "/* {} */",
        "// {}\n",
        "/* {} *//* {} */",
        "__{}__",
        "({}",
        "{})",
        "({}:1.2",
        r"\({}\)",
        r"\{{{}\}}",
        "({}:-0.5)",
        "({}:1e1)",
        "{} BREAK {}",
        "<lora:x:1>",
        "({{{}|{}}}:1.2)",
        "{{({}:1.2)|{}}}",
        "({}:abc)",
        "(({}:1.3)({}:1.4))",
        "{}|{}",
        "{}}}",
    ),
    "compel": (
        "({})1.2",
        "({})0.8",
        "({})++",
        "({})-",
        "({})+",
        "(({})1.2 {})0.9",
        '"{}"1.1',
        '"{}"++',
        r"{} \(series\)",
        "({}).attend(1.2)",
        "({}).attend(++)",
        "({}).swap({})",
        '({}).swap("{}")',
        '"{}".swap("{}")',
        "({}).swap(({})1.2)",
        "({}).swap({}, s_start=0.1)",
        "word++",
        "word--",
        "word+, {}",
        "({}, {})1.3",
        "({}",
        "{})",
        '"{}',
        r"\({}\)",
        "a + {}",
        "({} - {})1.2",
        "({}:1.2)",
        "[{}]",
        "withLora(x, 0.5)",
        "useLora(a_b)",
        "word.swap(other)",
        "({}).blend(1)",
        "(({})+)+",
        '("{}")1.2',
    ),
    "novelai": (),
    "plain": (),
}
WHOLE = ('("{}", "{}").blend(0.7, 0.3)', '("{}", "{}").and()', '("{}", "{}", "{}").and(1, 1, 0.5)')
SIGNS = {
    "a1111": r"()[]:|\,. <>#",
    "comfyui": r"()[]:{}|\,. /*",
    "compel": '()":+-\\,. =',
    "novelai": "",
    "plain": "",
}


def random_prompt(rng: random.Random, interface: Interface) -> str:
    """A prompt as people write them, and one in ten of mere syntax."""
    if rng.random() < 0.1:
        pieces = [*SIGNS[interface], "cat", "a b", "1.2", "BREAK", "AND"]
        made = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 25)))
        # behind a backslash at the very end ComfyUI's window writes the word “undefined”
        return made.rstrip("\\") if interface == "comfyui" else made

    def phrase() -> str:
        text = rng.choice(PHRASES)
        return text.replace("#", "") if interface == "a1111" and rng.random() < 0.9 else text

    if interface == "compel" and rng.random() < 0.05:
        form = rng.choice(WHOLE)
        return form.format(*(phrase().replace('"', "") for _ in range(form.count("{}"))))
    parts = []
    for _ in range(rng.randrange(1, 9)):
        if rng.random() < 0.35:
            form = rng.choice(WEIGHTED[interface])
            count = form.replace("{{", "").replace("}}", "").count("{}") + 3
            parts.append(form.format(*(phrase() for _ in range(count))))
        else:
            parts.append(phrase())
    return rng.choice((", ", ", ", ",", " ", ",\n")).join(parts)


def _own() -> tuple[str, ...]:
    rng = random.Random(2)
    made = []
    for number in range(150):
        interfaces: tuple[Interface, ...] = ("a1111", "comfyui", "compel")
        made.append(random_prompt(rng, interfaces[number % 3]))
    return tuple(made)


OWN = _own()
