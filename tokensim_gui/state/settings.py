"""Every setting with its default and range, once; kept as JSON of what is not default."""

import errno
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, get_args, overload

from tokensim_gui.core import paths
from tokensim_gui.core.errors import FileError
from tokensim_gui.core.files.atomic import exclusive_lock, replace, write_atomically
from tokensim_gui.core.files.regular_file import read_regular
from tokensim_gui.core.prompt.copying import COPY_STYLES, CopyStyle
from tokensim_gui.core.prompt.interfaces import INTERFACES, MOST_STEPS, STEPS, Interface
from tokensim_gui.core.values import INPUTS, METRICS, ORDERS, Inputs, Metric, Order
from tokensim_gui.core.vocabulary.scripts import SCRIPTS
from tokensim_gui.state.history import Visit, merged_visits, visits
from tokensim_gui.state.saved_things import SavedLog, as_list, merged_saved, saved_log
from tokensim_gui.state.tray_tokens import TrayLog, as_json, merged, tray_log

Theme: TypeAlias = Literal["system", "light", "dark"]
Level: TypeAlias = Literal[
    "alone", "inside", "emoji", "everything", "word", "part", "bytes", "special", "never"
]
Column: TypeAlias = Literal[
    "token", "score", "id", "piece", "typed", "kind", "commonness", "norm", "script"
]

_LARGEST = 64_000_000  # bytes of the file; a full history, tray and list of saved things need 8
_RECENT = 10  # files
_LOCK_PATIENCE_S = 1.0  # the window waits meanwhile

T = TypeVar("T")
Check: TypeAlias = Callable[[object], T]


def _one_of(choices: Sequence[T]) -> Check[T]:
    def check(value: object) -> T:
        # Not `in`: 1 == True, and a list is not hashable.
        for choice in choices:
            if type(value) is type(choice) and value == choice:
                return choice
        raise ValueError(f"{value!r} is none of {choices}")

    return check


def _whole(low: int, high: int) -> Check[int]:
    def check(value: object) -> int:
        if type(value) is int and low <= value <= high:
            return value
        raise ValueError(f"{value!r} is no whole number from {low} to {high}")

    return check


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is no text")


def _path(value: object) -> str:
    if isinstance(value, str) and "\0" not in value:
        os.fsencode(value)  # raises ValueError where no file can be called so
        return value
    raise ValueError(f"{value!r} is no path")


def _many(check_one: Check[T], most: int) -> Check[tuple[T, ...]]:
    def check(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{value!r} is no list")
        return tuple(dict.fromkeys(map(check_one, value)))[:most]

    return check


def _merged_recent(others: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """Join the files of two windows: each is kept as it is opened, so all but our first is there.

    What else is ours alone fell out of theirs, or could not be kept then.
    """
    return tuple(dict.fromkeys((*own[:1], *others, *own)))[:_RECENT]


_switch = _one_of((False, True))


class Setting(Generic[T]):
    """One setting; as an attribute of `Settings` it reads as its current value.

    Attributes:
        key: Its name in the file and in `Settings`.
        default: What holds until something else is chosen.
        check: Returns a value as it is kept; raises ValueError if it is out of range.
        doc: What it is for.
        merge: Joins what another window wrote with the own value; by default the own one counts.
        write: Makes the value one that JSON can hold.
    """

    __slots__ = ("check", "default", "doc", "key", "merge", "write")

    def __init__(
        self,
        default: T,
        check: Check[T],
        doc: str,
        *,
        merge: Callable[[T, T], T] | None = None,
        write: Callable[[T], object] | None = None,
    ) -> None:
        self.key = ""
        self.default = default
        self.check = check
        self.doc = doc
        self.merge = merge
        self.write = write

    def read(self, value: object) -> T:
        """Return a value out of the file; a list loses no more than its entries out of range.

        Raises:
            ValueError: It is out of range.
        """
        try:
            return self.check(value)
        except ValueError:
            if not isinstance(value, list):
                raise
        return self.check([one for one in value if self._takes(one)])

    def _takes(self, entry: object) -> bool:
        with suppress(ValueError):
            self.check([entry])
            return True
        return False

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, instance: "Settings", owner: type) -> T: ...
    def __get__(self, instance: "Settings | None", owner: type) -> "Setting[T] | T":
        if instance is None:
            return self
        value: T = instance.get(self.key)
        return value


SAMPLE_PROMPT: Final = "a cute girl with (long hair:1.2), sunset over the sea"
"""Stands on the Prompt page until something is written there."""


class Settings:
    """The settings of one window; several windows share one file and merge it key by key."""

    __slots__ = ("_path", "_save_problem", "_tell", "_unsaved", "_values")

    theme = Setting[Theme]("system", _one_of(get_args(Theme)), "Light, dark, or as the system")
    text_size = Setting[int](100, _whole(80, 200), "Size of text in per cent of the system's")
    order = Setting[Order]("nearest", _one_of(ORDERS), "Which end of the ranking is shown")
    metric = Setting[Metric]("cosine", _one_of(METRICS), "How similarity is measured")
    inputs = Setting[Inputs]("raw", _one_of(INPUTS), "Whether tokens get one length when added")
    count = Setting[int](200, _whole(10, 1_000), "Rows of neighbours")
    map_count = Setting[int](80, _whole(60, 200), "Tokens on the close-up map")
    leave_out_own = Setting[bool](True, _switch, "Leave the query's own tokens out")
    leave_out_forms = Setting[bool](False, _switch, "Leave other forms of its words out")
    filter_level = Setting[Level]("alone", _one_of(get_args(Level)), "Which tokens are shown")
    script = Setting[str]("", _one_of(("", *SCRIPTS)), "Which script is shown; empty for any")
    columns = Setting[tuple[Column, ...]](
        ("token", "score", "id"), _many(_one_of(get_args(Column)), 9), "Columns, left to right"
    )
    write_for = Setting[Interface]("a1111", _one_of(INTERFACES), "Where prompts are pasted")
    copy_style = Setting[CopyStyle]("comma", _one_of(tuple(COPY_STYLES)), "How tokens are copied")
    show_map = Setting[bool](True, _switch, "Show the map")
    show_card = Setting[bool](True, _switch, "Show the token card")
    show_tray = Setting[bool](True, _switch, "Show the tray")
    keep_on_top = Setting[bool](False, _switch, "Keep the window above others")
    last_query = Setting[str]("(cute + girl) / 2", _text, "The query to start with")
    last_prompt = Setting[str](SAMPLE_PROMPT, _text, "The prompt to start with")
    last_negative = Setting[str]("", _text, "The negative prompt to start with")
    table = Setting[str]("", _text, "Slug of the table to start with; none: the library's default")
    queries_typed = Setting[int](0, _whole(0, 5), "Queries of the user's own; five are enough")
    recent_files = Setting[tuple[str, ...]](
        (), _many(_path, _RECENT), "Checkpoints opened, last first", merge=_merged_recent
    )
    tray = Setting[TrayLog](
        (), tray_log, "Tokens put into the tray or taken out", merge=merged, write=as_json
    )
    saved = Setting[SavedLog](
        (), saved_log, "Queries and trays saved by name", merge=merged_saved, write=as_list
    )
    history = Setting[tuple[Visit, ...]](
        (), visits, "Queries asked, the last one last", merge=merged_visits, write=list
    )
    page = Setting[str](
        "search", _one_of(("search", "prompt", "compare", "encoders")), "The page to start with"
    )
    prompt_steps = Setting[int](STEPS, _whole(1, MOST_STEPS), "Sampling steps of the prompt")
    prompt_settings = Setting[str]("", _text, "Steps and so on of the prompt to start with")
    check_updates = Setting[bool](False, _switch, "Ask once a day for a newer version")
    updates_checked = Setting[str]("", _text, "The day of the last such question")
    card_words = Setting[bool](False, _switch, "The inspector says vectors in words")
    card_more = Setting[bool](False, _switch, "The token card shows bytes and vector length")

    def __init__(self, path: Path | None = None) -> None:
        """Read the settings; whatever can't be read or is out of range has its default.

        Args:
            path: The file, which need not exist; by default the one in the config folder.
        """
        self._path = path or paths.config_dir() / "settings.json"
        self._values: dict[str, Any] = {}
        self._unsaved: set[str] = set()
        self._save_problem = ""
        self._tell: Callable[[str], object] = lambda _sentence: None
        stored = None
        with suppress(OSError):
            stored = self._read()
        for key, value in (stored or {}).items():
            if key in SETTINGS:
                with suppress(ValueError):
                    self._values[key] = SETTINGS[key].read(value)

    @property
    def save_problem(self) -> str:
        """A sentence on why the last change is not on disk, or ""; the change holds until then."""
        return self._save_problem

    def tell_problems(self, tell: Callable[[str], object]) -> None:
        """Hand over each `save_problem` once, from now on and the one that there is."""
        self._tell = tell
        if self._save_problem:
            tell(self._save_problem)

    def get(self, key: str) -> Any:  # noqa: ANN401
        """Return the value of the setting of that name; lists are tuples."""
        return self._values.get(key, SETTINGS[key].default)

    def set(self, key: str, value: object) -> None:
        """Change a setting and save it; if that fails, `save_problem` says why.

        Raises:
            ValueError: The value is out of range; nothing was changed.
        """
        checked = SETTINGS[key].check(value)
        if checked == self.get(key) and not self._unsaved:
            return
        self._values[key] = checked
        self._unsaved.add(key)
        try:
            with exclusive_lock(self._path.with_suffix(".lock"), _LOCK_PATIENCE_S):
                self._merge()
        except (FileError, OSError, RecursionError) as error:
            known = self._save_problem
            self._save_problem = f"Settings last only until TokenSim closes: {error}"
            if self._save_problem != known:
                self._tell(self._save_problem)
        else:
            self._unsaved.clear()
            self._save_problem = ""

    def _merge(self) -> None:
        """Write the keys that this window changed; the others stay as another window left them."""
        stored = self._read()
        changed = self._unsaved
        if stored is None:
            # Someone's slip of the pen in there should not cost them the rest of the file.
            with suppress(OSError):
                replace(self._path, self._path.with_suffix(".broken.json"))
            stored, changed = {}, set(self._values)
        for key in changed:
            setting, value = SETTINGS[key], self._values[key]
            if setting.merge is not None and key in stored:
                with suppress(ValueError):
                    value = setting.merge(setting.read(stored[key]), value)
            stored.pop(key, None)
            if value != setting.default:
                stored[key] = value if setting.write is None else setting.write(value)
        text = json.dumps(stored, indent=2, sort_keys=True)
        write_atomically(self._path, text.encode())

    def _read(self) -> dict[str, Any] | None:
        """The file's object, unknown keys included; None if the file holds something else."""
        try:
            stored = json.loads(read_regular(self._path, _LARGEST))
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            return None
        except OSError as error:
            if error.errno == errno.EFBIG:
                return None
            raise
        return stored if isinstance(stored, dict) else None


SETTINGS: dict[str, Setting[Any]] = {
    key: setting for key, setting in vars(Settings).items() if isinstance(setting, Setting)
}
"""Every setting by its key."""
