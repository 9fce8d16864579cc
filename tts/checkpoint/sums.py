"""Whether files are still those that were shipped: the sums of a voice folder, and of an installed package.

A voice has them in `SHA256SUMS`, as `sha256sum` writes it, so that `sha256sum -c SHA256SUMS` checks them too.
The package has them in the RECORD that pip installs with a wheel.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tts.errors import CheckpointError
from tts.files import whole_file

__all__ = ["SUMS_FILE", "check_installed", "check_sums", "voice_digest", "write_sums"]

SUMS_FILE = "SHA256SUMS"

_PARTS = ("acoustic", "vocoder")
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")
_REINSTALL = "pip install --force-reinstall saywave"


def write_sums(folder: Path) -> None:
    """Writes the sums of all files of a voice folder.

    Raises:
        CheckpointError: when it cannot be written, or a file of it cannot be read.
    """
    lines = [f"{_sum_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
    try:
        with whole_file(folder / SUMS_FILE) as part:
            part.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror}") from None


def check_sums(folder: Path) -> int | None:
    """Compares a voice folder with its sums.

    Returns:
        How many files were compared; None if the voice has no sums.

    Raises:
        CheckpointError: naming each file that is missing, changed or not listed, or the line that is no sum.
    """
    path = folder / SUMS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}", hint=_mend(folder)) from None
    sums = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or _leaves(match[2]):
            raise CheckpointError(f"{path}:{number}: is not a sum: {line!r}", hint=_mend(folder))
        sums[match[2]] = match[1]
    wrong = _differing(folder, sums)
    names = {path.relative_to(folder).as_posix() for path in _files(folder)}
    wrong += [f"{name} is not listed" for name in sorted(names - set(sums))]
    if wrong:
        raise CheckpointError(f"{folder}: {_listed(wrong)}", hint=_mend(folder))
    return len(sums)


def check_installed(package: Path) -> int | None:
    """Compares the installed package with the RECORD of its wheel.

    Args:
        package: the folder of the package that runs.

    Returns:
        How many files were compared; None if what runs was not installed from a wheel, as a checkout is not.

    Raises:
        CheckpointError: naming each file that is missing or changed.
    """
    from importlib.metadata import distributions

    for distribution in distributions(name="saywave", path=[str(package.parent)]):
        sums = {
            str(file): _hex(file.hash.value)
            for file in distribution.files or ()
            if file.hash is not None
            and file.hash.mode == "sha256"
            and file.parts[0] == package.name
        }
        if sums:
            wrong = _differing(package.parent, sums)
            if wrong:
                raise CheckpointError(f"{package}: {_listed(wrong)}", hint=_REINSTALL)
            return len(sums)
    return None


def voice_digest(folder: Path) -> str:
    """One sum for all of a voice that decides how it speaks: all of its files but its documents."""
    total = hashlib.sha256()
    for path in _files(folder):
        if path.suffix != ".md":
            total.update(f"{_sum_of(path)}  {path.relative_to(folder).as_posix()}\n".encode())
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """The files of a voice, in the order of their names; hidden ones, which systems leave, are not of it."""
    folders = (folder, *(folder / part for part in _PARTS))
    found = (path for inside in folders if inside.is_dir() for path in inside.iterdir())
    kept = [
        path
        for path in found
        if path.is_file() and path.name != SUMS_FILE and not path.name.startswith(".")
    ]
    return iter(sorted(kept))


def _differing(root: Path, sums: Mapping[str, str]) -> list[str]:
    """What is wrong with each file that is not as its sum says."""
    wrong = []
    for name, expected in sums.items():
        path = root / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif _sum_of(path) != expected:
            wrong.append(f"{name} is not as it was shipped")
    return wrong


def _sum_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None


def _hex(urlsafe: str) -> str:
    """A sum as RECORD has it, in the form of `sha256sum`."""
    return base64.urlsafe_b64decode(urlsafe + "=" * (-len(urlsafe) % 4)).hex()


def _leaves(name: str) -> bool:
    """Whether a name leads out of its folder."""
    return Path(name).is_absolute() or ".." in Path(name).parts


def _listed(wrong: list[str]) -> str:
    return ", ".join(wrong[:5]) + (f", and {len(wrong) - 5} more" if len(wrong) > 5 else "")


def _mend(folder: Path) -> str:
    """What to do about a voice that is not as it was."""
    return (
        f"{_REINSTALL}, or fetch the voice again; if the change is yours: "
        f"cd {folder} && find * -type f ! -name {SUMS_FILE} | xargs sha256sum > {SUMS_FILE}"
    )
