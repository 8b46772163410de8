"""Encode prompts with a whole text encoder: one vector a token, and one pooled vector a prompt.

How the layers are skipped: a clip skip of k leaves the last k layers out, and the final layer
norm stays. This is `clip_skip=k` of diffusers for Stable Diffusion 1 and 2 (None there is 0), and
“Clip skip k + 1” of A1111, which counts from 1: its “Clip skip 2” is 1 here. SDXL is fed the
output of the last layer but one *without* the norm, which is none of these.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.job import Job
from tokensim_gui.core.text_encoders.encoder_layouts import Architecture
from tokensim_gui.core.text_encoders.likeness import Encodings, Tokens
from tokensim_gui.core.values import IntArray, frozen_array

if TYPE_CHECKING:
    from tokenizers import Tokenizer

POOLED: Final = {
    "end": "the vector of the end token",
    "projected": "the vector of the end token, brought into the space shared with pictures",
    "mean": "the mean over all tokens",
    "last": "the vector of the last token",
}
"""Which vector stands for a whole prompt. CLIP has been trained to sum it up in the end token;
T5 and BERT-like encoders have no such token; in a language model only the last token has seen all
of the prompt."""

_LIMIT = 512
"""Most tokens in a window of an encoder that would take more: what FLUX feeds T5."""


class TextEncoder:
    """A text encoder, its tokenizer and its device; used by one thread only.

    Attributes:
        name: What users call it.
        models: Image models that use it.
        layers: How many layers it has; clip skip must be less.
        limit: How many tokens of a prompt fit one window, special tokens not counted.
        dim: Numbers in a pooled vector.
        pooling: A key of `POOLED`.
    """

    def __init__(
        self,
        name: str,
        architecture: Architecture,
        model: Any,  # noqa: ANN401  (of transformers, whose types can't be checked)
        tokenizer: "Tokenizer",
        models: tuple[str, ...] = (),
    ) -> None:
        """Take what `encoder_files.open_encoder` has read."""
        self.name = name
        self.models = models
        self._model = model
        self._tokenizer = tokenizer
        self._is_clip = architecture == "clip"
        projection: Any = getattr(model, "text_projection", None)
        self._projection: nn.Module | None = projection
        self._body: nn.Module = model if projection is None else model.text_model
        self._blocks = _blocks(self._body)
        self._gate = _Gate(model)
        self._before, self._after = _specials(architecture, tokenizer)
        shape = model.config.get_text_config()
        longest = min(int(getattr(shape, "max_position_embeddings", _LIMIT)), _LIMIT)
        self.layers = len(self._blocks)
        self.limit = max(1, longest - len(self._before) - len(self._after))
        self.dim = int(shape.hidden_size if self._projection is None else shape.projection_dim)
        self.pooling = self._pooling(architecture)

    @property
    def device(self) -> str:
        """Where it computes: ``CPU`` or the name of the accelerator."""
        device = self._model.device
        return "CPU" if device.type == "cpu" else torch.cuda.get_device_name(device)

    def linears(self) -> dict[str, nn.Linear]:
        """What a LoRA can change, by the names that transformers gives."""
        named = self._body.named_modules()
        return {name: module for name, module in named if isinstance(module, nn.Linear)}

    def encode(
        self,
        prompts: Sequence[str],
        clip_skip: int = 0,
        batch: int = 8,
        job: Job | None = None,
    ) -> Encodings:
        """Encode prompts, of any length: what does not fit one window fills several.

        Args:
            prompts: The texts, as they are; weights and brackets are not understood here.
            clip_skip: How many of the last layers to leave out.
            batch: Windows that are computed at once.
            job: Reports progress, and may be cancelled, between the steps of every layer.

        Raises:
            TokenSimError: The clip skip leaves no layer, the tokenizer can't split a prompt, or
                the weights give numbers that are not finite.
            JobCancelled: The job was cancelled.
        """
        cut = [(prompt, self.tokens(prompt)) for prompt in prompts]
        return self.encode_tokens(cut, clip_skip, job, batch)

    def tokens(self, prompt: str) -> Tokens:
        """Cut a prompt into windows of at most `limit` tokens, 75 for CLIP, as interfaces do.

        Raises:
            TokenSimError: The tokenizer can't split it, or it has no token at all.
        """
        # Half of a surrogate pair, as some editors deliver it, is no text to a tokenizer.
        whole = prompt.encode("utf-8", "replace").decode("utf-8")
        try:
            split = self._tokenizer.encode(whole, add_special_tokens=False)
        except Exception as error:  # a plain one, as from a WordPiece without its unknown piece
            raise TokenSimError(f"The tokenizer of {self.name} can't split “{prompt}”.") from error
        ids = np.array(split.ids, np.int32)
        places = np.array(split.offsets, np.int32).reshape(-1, 2)
        before, after = (np.array(one, np.int32) for one in (self._before, self._after))
        if not len(ids) + len(before) + len(after):
            raise TokenSimError(f"{self.name} has no encoding of an empty prompt: type a word.")
        windows, spans = [], []
        for first in range(0, max(1, len(ids)), self.limit):
            part = slice(first, first + self.limit)
            windows.append(np.concatenate([before, ids[part], after]))
            around = ((len(before), len(after)), (0, 0))
            spans.append(np.pad(places[part], around, constant_values=-1))
        return Tokens(tuple(windows), tuple(spans))

    def encode_tokens(
        self,
        prompts: Sequence[tuple[str, Tokens]],
        clip_skip: int = 0,
        job: Job | None = None,
        batch: int = 8,
    ) -> Encodings:
        """Encode prompts that are cut already; see `encode`. Equal windows are computed once."""
        if not 0 <= clip_skip < self.layers:
            raise TokenSimError(
                f"{self.name} has {self.layers} layers: skip at most {self.layers - 1}."
            )
        cut = [tokens for _, tokens in prompts]
        distinct = {ids.tobytes(): ids for tokens in cut for ids in tokens.windows}
        made = self._windows(distinct, clip_skip, batch, job or Job())
        pooled = np.empty((len(cut), self.dim), np.float32)
        vectors, ids, spans, masks = [], [], [], []
        for row, tokens in enumerate(cut):
            windows = [made[window.tobytes()] for window in tokens.windows]
            lengths = [len(window) for window in tokens.windows]
            pooled[row] = np.average([one.pooled for one in windows], axis=0, weights=lengths)
            vectors.append(np.concatenate([one.vectors for one in windows]))
            ids.append(np.concatenate(tokens.windows))
            spans.append(np.concatenate(tokens.spans))
            masks.append(spans[-1][:, 0] >= 0)
        for array in (pooled, *vectors, *ids, *spans, *masks):
            frozen_array(array)
        return Encodings(
            prompts=tuple(prompt for prompt, _ in prompts),
            encoder=self.name,
            clip_skip=clip_skip,
            pooled=pooled,
            vectors=tuple(vectors),
            ids=tuple(ids),
            mask=tuple(masks),
            spans=tuple(spans),
            windows=tuple(len(tokens.windows) for tokens in cut),
        )

    def _windows(
        self, windows: Mapping[bytes, IntArray], clip_skip: int, batch: int, job: Job
    ) -> dict[bytes, "_Window"]:
        """Encode windows, the shortest first, so that little of a batch is padding."""
        order = sorted(windows, key=lambda name: len(windows[name]))
        made: dict[bytes, _Window] = {}
        self._gate.job = job
        with torch.inference_mode(), _without_last(self._blocks, clip_skip):
            for first in range(0, len(order), batch):
                job.progress(first, len(order), "Encoding prompts")
                names = order[first : first + batch]
                made.update(
                    zip(names, self._forward([windows[name] for name in names]), strict=True)
                )
        job.progress(len(order), len(order), "Encoding prompts")
        return made

    def _forward(self, windows: Sequence[IntArray]) -> list["_Window"]:
        lengths = [len(window) for window in windows]
        ids = torch.full((len(windows), max(lengths)), int(windows[0][-1]))
        mask = torch.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = torch.from_numpy(window.astype(np.int64))
            mask[row, : len(window)] = 1
        device = self._model.device
        # What follows does not change what CLIP makes of a token, so that it needs no mask.
        inputs = {} if self._is_clip else {"attention_mask": mask.to(device)}
        vectors = self._body(input_ids=ids.to(device), **inputs).last_hidden_state
        pooled = torch.stack(
            [self._pool(vectors[row, : len(window)], window) for row, window in enumerate(windows)]
        )
        if self._projection is not None:
            pooled = self._projection(pooled)
        if not (torch.isfinite(vectors[mask.bool()]).all() and torch.isfinite(pooled).all()):
            raise TokenSimError(
                f"{self.name} puts out numbers that are not finite: its file is damaged, or its "
                "values are too large for the format in which it is stored."
            )
        return [
            _Window(whole[:length], one)
            for whole, one, length in zip(
                vectors.float().cpu().numpy(), pooled.float().cpu().numpy(), lengths, strict=True
            )
        ]

    def _pool(self, vectors: torch.Tensor, window: IntArray) -> torch.Tensor:
        """Return the vector [dim] that stands for the rows ``vectors`` [t, dim] of a window."""
        if self.pooling == "mean":
            return vectors.mean(dim=0)
        if self.pooling == "last":
            return vectors[-1]
        # The first, as transformers takes, if a prompt has one within.
        return vectors[int(np.argmax(window == window[-1]))]

    def _pooling(self, architecture: Architecture) -> str:
        if architecture == "clip":
            return "end" if self._projection is None else "projected"
        if architecture == "other" and self._is_causal():
            return "last"
        return "mean"

    def _is_causal(self) -> bool:
        """Tell whether a token's vector is the same whatever follows it."""
        with torch.inference_mode():
            pairs = torch.tensor([[1, 2], [1, 3]], device=self._model.device)
            vectors = self._body(input_ids=pairs).last_hidden_state
        return bool(torch.equal(vectors[0, 0], vectors[1, 0]))


class _Window(NamedTuple):
    """Float32 vectors [t, dim] of the tokens of a window, and the one [dim] that sums it up."""

    vectors: NDArray[np.float32]
    pooled: NDArray[np.float32]


class _Gate:
    """Stops a computation on its way through the modules of a model once its job is cancelled."""

    def __init__(self, model: nn.Module) -> None:
        self.job = Job()
        for module in model.modules():
            if next(module.children(), None) is None:
                module.register_forward_pre_hook(self._pass)

    def _pass(self, module: nn.Module, inputs: object) -> None:
        self.job.check()


def _blocks(body: nn.Module) -> nn.ModuleList:
    """Return the layers of the part that reads text."""
    lists = [
        module
        for name, module in body.named_modules()
        if isinstance(module, nn.ModuleList) and "vis" not in name
    ]
    return max(lists, key=len)


@contextmanager
def _without_last(blocks: nn.ModuleList, count: int) -> Iterator[None]:
    """Take the last layers out of a model for a while, with whatever follows them kept."""
    kept = len(blocks) - count
    left_out = list(blocks[kept:])
    del blocks[kept:]
    try:
        yield
    finally:
        blocks.extend(left_out)


def _specials(architecture: Architecture, tokenizer: "Tokenizer") -> tuple[list[int], list[int]]:
    """Return the special tokens that an encoder wants before and after a prompt."""
    if architecture == "clip":
        return [_id(tokenizer, "<|startoftext|>")], [_id(tokenizer, "<|endoftext|>")]
    if architecture in ("t5", "umt5"):
        return [], [_id(tokenizer, "</s>")]
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    dressed = tokenizer.encode("a", add_special_tokens=True).ids
    extra = len(dressed) - len(bare)
    before = next((at for at in range(extra + 1) if dressed[at : at + len(bare)] == bare), extra)
    return dressed[:before], dressed[before + len(bare) :]


def _id(tokenizer: "Tokenizer", piece: str) -> int:
    token = tokenizer.token_to_id(piece)
    if token is None:
        raise FileError(f"The tokenizer has no “{piece}”, which this encoder needs.")
    return int(token)
