"""``make bench``: DESIGN's speed bounds on this machine, each beside its peer in the same run."""

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

PARTS = (
    "bench_search",
    "bench_import",
    "bench_prompt",
    "bench_encodings",
    "bench_window",
    "bench_large_vocabulary",
    "bench_map",
)


def main() -> int:
    """Run the parts asked for, print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--only", choices=PARTS, help="one part")
    arguments = parser.parse_args()
    rows, load = [], os.getloadavg()
    for name in [arguments.only] if arguments.only else PARTS:
        for row in importlib.import_module(name).rows():
            rows.append(row)
            print(line(row), flush=True)
    if arguments.json:
        said = {"machine": platform.platform(), "load": load, "rows": rows}
        arguments.json.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")
    missed = [row["name"] for row in rows if not row["ok"]]
    print(
        f"\nLoad of the machine: {load[0]:.1f} at the start, {os.getloadavg()[0]:.1f} at the end."
    )
    print(f"{len(rows) - len(missed)} of {len(rows)} within their bounds.")
    for name in missed:
        print(f"  over its bound: {name}")
    return 0


def line(row: dict) -> str:
    """A row of the printed table."""
    text = f"{row['name'][:62]:62} {row['ours_ms']:9.1f}"
    if row["spread"] is not None:
        text += " ({:.1f}–{:.1f})".format(*row["spread"])
    if row["peer_ms"] is not None:
        text += f"   {row['ratio']:6.2f} × {row['peer']} ({row['peer_ms']:.1f})"
    if row["bound"] is not None:
        text += f"   bound {row['bound']} {'✓' if row['ok'] else '✗'}"
    return text


if __name__ == "__main__":
    sys.exit(main())
