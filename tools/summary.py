"""Counts what the test runs of `make test` reported, and says which tests were skipped and why.

Reads the JUnit files of a folder: `python tools/summary.py test-artefacts/results`. Exit code 1 when there is none, as a run
that tested nothing is no success.
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def main(folder: Path) -> int:
    """Print a line for each run, the skipped tests by reason, and the sum."""
    files = sorted(folder.glob("*.xml"))
    total: Counter[str] = Counter()
    skips: Counter[str] = Counter()
    for file in files:
        counts, seconds = Counter[str](), 0.0
        for case in ET.parse(file).iter("testcase"):  # noqa: S314 - our own runs wrote it
            seconds += float(case.get("time") or 0)
            result = outcome(case)
            counts[result] += 1
            if result == "skipped":
                skips[reason(case)] += 1
        total += counts
        print(f"  {file.stem:20}{counts.total():>6} tests{seconds:>8.0f} s of work")
    for why, count in skips.most_common():
        print(f"  skipped {count}: {why}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total else 1


def outcome(case: ET.Element) -> str:
    """How a test ended: passed, failed or skipped."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def reason(case: ET.Element) -> str:
    """Why a test was skipped, as it says itself."""
    found = case.find("skipped")
    return (found.get("message") if found is not None else None) or f"{case.get('classname')}: no reason given"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
