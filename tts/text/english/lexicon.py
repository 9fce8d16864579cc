"""The lexicon: words and their IPA, made of CMUdict by `recipes/g2p`."""

import functools
import mmap
from pathlib import Path

__all__ = ["Lexicon", "built_in_lexicon"]

_FILE = Path(__file__).parent / "lexicon.txt"


class Lexicon:
    """Words of a file, a line for each: the word, a space and its IPA, sorted by their bytes.

    The file is searched where it lies, by halving: nothing is read before it is asked for, and the memory is
    that of the system's cache. Any number of threads may ask.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def get(self, word: str) -> str | None:
        """The IPA of a word in lower case, None when it is not there."""
        key = word.encode(errors="replace") + b" "
        lines, low, high = self._bytes, 0, len(self._bytes)
        while low < high:
            start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = lines.find(b"\n", start)
            line = lines[start:end]
            if line.startswith(key):
                return line[len(key) :].decode()
            if line < key:
                low = end + 1
            else:
                high = start
        return None


@functools.cache
def built_in_lexicon() -> Lexicon:
    """The lexicon that is shipped, opened when it is first asked for."""
    return Lexicon(_FILE)
