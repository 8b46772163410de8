"""Token tables in repositories of the Hugging Face Hub: found and fetched by byte ranges alone."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from tokensim_gui.core.checkpoints import checkpoint_layouts, own_names, tokenizer_sources
from tokensim_gui.core.checkpoints.detect import Candidate
from tokensim_gui.core.checkpoints.entries import Stamp, TensorEntry, stamp_of
from tokensim_gui.core.checkpoints.tokenizer_sources import Form, TokenizerSource
from tokensim_gui.core.errors import FileError, NetworkError, TokenSimError
from tokensim_gui.core.files import atomic
from tokensim_gui.core.files.safetensors_format import header_length, parse_header
from tokensim_gui.core.hub.address import is_hub_file, is_hub_repo, is_index, parse_address
from tokensim_gui.core.hub.http_client import Client, Patience
from tokensim_gui.core.hub.http_range import Remote, download, read_bytes, read_start, read_whole
from tokensim_gui.core.job import Job

_FIRST_BYTES = 100_001  # holds the header of most files; the rest is asked for
_MAX_HEADER_BYTES = 25_000_000
_MAX_LISTING_BYTES = 20_000_000
_MAX_TOKENIZER_BYTES = 64 * 2**20
_MAX_FILES = 40
_TOKENIZERS: dict[str, Form] = {
    "tokenizer.json": "json",
    "spiece.model": "sentencepiece",
    "tokenizer.model": "sentencepiece",
    "tekken.json": "tekken",
}


@dataclass(frozen=True, slots=True)
class HubCandidate:
    """A token table in a repository.

    Attributes:
        table: What it is; its path is that of the file within the repository.
        repo: ``OWNER/REPO``.
        commit: The commit that was looked at, and from which will be fetched.
        remote: The file that holds the table.
        tokenizer: Path of a tokenizer file in the repository, or None where it is bundled, in the
            table's own file, or missing.
    """

    table: Candidate
    repo: str
    commit: str
    remote: Remote
    tokenizer: str | None


@dataclass(frozen=True, slots=True)
class _Repo:
    name: str
    commit: str
    files: tuple[str, ...]


class Hub:
    """A hub: the real one, a mirror, or one's own."""

    def __init__(
        self, endpoint: str, token: str | None = None, patience: Patience | None = None
    ) -> None:
        """Prepare to ask ``endpoint``, such as ``https://huggingface.co``."""
        self._client = Client(endpoint, token, patience or Patience())

    @classmethod
    def from_environment(cls) -> "Hub":
        """Return the hub that huggingface_hub would use: its endpoint, token and offline settings.

        Raises:
            NetworkError: huggingface_hub is set to stay offline.
        """
        # 0.3 s, and only when something is fetched.
        from huggingface_hub import constants, get_token

        if constants.HF_HUB_OFFLINE:
            raise NetworkError("HF_HUB_OFFLINE forbids the network. Unset it to fetch encoders.")
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        return cls(constants.ENDPOINT, token)

    def candidates(
        self, address: str, revision: str | None = None, job: Job | None = None
    ) -> list[HubCandidate]:
        """Return the token tables in the safetensors files of a repository.

        Args:
            address: ``OWNER/REPO``, or ``OWNER/REPO:FILE`` to look at one file only, which may be
                an index of shards.
            revision: Branch, tag or commit; None for the main branch.
            job: Cancellation.

        Raises:
            NetworkError: The hub can't be reached, refuses, or sends nonsense.
            FileError: There is no such file, none with a token table, or it is damaged.
            JobCancelled: The job was cancelled.
        """
        job = job or Job()
        name, file = parse_address(address)
        repo = self._repo(name, revision or "main", job)
        if file is not None and file not in repo.files:
            raise FileError(f"{name} has no file {file}.")
        found: list[HubCandidate] = []
        errors: list[FileError] = []
        for files in self._checkpoints(repo, file, job):
            try:
                found += self._tables(repo, files, job)
            except FileError as error:
                errors.append(error)
        if not found:
            raise errors[0] if errors else FileError(f"{name} holds no safetensors files.")
        return _distinct(found)

    def fetch(
        self,
        candidate: HubCandidate,
        folder: Path,
        job: Job | None = None,
        tokenizer: tuple[str, str] | None = None,
    ) -> Candidate:
        """Bring a token table, and nothing else of its file, into ``folder``.

        An earlier attempt is continued. `discard` takes the files away again.

        Args:
            candidate: What to fetch.
            folder: Where to put the files.
            job: Progress in bytes, and cancellation.
            tokenizer: Repository and file of a tokenizer, where the table's repository has none.

        Returns:
            The candidate for `read_vectors` and `tokenizer_bytes`, all of it on this computer.

        Raises:
            NetworkError: It can't be had; what came is kept for the next attempt.
            FileError: It can't be written.
            JobCancelled: The job was cancelled; what came is kept for the next attempt.
        """
        job = job or Job()
        table, remote = candidate.table, candidate.remote
        part = self._part(candidate, folder)
        local = self._fetch_tokenizer(candidate, part, tokenizer, job)
        text = f"Fetching {table.name}"
        download(self._client, remote, table.offset, table.offset + table.nbytes, part, job, text)
        scale = table.scale
        if scale is not None:
            end = scale.offset + scale.nbytes
            raw = read_bytes(self._client, remote, scale.offset, end, job)
            # Behind the vectors, where the next attempt cuts it off again.
            atomic.append(part, raw)
            scale = replace(scale, path=part, offset=table.nbytes)
        return replace(
            table, path=part, offset=0, scale=scale, stamp=stamp_of(part), tokenizers=local
        )

    def fetch_tokenizer(self, address: str, folder: Path, job: Job | None = None) -> Path:
        """Bring a tokenizer into ``folder``, under a name that ends in its own.

        Args:
            address: ``OWNER/REPO:FILE``.
            folder: Where to put it.
            job: Cancellation.

        Raises:
            TokenSimError: The address names no tokenizer.
            NetworkError: It can't be had.
            FileError: It can't be written.
            JobCancelled: The job was cancelled.
        """
        name, _, file = address.partition(":")
        own = PurePosixPath(file).name
        if not is_hub_repo(name) or not is_hub_file(file) or own not in tokenizer_sources.FILES:
            raise TokenSimError(f"“{address[:200]}” is not of the form OWNER/REPO:tokenizer.json.")
        job = job or Job()
        repo = self._repo(name, "main", job)
        url = self._url(repo, file)
        raw = read_whole(self._client, url, f"{name}/{file}", _MAX_TOKENIZER_BYTES, job)
        path = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.{own}"
        atomic.write_atomically(path, raw)
        return path

    def discard(self, candidate: HubCandidate, folder: Path) -> None:
        """Delete what `fetch` left in ``folder``."""
        part = self._part(candidate, folder)
        for suffix in (".part", ".json", ".tokenizer", ".lock"):
            part.with_suffix(suffix).unlink(missing_ok=True)
        for rest in folder.glob(f".{part.stem}.*"):  # of a process that was killed while writing
            rest.unlink(missing_ok=True)

    def _part(self, candidate: HubCandidate, folder: Path) -> Path:
        what = f"{candidate.remote.url}\n{candidate.table.key}"
        return folder / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.part"

    def _repo(self, name: str, revision: str, job: Job) -> _Repo:
        url = f"{self._client.endpoint}/api/models/{name}/revision/{quote(revision, safe='')}"
        raw = read_whole(self._client, url, name, _MAX_LISTING_BYTES, job)
        content = self._json(raw, name)
        try:
            commit = content["sha"]
            files = tuple(sibling["rfilename"] for sibling in content["siblings"])
            if not re.fullmatch(r"[0-9a-f]{40}", commit):
                raise ValueError
            files = tuple(file for file in files if is_hub_file(file))
        except (KeyError, TypeError, ValueError) as error:
            raise self._nonsense(name) from error
        return _Repo(name, commit, files)

    def _checkpoints(self, repo: _Repo, file: str | None, job: Job) -> list[list[str]]:
        """Return the files in which token tables may be; the shards of an index belong together."""
        if file is not None:
            only = self._shards(repo, file, job) if is_index(file) else [file]
            _check_number(repo, len(only))
            return [only]
        wanted = [one for one in repo.files if one.endswith(".safetensors") or is_index(one)]
        for choice in (
            [one for one in wanted if one.startswith("text_encoder")],
            [one for one in wanted if "/" not in one],
        ):
            if choice:
                wanted = choice
                break
        indexes = [one for one in wanted if is_index(one)]
        whole = [one for one in wanted if one.endswith(".safetensors") and not _SHARD.search(one)]
        # Before the indexes are asked for, and again with the shards that they name.
        _check_number(repo, len(indexes) + len(whole))
        shards = [self._shards(repo, index, job) for index in indexes]
        _check_number(repo, sum(map(len, shards)) + len(whole))
        return shards + [[one] for one in whole]

    def _shards(self, repo: _Repo, index: str, job: Job) -> list[str]:
        url = self._url(repo, index)
        raw = read_whole(self._client, url, f"{repo.name}/{index}", _MAX_LISTING_BYTES, job)
        files = self._json(raw, index).get("weight_map")
        if not isinstance(files, dict):
            raise FileError(f"{repo.name}/{index} is not an index of shards.")
        folder = PurePosixPath(index).parent
        shards = {
            str(folder / name)
            for key, name in files.items()
            if checkpoint_layouts.is_table_name(key) and isinstance(name, str)
        }
        return sorted(shards.intersection(repo.files))

    def _tables(self, repo: _Repo, files: list[str], job: Job) -> list[HubCandidate]:
        """Return the token tables of one file, or of the shards that hold some."""
        remotes: dict[Path, Remote] = {}
        entries: list[TensorEntry] = []
        for file in files:
            remote, listed = self._entries(repo, file, job)
            remotes[Path(file)] = remote
            entries += listed
        tables = checkpoint_layouts.token_tables(entries)
        if files and not tables:
            raise FileError(f"{repo.name}/{files[0]} {checkpoint_layouts.why_none(entries)}")
        return [self._candidate(repo, remotes[one.entry.path], one, entries) for one in tables]

    def _entries(self, repo: _Repo, file: str, job: Job) -> tuple[Remote, list[TensorEntry]]:
        name = f"{repo.name}/{file}"
        start, remote = read_start(self._client, self._url(repo, file), name, _FIRST_BYTES, job)
        length = header_length(start, remote.size, name)
        if length > _MAX_HEADER_BYTES:
            raise FileError(f"{name} has a header of {length:,} bytes, which is too large.")
        raw = start[8 : 8 + length]
        if len(raw) < length:
            raw += read_bytes(self._client, remote, len(start), 8 + length, job)
        header, _ = parse_header(raw, remote.size, name)
        path = Path(file)
        return remote, [
            TensorEntry(key, one.dtype, one.shape, path, one.offset, one.nbytes)
            for key, one in header.items()
        ]

    def _candidate(
        self,
        repo: _Repo,
        remote: Remote,
        table: checkpoint_layouts.TokenTable,
        entries: list[TensorEntry],
    ) -> HubCandidate:
        entry = table.entry
        inside = tokenizer_sources.listed(table, entries)
        encoder, known = table.encoder, checkpoint_layouts.ENCODERS.values()
        if encoder in known:  # by its shape: its own name comes before that, as in a folder
            place = Path("models--" + repo.name.replace("/", "--")) / entry.path
            encoder = own_names.named(replace(table, entry=replace(entry, path=place)))
        candidate = Candidate(
            name=encoder.name or repo.name,
            family=encoder.family,
            rows=entry.shape[0],
            dim=entry.shape[1],
            dtype=entry.dtype if table.scale is None else "F32",
            stored=entry.dtype,
            nbytes=entry.nbytes,
            key=entry.name,
            path=entry.path,
            offset=entry.offset,
            scale=table.scale,
            stamp=Stamp(remote.size, 0, 0),
            tokenizers=(inside,) if inside else (),
            models=encoder.models,
            encoder=encoder.name if encoder in known else "",
        )
        beside = _tokenizer_beside(repo.files, entry.path) if inside is None else None
        return HubCandidate(candidate, repo.name, repo.commit, remote, beside)

    def _fetch_tokenizer(
        self, candidate: HubCandidate, part: Path, other: tuple[str, str] | None, job: Job
    ) -> tuple[TokenizerSource, ...]:
        """Bring the tokenizer beside ``part``; it is small, so that it is not resumed."""
        inside = next(iter(candidate.table.tokenizers), None)
        if inside is not None and inside.place is None:
            return (inside,)  # bundled
        name = candidate.remote.name
        if inside is not None and inside.place is not None:
            offset, nbytes = inside.place
            if nbytes > _MAX_TOKENIZER_BYTES:
                raise FileError(f"The tokenizer in {name} is too large.")
            raw = read_bytes(self._client, candidate.remote, offset, offset + nbytes, job)
            form = inside.form
        else:
            if candidate.tokenizer is not None:
                repo, file = _Repo(candidate.repo, candidate.commit, ()), candidate.tokenizer
            elif other is not None:
                repo, file = self._repo(other[0], "main", job), other[1]
            else:
                return ()
            name = f"{repo.name}/{file}"
            form = _TOKENIZERS[PurePosixPath(file).name]
            raw = read_whole(self._client, self._url(repo, file), name, _MAX_TOKENIZER_BYTES, job)
        path = part.with_suffix(".tokenizer")
        atomic.write_atomically(path, raw)
        return (TokenizerSource(form, path, name=name),)

    def _url(self, repo: _Repo, file: str) -> str:
        return f"{self._client.endpoint}/{repo.name}/resolve/{repo.commit}/{quote(file)}"

    def _json(self, raw: bytes, name: str) -> dict[str, Any]:
        try:
            content = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self._nonsense(name) from error
        if not isinstance(content, dict):
            raise self._nonsense(name)
        return content

    def _nonsense(self, name: str) -> NetworkError:
        return NetworkError(f"{self._client.host} does not answer as a hub when asked for {name}.")


_SHARD = re.compile(r"-\d{5}-of-\d{5}\.safetensors$")


def _check_number(repo: _Repo, number: int) -> None:
    """Refuse to ask for a great many files, one after the other.

    Raises:
        FileError: There are too many.
    """
    if number > _MAX_FILES:
        raise FileError(
            f"{repo.name} has {number} safetensors files to look at. Name one: {repo.name}:FILE."
        )


def _tokenizer_beside(files: tuple[str, ...], table: Path) -> str | None:
    """Return the tokenizer for a table, where diffusers and transformers put it."""
    folder = PurePosixPath(table.parent.as_posix())
    numbered = folder.parent / folder.name.replace("text_encoder", "tokenizer")
    for place in (folder, folder / "tokenizer", numbered, PurePosixPath()):
        for name in _TOKENIZERS:
            if str(place / name) in files:
                return str(place / name)
    return None


def _distinct(found: list[HubCandidate]) -> list[HubCandidate]:
    """Put the best known encoders first, and tell equal names apart by file, or else by key."""
    known = [encoder.name for encoder in checkpoint_layouts.ENCODERS.values()]
    found.sort(key=lambda one: known.index(one.table.name) if one.table.name in known else 99)
    names = Counter(one.table.name for one in found)
    files = Counter((one.table.name, one.table.path) for one in found)
    result = []
    for one in found:
        table = one.table
        if names[table.name] > 1:
            place = table.path.as_posix()
            if files[table.name, table.path] > 1:
                place = table.key
            table = replace(table, name=f"{table.name} ({place})")
        result.append(replace(one, table=table))
    return result
