"""Write the list of components of a bundle as CycloneDX 1.6 JSON.

``python packaging/bundle/sbom.py COMPONENTS.json SBOM.json``; the first comes with the bundle.
Format: https://cyclonedx.org/docs/1.6/json/
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from components import Component, read

from tokensim_gui import __version__
from tokensim_gui.core.files.table import TableInfo, read_info
from tokensim_gui.core.hub.address import source_name

TABLES = Path(__file__).parents[2] / "resources/tables"


def sbom(components: list[Component], tables: list[TableInfo]) -> dict[str, Any]:
    """The document; the same components and built-in tables give the same one."""
    entries = [*map(described, components), *map(described_table, tables)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "tokensim",
                "name": "TokenSim",
                "version": __version__,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": entries,
        "dependencies": [{"ref": "tokensim", "dependsOn": [one["bom-ref"] for one in entries]}],
    }


def described(one: Component) -> dict[str, Any]:
    """One entry."""
    entry: dict[str, Any] = {
        "type": "library",
        "bom-ref": package_url(one),
        "name": one.name,
        "version": one.version,
        "purl": package_url(one),
    }
    if one.licence:
        entry["licenses"] = [{"license": {"name": one.licence}}]
    if one.homepage:
        entry["externalReferences"] = [{"type": "website", "url": one.homepage}]
    return entry


def described_table(info: TableInfo) -> dict[str, Any]:
    """The entry of a table out of a published model, whose licence is MIT; others don't ship."""
    url = f"pkg:huggingface/{source_name(info.source)}@{info.revision}"
    return {
        "type": "machine-learning-model",
        "bom-ref": url,
        "name": f"{info.name}: token table",
        "version": info.revision,
        "purl": url,
        "hashes": [{"alg": "SHA-256", "content": info.sha256}],
        "licenses": [{"license": {"id": "MIT"}}],
    }


def package_url(one: Component) -> str:
    """Where the component comes from: https://github.com/package-url/purl-spec."""
    owner = "debian/" if one.kind == "deb" else ""
    name = one.name.lower().replace("_", "-") if one.kind == "pypi" else one.name
    return f"pkg:{one.kind}/{owner}{quote(name)}@{quote(one.version, safe='')}"


if __name__ == "__main__":
    tables = [read_info(folder) for folder in sorted(TABLES.glob("*"))]
    text = json.dumps(sbom(read(Path(sys.argv[1])), tables), indent=1, ensure_ascii=False)
    Path(sys.argv[2]).write_text(text + "\n", "utf-8")
