"""Standard output, whose errors Python reports without saying where."""

import sys

__all__ = ["flush_output", "write_output"]

_NAME = "standard output"


def flush_output() -> None:
    """Writes what is buffered; an OSError names standard output. Nothing happens where it is closed."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        error.filename = _NAME
        raise


def write_output(content: bytes) -> None:
    """Writes bytes; an OSError names standard output."""
    try:
        sys.stdout.buffer.write(content)
    except OSError as error:
        error.filename = _NAME
        raise
    flush_output()
