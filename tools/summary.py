"""Counts what the test runs of `make test` reported, and says which tests were skipped and why.

Reads the JUnit files of a folder: `python tools/summary.py test-artefacts/results`. Exit code 1 when there is none, as a run
that tested nothing is no success.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

ALONE = "-alone"
"""Ends the name of a run that tried again what failed in the run before it."""


def main(folder: Path) -> int:
    """Print a line for each run, the skipped tests by reason, and the sum."""
    files = {file.stem: file for file in sorted(folder.glob("*.xml"))}
    total: Counter[str] = Counter()
    skips: Counter[str] = Counter()
    for name in (name for name in files if not name.endswith(ALONE)):
        tries = ended = cases_of(files[name])
        if again := files.get(name + ALONE):
            tries = tries + cases_of(again)
            ended = list(last_tries(tries))
        counts = Counter(map(outcome, ended))
        skips.update(reason(case) for case in ended if outcome(case) == "skipped")
        total += counts
        seconds = sum(float(case.get("time") or 0) for case in tries)
        repeated = f", {len(tries) - len(ended)} run again" if len(tries) > len(ended) else ""
        print(f"  {name:20}{len(ended):>6} tests{seconds:>8.0f} s of work{repeated}")
    for why, count in skips.most_common():
        print(f"  skipped {count}: {why}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total else 1


def cases_of(file: Path) -> list[ET.Element]:
    """The tests of a run; each as often as it was tried."""
    return list(ET.parse(file).iter("testcase"))  # noqa: S314 - our own runs wrote it


def last_tries(cases: Iterable[ET.Element]) -> Iterable[ET.Element]:
    """A test that was run again is there once for each try; the last one counts."""
    return {(case.get("classname"), case.get("name")): case for case in cases}.values()


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
