"""Build the bundle into ``dist/TokenSim``: ``python packaging/bundle/build_bundle.py``.

PyInstaller needs minutes, nearly all of them for torch and transformers. What it makes is kept
and used again as long as nothing changes that it depends on: this folder, the installed packages,
and which modules TokenSim imports. TokenSim's own code and data are put in afresh each time.
TOKENSIM_BUILD_CACHE names the folder (default: ``~/.cache/tokensim-build``).
"""

import ast
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from components import as_text, read

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "tokensim_gui"
DIST: Final = ROOT / "dist"
KEPT: Final = 2  # bundles of 600 MB


def main() -> None:
    """Build, renew TokenSim's own part, and say what it weighs."""
    began = time.monotonic()
    key = digest(inputs())
    cached = cache_dir() / f"bundle-{key}"
    known = cached.is_dir()
    if not known:
        freeze(cached)
    os.utime(cached)
    forget_old(cache_dir(), "bundle-*")
    # What was packed before stays.
    for name in (path.name for path in cached.iterdir()):
        old = DIST / name
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    shutil.copytree(cached, DIST, symlinks=True, dirs_exist_ok=True)
    put_in(DIST / "TokenSim")
    size = sum(file.lstat().st_size for file in (DIST / "TokenSim").rglob("*"))
    how = "kept from before" if known else "frozen"
    print(f"bundle: {size / 1e6:.0f} MB, {how}, {time.monotonic() - began:.0f} s")


def cache_dir() -> Path:
    """Where builds are kept."""
    named = os.environ.get("TOKENSIM_BUILD_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "tokensim-build"


def inputs() -> Iterator[bytes]:
    """All that PyInstaller's work depends on."""
    yield sys.version.encode() + sys.platform.encode()
    versions = {name: metadata.version(name) for name in needed(["tokensim", "pyinstaller"])}
    yield repr(sorted(versions.items())).encode()
    packaging = ROOT / "packaging"
    files = [packaging / "tokensim.spec", PACKAGE / "__main__.py", *packaging.glob("macos/*.plist")]
    files += (file for file in Path(__file__).parent.rglob("*.*") if file.suffix in (".py", ".txt"))
    yield from (file.read_bytes() for file in sorted(files))
    yield repr(sorted(set(imports()))).encode()
    if sys.platform == "darwin":  # an app is signed as a whole: nothing is put in afterwards
        own = [*PACKAGE.rglob("*.py"), *(ROOT / "resources").rglob("*.*")]
        yield from (file.read_bytes() for file in sorted(own))


def needed(names: Iterable[str]) -> set[str]:
    """Installed distributions that ``names`` need, and they themselves; extras left out."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        try:
            wants = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system
        if name not in found:
            found.add(name)
            waiting += [re.split(r"[^\w.-]", want)[0] for want in wants if "extra ==" not in want]
    return found


def imports() -> Iterator[str]:
    """Names of everything that TokenSim imports from outside itself."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                if not node.module.startswith(PACKAGE.name):
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)


def digest(parts: Iterable[bytes]) -> str:
    """A short name for ``parts``."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


def freeze(target: Path) -> None:
    """Run PyInstaller; ``target`` appears when it is whole."""
    work, made = cache_dir() / "work", cache_dir() / f"making-{os.getpid()}"
    log = cache_dir() / "pyinstaller.log"
    cache_dir().mkdir(parents=True, exist_ok=True)
    spec = str(ROOT / "packaging" / "tokensim.spec")
    places = ["--distpath", str(made), "--workpath", str(work)]
    print("Freezing TokenSim (some minutes)…", flush=True)
    with log.open("w") as file:
        done = subprocess.run(
            [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", *places, spec],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            check=False,
        )
    shutil.rmtree(work, ignore_errors=True)
    if done.returncode:
        shutil.rmtree(made, ignore_errors=True)
        sys.exit("".join(log.read_text("utf-8").splitlines(keepends=True)[-30:]))
    made.replace(target)


def forget_old(folder: Path, pattern: str) -> None:
    """Delete all but the latest of what is kept."""
    for old in sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def put_in(bundle: Path) -> None:
    """Put TokenSim's modules, compiled, and its data files into the bundle."""
    inside = bundle / "_internal" / PACKAGE.name
    shutil.rmtree(inside, ignore_errors=True)
    for source in sorted(PACKAGE.rglob("*.py")):
        name = source.relative_to(ROOT)
        py_compile.compile(
            str(source),
            cfile=str(bundle / "_internal" / name.with_suffix(".pyc")),
            dfile=str(name),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    leave_out = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(ROOT / "resources", inside / "resources", ignore=leave_out)
    shutil.copy(ROOT / "LICENSE", inside / "resources" / "licences" / "tokensim.txt")
    licences = inside / "resources" / "licences" / "components.txt"
    licences.write_text(as_text(read(bundle.parent / "components.json")), "utf-8")


if __name__ == "__main__":
    main()
