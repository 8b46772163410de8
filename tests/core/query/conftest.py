"""Small vocabularies of other families than CLIP's."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from tokensim_gui.core.vocabulary.vocabulary import Vocabulary


@pytest.fixture
def wordpiece(tmp_path):
    pieces = ["[UNK]", "cat", "##s", "#", "s"]
    model = models.WordPiece({piece: id for id, piece in enumerate(pieces)}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", len(pieces))


@pytest.fixture
def unigram(tmp_path):
    """Words with a blank before them, and <unk> for characters without a piece, as T5 has them."""
    pieces = [
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("▁cat", -3.0),
        ("cat", -4.0),
        ("▁cute", -3.0),
        ("猫", -5.0),
        ("の", -5.0),
        ("▁の", -6.0),
    ]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return Vocabulary.build(tmp_path / "tokenizer.json", len(pieces))
