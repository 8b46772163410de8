"""The .deb in a Debian of its own: checked, installed, started by its entry, removed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

sys.path += [str(Path(__file__).parents[1] / name) for name in ("bundle", "linux")]

import numpy as np
from build_bundle import cache_dir, forget_old, needed
from build_packages import lay_out, lay_out_appdir, lay_out_portable, link_or_copy
from components import read
from desktop import Person, Place, Running, said
from numpy.typing import NDArray
from use import DIM, ROWS, require

from tokensim_gui import __version__
from tokensim_gui.core.files.table import save_table

Vectors: TypeAlias = NDArray[np.float64]

ROOT: Final = Path(__file__).parents[2]
SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
DEB_MB, INSTALLED_MB = 250, 620  # of a .deb by gzip, as the test makes it
PROGRAM: Final = Path("/usr/bin/tokensim")
ENTRY: Final = "usr/share/applications/tokensim.desktop"
# What the package manager keeps of every package.
MANAGER: Final = ("var/lib/dpkg", "var/lib/apt", "var/log", "var/cache", "etc/ld.so.cache")

# What file managers do; `gio launch` does not tell an entry where it lies.
DOUBLE_CLICK: Final = """
import ctypes, sys
gio = ctypes.CDLL("libgio-2.0.so.0")
gio.g_desktop_app_info_new_from_filename.restype = ctypes.c_void_p
entry = ctypes.c_void_p(gio.g_desktop_app_info_new_from_filename(sys.argv[1].encode()))
sys.exit(not gio.g_app_info_launch(entry, None, None, None))
"""


def package() -> Path:
    """The .deb that `make deb` made."""
    return next((ROOT / "dist").glob(f"tokensim_{__version__}_*.deb"))


def check() -> None:
    """What is in it, its size, and what Debian's and the desktop's own checkers say."""
    others = {plain(one.name) for one in read(ROOT / "dist/components.json") if one.kind == "pypi"}
    others -= {plain(name) for name in needed(["tokensim", "pyinstaller"])}
    require(not others, f"in the bundle without need: {sorted(others)}")
    deb = package()
    size = deb.stat().st_size / 1e6
    installed = int(said("dpkg-deb", "--field", str(deb), "Installed-Size")) * 1024 / 1e6
    print(f"    {deb.name}: {size:.0f} MB (bound {DEB_MB}), installed {installed:.0f} MB", end=" ")
    print(f"(bound {INSTALLED_MB})")
    require(size <= DEB_MB, "the package is too large")
    require(installed <= INSTALLED_MB, "what the package installs is too large")
    found = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", str(deb)],
        capture_output=True,
        text=True,
        check=False,
    )
    require(found.returncode == 0, f"lintian:\n{found.stdout}{found.stderr}")


def plain(name: str) -> str:
    """A distribution's name in its one spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


def debian() -> Path | None:
    """A minimal Debian 12 with what the package depends on; made once and kept as an archive.

    None where that can't be: without root, without debootstrap, or without the network.
    """
    if os.geteuid() or not shutil.which("debootstrap"):
        return None
    cache = cache_dir()
    depends = said("dpkg-deb", "--field", str(package()), "Depends")
    names = sorted(one.split("|")[0].split("(")[0].strip() for one in depends.split(","))
    include = ",".join([*names, "libglib2.0-bin"])  # gio, which starts desktop entries
    archive = cache / f"debian-{hashlib.sha256(include.encode()).hexdigest()[:16]}.tar"
    cache.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="debian-", dir=cache))
    root.chmod(0o755)
    if archive.exists():
        said("tar", "-xf", str(archive), "-C", str(root))
        return root
    command = ["debootstrap", "--variant=minbase", f"--include={include}", SUITE, str(root), MIRROR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        forget(root)
        if "CI" in os.environ:  # where another try is better than a lesser test
            raise SystemExit(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr}")
        return None
    said("tar", "-cf", str(archive), "-C", str(root), "--exclude=./var/cache/apt/archives/*", ".")
    forget_old(cache, "debian-*.tar")
    return root


def forget(root: Path) -> None:
    """Delete a Debian; what is mounted below it is another's."""
    said("rm", "-rf", "--one-file-system", str(root))


@contextmanager
def installed(root: Path) -> Iterator[Place]:
    """The package installed in a system; removed again, leaving nothing but what users made."""
    mounts = [] if root == Path("/") else [Path("proc"), Path("dev"), Path("tmp/.X11-unix")]
    for mount in mounts:
        (root / mount).mkdir(parents=True, exist_ok=True)
        said("mount", "--bind", f"/{mount}", str(root / mount))
    copy = root / "var/tmp" / package().name
    shutil.copy(package(), copy)
    before = files(root)
    try:
        said("chroot", str(root), "dpkg", "--install", f"/{copy.relative_to(root)}")
        yield Place(root, PROGRAM)
    except BaseException:  # the first fault is the one to tell
        said("chroot", str(root), "dpkg", "--purge", "tokensim", check=False)
        raise
    else:
        said("chroot", str(root), "dpkg", "--purge", "tokensim")
        left = files(root) - before
    finally:
        copy.unlink()
        for mount in reversed(mounts):
            said("umount", "--lazy", str(root / mount))
    require(not left, f"left behind: {sorted(left)[:20]}")


def files(root: Path) -> set[str]:
    """Everything where packages put things, but the package manager's own records."""
    folders = [str(root / name) for name in ("etc", "opt", "usr", "var", "srv")]
    prune = [
        word
        for name in ("var/tmp", *MANAGER)
        for word in ("-path", f"{root / name}", "-prune", "-o")
    ]
    return set(said("find", *folders, *prune, "-print").splitlines())


def started_from_anywhere(place: Place) -> None:
    """What the portable archive holds, by its desktop entry, and the AppDir, by its AppRun."""
    with tempfile.TemporaryDirectory(dir=place.root / "var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        tree, portable, appdir = (folder / name for name in ("tree", "Token Sim", "AppDir"))
        lay_out(tree)
        lay_out_portable(tree, portable)
        lay_out_appdir(tree, appdir)
        link_or_copy(str(ROOT / "dist/probe"), str(portable / "probe"))  # a Python for there
        entry, probe, run = (
            Path("/", path.relative_to(place.root))
            for path in (portable / "TokenSim.desktop", portable / "probe", appdir / "AppRun")
        )
        with Person(place, 64107) as person:
            Running(person, "-c", DOUBLE_CLICK, str(entry), program=probe).close()
            Running(person, program=run).close()
            program = Path("/", (portable / "TokenSim").relative_to(place.root))
            vectors = build_in_table(portable / "_internal/tokensim_gui/resources")
            found = json.loads(said(*person.command("search", "girl", "--json", program=program)))
            require(found["table"] == "built-in.clip-l", f"{found['table']} is searched")
            ids = [row["id"] for row in found["results"]]
            require(ids == nearest(vectors, ids[0]), "the built-in table is not searched")
            Running(person, program=program).close()
            strays = person.strays()
            require(not strays, f"written outside TokenSim's folders: {strays}")


def build_in_table(resources: Path) -> Vectors:
    """Put a table of CLIP's size, with few columns, where releases carry CLIP-L's own."""
    folder = resources / "tables/clip-l"
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "vocabulary.npz"):
        shutil.copy(resources / "starter" / name, folder / name)
    vectors = np.random.default_rng(2).standard_normal((ROWS, DIM), np.float32).astype("<f2")
    save_table(folder, "CLIP-L", "clip", "F16", ROWS, DIM, [vectors.tobytes()])
    return vectors.astype(np.float64)


def nearest(vectors: Vectors, token: int, count: int = 20) -> list[int]:
    """The tokens most like one of them, in double precision."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order: list[int] = np.argsort(-(units @ units[token]), kind="stable")[:count].tolist()
    return order


def started_by_entry(place: Place) -> None:
    """Start TokenSim as the desktop does, with a click on its entry."""
    for name in (ENTRY, "usr/share/metainfo/io.github.tokensim.tokensim.metainfo.xml"):
        path = str(place.root / name)
        check = (
            ["desktop-file-validate"] if name == ENTRY else ["appstreamcli", "validate", "--no-net"]
        )
        said(*check, path)
    with Person(place, 64106) as person:
        Running(person, "launch", f"/{ENTRY}", program=Path("/usr/bin/gio")).close()
