"""``tokensim encode``: how alike prompts are to a whole text encoder."""

import argparse
from typing import Any

from tokensim_gui.core.text_encoders.encoder_files import open_encoder
from tokensim_gui.core.text_encoders.likeness import compare, compare_tokens
from tokensim_gui.core.text_encoders.text_encoder import POOLED


def encode(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Print how alike each pair of prompts is, or return it as data for ``--json``.

    Raises:
        TokenSimError: There is no text encoder at the path, or it can't encode a prompt.
    """
    encoder = open_encoder(arguments.model, arguments.encoder)
    encodings = encoder.encode(arguments.compare, arguments.clip_skip)
    pooled, by_token = compare(encodings), compare_tokens(encodings)
    if arguments.json:
        return {
            "encoder": encoder.name,
            "pooled": POOLED[encoder.pooling],
            "dim": encoder.dim,
            "clip_skip": encodings.clip_skip,
            "prompts": [
                {"text": text, "tokens": int(mask.sum()), "chunks": chunks}
                for text, mask, chunks in zip(
                    encodings.prompts, encodings.mask, encodings.windows, strict=True
                )
            ],
            "similarity": pooled.tolist(),
            "token_similarity": by_token.tolist(),
        }
    for row, first in enumerate(encodings.prompts):
        for column, second in enumerate(encodings.prompts[:row]):
            print(f"{pooled[row, column]:8.2%}  {second}  ↔  {first}")
    return None
