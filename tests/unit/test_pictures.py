"""Pictures are alike whatever smooths the letters, and not when something moved, went, or changed its colour."""

import io
from pathlib import Path

import pytest
from pictures import differs, keep, reduced
from PIL import Image, ImageDraw, ImageFilter

SIZE = (720, 600)
Box = tuple[int, int, int, int]
BUTTON: Box = (60, 480, 260, 540)


def drawn(*, button: Box | None = BUTTON, paper: str = "#f7f6f2", soft: bool = False, tall: int = 0) -> bytes:
    page = Image.new("RGB", (SIZE[0], SIZE[1] + tall), paper)
    draw = ImageDraw.Draw(page)
    for line in range(12):
        draw.text((60, 40 + line * 30), "Madrid to Berlin, nonstop, 2 h 50 min", fill="#222")
    if button:
        draw.rectangle(button, fill="#0f766e")
    if soft:
        page = page.filter(ImageFilter.GaussianBlur(0.7))
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "page.webp"
    keep(reduced(drawn()), path)
    return path


@pytest.mark.parametrize("picture", [drawn(), drawn(soft=True)], ids=["the same", "smoothed otherwise"])
def test_the_same_page_is_alike(kept: Path, picture: bytes) -> None:
    assert differs(reduced(picture), kept) is None


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (drawn(button=None), "unlike, between 60,480"),
        (drawn(button=(90, 480, 290, 540)), "unlike"),
        (drawn(paper="#141716"), "unlike, between 0,0"),
        (drawn(tall=60), "was 720 by 600"),
    ],
    ids=["a button less", "a button elsewhere", "another theme", "a longer page"],
)
def test_what_somebody_would_see_is_not(kept: Path, picture: bytes, words: str) -> None:
    assert words in (differs(reduced(picture), kept) or "")


def test_a_state_without_a_picture_is_said(tmp_path: Path) -> None:
    assert differs(reduced(drawn()), tmp_path / "none.webp") == "there is no picture to compare it with"
