"""Figures that a test measures in passing: printed, and kept in build/figures.json beside those of other tests."""

import json
import statistics
from pathlib import Path

FILE = Path("build/figures.json")


def keep_figure(name: str, values: list[float]) -> None:
    """Keep the least, the median and the greatest of some values."""
    told = {"count": len(values), "least": min(values), "median": statistics.median(values), "greatest": max(values)}
    FILE.parent.mkdir(exist_ok=True)
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps(known | {name: {key: round(value, 1) for key, value in told.items()}}, indent=1) + "\n")
    print(f"{name}: {told}")  # noqa: T201 - pytest shows it with -rP
