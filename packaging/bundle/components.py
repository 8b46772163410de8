"""What a bundle is made of: name, version and licence of everything in it, read from its files.

The spec writes two files with this: ``components.json`` beside the bundle, for ``sbom.py`` and the
packages, and ``licences/components.txt`` into it, for users.
"""

import json
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

_LICENCE_NAMES: Final = ("licen", "copying", "notice", "authors")
# Texts for those who only name their licence. The LGPL is an addition to the GPL.
_NAMED: Final = {
    "LGPL-3.0": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "Apache": ("Apache-2.0.txt",),
}
_RULE: Final = "\n" + "=" * 78 + "\n"


@dataclass(frozen=True, slots=True)
class Component:
    """Something in the bundle that others made.

    Attributes:
        kind: "pypi" or "deb" or "generic", as package URLs have it.
        licence: An SPDX expression where the component states one.
        texts: Licence and copyright texts.
    """

    kind: str
    name: str
    version: str
    licence: str
    homepage: str
    texts: tuple[str, ...]


def components_of(files: Iterable[str]) -> list[Component]:
    """The distributions and system packages that ``files`` come from, and Python, by name."""
    owners = {
        str(distribution.locate_file(file)): distribution
        for distribution in metadata.distributions()
        for file in distribution.files or ()
    }
    paths = {str(Path(file)) for file in files}
    used = {owners[path].name: owners[path] for path in paths if path in owners}
    found = [_of_distribution(distribution) for distribution in used.values()]
    outside = {path for path in paths - owners.keys() if not path.startswith(sys.base_prefix)}
    found += _of_system(sorted(path for path in outside if ".so" in Path(path).name))
    return sorted([*found, _python()], key=lambda one: (one.name.lower(), one.kind))


def _of_distribution(distribution: metadata.Distribution) -> Component:
    about = distribution.metadata.json
    classifiers = about.get("classifier", [])
    licences = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License")]
    stated = str(about.get("license", ""))
    licence = str(about.get("license_expression", "")) or (stated if "\n" not in stated else "")
    links = [text.split(",", 1) for text in about.get("project_url", [])]
    named = {name.strip().lower(): url.strip() for name, url in links}
    licence = licence or ", ".join(licences)
    return Component(
        "pypi",
        distribution.name,
        distribution.version.partition("+")[0],
        licence,
        str(about.get("home_page", "")) or named.get("homepage") or named.get("repository") or "",
        tuple(_texts_of(distribution)) or tuple(_texts_named(licence)),
    )


def _texts_of(distribution: metadata.Distribution) -> Iterable[str]:
    for file in distribution.files or ():
        inside = file.parts[0].endswith(".dist-info")
        in_folder = len(file.parts) > 2 and file.parts[1] == "licenses"
        if inside and (in_folder or file.name.lower().startswith(_LICENCE_NAMES)):
            text = Path(str(file.locate())).read_text("utf-8", errors="replace").strip()
            if text:
                yield text


def _texts_named(licence: str) -> Iterable[str]:
    for name, files in _NAMED.items():
        if name in licence:
            for file in files:
                yield (Path(__file__).parent / "licences" / file).read_text("utf-8").strip()


def _of_system(paths: list[str]) -> Iterable[Component]:
    """Debian packages of libraries; nothing where there is no dpkg."""
    names = set()
    for path in paths:
        # Since /usr and / were merged, dpkg may know a library by either path.
        for spelled in (path, str(Path(path).resolve()), path.removeprefix("/usr")):
            said = _said("dpkg", "-S", spelled)
            if said:
                names.add(said.split(":")[0])
                break
    for name in sorted(names):
        query = "${Version}\n${Homepage}"
        version, _, homepage = _said("dpkg-query", "-W", "-f", query, name).partition("\n")
        text = Path("/usr/share/doc", name, "copyright")
        texts = (text.read_text("utf-8").strip(),) if text.exists() else ()
        yield Component("deb", name, version, "", homepage, texts)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _python() -> Component:
    text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    texts = (text.read_text("utf-8").strip(),) if text.exists() else ()
    return Component(
        "generic", "Python", platform.python_version(), "PSF-2.0", "https://www.python.org", texts
    )


def as_text(components: Iterable[Component]) -> str:
    """For people: a list, and then every text once."""
    listed, texts = [], dict[str, list[str]]()
    for one in components:
        title = f"{one.name} {one.version}"
        listed.append("  ".join(filter(None, (title, one.licence, one.homepage))))
        for text in one.texts:
            texts.setdefault(text, []).append(title)
    head = "TokenSim contains these works of others, each under its own licence.\n"
    bodies = [f"{_RULE}{', '.join(titles)}{_RULE}\n{text}\n" for text, titles in texts.items()]
    return head + "\n" + "\n".join(listed) + "\n" + "".join(bodies)


def as_json(components: Iterable[Component]) -> str:
    """For programs."""
    return json.dumps([asdict(one) for one in components], indent=1, ensure_ascii=False)


def read(path: Path) -> list[Component]:
    """What `as_json` wrote."""
    found = json.loads(path.read_text("utf-8"))
    return [Component(**{**one, "texts": tuple(one["texts"])}) for one in found]
