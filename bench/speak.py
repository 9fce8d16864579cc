"""How fast a voice speaks: the whole way from text to samples, and what each part of it takes.

    python bench/speak.py [VOICE] [--threads 1] [--repeats 5]

The voice is warm: it has spoken once. Prints a Markdown table of medians.
"""

import argparse
import statistics
import time

import torch

from tts import load_voice

SHORT = "The birch canoe slid on the smooth planks by night."
LONG = " ".join(
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
)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("voice", nargs="?", default="kathleen", help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=5, help="default: %(default)s")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    voice = load_voice(options.voice)
    voice.synthesize(SHORT)
    print("| text | sound | time | real-time factor | first sentence after |")
    print("|---|---|---|---|---|")
    for text in (SHORT, LONG):
        times, firsts = [], []
        for _ in range(options.repeats):
            start = time.perf_counter()
            audio = voice.synthesize(text)
            times.append(time.perf_counter() - start)
            start = time.perf_counter()
            next(voice.stream(text))
            firsts.append(time.perf_counter() - start)
        took = statistics.median(times)
        print(
            f"| {len(text.split())} words | {audio.duration_s:.1f} s | {took:.2f} s "
            f"| {took / audio.duration_s:.3f} | {statistics.median(firsts):.2f} s |"
        )


if __name__ == "__main__":
    main()
