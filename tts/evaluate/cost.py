"""What speaking costs: memory, in a process that does nothing else."""

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["peak_memory_mb"]

_PROGRAM = """\
import json, pathlib, resource, sys, warnings
from tts.voice import load_voice
warnings.simplefilter("ignore")
folder, vocoder, text = json.loads(sys.argv[1])
load_voice(folder, vocoder=vocoder).synthesize(text)
status = pathlib.Path("/proc/self/status")
if status.exists():
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    print(int(line.split()[1]) / 1e3)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""  # On Linux, the ru_maxrss of a new process begins with that of its parent. macOS counts in bytes.


def peak_memory_mb(folder: Path, vocoder: str, text: str) -> float | None:
    """The peak resident memory of a process that loads a voice and speaks; None where it cannot be told."""
    arguments = json.dumps([str(folder), vocoder, text])
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, arguments], capture_output=True, text=True, check=False
    )
    return float(done.stdout) if done.returncode == 0 else None
