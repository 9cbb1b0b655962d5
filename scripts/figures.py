#!/usr/bin/env python3
"""Measures everything on docs/performance.md again, and writes its tables and its plots.

    scripts/figures.py [chain] [growth] [serialization] [micro]

Takes half an hour on two cores that do nothing else. The sentences of the page are not changed: read
them again beside the new figures.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/performance.md"
PLOTS = ROOT / "docs/performance"
CARGO = ["cargo", "{}", "--profile", "bench", "--locked", "--package", "bench", "--all-features"]


def bench(*arguments):
    """What a command of the benchmark measured."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [part.format("run") for part in CARGO] + ["--", *arguments]
        subprocess.run([*command, "--json", file.name, "--svg", PLOTS], cwd=ROOT, check=True)
        return json.load(file)


def spread(value, digits=2):
    return f"{value['median']:,.{digits}f} ({value['low']:,.{digits}f}–{value['high']:,.{digits}f})"


def chain():
    for row in bench("--rounds", "9", "--seconds", "2")["table"]:
        expected = row["spans_expected"]
        yield [
            row["variant"],
            f"{row['cpu_us_per_call']['median']:.0f}",
            spread(row["ratio"]),
            f"{row['calls_per_second']['median']:,.0f}",
            *(f"{row[name]['median'] / 1000:.1f}" for name in ("p50_us", "p99_us", "p999_us")),
            f"{row['resident_mib']['median']:.0f}",
            f"{row['spans']:,} of {'any' if expected is None else f'{expected:,}'}",
        ]


def growth():
    for figure in bench("growth"):
        for line in figure["lines"]:
            points = line["points"]
            first, last = points[0], points[-1]
            yield [
                f"{figure['title']}, {figure['y']}",
                line["label"],
                f"{first['x']:,.0f} to {last['x']:,.0f} {figure['x']}",
                *(significant(point["y"]["median"]) for point in (first, last)),
            ]


def serialization():
    for row in bench("serialization"):
        yield [
            row["format"],
            f"{row['bytes']:,}",
            f"{row['bytes_ratio']:.2f}",
            f"{row['encode_ns']['median']:,.0f}",
            spread(row["encode_ratio"]),
            f"{row['decode_ns']['median']:,.0f}",
            spread(row["decode_ratio"]),
        ]


def micro():
    command = [part.format("bench") for part in CARGO] + ["--bench", "micro"]
    subprocess.run([*command, "--", "--noplot"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    rows = []
    for file in target.glob("criterion/**/new/benchmark.json"):
        named = json.loads(file.read_text())
        median = json.loads(file.with_name("estimates.json").read_text())["median"]
        low, high = (median["confidence_interval"][end] for end in ("lower_bound", "upper_bound"))
        name = ", ".join(filter(None, (named["function_id"], named["value_str"])))
        row = [named["group_id"], name, time(median["point_estimate"]), f"{time(low)} to {time(high)}"]
        # In the order in which they were measured.
        rows.append((file.stat().st_mtime, row))
    yield from (row for _, row in sorted(rows))


def significant(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def time(nanoseconds):
    """Three digits and a unit."""
    for unit in ("ns", "µs", "ms"):
        if nanoseconds < 999.5 or unit == "ms":
            return f"{significant(nanoseconds)} {unit}"
        nanoseconds /= 1000


# The first words of each table's head.
TABLES = {
    "chain": (chain, "| variant |"),
    "growth": (growth, "| measured |"),
    "serialization": (serialization, "| format |"),
    "micro": (micro, "| group |"),
}


def replace(head, rows):
    """Puts these rows below the head that starts so, in place of those that are there."""
    lines = PAGE.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(head)) + 2
    end = begin
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    lines[begin:end] = ["| " + " | ".join(row) + " |" for row in rows]
    PAGE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or TABLES:
        measure, head = TABLES[name]
        replace(head, list(measure()))
