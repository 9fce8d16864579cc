"""A voice is a guest in its process: it leaves settings alone, and speaks after `fork` and `spawn`."""

import hashlib
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tts.voice import Voice, synthesize

pytestmark = [
    pytest.mark.filterwarnings("ignore::tts.errors.SlowVocoderWarning"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

TEXT = "Good morning. It rains."

# Run in a process of its own, which nothing else has set up; compared with what was before the import.
SETTINGS = """
import gc, locale, logging, os, random, signal, sys, threading, warnings
import numpy as np

tiny = np.float32(1e-40)  # denormal: zero where the processor flushes it

def settings(torch):
    umask = os.umask(0o022)
    os.umask(umask)
    state = {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": [signal.getsignal(n) for n in signal.valid_signals()],
        "log": (list(logging.root.handlers), logging.root.level, logging.root.manager.disable,
                logging.getLoggerClass(), logging.raiseExceptions),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "hooks": (sys.excepthook, sys.displayhook, threading.excepthook, sys.gettrace()),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "recursion": sys.getrecursionlimit(),
        "switch": sys.getswitchinterval(),
        "collector": (gc.isenabled(), gc.get_threshold()),
        "random": random.getstate(),
        "numpy random": str(np.random.get_state()),
        "numpy": (np.geterr(), str(np.get_printoptions())),
        "denormals": bool(tiny * np.float32(0.5) > 0),
        "umask": umask,
    }
    if torch is not None:
        small = torch.tensor([1e-40]) * 0.5
        state["torch"] = (
            torch.get_num_threads(), torch.get_num_interop_threads(), torch.is_grad_enabled(),
            torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled(),
            torch.get_float32_matmul_precision(), torch.backends.mkldnn.enabled,
            torch.backends.cudnn.benchmark, torch.get_rng_state().tolist(), bool(small > 0),
        )
    return state

with_torch = sys.argv[2] == "torch"
if with_torch:
    import scipy.signal, torch  # what libraries set for themselves when they are imported is theirs
before = settings(torch if with_torch else None)
import tts
voice = tts.load_voice(sys.argv[1], vocoder=sys.argv[3])
audio = voice.synthesize("Good morning, it rains.")
audio.save("a.wav")
voice.write("Yes.", "b.flac")
sum(len(part.samples) for part in voice.stream("Yes."))
after = settings(torch if with_torch else None)
print([name for name in before if before[name] != after[name]])
assert ("torch" in sys.modules) == with_torch
"""


@pytest.mark.parametrize(
    ("torch", "vocoder"), [("none", "trained"), ("torch", "trained"), ("torch", "griffin_lim")]
)
def test_no_setting_of_the_process_is_changed(
    tiny_voice_folder: Path, tmp_path: Path, torch: str, vocoder: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SETTINGS, str(tiny_voice_folder), torch, vocoder],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def _sum_of_speech(voice: Voice, seed: int) -> str:
    return hashlib.sha256(voice.synthesize(TEXT, seed=seed).samples.tobytes()).hexdigest()


def _speak_inherited(seed: int) -> str:
    return _sum_of_speech(_INHERITED[0], seed)


_INHERITED: list[Voice] = []


def test_spawned_processes_say_the_same(tiny_voice: Voice, tiny_voice_folder: Path) -> None:
    expected = [tiny_voice.synthesize(TEXT, seed=seed) for seed in range(2)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        said = [
            pool.submit(synthesize, TEXT, voice=str(tiny_voice_folder), seed=seed)
            for seed in range(2)
        ]
        for future, here in zip(said, expected, strict=True):
            there = future.result(timeout=120)
            np.testing.assert_array_equal(there.samples, here.samples)
            assert there.words == here.words
            assert there.report == here.report


def test_forked_processes_speak_with_the_voice_of_their_parent(tiny_voice: Voice) -> None:
    """A voice that has spoken already, so that whatever it holds is held when the process is copied."""
    expected = [_sum_of_speech(tiny_voice, seed) for seed in range(4)]
    _INHERITED.append(tiny_voice)
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        said = [pool.submit(_speak_inherited, seed) for seed in range(4)]
        assert [future.result(timeout=120) for future in said] == expected
    _INHERITED.clear()
    assert _sum_of_speech(tiny_voice, 0) == expected[0]  # and the parent still speaks
