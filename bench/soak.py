"""Whether a voice that speaks on and on keeps to its memory: an hour of speech, or thousands of utterances.

    python bench/soak.py [VOICE] [--hours H | --utterances N] [--listeners 2] [--threads 2] [--limit-mb 4]

Several listeners stream texts from one voice at once, each spoken by several threads; no text comes twice,
and now and then one is left in its middle. Prints a Markdown table of the highest resident memory in each
tenth of the work. In the first half, caches and the arenas of malloc fill; ends with exit code 1 when the
second half needs more than the limit beyond that, or when a thread is left. Utterances that are counted are
short: a word or two. Linux only.
"""

import argparse
import contextlib
import itertools
import os
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tts import load_voice

LONG = (
    "The birch canoe slid on the smooth planks, and the river carried {} of them away.",
    "Glue the sheet to the dark blue background before {} o'clock, when the paint is dry.",
    "It is easy to tell the depth of well number {} when the water is clear.",
    "These days a chicken leg is a rare dish in house {} by the sea.",
)
SHORT = ("Yes.", "No, {}.", "Why not?", "Good morning.", "{}.", "Well then!")
PER_TEXT = 12
LEFT_AFTER = 7  # pieces: each seventh text is not heard to its end
ROWS = 10


class Soak:
    """What was spoken so far, by all listeners, and the memory at each tenth of the goal.

    Args:
        goal: utterances, or seconds of speech.
        counted: whether it is utterances.
    """

    def __init__(self, goal: float, counted: bool) -> None:
        self.goal, self.counted = goal, counted
        self.n_utterances, self.speech_s, self.highest_mb = 0, 0.0, 0.0
        self.rows_mb: list[float] = []
        self._lock, self._start_s = threading.Lock(), time.monotonic()

    @property
    def share(self) -> float:
        return (self.n_utterances if self.counted else self.speech_s) / self.goal

    def add(self, n_utterances: int, speech_s: float) -> None:
        with self._lock:
            self.n_utterances += n_utterances
            self.speech_s += speech_s
            self.highest_mb = max(self.highest_mb, resident_mb())
            if len(self.rows_mb) < min(ROWS, int(self.share * ROWS)):
                self.rows_mb.append(self.highest_mb)
                self.highest_mb = 0.0
                print(
                    f"| {time.monotonic() - self._start_s:.0f} s | {self.n_utterances:,} "
                    f"| {self.speech_s / 60.0:.0f} min | {self.rows_mb[-1]:.1f} MB |",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("voice", nargs="?", default="kathleen", help="default: %(default)s")
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument("--hours", type=float, default=1.0, help="of speech; default: %(default)s")
    goal.add_argument("--utterances", type=int, help="short ones")
    parser.add_argument("--listeners", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="of each; default: %(default)s")
    parser.add_argument("--limit-mb", type=float, default=4.0, help="default: %(default)s")
    options = parser.parse_args()
    counted = options.utterances is not None
    soak = Soak(options.utterances if counted else 3600.0 * options.hours, counted)
    voice, sentences = load_voice(options.voice), SHORT if counted else LONG
    print("| clock | utterances | speech | resident memory |\n|---|---|---|---|")
    with ThreadPoolExecutor(options.listeners) as pool:
        listening = [
            pool.submit(listen, voice, sentences, options.threads, soak, listener)
            for listener in range(options.listeners)
        ]
    for listener in listening:
        listener.result()
    growth_mb = statistics.median(soak.rows_mb[-3:]) - soak.rows_mb[ROWS // 2 - 1]
    n_threads = threading.active_count()
    print(
        f"\ngrown by {growth_mb:.1f} MB in the second half; {n_threads} thread{'s' * (n_threads > 1)}"
    )
    if growth_mb > options.limit_mb or n_threads > 1:
        sys.exit("error: it does not keep to its memory, or to its threads")


def listen(
    voice: Any, sentences: tuple[str, ...], n_threads: int, soak: Soak, listener: int
) -> None:
    """Hears one text after the other until enough is spoken."""
    for index in itertools.count():
        if soak.share >= 1.0:
            return
        first = (1_000_000 * listener + index) * PER_TEXT
        text = " ".join(sentences[i % len(sentences)].format(first + i) for i in range(PER_TEXT))
        with contextlib.closing(voice.stream(text, seed=index, threads=n_threads)) as pieces:
            if index % 7 == 6:
                soak.add(0, sum(piece.duration_s for piece in itertools.islice(pieces, LEFT_AFTER)))
            else:
                soak.add(PER_TEXT, sum(piece.duration_s for piece in pieces))


def resident_mb() -> float:
    """The resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
