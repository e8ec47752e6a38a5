"""What the document of the page says is tested is tested: every test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
NAMED = re.compile(r"\| `((?:ui/)?tests/[\w./-]+)`: (.+?) \|$", re.MULTILINE)


def test_every_test_that_the_page_is_held_by_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 30
    missing = [f"{path}: {words}" for path, words in named if words not in (ROOT / path).read_text(encoding="utf-8")]
    assert missing == []
