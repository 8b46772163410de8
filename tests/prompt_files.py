"""Files that the Prompt page reads: a picture with metadata, and a small text encoder."""

import shutil
import struct
import zlib
from pathlib import Path

from tokensim_gui.core import paths


def png(path: Path, key: str, text: str) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"tEXt", key.encode() + b"\0" + text.encode("latin-1"))
        + chunk(b"IEND", b"")
    )
    return path


def save_clip(folder: Path) -> Path:
    """A small CLIP text model with random weights, as transformers saves it."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=1,
        projection_dim=64,
        bos_token_id=49406,
        eos_token_id=49407,
    )
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    shutil.copy(paths.resource("starter") / "tokenizer.json", folder)
    return folder
