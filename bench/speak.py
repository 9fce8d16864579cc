"""How fast a voice speaks: from a text to its first and last sample, cold and warm, and what memory it takes.

    python bench/speak.py [VOICE] [--piper MODEL.onnx] [--cores 1 2] [--repeats 5] [--rounds 3]

Each system runs in processes of its own, in turns, on as many cores as it is allowed; with `--piper`, Piper
(`pip install piper-tts`) speaks the same texts. Cold is from the start of the process to the first sample of
the short text, all imports included. Prints a Markdown table of medians.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

TEXTS = {
    "10 words": "The birch canoe slid on the smooth planks by night.",
    "114 words": " ".join(
        [
            "The birch canoe slid on the smooth planks, and the river carried it away.",
            "Glue the sheet to the dark blue background before the paint is dry.",
            "It is easy to tell the depth of a well when the water is clear.",
            "These days a chicken leg is a rare dish in the house by the sea.",
            "Rice is often served in round bowls, and the juice of lemons makes fine punch.",
            "The box was thrown beside the parked truck, where nobody looked for it.",
            "The hogs were fed chopped corn and garbage until the winter came.",
            "Four hours of steady work faced us, and a large size in stockings is hard to sell.",
        ]
    ),
}

Speak = Callable[[str], Iterator[float]]
"""Speaks a text; yields the seconds of sound of each piece, as it is made."""


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("voice", nargs="?", default="kathleen", help="default: %(default)s")
    parser.add_argument("--piper", metavar="MODEL.onnx", help="a voice of Piper to compare with")
    parser.add_argument("--cores", type=int, nargs="+", default=[1], help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=5, help="in a process; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="processes; default: %(default)s")
    parser.add_argument("--measure", metavar="SYSTEM", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure, options)))
        return
    systems = ["saywave", *(["piper"] if options.piper else [])]
    print(
        "| system | cores | text | real-time factor | first sound | cold | peak memory |\n"
        "|---|---|---|---|---|---|---|"
    )
    for cores in options.cores:
        found: dict[str, list[dict[str, Any]]] = {system: [] for system in systems}
        for _ in range(options.rounds):
            for system in systems:
                found[system].append(in_a_process(system, cores))
        for system, rounds in found.items():
            for text in TEXTS:
                row = {
                    name: statistics.median(figures[text][name] for figures in rounds)
                    for name in ("factor", "first_s")
                }
                cold_s, peak_mb = (
                    statistics.median(figures[name] for figures in rounds)
                    for name in ("cold_s", "peak_mb")
                )
                print(
                    f"| {system} | {cores} | {text} | {row['factor']:.3f} | {row['first_s']:.3f} s "
                    f"| {cold_s:.2f} s | {peak_mb:.0f} MB |",
                    flush=True,
                )


def in_a_process(system: str, cores: int) -> dict[str, Any]:
    """The figures of one system, from a process that runs on so many cores."""
    allowed = sorted(os.sched_getaffinity(0))[-cores:]
    started_s = time.monotonic()  # one clock for all processes of a machine
    done = subprocess.run(
        [sys.executable, *sys.argv, "--measure", system],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        env={**os.environ, "OMP_NUM_THREADS": str(cores), "BENCH_STARTED_S": str(started_s)},
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measured(system: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a system takes in this process, which has done nothing else yet."""
    speak = saywave(options.voice) if system == "saywave" else piper(options.piper)
    next(speak(TEXTS["10 words"]))
    cold_s = time.monotonic() - float(os.environ["BENCH_STARTED_S"])
    figures: dict[str, Any] = {"cold_s": cold_s}
    for name, text in TEXTS.items():
        factors, firsts = [], []
        for _ in range(options.repeats):
            start = time.perf_counter()
            pieces = speak(text)
            sound_s = next(pieces)
            firsts.append(time.perf_counter() - start)
            sound_s += sum(pieces)
            factors.append((time.perf_counter() - start) / sound_s)
        figures[name] = {
            "factor": statistics.median(factors),
            "first_s": statistics.median(firsts),
        }
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def saywave(name: str) -> Speak:
    from tts import load_voice

    voice = load_voice(name)
    return lambda text: (piece.duration_s for piece in voice.stream(text))


def piper(model: str) -> Speak:
    from piper import PiperVoice

    voice = PiperVoice.load(model)
    return lambda text: (
        len(chunk.audio_float_array) / chunk.sample_rate for chunk in voice.synthesize(text)
    )


if __name__ == "__main__":
    main()
