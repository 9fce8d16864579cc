"""From the folder of a voice to its speech."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from tts.audio.mel import MelConfig, check_same_mel
from tts.checkpoint import load_speaking_acoustic, load_speaking_vocoder, load_voice_config
from tts.errors import CheckpointError
from tts.text.frontend import TextFrontEnd
from tts.text.lexicon import Lexicon, load_lexicon
from tts.text.phonemizers import PhonemizerName
from tts.vocoder.griffin_lim import GriffinLim
from tts.vocoder.postfiltered import Postfiltered
from tts.vocoder.speech import SpeaksMel
from tts.voice.installed import DEFAULT_VOICE, find_voice
from tts.voice.timing import Speech
from tts.voice.voice import Progress, Voice

__all__ = ["load_voice", "synthesize"]


def load_voice(
    name: str | Path = DEFAULT_VOICE,
    *,
    vocoder: Literal["trained", "griffin_lim"] = "trained",
    lexicon: Lexicon | str | Path | None = None,
    phonemizer: PhonemizerName | None = None,
) -> Voice:
    """Loads a voice by its name or from its folder.

    Args:
        name: of an installed voice, or the folder of one.
        vocoder: the voice's own, or Griffin-Lim, with which an acoustic model can be heard by itself. A
            voice that has none of its own speaks with Griffin-Lim anyway.
        lexicon: how some words are pronounced, or the file that tells it; it goes before the voice's own,
            `lexicon.txt` in its folder.
        phonemizer: another than the voice's own: "espeak", or "builtin" for US English.

    Raises:
        VoiceNotFoundError: when there is none.
        CheckpointError: when it is broken.
        MelMismatchError: when its parts disagree on the mel.
        LexiconError: when a lexicon cannot be read, or has phonemes that the voice lacks.
        PhonemizerError: when nothing is built in for its language.
    """
    folder = find_voice(name)
    config = load_voice_config(folder)
    acoustic = load_speaking_acoustic(folder / "acoustic")
    if acoustic.language != config.language:
        raise CheckpointError(
            f"{folder}: language is {config.language!r} in voice.json and {acoustic.language!r} in "
            "acoustic/config.json",
            hint="give voice.json the language of the acoustic model",
        )
    own = [path for path in (folder / "lexicon.txt",) if path.exists()]
    front_end = TextFrontEnd(
        acoustic.symbols,
        acoustic.language,
        pauses=config.pauses,
        lexicon=load_lexicon(*own) | _lexicon_of(lexicon),
        phonemizer=phonemizer or config.phonemizer,
    )
    mel = acoustic.model.mel_config
    speaks, vocoder_speakers = _load_vocoder(folder, mel, vocoder, config.contrast)
    return Voice(
        config,
        front_end,
        acoustic.model,
        speaks,
        speakers=acoustic.speakers,
        vocoder_speakers=vocoder_speakers,
    )


def _load_vocoder(
    folder: Path, mel: MelConfig, vocoder: str, contrast: float
) -> tuple[SpeaksMel, Sequence[str]]:
    """The vocoder of a voice, in its fastest form, and the names of its speakers; or Griffin-Lim."""
    if vocoder == "griffin_lim" or not (folder / "vocoder").exists():
        return GriffinLim(mel), ()
    trained = load_speaking_vocoder(folder / "vocoder")
    speaks = trained.model
    check_same_mel(mel, speaks.mel_config, f"{folder}: its acoustic model and its vocoder")
    return (Postfiltered(speaks, mel, contrast) if contrast else speaks), trained.speakers


def synthesize(
    text: str,
    *,
    voice: str | Path = DEFAULT_VOICE,
    speed: float = 1.0,
    seed: int = 0,
    strict: bool = False,
    speaker: str | None = None,
    threads: int | None = None,
    pauses: Mapping[str, float] | None = None,
    ssml: bool = False,
    lexicon: Lexicon | str | Path | None = None,
    progress: Progress | None = None,
) -> Speech:
    """Speaks a text; see `Voice.synthesize`, and `load_voice` for the lexicon.

    The last voice stays loaded for the next call, even if its folder has changed since: `load_voice` reads it
    anew.
    """
    loaded = _last_voice(find_voice(voice).resolve())
    if lexicon is not None:
        loaded = loaded.with_lexicon(_lexicon_of(lexicon))
    return loaded.synthesize(
        text,
        speed=speed,
        seed=seed,
        strict=strict,
        speaker=speaker,
        threads=threads,
        pauses=pauses,
        ssml=ssml,
        progress=progress,
    )


def _lexicon_of(lexicon: Lexicon | str | Path | None) -> Lexicon:
    if lexicon is None:
        return Lexicon()
    return lexicon if isinstance(lexicon, Lexicon) else load_lexicon(lexicon)


@functools.lru_cache(maxsize=1)
def _last_voice(folder: Path) -> Voice:
    return load_voice(folder)
