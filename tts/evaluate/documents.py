"""The files that an evaluation leaves: there whole or not at all."""

import os
from pathlib import Path

from tts.errors import EvaluationError
from tts.files import whole_file

__all__ = ["check_place", "write_document"]


def check_place(path: Path) -> None:
    """Refuses a path that could not be written, before minutes are spent on what goes there.

    Raises:
        EvaluationError: for a missing folder, one that cannot be written to, or a path that is a folder.
    """
    folder = path.parent
    if not folder.is_dir():
        raise EvaluationError(
            f"{path}: the folder {str(folder)!r} does not exist", hint=f"mkdir -p {folder}"
        )
    if path.is_dir():
        raise EvaluationError(f"{path}: is a folder", hint="give the name of a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EvaluationError(
            f"{path}: the folder {str(folder)!r} cannot be written to", hint="choose another folder"
        )


def write_document(path: Path, text: str) -> None:
    """Writes a text file in UTF-8.

    Raises:
        EvaluationError: when it cannot be written; nothing is left then.
    """
    try:
        with whole_file(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"{path}: cannot be written: {error.strerror or error}", hint="choose another place"
        ) from None
