"""A screen that nobody sees, people who sit at it, and where TokenSim is installed for them."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

APART: Final = "TOKENSIM_TEST_IS_APART"
# Whether this process may make users and namespaces; `__main__` sees to it where it can.
IS_APART: Final = bool(os.environ.get(APART))
FIRST_UID: Final = 64101
LONG_S: Final = 60.0
OWN_FOLDERS: Final = (".config", ".local/share", ".cache", ".local/state")

T = TypeVar("T")


def said(*command: str, check: bool = True) -> str:
    """What a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def wait_for(found: Callable[[], T], what: str, limit_s: float = LONG_S) -> T:
    """The first true value of ``found``."""
    end = time.monotonic() + limit_s
    while not (value := found()):
        if time.monotonic() > end:
            raise SystemExit(f"After {limit_s:.0f} s still not: {what}")
        time.sleep(0.01)  # between two looks at another process, which sends no signal
    return value


@dataclass(frozen=True, slots=True)
class Place:
    """An installed TokenSim.

    Attributes:
        root: The system in which it is; "/" is this one.
        program: Its path there.
    """

    root: Path
    program: Path


@dataclass(slots=True)
class Person:
    """A user with an empty home, without rights and, where that can be arranged, without network.

    Attributes:
        is_apart: Whether this is a user of its own; that takes root.
    """

    place: Place
    uid: int
    is_apart: bool = IS_APART
    given: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the home."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        (self.home / "run").mkdir(mode=0o700)
        self._own(self.home)
        self._own(self.home / "run")

    def _own(self, path: Path) -> None:
        if self.is_apart:
            os.chown(path, self.uid, self.uid)

    @property
    def home(self) -> Path:
        """The home as seen from here."""
        return self.place.root / "var/tmp" / f"tokensim-{self.uid}"

    def command(self, *arguments: str, program: Path | None = None) -> list[str]:
        """How this person runs a program, TokenSim if none is named."""
        home = f"/{self.home.relative_to(self.place.root)}"
        environment = {
            "HOME": home,
            "PATH": f"{home}/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DISPLAY": os.environ["DISPLAY"],
            "XDG_RUNTIME_DIR": f"{home}/run",
        }
        run = ["env", "-i", "-C", home, *(f"{key}={value}" for key, value in environment.items())]
        run += [str(program or self.place.program), *arguments]
        if not self.is_apart:
            return run
        user = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", *run]
        return ["unshare", "--net", "chroot", str(self.place.root), *user]

    def give(self, name: str, content: bytes) -> str:
        """Put a file, which may be a program, into the home; its path as this person sees it."""
        path = self.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)
        self._own(path)
        self.given.add(path)
        return f"/{path.relative_to(self.place.root)}"

    def strays(self) -> list[str]:
        """Files of this person that lie outside TokenSim's folders."""
        own = [self.home / folder / "tokensim" for folder in OWN_FOLDERS] + [self.home / "run"]
        own.append(self.home / ".cache/fontconfig")  # the system's fonts, where it has no list
        found = [str(path) for path in self.home.rglob("*")]
        if self.is_apart:
            system = (str(self.place.root / name) for name in ("proc", "sys"))
            skipped = [word for name in system for word in ("-path", name, "-prune", "-o")]
            mine = ["-uid", str(self.uid), "-print"]
            found = said("find", str(self.place.root), *skipped, *mine, check=False).splitlines()
        return [
            name
            for name in found
            if Path(name).is_file()
            and Path(name) not in self.given
            and not any(Path(name).is_relative_to(folder) for folder in own)
        ]

    def __enter__(self) -> Self:
        """Arrive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave, and take the home away."""
        shutil.rmtree(self.home)


class Desktop:
    """An X server without a screen; in ``with`` it is what DISPLAY names."""

    def __enter__(self) -> Self:
        """Start it."""
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-ac", "-nolisten", "tcp"]
        self._server = subprocess.Popen(
            [*command, "-screen", "0", "1600x1000x24"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SystemExit("Xvfb did not start.")
        os.environ["DISPLAY"] = f":{number}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._server.terminate()
        self._server.wait()


class Running:
    """A started TokenSim with its window."""

    def __init__(self, person: Person, *arguments: str, program: Path | None = None) -> None:
        before = windows()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            person.command(*arguments, program=program),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.window = wait_for(self._new_window(before), "a window").pop()
        self.window_s = time.monotonic() - self.began
        said("xdotool", "windowfocus", "--sync", self.window)

    def _new_window(self, before: set[str]) -> Callable[[], set[str]]:
        def find() -> set[str]:
            if self.process.poll() not in (None, 0):
                raise SystemExit(f"TokenSim ended:\n{self.process.communicate()[0]}")
            return windows() - before

        return find

    def press(self, *keys: str) -> None:
        """Press keys, as ``ctrl+c``."""
        said("xdotool", "windowfocus", "--sync", self.window)
        said("xdotool", "key", "--delay", "5", *keys)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        said("xdotool", "type", "--delay", "5", "--", text)

    def copied(self) -> str:
        """Press Down in the bar, which leads to the first row, and copy that."""
        self.press("ctrl+l", "Down", "ctrl+c")
        return clipboard()

    def close(self) -> None:
        """Quit by the keyboard; anything printed, or another code than 0, is a fault."""
        self.press("ctrl+q")
        output = self.process.communicate(timeout=LONG_S)[0]
        if self.process.returncode or output:
            raise SystemExit(f"TokenSim ended with {self.process.returncode}:\n{output}")


def windows() -> set[str]:
    """Numbers of TokenSim's windows that can be seen."""
    found = said("xdotool", "search", "--onlyvisible", "--name", "^TokenSim$", check=False)
    return set(re.findall(r"^\d+$", found, re.MULTILINE))


def clipboard() -> str:
    """The text on the clipboard."""
    done = subprocess.run(
        ["xclip", "-o", "-selection", "clipboard"], capture_output=True, text=True, check=False
    )
    return done.stdout
