"""How much there is to read before something can be changed."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
MOST = 8_500


def test_the_program_stays_as_small_as_it_was_made() -> None:
    """Settings, services, components, stacks, policies, costs and bootstrap; what can be a table is one, beside them."""
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in (ROOT / "infra").rglob("*.py"))
    assert 0 < lines <= MOST, f"infra/ has {lines} lines of Python: delete, or make it a row of a table"
