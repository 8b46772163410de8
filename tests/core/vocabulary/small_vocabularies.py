"""Small tokenizers of each family, and what their vocabularies say of a token."""

from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram

from tokensim_gui.core.values import KINDS, TYPEABLES
from tokensim_gui.core.vocabulary.pieces import BYTE_TO_CHAR
from tokensim_gui.core.vocabulary.vocabulary import REASONS, Vocabulary


def kind(vocabulary, token):
    return KINDS[vocabulary.kinds[token]]


def typeable(vocabulary, token):
    return TYPEABLES[vocabulary.typeable[token]]


def reason(vocabulary, token):
    return REASONS[vocabulary.reasons[token]]


def described(vocabulary, piece):
    token = vocabulary.id_of_piece(piece)
    return kind(vocabulary, token), vocabulary.text(token), typeable(vocabulary, token)


def built(tmp_path, tokenizer, rows):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", rows)


def byte_bpe():
    pieces = list(BYTE_TO_CHAR)
    merges = [
        ("t", "h"),
        ("th", "e"),
        ("Ġ", "the"),
        ("q", "u"),
        ("Ġ", "Ġ"),
        ("i", "n"),
        ("in", "g"),
        ("l", "ing"),
    ]
    pieces += ["".join(pair) for pair in merges]
    tokenizer = Tokenizer(BPE({piece: place for place, piece in enumerate(pieces)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.add_tokens([AddedToken("<think>", special=False)])
    return tokenizer


def unigram():
    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("▁cat", -3.0),
        ("s", -3.5),
        ("ing", -4.0),
        ("▁Cat", -6.0),
        ("▁dog", -5.0),
        ("dog", -7.0),
        ("\n", -9.0),
    ]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", "<extra_id_0>"])
    return tokenizer


def gemma():
    pieces = [
        "<unk>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        "c",
        "a",
        "t",
        "ca",
        "cat",
        "▁cat",
        "▁▁",
        "<unused7>",
    ]
    merges = [("c", "a"), ("ca", "t"), ("▁", "cat"), ("▁", "▁")]
    model = BPE(
        {piece: place for place, piece in enumerate(pieces)},
        merges,
        unk_token="<unk>",
        byte_fallback=True,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.add_special_tokens(["<unk>"])
    return tokenizer
