"""A voice: text front end, acoustic model and vocoder, which agree on symbols and mel.

    text -- front end --> utterances -- acoustic model --> mel -- vocoder --> samples, and a pause
                                              '--- as one of its speakers ---'

Griffin-Lim reads the linear spectrogram instead, from models that predict it.

Utterances are spoken one by one, so a text may be of any length; each draws from a seed of its own, so that
it sounds the same whatever is spoken with it at once. PyTorch is imported where a voice is loaded.
"""

import contextlib
import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tts.audio.loudness import normalise_loudness
from tts.audio.mel import MelConfig, check_same_mel
from tts.audio.wav import Audio
from tts.checkpoint import (
    VoiceConfig,
    check_same_speakers,
    load_acoustic,
    load_speakers,
    load_vocoder,
    load_voice_config,
)
from tts.config import nearest
from tts.errors import (
    CheckpointError,
    ConfigError,
    SynthesisError,
    UnfinishedWarning,
    VoiceNotFoundError,
)
from tts.text.frontend import TextFrontEnd, Utterance

if TYPE_CHECKING:
    from torch import Tensor

    from tts.acoustic import AcousticModel

__all__ = [
    "DEFAULT_VOICE",
    "SpeaksMel",
    "SynthesisOptions",
    "Voice",
    "VoiceConfig",
    "check_speaker",
    "find_voice",
    "list_voices",
    "load_voice",
    "synthesize",
    "voice_speakers",
]

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[float], object]

DEFAULT_VOICE = "kathleen"

_PEAK = 0.95
_FADE_S = 0.005  # an utterance that does not begin or end at zero would click


class SpeaksMel(Protocol):
    """What a voice needs of a vocoder: PyTorch's and the compiled kernel's both do."""

    def infer(
        self,
        mel: "Tensor",
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speakers: "Tensor | None" = None,
        progress: Callable[[float], bool] | None = None,
    ) -> "Tensor":
        """See `tts.vocoder.Vocoder.infer`. Shape: (1, M, T) -> (1, T * hop)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SynthesisOptions:
    """The options of one call, as opposed to the settings of a voice.

    Attributes:
        speed: how fast to speak; 2.0 takes half as long.
        seed: decides all that is random; the same seed gives the same samples.
        strict: refuse a character that cannot be spoken, instead of leaving it out with a warning.
        speaker: who speaks, one of `Voice.speakers`; None is the first.

    Raises:
        ConfigError: when a value is out of range.
    """

    speed: float = 1.0
    seed: int = 0
    strict: bool = False
    speaker: str | None = None

    def __post_init__(self) -> None:
        if not 0.5 <= self.speed <= 2.0:  # NaN as well
            raise ConfigError(
                f"speed {self.speed} is out of range", hint="choose a speed from 0.5 to 2.0"
            )
        if self.seed < 0:
            raise ConfigError(f"seed {self.seed} is negative", hint="choose a seed of 0 or more")


class Voice:
    """Speaks. It keeps nothing between calls, and any number of threads may use it at once.

    Args:
        config: its settings.
        front_end: what turns text into the ids of the acoustic model.
        acoustic: in eval mode.
        vocoder: PyTorch's, or the compiled kernel's.
        speakers: the names of the acoustic model's speakers in the order of their ids; none if it has one.
        vocoder_speakers: those of the vocoder.

    Raises:
        CheckpointError: when the parts do not belong together.
    """

    def __init__(
        self,
        config: VoiceConfig,
        front_end: TextFrontEnd,
        acoustic: "AcousticModel",
        vocoder: SpeaksMel,
        *,
        speakers: Sequence[str] = (),
        vocoder_speakers: Sequence[str] = (),
    ) -> None:
        if len(front_end.symbols) != acoustic.n_symbols:
            raise CheckpointError(
                f"voice {config.name!r}: the front end has {len(front_end.symbols)} symbols, the "
                f"acoustic model {acoustic.n_symbols}",
                hint="use the symbols that the model was trained with",
            )
        check_same_speakers(
            speakers,
            vocoder_speakers,
            f"voice {config.name!r}: its acoustic model and its vocoder",
        )
        self._speakers, self._vocoder_speakers = tuple(speakers), tuple(vocoder_speakers)
        self.config = config
        self.front_end = front_end
        self.acoustic = acoustic
        self.vocoder = vocoder

    @property
    def name(self) -> str:
        """What it is called."""
        return self.config.name

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who may speak, the first one by default; the only speaker of a voice is called as the voice is."""
        return self._speakers or (self.name,)

    @property
    def sample_rate(self) -> int:
        """Samples a second of what it speaks."""
        return self.acoustic.mel_config.sample_rate

    def __repr__(self) -> str:
        return f"Voice({self.name!r}, {self.config.language}, {self.sample_rate} Hz)"

    def synthesize(
        self,
        text: str,
        *,
        speed: float = 1.0,
        seed: int = 0,
        strict: bool = False,
        speaker: str | None = None,
        progress: Progress | None = None,
    ) -> Audio:
        """Speaks a text of any length, all of it at one gain and at the loudness of the voice.

        Args:
            text: any text.
            speed: how fast to speak, from 0.5 to 2.0.
            seed: decides all that is random; the same seed gives the same samples.
            strict: refuse a character that cannot be spoken, instead of leaving it out with a warning.
            speaker: who speaks, one of `speakers`; None is the first.
            progress: called now and then with the share done, up to 1.0; if it returns False, the speech
                ends there.

        Raises:
            TextError: when there is nothing to speak, or, if strict, a character that cannot be spoken.
            ConfigError: when an option is out of range, or nobody has the speaker's name.
            PhonemizerError: when eSpeak NG cannot be used.
            SynthesisError: when a model fails.
        """
        options = SynthesisOptions(speed=speed, seed=seed, strict=strict, speaker=speaker)
        pieces = list(self._speak(text, options, progress))
        samples = normalise_loudness(
            np.concatenate(pieces), self.sample_rate, self.config.level_lufs, peak=_PEAK
        )
        return Audio(samples, self.sample_rate)

    def stream(
        self,
        text: str,
        *,
        speed: float = 1.0,
        seed: int = 0,
        strict: bool = False,
        speaker: str | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Audio]:
        """Speaks a text utterance by utterance, each with the pause after it, as they are made.

        The first utterance sets the gain of all; a later one that would clip under it is quieter.

        Args:
            text: any text.
            speed: as `synthesize` has it.
            seed: the same.
            strict: the same.
            speaker: the same.
            progress: the same.

        Raises:
            TTSError: as `synthesize` does; what is wrong with the text is raised by this call at once.
        """
        options = SynthesisOptions(speed=speed, seed=seed, strict=strict, speaker=speaker)
        return self._level(self._speak(text, options, progress))

    def vocode(
        self,
        mel: "Tensor",
        *,
        seed: int = 0,
        speaker: str | None = None,
        progress: Callable[[float], bool] | None = None,
    ) -> "Tensor":
        """What the vocoder makes of a mel, at the level that the mel has.

        Args:
            mel: Shape: (B, M, T).
            seed: decides the draws.
            speaker: who speaks, one of `speakers`; None is the first.
            progress: called now and then with the share done; False from it cancels.

        Returns:
            Shape: (B, T * hop), float32.

        Raises:
            ConfigError: when nobody has the speaker's name.
        """
        check_speaker(speaker, self.speakers, self.name)
        ids = _speaker_id(speaker or self.speakers[0], self._vocoder_speakers)
        return self.vocoder.infer(
            mel,
            seed=seed,
            temperature=self.config.temperature,
            speakers=None if ids is None else ids.expand(mel.shape[0]),
            progress=progress,
        )

    def _level(self, pieces: Iterator[FloatArray]) -> Iterator[Audio]:
        gain: float | None = None
        for piece in pieces:
            highest = float(np.abs(piece).max(initial=0.0))
            if gain is None:
                level = self.config.level_lufs
                first = normalise_loudness(piece, self.sample_rate, level, peak=_PEAK)
                gain = float(np.abs(first).max(initial=0.0)) / highest if highest else 1.0
            limit = _PEAK / highest if highest else 1.0
            yield Audio(piece * np.float32(min(gain, limit)), self.sample_rate)

    def _speak(
        self, text: str, options: SynthesisOptions, progress: Progress | None
    ) -> Iterator[FloatArray]:
        """The samples of each utterance with its pause, at the level that the models speak."""
        # Not inside the generator: what is wrong is raised before the first piece is asked for.
        check_speaker(options.speaker, self.speakers, self.name)
        utterances = self.front_end.utterances(text, strict=options.strict)
        return self._speak_all(utterances, len(text), options, progress)

    def _speak_all(
        self,
        utterances: Iterator[Utterance],
        n_chars: int,
        options: SynthesisOptions,
        progress: Progress | None,
    ) -> Iterator[FloatArray]:
        cancelled = False
        for index, utterance in enumerate(utterances):

            def report(share: float, utterance: Utterance = utterance) -> bool:
                nonlocal cancelled
                done = utterance.start + share * (utterance.end - utterance.start)
                if progress is not None and progress(done / n_chars) is False:
                    cancelled = True
                return not cancelled

            samples = self._speak_one(utterance, index, options, report)
            if cancelled:
                yield samples
                return
            n_pause = round(utterance.pause_s / options.speed * self.sample_rate)
            yield np.pad(samples, (0, n_pause))
            if not report(1.0):
                return

    def _speak_one(
        self,
        utterance: Utterance,
        index: int,
        options: SynthesisOptions,
        report: Callable[[float], bool],
    ) -> FloatArray:
        """The samples of one utterance. Shape: (S,)."""
        import torch

        from tts.vocoder.griffin_lim import GriffinLim

        seed = utterance_seed(options.seed, index)
        speaker = options.speaker or self.speakers[0]
        with torch.inference_mode():
            output = self.acoustic.infer(
                torch.from_numpy(utterance.ids)[None],
                torch.tensor([len(utterance.ids)]),
                seed=seed,
                speakers=_speaker_id(speaker, self._speakers),
            )
            if not bool(output.finished[0]):
                warnings.warn(
                    f"cut short, the model lost its way: {utterance.text!r}",
                    UnfinishedWarning,
                    stacklevel=2,
                )
            spectrogram = output.mel
            if isinstance(self.vocoder, GriffinLim) and output.linear is not None:
                spectrogram = output.linear
            spectrogram = spectrogram[:, :, : int(output.lengths[0])]
            if not bool(torch.isfinite(spectrogram).all()) or not spectrogram.shape[2]:
                raise SynthesisError(
                    f"the acoustic model of {self.name!r} said nothing usable for {utterance.text!r}",
                    hint="train the model for longer, or word the sentence differently",
                )
            spectrogram = _at_speed(_sharpened(spectrogram, self.config.sharpening), options.speed)
            if isinstance(self.vocoder, GriffinLim) and output.linear is not None:
                audio = self.vocoder.infer_linear(spectrogram, seed=seed, progress=report)
            else:
                audio = self.vocode(spectrogram, seed=seed, speaker=speaker, progress=report)
        samples: FloatArray = audio[0].numpy(force=True).astype(np.float32)
        if not np.isfinite(samples).all():
            raise SynthesisError(
                f"the vocoder of {self.name!r} failed on {utterance.text!r}",
                hint="try another --seed, or train the vocoder for longer",
            )
        return _fade(samples, round(_FADE_S * self.sample_rate))


def utterance_seed(seed: int, index: int) -> int:
    """The seed of one utterance, from that of the call and its place in the text."""
    return int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1)[0])


def check_speaker(speaker: str | None, speakers: Sequence[str], voice: str) -> None:
    """Refuses a name that is not one of the speakers of a voice. Raises ConfigError."""
    if speaker is not None and speaker not in speakers:
        raise ConfigError(
            f"the voice {voice!r} has no speaker {speaker!r}{nearest(speaker, speakers)}",
            hint=f"its speaker{'s' * (len(speakers) > 1)}: {', '.join(speakers)}",
        )


def _speaker_id(speaker: str, speakers: Sequence[str]) -> "Tensor | None":
    """The id of a speaker for a model of several, None for a model of one. Shape: (1,)."""
    import torch

    return torch.tensor([speakers.index(speaker)]) if speakers else None


def _sharpened(mel: "Tensor", factor: float) -> "Tensor":
    """Each band swings `factor` times as far about its mean over the utterance. Shape: (B, M, T)."""
    mean = mel.mean(dim=2, keepdim=True)
    return mean + factor * (mel - mean)


def _at_speed(mel: "Tensor", speed: float) -> "Tensor":
    """The mel read `speed` times as fast, at the same pitch. Shape: (B, M, T) -> (B, M, T / speed).

    `AcousticModel.infer` takes a speed too. A model of one speaker hears in it a hint at best, so its own
    pace is kept, and the frames are interpolated.
    """
    if speed == 1.0:
        return mel
    from torch.nn.functional import interpolate

    return interpolate(mel, size=max(1, round(mel.shape[2] / speed)), mode="linear")


def _fade(samples: FloatArray, n_fade: int) -> FloatArray:
    """Raises the first samples from zero, and lowers the last ones to it."""
    n_fade = min(n_fade, len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, n_fade, endpoint=False, dtype=np.float32)
    gain = np.ones(len(samples), dtype=np.float32)
    gain[:n_fade] = ramp
    gain[len(samples) - n_fade :] = ramp[::-1]
    return samples * gain


# -- where voices are ---------------------------------------------------------------------------------


def list_voices() -> dict[str, VoiceConfig]:
    """The settings of every installed voice by its name. Raises CheckpointError for a broken one."""
    return {name: load_voice_config(folder) for name, folder in sorted(_installed().items())}


def voice_speakers(folder: Path) -> tuple[str, ...]:
    """`Voice.speakers` of a voice folder, without loading the voice."""
    return load_speakers(folder) or (load_voice_config(folder).name,)


def find_voice(name_or_folder: str | Path) -> Path:
    """The folder of a voice, given its name or the folder itself.

    Raises:
        VoiceNotFoundError: when there is none; it lists those there are.
    """
    folder = Path(name_or_folder)
    installed = _installed()
    if isinstance(name_or_folder, str) and name_or_folder in installed:
        return installed[name_or_folder]
    with contextlib.suppress(OSError):  # a name that no file can have
        if (folder / "voice.json").is_file():
            return folder
        if folder.is_dir():
            raise VoiceNotFoundError(
                f"{folder}: is not a voice, it has no voice.json",
                hint="give a folder that `tts pack` made, or a name that `tts voices` lists",
            )
    names = ", ".join(sorted(installed)) or "none; give the folder of one"
    raise VoiceNotFoundError(
        f"unknown voice {str(name_or_folder)!r}{nearest(str(name_or_folder), installed)}",
        hint=f"installed voices: {names}",
    )


def load_voice(
    name: str | Path = DEFAULT_VOICE,
    *,
    vocoder: Literal["trained", "griffin_lim"] = "trained",
) -> Voice:
    """Loads a voice by its name or from its folder.

    Args:
        name: of an installed voice, or the folder of one.
        vocoder: the voice's own, or Griffin-Lim, with which an acoustic model can be heard by itself. A
            voice that has none of its own speaks with Griffin-Lim anyway.

    Raises:
        VoiceNotFoundError: when there is none.
        CheckpointError: when it is broken.
        MelMismatchError: when its parts disagree on the mel.
    """
    folder = find_voice(name)
    config = load_voice_config(folder)
    acoustic = load_acoustic(folder / "acoustic")
    if acoustic.language != config.language:
        raise CheckpointError(
            f"{folder}: language is {config.language!r} in voice.json and {acoustic.language!r} in "
            "acoustic/config.json",
            hint="give voice.json the language of the acoustic model",
        )
    front_end = TextFrontEnd(acoustic.symbols, acoustic.language)
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
        from tts.vocoder.griffin_lim import GriffinLim

        return GriffinLim(mel), ()
    from tts.vocoder.compiled import fast_vocoder
    from tts.vocoder.postfiltered import Postfiltered

    trained = load_vocoder(folder / "vocoder")
    check_same_mel(mel, trained.model.mel_config, f"{folder}: its acoustic model and its vocoder")
    fast = fast_vocoder(trained.model)
    return (Postfiltered(fast, mel, contrast) if contrast else fast), trained.speakers


def synthesize(
    text: str,
    *,
    voice: str | Path = DEFAULT_VOICE,
    speed: float = 1.0,
    seed: int = 0,
    strict: bool = False,
    speaker: str | None = None,
    progress: Progress | None = None,
) -> Audio:
    """Speaks a text; see `Voice.synthesize`.

    The last voice stays loaded for the next call, even if its folder has changed since: `load_voice` reads it
    anew.
    """
    loaded = _last_voice(find_voice(voice).resolve())
    return loaded.synthesize(
        text, speed=speed, seed=seed, strict=strict, speaker=speaker, progress=progress
    )


@functools.lru_cache(maxsize=1)
def _last_voice(folder: Path) -> Voice:
    return load_voice(folder)


def _installed() -> dict[str, Path]:
    """The folders of the installed voices by name; those inside the package come first."""
    folders: dict[str, Path] = {}
    for shelf in _shelves():
        for path in sorted(shelf.glob("*/voice.json")):
            folders.setdefault(path.parent.name, path.parent)
    return folders


def _shelves() -> list[Path]:
    """Where voices are kept: inside the package, and beside it in a source checkout."""
    package = Path(__file__).resolve().parent
    shelves = [package / "pretrained"]
    if (package.parent / "recipes").is_dir():  # a checkout, and not site-packages
        shelves.append(package.parent / "pretrained")
    return shelves
