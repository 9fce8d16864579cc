"""Plays a sound through whichever player the machine has."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tts.audio.wav import Audio
from tts.errors import AudioError

__all__ = ["PLAYERS", "find_player", "play"]

PLAYERS: dict[str, tuple[str, ...]] = {
    "pw-play": (),
    "paplay": (),
    "aplay": ("-q",),
    "afplay": (),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
    "mpv": ("--really-quiet", "--no-video"),
    "play": ("-q",),
}
"""Programs that play a WAV file, the lightest first, and what they want before its name."""

_HINT = "write a file: -o hello.wav"


def find_player() -> str:
    """The first player that is installed. Raises AudioError when there is none."""
    for player in PLAYERS:
        if shutil.which(player):
            return player
    raise AudioError(f"no player found (looked for {', '.join(PLAYERS)})", hint=_HINT)


def play(audio: Audio) -> None:
    """Plays a sound to its end. Raises AudioError when there is no player, or it cannot play."""
    player = find_player()
    with tempfile.TemporaryDirectory(prefix="saywave-") as folder:
        path = Path(folder) / "speech.wav"
        audio.save(path)
        command = [player, *PLAYERS[player], str(path)]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
        except OSError as error:
            raise AudioError(f"{player} cannot be run: {error.strerror}", hint=_HINT) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise AudioError(f"{player} could not play: {said[0]}", hint=_HINT)
