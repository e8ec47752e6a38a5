"""The count that ends a whole test run."""

import runpy
from pathlib import Path

import pytest

MAIN = runpy.run_path(str(Path(__file__).resolve().parents[3] / "tools" / "summary.py"))["main"]

UNIT = """<testsuites><testsuite name="pytest">
  <testcase classname="a" name="one" time="1.5"/>
  <testcase classname="a" name="two" time="0.5"><failure message="no">…</failure></testcase>
  <testcase classname="a" name="three" time="0"><error message="broke">…</error></testcase>
</testsuite></testsuites>"""
PAGE = """<testsuites><testsuite name="page">
  <testcase classname="b" name="one" time="2"><skipped message="no browser: install one"/></testcase>
  <testcase classname="b" name="two" time="2"/>
</testsuite></testsuites>"""


def test_all_runs_are_counted_and_each_skip_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "unit.xml").write_text(UNIT, encoding="utf-8")
    (tmp_path / "page.xml").write_text(PAGE, encoding="utf-8")
    assert MAIN(tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["page", "2", "tests", "4", "s", "of", "work"],
        ["unit", "3", "tests", "2", "s", "of", "work"],
    ]
    assert "skipped 1: no browser: install one" in lines[2]
    assert lines[-1] == "2 passed, 2 failed, 1 skipped"


def test_a_test_that_was_run_again_counts_once_as_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beside, alone = (
        f'<testsuite><testcase classname="c" name="one" time="1">{failure}</testcase>{others}</testsuite>'
        for failure, others in [('<failure message="no">…</failure>', '<testcase classname="c" name="two"/>'), ("", "")]
    )
    (tmp_path / "e2e.xml").write_text(beside, encoding="utf-8")
    (tmp_path / "e2e-alone.xml").write_text(alone, encoding="utf-8")
    assert MAIN(tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "2 tests" in lines[0]
    assert "1 run again" in lines[0]
    assert lines[-1] == "2 passed, 0 failed, 0 skipped"


def test_two_tests_of_one_name_are_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = '<testcase classname="page" name="shows"/>'
    (tmp_path / "ui.xml").write_text(f"<testsuite>{case}{case}</testsuite>", encoding="utf-8")
    assert MAIN(tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed, 0 skipped"


def test_a_run_that_tested_nothing_is_no_success(tmp_path: Path) -> None:
    assert MAIN(tmp_path) == 1
