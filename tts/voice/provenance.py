"""What a file of speech says of how it was made."""

import json
from typing import TYPE_CHECKING

from tts.kernels import chosen_precision
from tts.version import package_version
from tts.vocoder.griffin_lim import GriffinLim
from tts.voice.options import SynthesisOptions

if TYPE_CHECKING:
    from tts.voice.voice import Voice

__all__ = ["speech_tags"]


def speech_tags(voice: "Voice", options: SynthesisOptions) -> dict[str, str]:
    """The tags of speech: who speaks, and a comment in JSON with all that it takes to make it again.

    There is no date, nor a name of the machine: the same command writes the same file.
    """
    made: dict[str, str | int | float] = {
        "voice": voice.name,
        "speaker": options.speaker or voice.speakers[0],
        "language": voice.config.language,
        "seed": options.seed,
        "speed": options.speed,
        "saywave": package_version(),
    }
    if options.pauses:
        made["pauses"] = ",".join(f"{name}={s:g}" for name, s in sorted(options.pauses.items()))
    if isinstance(voice.vocoder, GriffinLim):
        made["vocoder"] = "griffin_lim"
    else:
        made["kernel"] = chosen_precision()
    return {
        "artist": str(made["speaker"]),
        "software": f"saywave {made['saywave']}",
        "comment": json.dumps(made, ensure_ascii=False),
    }
