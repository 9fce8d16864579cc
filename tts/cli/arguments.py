"""What the options of several verbs have in common."""

import argparse
from typing import TypeAlias

__all__ = ["Verbs", "at_least_one"]

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def at_least_one(text: str) -> int:
    """The type of an option that counts."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
