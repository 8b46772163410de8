import json

from tokensim_gui.core.prompt.conversion import convert
from tokensim_gui.core.prompt.mutations import mutate
from tokensim_gui.core.report.prompt_report import convert_json, mutations_json, prompt_json


def test_a_prompt_as_data_holds_tokens_chunks_weights_and_what_is_not_sent(clip):
    answer = json.loads(json.dumps(prompt_json("a (😅:1.5) <lora:x:1>", clip)))
    assert answer["count"] == 2 and answer["over"] == 0 and answer["limit"] == 77
    assert answer["tokens"][1] == {
        **{"id": 9188, "piece": "ðŁĺħ</w>", "text": "😅", "start": 3, "end": 4, "weight": 1.5},
        **{"chunk": 0, "word": 1, "repeated": False, "odd": False},
    }
    assert answer["chunks"] == [{"first": 0, "last": 2, "padding": 73, "end": "end"}]
    assert answer["unsent"] == [{"kind": "network", "start": 10, "end": 20, "text": "<lora:x:1>"}]
    row = next(row for row in answer["weights"] if row["text"] == "😅")
    assert (row["a1111"], row["comfyui"], row["compel"], row["novelai"]) == (1.5, 1.5, 1, 1)


def test_conversions_and_mutations_as_data(clip):
    converted = convert("((cat)) <lora:x:1>", "a1111", "comfyui")
    assert convert_json(converted, "a1111", "comfyui") == {
        "from": "a1111",
        "to": "comfyui",
        "prompt": "(cat:1.21) ",
        "lost": ["The network tag “<lora:x:1>” is left out."],
    }
    answer = mutations_json(mutate("a #emoji#", clip, 2, 1), clip)
    assert len(answer["prompts"]) == 2 and answer["notes"] == []
    drawn = answer["prompts"][0]["drawn"][0]
    assert drawn["slot"] == "#emoji#" and drawn["id"] == drawn["token"]
