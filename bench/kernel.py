"""How fast the compiled WaveNet speaks, against the plain cached PyTorch loop and against the caches.

    python bench/kernel.py [--size L M S shipped] [--bands 1 4] [--precision float32 bf16 int8] [--json]
                           [--isa ISA ...] [--streams 1 2 4 8] [--seconds 1] [--repeats 5] [--clock wall|cpu]

One thread, on one core where the system can pin it. The loop and every form of the kernel take turns, so that
a busy machine slows all of them; the best turn counts. Weights are random: time does not depend on them. What
is timed is the loop over the samples, with its draws, and for the kernel the passing of arrays to C; the
conditioner and the joining of sub-bands, which all paths share, are left out.

The roofline is how fast the samples would come if a step did nothing but read its weights: their bytes over
the bandwidth that the same core has when it reads a buffer of that size again and again. It holds for one
stream; several share a reading. Prints a Markdown table, or with --json one object a line.
Where other processes want the core, `--clock cpu` counts only the time for which this one had it.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tts.audio.mel import MelConfig
from tts.kernels import PRECISIONS, chosen_isa, isas
from tts.kernels.library import library
from tts.vocoder.compiled import FRAMES_PER_CALL, CompiledWaveNet, compiled_wavenet
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

SIZES: dict[str, dict[str, Any]] = {
    "L": {"residual_dim": 64, "skip_dim": 256, "head_dim": 256, "n_layers": 20},
    "M": {"residual_dim": 64, "skip_dim": 128, "head_dim": 128, "n_layers": 16},
    "S": {"residual_dim": 48, "skip_dim": 64, "head_dim": 64, "n_layers": 12},
    "shipped": {},  # the defaults of the config
}
LIKELIHOODS = {1: "mulaw", 4: "logistic_mixture"}
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
LOOP_SHARE = 0.05
"""The loop speaks only this share of the sound, and is scaled: it takes so much longer."""


@dataclass
class Form:
    """One way to speak, and how often faster than real time it was in each turn."""

    isa: str
    precision: str
    streams: int
    turn: Callable[[], None]
    sound_s: float
    roofline: float = 0.0
    rates: list[float] = field(default_factory=list)

    @property
    def path(self) -> str:
        """What the table calls it."""
        streams = f", {self.streams} streams" if self.streams > 1 else ""
        return f"{self.isa} {self.precision}{streams}"


def main() -> None:
    """Times what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", nargs="+", choices=list(SIZES), default=["L", "M", "S"])
    parser.add_argument("--bands", nargs="+", type=int, choices=list(LIKELIHOODS), default=[1, 4])
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--isa", nargs="+", choices=isas(), default=[chosen_isa()])
    parser.add_argument("--streams", nargs="+", type=int, default=[1], help="at once")
    parser.add_argument("--seconds", type=float, default=1.0, help="sound that a turn speaks")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()

    torch.set_num_threads(1)
    core = pin()
    if not options.json:
        print(f"{machine()}; one thread, {core}; torch {torch.__version__}; {options.repeats}")
        print(
            f"interleaved turns of {options.seconds:g} s of sound, best (median), {options.clock} clock.\n"
        )
        print(
            "| size | bands | path | times real time | times the PyTorch loop | of the roofline |"
        )
        print("|---|---|---|---|---|---|")
    for size in options.size:
        for bands in options.bands if size != "shipped" else (WaveNetConfig().n_bands,):
            measure(size, bands, options)


def measure(size: str, bands: int, options: argparse.Namespace) -> None:
    """Prints what one model reaches."""
    torch.manual_seed(0)
    config = WaveNetConfig(n_bands=bands, likelihood=LIKELIHOODS[bands], **SIZES[size])  # type: ignore[arg-type]
    net = WaveNet(config, MelConfig()).eval()
    n_frames = max(FRAMES_PER_CALL, round(options.seconds * net.mel_config.frames_per_second))
    with torch.inference_mode():
        conditions = net.conditions(torch.randn(1, net.mel_config.n_mels, n_frames))
    uniforms = torch.cat(list(net.uniforms(1, n_frames, seed=0)), dim=1)

    frame_s, n_loop = 1.0 / net.mel_config.frames_per_second, max(1, round(n_frames * LOOP_SHARE))
    loop = Form(
        "PyTorch", "float32", 1, loop_turn(net, conditions, uniforms, n_loop), n_loop * frame_s
    )
    forms = [loop]
    for isa in options.isa:
        for precision in options.precision:
            compiled = compiled_wavenet(net, isa, precision)
            rate = bandwidth(isa, compiled.kernel.step_bytes) / compiled.kernel.step_bytes
            roofline = rate * bands / net.mel_config.sample_rate
            for streams in options.streams:
                turn = kernel_turn(compiled, conditions, uniforms, n_frames, streams)
                sound_s = n_frames * frame_s * streams
                forms.append(Form(isa, precision, streams, turn, sound_s, roofline))
    clock = CLOCKS[options.clock]
    for form in forms:
        form.turn()  # warms caches and clock
    for _ in range(options.repeats):
        for form in forms:
            start = clock()
            form.turn()
            form.rates.append(form.sound_s / (clock() - start))
    for form in forms:
        if not options.json or form is not loop:
            (print_json if options.json else print_row)(size, bands, form, loop)


def print_json(size: str, bands: int, form: Form, loop: Form) -> None:
    values = {
        "size": size,
        "bands": bands,
        "precision": form.precision,
        "x_realtime": round(max(form.rates), 3),
        "ratio_to_loop": round(max(form.rates) / max(loop.rates), 2),
        "roofline_fraction": round(max(form.rates) / form.roofline, 3),
        "isa": form.isa,
        "streams": form.streams,
        "x_realtime_median": round(statistics.median(form.rates), 3),
    }
    print(json.dumps(values), flush=True)


def print_row(size: str, bands: int, form: Form, loop: Form) -> None:
    best, median = max(form.rates), statistics.median(form.rates)
    ratio = best / max(loop.rates), median / statistics.median(loop.rates)
    share = f"{best / form.roofline:.2f}" if form.roofline else ""
    print(
        f"| {size} | {bands} | {form.path} | {best:.2f} ({median:.2f}) "
        f"| {ratio[0]:.1f} ({ratio[1]:.1f}) | {share} |",
        flush=True,
    )


def loop_turn(
    net: WaveNet, conditions: torch.Tensor, uniforms: torch.Tensor, n_frames: int
) -> Callable[[], None]:
    """The plain cached loop over `n_frames` frames, from silence."""
    n_steps = n_frames * net.mel_config.hop // net.config.n_bands

    @torch.inference_mode()
    def turn() -> None:
        net.steps(conditions, uniforms[:, :n_steps], net.initial_state(1))

    return turn


def kernel_turn(
    compiled: CompiledWaveNet,
    conditions: torch.Tensor,
    uniforms: torch.Tensor,
    n_frames: int,
    streams: int,
) -> Callable[[], None]:
    """The kernel over `n_frames` frames of each stream, in the chunks that synthesis uses."""
    rows, draws = conditions[0].numpy(), uniforms[0].numpy()
    upsampling = compiled.config.upsampling
    n_steps = compiled.mel_config.hop // compiled.config.n_bands

    def turn() -> None:
        states = [compiled.kernel.initial_state() for _ in range(streams)]
        for start in range(0, n_frames, FRAMES_PER_CALL):
            end = min(n_frames, start + FRAMES_PER_CALL)
            compiled.kernel.run_batch(
                states,
                [rows[start * upsampling : end * upsampling]] * streams,
                [draws[start * n_steps : end * n_steps]] * streams,
            )

    return turn


def bandwidth(isa: str, n_bytes: int, repeats: int = 9) -> float:
    """Bytes a second, the best of some readings, from wherever a buffer of that size comes to lie."""
    n_bytes = n_bytes // 256 * 256
    room = np.ones(n_bytes + 4096, dtype=np.uint8)
    address = room.ctypes.data + -room.ctypes.data % 4096
    n_times = max(1, (16 << 20) // n_bytes)
    best = 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        library().saywave_read(isa.encode(), address, n_bytes, n_times)
        best = max(best, n_bytes * n_times / (time.perf_counter() - start))
    return best


def pin() -> str:
    """Keeps this process on one of its cores, the last; says which, if the system can."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"pinned to core {core}"


def machine() -> str:
    """The processor, as the system names it."""
    cpuinfo = Path("/proc/cpuinfo")
    if sys.platform == "linux" and cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
        pairs = (line.partition(":") for line in lines)
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        if "model name" in fields:
            family = f"family {fields.get('cpu family')}, model {fields.get('model')}"
            return f"{fields['model name']} ({family})"
    return f"{platform.processor() or platform.machine()}, {platform.system()}"


if __name__ == "__main__":
    main()
