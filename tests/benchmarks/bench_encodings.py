"""How long encoding prompts takes, beside a plain loop over transformers' own model.

A model of CLIP-L's size with random weights takes as long as the real one. `rows` returns what a
report shows.
"""

import tempfile
import threading
import time
from pathlib import Path

import torch
import transformers
from bench_search import take_turns
from report import row
from safetensors.torch import save_file

from tokensim_gui.core import paths
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.text_encoders.encoder_files import open_encoder

COUNT, BATCH = 64, 8
WORDS = "a photo of cute girl with long hair standing in the rain, city street at night".split()


def prompts():
    """64 prompts of 3 to 34 words."""
    return [" ".join((WORDS * 5)[: 3 + number // 2]) for number in range(COUNT)]


def opened(folder):
    """Return CLIP-L's shape as TokenSim opens it, as transformers opens it, and its tokenizer."""
    config = transformers.CLIPTextConfig(
        vocab_size=49_408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
        num_attention_heads=12, bos_token_id=49_406, eos_token_id=49_407,
    )  # fmt: skip
    model = transformers.CLIPTextModel(config).eval()
    state = {f"text_model.{name}": value for name, value in model.state_dict().items()}
    save_file(state, folder / "clip_l.safetensors")
    start = time.perf_counter()
    encoder = open_encoder(folder / "clip_l.safetensors")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(paths.resource("starter/tokenizer.json")), pad_token="<|endoftext|>"
    )
    return encoder, model, tokenizer, 1e3 * (time.perf_counter() - start)


def longest_wait(action):
    """Return for how long, at worst, a thread waited for its turn while ``action`` ran, in ms."""
    thread = threading.Thread(target=action)
    longest, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)  # gives its turn away: what is measured is when it gets it back
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return 1e3 * longest


def stop_ms(encoder):
    """Return how long it takes from a cancellation in the middle of a batch to its end, in ms."""
    job = Job()
    cancelled = []

    def cancel():
        cancelled.append(time.perf_counter())
        job.cancel()

    timer = threading.Timer(0.3, cancel)
    timer.start()
    try:
        encoder.encode([text * 20 for text in prompts()], job=job)
    except JobCancelled:
        return 1e3 * (time.perf_counter() - cancelled[0])
    raise AssertionError("encoding ended before it was cancelled")


def rows():
    """Return all lines of the report."""
    with tempfile.TemporaryDirectory() as folder:
        encoder, model, tokenizer, opening = opened(Path(folder))
    texts = prompts()

    @torch.inference_mode()
    def plain_loop(number):
        for first in range(0, COUNT, BATCH):
            inputs = tokenizer(
                texts[first : first + BATCH], padding=True, truncation=True, max_length=77,
                return_tensors="pt",
            )  # fmt: skip
            model(input_ids=inputs.input_ids, attention_mask=inputs.attention_mask)

    ms = take_turns(3, ours=lambda number: encoder.encode(texts), loop=plain_loop)
    return [
        row("open CLIP-L, fp32", opening),
        row(f"encode {COUNT} prompts", ms["ours"], "plain transformers loop", ms["loop"], 1.05),
        row(
            "longest wait of the window while prompts are encoded",
            longest_wait(lambda: encoder.encode(texts)),
            bound=33,
        ),
        row("cancel encoding", stop_ms(encoder), bound=1000),
    ]
