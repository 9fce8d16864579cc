"""The command `tts`: parsing, printing and exit codes."""

from tts.cli.main import main

__all__ = ["main"]
