"""What a recipe asks of a machine: the time and memory of its steps, and how long all of them would take.

    python bench/train.py RECIPE.toml [--steps 5] [--set KEY=VALUE ...]

Trains for `--steps` in a folder that is thrown away, without validation or samples, and prints a row of a
Markdown table; the first step is counted only if it is the only one. Processor time counts what all threads
worked, and nothing of what other processes did on the same cores. A GPU shows in wall time only.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import torch

from tts.train.loop import train
from tts.train.recipe import load_recipe

HEADER = (
    "| recipe | batch | processor time a step | wall time a step | steps | all of them | memory |\n"
    "|---|---|---|---|---|---|---|"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--steps", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = load_recipe(options.recipe, options.settings)
    cpu_s, wall_s = time_a_step(options.recipe, options.settings, options.steps)
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** (
        30 if sys.platform == "darwin" else 20
    )
    days = recipe.train.steps * cpu_s / 86400
    print(HEADER)
    print(
        f"| {options.recipe} | {recipe.batches.batch_size} | {cpu_s:.2f} s | {wall_s:.2f} s "
        f"| {recipe.train.steps:,} | {days:,.1f} days | {gib:.1f} GiB |"
    )


def time_a_step(path: Path, settings: list[str], n_steps: int) -> tuple[float, float]:
    """Processor and wall seconds of a step, on average."""
    clocks: list[tuple[float, float]] = []

    def note(line: str) -> None:
        print(line, file=sys.stderr)
        if line.endswith("from step 0") or ": loss " in line:
            clocks.append((time.process_time(), time.perf_counter()))

    with tempfile.TemporaryDirectory() as folder:
        short = {
            "run": folder,
            "train.steps": n_steps,
            "train.decay_steps": 0,
            "train.start_from": "null",  # where the weights come from costs nothing
            "train.log_every": 1,
            "train.validate_every": 0,
            "train.checkpoint_every": 0,
            "train.sample_every": 0,
        }
        train(load_recipe(path, [*settings, *(f"{k}={v}" for k, v in short.items())]), log=note)
    counted = clocks[1:] if n_steps > 1 else clocks
    (cpu_0, wall_0), (cpu_1, wall_1) = counted[0], counted[-1]
    n_counted = len(counted) - 1
    return (cpu_1 - cpu_0) / n_counted, (wall_1 - wall_0) / n_counted


if __name__ == "__main__":
    main()
