"""`Voice`, which speaks: its parts, one utterance after the other, or several at once in threads."""

import contextlib
import copy
import functools
import math
import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tts.acoustic.speech import SpeaksTokens, Spoken
from tts.audio.levelled import write_levelled
from tts.audio.loudness import mel_loudness_lufs, normalise_loudness
from tts.audio.wav import AudioMark, check_output
from tts.checkpoint import VoiceConfig, check_same_speakers
from tts.errors import AuditWarning, CheckpointError, SynthesisError, UnfinishedWarning
from tts.text.document import Document
from tts.text.frontend import TextFrontEnd, Utterance
from tts.text.lexicon import Lexicon, load_lexicon
from tts.text.ssml import parse_ssml
from tts.vocoder.griffin_lim import GriffinLim
from tts.vocoder.postfiltered import Postfiltered
from tts.vocoder.speech import SpeaksMel
from tts.voice.audit import AuditLimits, Finding, sound_figures, sound_findings
from tts.voice.options import SynthesisOptions, check_speaker
from tts.voice.parallel import default_threads, in_order
from tts.voice.pieces import Drawn, Piece, marks_of, report_of, timed
from tts.voice.provenance import speech_tags
from tts.voice.report import UtteranceReport
from tts.voice.retakes import Decoded, decode
from tts.voice.shaping import at_speed, faded, limited, sharpened
from tts.voice.timing import Speech, begun, sentence_time, token_edges

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
        limits: what is good speech.

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
        limits: AuditLimits | None = None,
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
        self.config, self.limits = config, limits or AuditLimits()
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

    def with_lexicon(self, lexicon: Lexicon) -> "Voice":
        """The same voice, of the same models, with pronunciations that go before its own.

        Raises:
            LexiconError: when a pronunciation has phonemes that the voice lacks.
        """
        voice = copy.copy(self)
        voice.front_end = self.front_end.with_lexicon(lexicon)
        return voice

    def synthesize(
        self,
        text: str,
        *,
        speed: float = 1.0,
        seed: int = 0,
        strict: bool = False,
        speaker: str | None = None,
        threads: int | None = None,
        pauses: Mapping[str, float] | None = None,
        ssml: bool = False,
        progress: Progress | None = None,
    ) -> Speech:
        """Speaks a text of any length, all of it at one gain and at the loudness of the voice.

        An utterance that fails its audit is decoded again (`tts.voice.retakes`). What is still bad is spoken
        all the same, with an `AuditWarning`; the report of the speech tells.

        Args:
            text: any text.
            speed: how fast to speak, from 0.5 to 2.0.
            seed: decides all that is random; the same seed gives the same samples.
            strict: refuse a character that cannot be spoken, instead of leaving it out with a warning.
            speaker: who speaks, one of `speakers`; None is the first.
            threads: how many utterances are made at once, which changes no sample. None is one for each core
                that this process may use, up to four; of PyTorch, which uses them all by itself, just one.
            pauses: seconds of silence that differ from the voice's, after a clause, sentence or paragraph.
            ssml: the text is a document of SSML, whose marks come with the sound; see `tts.text.ssml`.
            progress: called now and then with the share done, up to 1.0; if it returns False, the speech
                ends there.

        Raises:
            TextError: when there is nothing to speak, if strict, a character that cannot be spoken, or SSML
                that is not supported.
            ConfigError: when an option is out of range, or nobody has the speaker's name.
            PhonemizerError: when eSpeak NG cannot be used.
            SynthesisError: when a model fails.
        """
        options = SynthesisOptions(
            speed=speed,
            seed=seed,
            strict=strict,
            speaker=speaker,
            threads=threads,
            pauses=pauses,
            ssml=ssml,
        )
        pieces = list(timed(self._speak(text, options, progress), self.sample_rate))
        samples = normalise_loudness(
            np.concatenate([piece.samples for piece in pieces]),
            self.sample_rate,
            self.config.level_lufs,
            peak=_PEAK,
        )
        ends = [piece for piece in pieces if piece.report is not None]
        return Speech(
            samples,
            self.sample_rate,
            tags=speech_tags(self, options),
            marks=marks_of(pieces),
            sentences=tuple(piece.sentence for piece in ends),
            report=report_of(ends),
        )

    def write(
        self,
        text: str,
        path: str | os.PathLike[str],
        *,
        speed: float = 1.0,
        seed: int = 0,
        strict: bool = False,
        speaker: str | None = None,
        threads: int | None = None,
        pauses: Mapping[str, float] | None = None,
        ssml: bool = False,
        progress: Progress | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> float:
        """Speaks a text of any length into a file, with a piece of it in memory at a time.

        The file is that of `synthesize(...).save(path)`, to the byte. While it is made, about twice the size
        of a WAV file of it is taken on the disk.

        Args:
            text: any text.
            path: of a WAV or FLAC file, which appears when it is whole.
            speed: as `synthesize` has it.
            seed: the same.
            strict: the same.
            speaker: the same.
            threads: the same.
            pauses: the same.
            ssml: the same.
            progress: the same.
            tags: more of them, as `write_wav` has them.

        Returns:
            The length of what was spoken, in seconds.

        Raises:
            TTSError: as `synthesize` does, and AudioError when the file cannot be written.
        """
        options = SynthesisOptions(
            speed=speed,
            seed=seed,
            strict=strict,
            speaker=speaker,
            threads=threads,
            pauses=pauses,
            ssml=ssml,
        )
        check_output(path)
        with contextlib.closing(self._speak(text, options, progress)) as pieces:
            n_samples = write_levelled(
                path,
                (piece.samples for piece in pieces),
                self.sample_rate,
                self.config.level_lufs,
                peak=_PEAK,
                tags={**speech_tags(self, options), **(tags or {})},
            )
        return n_samples / self.sample_rate

    def stream(
        self,
        text: str,
        *,
        speed: float = 1.0,
        seed: int = 0,
        strict: bool = False,
        speaker: str | None = None,
        threads: int | None = None,
        pauses: Mapping[str, float] | None = None,
        ssml: bool = False,
        progress: Progress | None = None,
    ) -> Generator[Speech]:
        """Speaks a text in pieces, the first of them long before the first sentence is made.

        Each piece has the times, from the start of the stream, of the words that begin in it; the last one of
        an utterance has its report. What is decoded again is so before any sound of it is made.

        All pieces are under one gain, which brings the first utterance to about the loudness of the voice, as
        far as its mel tells; what would clip is bent.

        Args:
            text: any text.
            speed: as `synthesize` has it.
            seed: the same.
            strict: the same.
            speaker: the same.
            threads: the same; with several, some utterances are made before they are asked for.
            pauses: the same.
            ssml: the same; a mark comes with the piece that it is in.
            progress: the same.

        Raises:
            TTSError: as `synthesize` does; what is wrong with the text is raised by this call at once.
        """
        options = SynthesisOptions(
            speed=speed,
            seed=seed,
            strict=strict,
            speaker=speaker,
            threads=threads,
            pauses=pauses,
            ssml=ssml,
        )
        pieces = timed(self._speak(text, options, progress), self.sample_rate)
        return self._level(pieces, speech_tags(self, options))

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
        return self._stream(self.vocoder, mel, seed, speaker)

    def _level(self, pieces: Generator[Piece], tags: Mapping[str, str]) -> Generator[Speech]:
        gain: np.float32 | None = None
        n_before = 0
        with contextlib.closing(pieces):
            for piece in pieces:
                if gain is None:
                    loudness = mel_loudness_lufs(piece.mel, self.acoustic.mel_config)
                    missing_db = self.config.level_lufs - loudness
                    gain = np.float32(
                        10.0 ** (missing_db / 20.0) if math.isfinite(missing_db) else 1.0
                    )
                n_after = n_before + len(piece.samples)
                yield Speech(
                    limited(piece.samples * gain, _PEAK),
                    self.sample_rate,
                    tags=tags,
                    marks=piece.marks,
                    sentences=begun(
                        piece.sentence, n_before / self.sample_rate, n_after / self.sample_rate
                    ),
                    report=report_of([piece]),
                )
                n_before = n_after

    def _speak(
        self, text: str, options: SynthesisOptions, progress: Progress | None
    ) -> Generator[Piece]:
        """The utterances with their pauses, in pieces, at the level that the models speak."""
        # Not inside the generator: what is wrong is raised before the first piece is asked for.
        check_speaker(options.speaker, self.speakers, self.name)
        front_end = self.front_end
        said = parse_ssml(text, language=self.config.language) if options.ssml else text
        if isinstance(said, Document) and said.lexicons:
            front_end = front_end.with_lexicon(load_lexicon(*said.lexicons))
        pauses = front_end.pauses.changed(options.pauses) if options.pauses else None
        utterances = front_end.utterances(said, strict=options.strict, pauses=pauses)
        draw = functools.partial(self._draw, options, front_end)
        return self._speak_all(utterances, draw, len(text), options, progress)

    def _speak_all(
        self,
        utterances: Iterator[Utterance],
        draw: Callable[[tuple[int, Utterance]], tuple[Drawn, Iterator[FloatArray]]],
        n_chars: int,
        options: SynthesisOptions,
        progress: Progress | None,
    ) -> Generator[Piece]:
        n_threads = options.threads or self._suitable_threads()
        with contextlib.closing(in_order(draw, enumerate(utterances), n_threads)) as drawings:
            for drawn, chunks in drawings:
                utterance = drawn.utterance
                _warn(utterance, drawn.attempt.findings, drawn.decoded.spoken.finished)
                for piece in self._finish(drawn, chunks, options):
                    yield piece
                    end = utterance.start + piece.share * (utterance.end - utterance.start)
                    if progress is not None and progress(end / n_chars) is False:
                        return

    def _suitable_threads(self) -> int:
        """One for a voice of PyTorch, which spreads each product over the cores by itself."""
        torch = sys.modules.get("torch")  # where it is not imported, nothing is of it
        parts = self.acoustic, _drawing(self.vocoder)
        if torch is not None and any(isinstance(part, torch.nn.Module) for part in parts):
            return 1
        return default_threads()

    def _draw(
        self, options: SynthesisOptions, front_end: TextFrontEnd, place: tuple[int, Utterance]
    ) -> tuple[Drawn, Iterator[FloatArray]]:
        """What the models make of one utterance, in chunks: a thread's work, while another finishes them."""
        index, utterance = place
        seed = utterance_seed(options.seed, index)
        speaker = options.speaker or self.speakers[0]
        decoded = self.decode(utterance, seed=seed, speaker=speaker)
        spoken = decoded.spoken
        mel = self._shaped(spoken.mel, utterance, options)
        shares = tuple(_share_before(mark.token, spoken) for mark in utterance.marks)
        total_s = mel.shape[1] * self.acoustic.mel_config.hop / self.sample_rate
        edges_s = token_edges(spoken.alignment) * total_s
        symbols_of = functools.partial(front_end.symbols_of, language=utterance.language)
        times = sentence_time(utterance, edges_s, symbols_of, options.speed * utterance.rate)
        times = times.later(utterance.lead_s / options.speed)
        drawn = Drawn(utterance, mel, seed, decoded, times, shares)
        if isinstance(self.vocoder, GriffinLim) and spoken.linear is not None:
            linear = self._shaped(spoken.linear, utterance, options)
            return drawn, self.vocoder.stream_linear(linear, seed=seed)
        return drawn, self._stream(_drawing(self.vocoder), mel, seed, speaker)

    def _stream(
        self, vocoder: SpeaksMel, mel: FloatArray, seed: int, speaker: str | None
    ) -> Iterator[FloatArray]:
        return vocoder.stream(
            mel,
            seed=seed,
            temperature=self.config.temperature,
            speaker=_speaker_id(speaker or self.speakers[0], self._vocoder_speakers),
        )

    def _finish(
        self, drawn: Drawn, chunks: Iterator[FloatArray], options: SynthesisOptions
    ) -> Iterator[Piece]:
        """One utterance, postfiltered, and the pause after it."""
        utterance, mel = drawn.utterance, drawn.mel
        if isinstance(self.vocoder, Postfiltered):
            chunks = self.vocoder.filtered(chunks, mel)
        n_lead = round(utterance.lead_s / options.speed * self.sample_rate)
        n_pause = round(utterance.pause_s / options.speed * self.sample_rate)
        n_fade = round(_FADE_S * self.sample_rate)
        total, done = mel.shape[1] * self.acoustic.mel_config.hop, 0
        marks = []
        for mark, share in zip(utterance.marks, drawn.mark_shares, strict=True):
            is_after_pause = mark.token > len(utterance.ids)
            place = n_lead + (total + n_pause if is_after_pause else round(share * total))
            marks.append(AudioMark(mark.name, place))
        made: list[FloatArray] = []
        for chunk in chunks:
            if not np.isfinite(chunk).all():
                raise SynthesisError(
                    f"the vocoder of {self.name!r} failed on {utterance.text!r}",
                    hint="try another --seed, or train the vocoder for longer",
                )
            samples = faded(chunk, done, total, n_fade) * np.float32(utterance.gain)
            start, begin = done, done + n_lead if done else 0
            made.append(chunk)
            done += len(chunk)
            is_last = done == total
            around = 0 if begin else n_lead, n_pause if is_last else 0
            samples = np.pad(samples, around) if any(around) else samples
            here = [m for m in marks if m.sample >= begin and (is_last or m.sample < done + n_lead)]
            inside = tuple(AudioMark(mark.name, mark.sample - begin) for mark in here)
            report = self._audit(drawn, made, options.speed) if is_last else None
            yield Piece(samples, done / total, mel, start, drawn.times, report, inside)

    def decode(self, utterance: Utterance, *, seed: int = 0, speaker: str | None = None) -> Decoded:
        """What the acoustic model says of an utterance, again and again where it is bad.

        Args:
            utterance: of the front end.
            seed: of the first attempt.
            speaker: who speaks, one of `speakers`; None is the first.
        """
        return decode(
            self.acoustic,
            utterance.ids,
            utterance.phonemes,
            seed=seed,
            speaker=_speaker_id(speaker or self.speakers[0], self._speakers),
            limits=self.limits,
        )

    def _audit(self, drawn: Drawn, made: Sequence[FloatArray], speed: float) -> UtteranceReport:
        """The report of an utterance whose sound is whole; what is wrong with that is warned of."""
        utterance = drawn.utterance
        sound = sound_figures(made, self.sample_rate)
        findings = sound_findings(sound, speed * utterance.rate, self.limits)
        _warn(utterance, findings)
        return UtteranceReport(
            text=utterance.text,
            start=utterance.start,
            end=utterance.end,
            unspeakable=self.front_end.strange_in(utterance),
            seed=drawn.seed,
            attempts=drawn.decoded.attempts,
            kept=drawn.decoded.kept,
            sound=sound,
            findings=drawn.attempt.findings + findings,
        )

    def _shaped(
        self, spectrogram: FloatArray, utterance: Utterance, options: SynthesisOptions
    ) -> FloatArray:
        """A spectrogram as the vocoder is to read it. Shape: (M, T) -> (M, T / speed)."""
        if not np.isfinite(spectrogram).all() or not spectrogram.shape[1]:
            raise SynthesisError(
                f"the acoustic model of {self.name!r} said nothing usable for {utterance.text!r}",
                hint="train the model for longer, or word the sentence differently",
            )
        speed = options.speed * utterance.rate
        return at_speed(sharpened(spectrogram, self.config.sharpening), speed)


def _warn(utterance: Utterance, findings: Sequence[Finding], finished: bool = True) -> None:
    """Warns of what is wrong with an utterance, if anything."""
    if not finished:
        message = f"cut short, the model lost its way: {utterance.text!r}"
        warnings.warn(message, UnfinishedWarning, stacklevel=3)
    elif findings:
        message = f"badly spoken, {'; '.join(map(str, findings))}: {utterance.text!r}"
        warnings.warn(message, AuditWarning, stacklevel=3)


def utterance_seed(seed: int, index: int) -> int:
    """The seed of one utterance, from that of the call and its place in the text."""
    return int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1)[0])


def _share_before(token: int, spoken: Spoken) -> float:
    """The share of an utterance before a token: the steps whose attention has not reached it.

    In whole steps, so that a mark is where a step begins; `token_edges` shares each step out.
    """
    n_steps = int((spoken.alignment.argmax(axis=1) < token).sum())
    return min(1.0, n_steps * spoken.frames_per_step / spoken.mel.shape[1])


def _drawing(vocoder: SpeaksMel) -> SpeaksMel:
    """A vocoder without its postfilter."""
    return vocoder.vocoder if isinstance(vocoder, Postfiltered) else vocoder


def _speaker_id(speaker: str, speakers: Sequence[str]) -> int | None:
    """The id of a speaker for a model of several, None for a model of one."""
    return speakers.index(speaker) if speakers else None
