"""`Voice`, which speaks: its parts, one utterance after the other."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tts.acoustic.speech import SpeaksTokens
from tts.audio.loudness import mel_loudness_lufs, normalise_loudness
from tts.audio.wav import Audio
from tts.checkpoint import VoiceConfig, check_same_speakers
from tts.errors import CheckpointError, SynthesisError, UnfinishedWarning
from tts.text.frontend import TextFrontEnd, Utterance
from tts.vocoder.griffin_lim import GriffinLim
from tts.vocoder.speech import SpeaksMel
from tts.voice.options import SynthesisOptions, check_speaker
from tts.voice.shaping import at_speed, faded, limited, sharpened

__all__ = ["Progress", "Voice", "utterance_seed"]

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[float], object]

_PEAK = 0.95
_FADE_S = 0.005  # an utterance that does not begin or end at zero would click


class Voice:
    """Speaks. It keeps nothing between calls, and any number of threads may use it at once.

    Args:
        config: its settings.
        front_end: what turns text into the ids of the acoustic model.
        acoustic: PyTorch's, or the fast form of it.
        vocoder: PyTorch's, the compiled one, or Griffin-Lim.
        speakers: the names of the acoustic model's speakers in the order of their ids; none if it has one.
        vocoder_speakers: those of the vocoder.

    Raises:
        CheckpointError: when the parts do not belong together.
    """

    def __init__(
        self,
        config: VoiceConfig,
        front_end: TextFrontEnd,
        acoustic: SpeaksTokens,
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
        pieces = [piece.samples for piece in self._speak(text, options, progress)]
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
        """Speaks a text in pieces, the first of them long before the first sentence is made.

        All pieces are under one gain, which brings the first utterance to about the loudness of the voice, as
        far as its mel tells; what would clip is bent.

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
        self, mel: FloatArray, *, seed: int = 0, speaker: str | None = None
    ) -> Iterator[FloatArray]:
        """What the vocoder makes of a mel, at the level that the mel has, in chunks as they are made.

        Args:
            mel: Shape: (M, T).
            seed: decides the draws.
            speaker: who speaks, one of `speakers`; None is the first.

        Returns:
            Shape: (T * hop,) in all.

        Raises:
            ConfigError: when nobody has the speaker's name.
        """
        check_speaker(speaker, self.speakers, self.name)
        return self.vocoder.stream(
            mel,
            seed=seed,
            temperature=self.config.temperature,
            speaker=_speaker_id(speaker or self.speakers[0], self._vocoder_speakers),
        )

    def _level(self, pieces: Iterator["_Piece"]) -> Iterator[Audio]:
        gain: np.float32 | None = None
        for piece in pieces:
            if gain is None:
                loudness = mel_loudness_lufs(piece.mel, self.acoustic.mel_config)
                missing_db = self.config.level_lufs - loudness
                gain = np.float32(10.0 ** (missing_db / 20.0) if math.isfinite(missing_db) else 1.0)
            yield Audio(limited(piece.samples * gain, _PEAK), self.sample_rate)

    def _speak(
        self, text: str, options: SynthesisOptions, progress: Progress | None
    ) -> Iterator["_Piece"]:
        """The utterances with their pauses, in pieces, at the level that the models speak."""
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
    ) -> Iterator["_Piece"]:
        for index, utterance in enumerate(utterances):
            n_chars_spoken = utterance.end - utterance.start
            for piece in self._speak_one(utterance, index, options):
                yield piece
                share = (utterance.start + piece.share * n_chars_spoken) / n_chars
                if progress is not None and progress(share) is False:
                    return

    def _speak_one(
        self, utterance: Utterance, index: int, options: SynthesisOptions
    ) -> Iterator["_Piece"]:
        """One utterance, and the pause after it."""
        seed = utterance_seed(options.seed, index)
        speaker = options.speaker or self.speakers[0]
        spoken = self.acoustic.speak(
            utterance.ids, seed=seed, speaker=_speaker_id(speaker, self._speakers)
        )
        if not spoken.finished:
            warnings.warn(
                f"cut short, the model lost its way: {utterance.text!r}",
                UnfinishedWarning,
                stacklevel=2,
            )
        mel = self._shaped(spoken.mel, utterance, options)
        if isinstance(self.vocoder, GriffinLim) and spoken.linear is not None:
            linear = self._shaped(spoken.linear, utterance, options)
            chunks = self.vocoder.stream_linear(linear, seed=seed)
        else:
            chunks = self.vocode(mel, seed=seed, speaker=speaker)
        n_pause = round(utterance.pause_s / options.speed * self.sample_rate)
        n_fade = round(_FADE_S * self.sample_rate)
        total, done = mel.shape[1] * self.acoustic.mel_config.hop, 0
        for chunk in chunks:
            if not np.isfinite(chunk).all():
                raise SynthesisError(
                    f"the vocoder of {self.name!r} failed on {utterance.text!r}",
                    hint="try another --seed, or train the vocoder for longer",
                )
            samples = faded(chunk, done, total, n_fade)
            done += len(chunk)
            if done == total:
                samples = np.pad(samples, (0, n_pause))
            yield _Piece(samples, done / total, mel)

    def _shaped(
        self, spectrogram: FloatArray, utterance: Utterance, options: SynthesisOptions
    ) -> FloatArray:
        """A spectrogram as the vocoder is to read it. Shape: (M, T) -> (M, T / speed)."""
        if not np.isfinite(spectrogram).all() or not spectrogram.shape[1]:
            raise SynthesisError(
                f"the acoustic model of {self.name!r} said nothing usable for {utterance.text!r}",
                hint="train the model for longer, or word the sentence differently",
            )
        return at_speed(sharpened(spectrogram, self.config.sharpening), options.speed)


class _Piece(NamedTuple):
    """A piece of what is spoken.

    Attributes:
        samples: Shape: (S,).
        share: how much of its utterance is spoken when it ends.
        mel: of its utterance. Shape: (M, T).
    """

    samples: FloatArray
    share: float
    mel: FloatArray


def utterance_seed(seed: int, index: int) -> int:
    """The seed of one utterance, from that of the call and its place in the text."""
    return int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1)[0])


def _speaker_id(speaker: str, speakers: Sequence[str]) -> int | None:
    """The id of a speaker for a model of several, None for a model of one."""
    return speakers.index(speaker) if speakers else None
