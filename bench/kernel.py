"""How fast the compiled WaveNet speaks, against the plain cached PyTorch loop of the same model.

    python bench/kernel.py [--size S-4band|M-4band|...|all] [--seconds 2] [--repeats 5] [--clock wall|cpu]

One thread, on one core where the system can pin it. The loop and every instruction set of the processor take
turns, so that a busy machine slows all of them. Weights are random: time does not depend on them. What is
timed is the loop over the samples, with its draws, and for the kernel the passing of arrays to C; the
conditioner and the joining of sub-bands, which both paths share, are left out. Prints a Markdown table.
Where other processes want the core, `--clock cpu` counts only the time for which this one had it.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tts.audio.mel import MelConfig
from tts.kernels import isas
from tts.vocoder.compiled import FRAMES_PER_CALL, CompiledWaveNet, compiled_wavenet
from tts.vocoder.wavenet import WaveNet, WaveNetConfig

SIZES = {
    "L": {"residual_dim": 64, "skip_dim": 256, "head_dim": 256, "n_layers": 20},
    "M": {"residual_dim": 64, "skip_dim": 128, "head_dim": 128, "n_layers": 16},
    "S": {"residual_dim": 48, "skip_dim": 64, "head_dim": 64, "n_layers": 12},
}
FORMS = {
    "1band": {"n_bands": 1, "likelihood": "mulaw"},
    "4band": {"n_bands": 4, "likelihood": "logistic_mixture"},
}
CONFIGS = {f"{size}-{form}": {**SIZES[size], **FORMS[form]} for form in FORMS for size in SIZES}
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
LOOP_SHARE = 0.05
"""The loop speaks only this share of the sound, and is scaled: it takes so much longer."""


def main() -> None:
    """Times the sizes that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", choices=["shipped", *CONFIGS, "all"], default="shipped")
    parser.add_argument("--seconds", type=float, default=2.0, help="sound that a turn speaks")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    options = parser.parse_args()
    names = list(CONFIGS) if options.size == "all" else [options.size]

    torch.set_num_threads(1)
    core = pin()
    print(f"{machine()}; one thread, {core}; torch {torch.__version__}; float32, batch 1;")
    print(
        f"{options.repeats} interleaved turns of {options.seconds:g} s of sound, best (median), "
        f"{options.clock} clock.\n"
    )
    print("| model | path | times real time | microseconds a step | times the PyTorch loop |")
    print("|---|---|---|---|---|")
    for name in names:
        # The defaults of the config are the shipped voice.
        config = WaveNetConfig(**CONFIGS.get(name, {}))  # type: ignore[arg-type]
        report(name, config, options.seconds, options.repeats, CLOCKS[options.clock])


def report(
    name: str,
    config: WaveNetConfig,
    seconds: float,
    repeats: int,
    clock: Callable[[], float],
) -> None:
    """Prints the rows of one model."""
    torch.manual_seed(0)
    net = WaveNet(config, MelConfig()).eval()
    n_frames = max(FRAMES_PER_CALL, round(seconds * net.mel_config.frames_per_second))
    mel = torch.randn(1, net.mel_config.n_mels, n_frames)
    with torch.inference_mode():
        conditions = net.conditions(mel)
    uniforms = torch.cat(list(net.uniforms(1, n_frames, seed=0)), dim=1)
    frame_s = 1.0 / net.mel_config.frames_per_second

    turns: dict[str, tuple[Callable[[], None], float]] = {}
    n_loop = max(1, round(n_frames * LOOP_SHARE))
    turns["PyTorch"] = (loop_turn(net, conditions, uniforms, n_loop), n_loop * frame_s)
    for isa in isas():
        compiled = compiled_wavenet(net, isa)
        turns[isa] = (kernel_turn(compiled, conditions, uniforms, n_frames), n_frames * frame_s)

    rates: dict[str, list[float]] = {path: [] for path in turns}
    for turn, _ in turns.values():
        turn()  # warms caches and clock
    for _ in range(repeats):
        for path, (turn, sound_s) in turns.items():
            start = clock()
            turn()
            rates[path].append(sound_s / (clock() - start))
    steps_per_second = net.mel_config.sample_rate / config.n_bands
    for path, times in rates.items():
        best, median = max(times), statistics.median(times)
        step_us = 1e6 / (best * steps_per_second), 1e6 / (median * steps_per_second)
        ratio = best / max(rates["PyTorch"]), median / statistics.median(rates["PyTorch"])
        print(
            f"| {name} | {path} | {best:.2f} ({median:.2f}) | {step_us[0]:.2f} ({step_us[1]:.2f}) "
            f"| {ratio[0]:.1f} ({ratio[1]:.1f}) |",
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
    compiled: CompiledWaveNet, conditions: torch.Tensor, uniforms: torch.Tensor, n_frames: int
) -> Callable[[], None]:
    """The kernel over `n_frames` frames, in the chunks that synthesis uses."""
    rows, draws = conditions[0].numpy(), uniforms[0].numpy()
    upsampling = compiled.config.upsampling
    n_steps = compiled.mel_config.hop // compiled.config.n_bands

    def turn() -> None:
        state = compiled.kernel.initial_state()
        for start in range(0, n_frames, FRAMES_PER_CALL):
            end = min(n_frames, start + FRAMES_PER_CALL)
            compiled.kernel.run(
                state,
                rows[start * upsampling : end * upsampling],
                draws[start * n_steps : end * n_steps],
            )

    return turn


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
