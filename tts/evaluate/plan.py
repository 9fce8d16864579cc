"""From what a user names to what is spoken, by whom, and what measures it; all mistakes are found here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from tts.audio.wav import FORMATS, Audio, write_wav
from tts.checkpoint import load_voice_config
from tts.config import nearest
from tts.errors import AudioError, ConfigError, TextError
from tts.evaluate.cost import peak_memory_mb
from tts.evaluate.run import Evaluation, Rulers, evaluate, load_rulers
from tts.evaluate.sentences import Recordings, Sentence, lines_of, shipped_sentences
from tts.evaluate.systems import SYSTEMS, System, natural, sounds_system, voice_systems
from tts.evaluate.words import spoken_words
from tts.voice import check_speaker, find_voice, voice_speakers

__all__ = ["Plan", "plan_evaluation"]

_N_CLIPS = 30
_NAMED = 5
_VOCODERS = {"voice": "trained", "griffin_lim": "griffin_lim"}


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """An evaluation that can begin.

    Attributes:
        target: the voice or folder, for people.
        spoken: what is spoken, for people.
        seed: of the voice.
        voice: its folder; None for a folder of sounds.
        sentences: what is spoken.
        systems: who speaks, by key.
        rulers: what measures.
    """

    target: str
    spoken: str
    seed: int
    voice: Path | None
    sentences: list[Sentence]
    systems: dict[str, System]
    rulers: Rulers

    def run(
        self, *, keep: Path | None = None, progress: Callable[[int, int], object] | None = None
    ) -> Evaluation:
        """Measures.

        Args:
            keep: the folder to write the sounds to, as SYSTEM/ID.flac.
            progress: called with the sounds done and their number.

        Raises:
            TTSError: when a sentence cannot be spoken, or a sound cannot be read or written.
        """
        results = evaluate(
            self.systems, self.sentences, self.rulers, keep=_keeper(keep), progress=progress
        )
        return Evaluation(
            target=self.target,
            sentences=self.spoken,
            seed=self.seed,
            results=results,
            single={key: self._memory(key) for key in results},
            left_out=self.rulers.left_out,
        )

    def _memory(self, system: str) -> dict[str, float]:
        if self.voice is None or system not in _VOCODERS:
            return {}
        longest = max((sentence.text for sentence in self.sentences), key=len)
        peak = peak_memory_mb(self.voice, _VOCODERS[system], longest)
        return {} if peak is None else {"memory": peak}


def plan_evaluation(
    target: str,
    *,
    corpus: Path | None = None,
    prepared: Path | None = None,
    texts: Literal["plain", "hard"] | Path | None = None,
    n: int | None = None,
    systems: Sequence[str] | None = None,
    asr: Path | None = None,
    seed: int = 0,
    speaker: str | None = None,
) -> Plan:
    """Finds all that an evaluation needs.

    Args:
        target: the name or the folder of a voice, or a folder of sounds called ID.wav or ID.flac.
        corpus: recordings of the speaker, in LJSpeech's layout.
        prepared: what `tts prepare` made of them.
        texts: a list that ships or a text file; without it, the clips of the corpus that were held out.
        n: how many sentences; without it, 30 clips, or all texts.
        systems: the keys of those wanted; without it, all there can be.
        asr: the local folder of a faster-whisper model.
        seed: of the voice.
        speaker: which of the voice's speakers; without it, the first. Where the prepared corpus knows that
            speaker, only those clips are taken.

    Raises:
        ConfigError: when the options do not go together, or the voice has no such speaker.
        VoiceNotFoundError, CheckpointError, CorpusError, TextError, AudioError, EvaluationError: when
            something is missing or broken.
    """
    if (corpus is None) != (prepared is None):
        raise ConfigError(
            "a corpus and what `tts prepare` made of it go together",
            hint="give both, --corpus and --prepared",
        )
    if n is not None and n < 1:
        raise ConfigError(f"{n} sentences are none", hint="choose -n 1 or more")
    if seed < 0:
        raise ConfigError(f"seed {seed} is negative", hint="choose a seed of 0 or more")
    folder = _sounds(target)
    voice = find_voice(target) if folder is None else None
    speakers = () if voice is None else voice_speakers(voice)
    if speakers:
        check_speaker(speaker, speakers, target)
    recordings = None
    if corpus is not None and prepared is not None:
        recordings = Recordings.load(corpus, prepared)
    whose = None if recordings is None else _known_speaker(recordings, speaker, speakers)
    sentences, spoken = _sentences(recordings, texts, n, whose)
    language = "en-us" if recordings is None else recordings.prepared.language
    if voice is not None:
        language = load_voice_config(voice).language
    sentences = [replace(sentence, language=language) for sentence in sentences]
    _check_words(sentences)
    if voice is not None:
        available = voice_systems(voice, seed, recordings=texts is None, speaker=speaker)
    else:
        assert folder is not None
        available = {"sounds": sounds_system(folder, sentences)}
        if texts is None:
            available["natural"] = natural
    chosen = _choose(available, systems)
    known = None if recordings is None else partial(recordings.of_speaker, speaker=whose)
    rulers = load_rulers(asr, language, known)
    return Plan(target, spoken, seed, voice, sentences, chosen, rulers)


def _sounds(target: str) -> Path | None:
    """The folder of sounds that a target is, unless it is a voice."""
    folder = Path(target)
    if not folder.is_dir() or (folder / "voice.json").is_file():
        return None
    has_sounds = any(path.suffix.lower() in FORMATS for path in folder.iterdir())
    return folder if has_sounds else None


def _sentences(
    recordings: Recordings | None,
    texts: Literal["plain", "hard"] | Path | None,
    n: int | None,
    speaker: str | None,
) -> tuple[list[Sentence], str]:
    """What is spoken, and what that is called."""
    if texts is None:
        if recordings is None:
            raise TextError(
                "nothing to speak",
                hint="give --corpus and --prepared, --plain, --hard, or --texts FILE",
            )
        sentences = recordings.held_out(n or _N_CLIPS, speaker)
        return sentences, f"{len(sentences)} held-out sentences of {recordings.corpus.name}"
    if isinstance(texts, Path):
        sentences = lines_of(texts)[:n]
        return sentences, f"{len(sentences)} sentences of {texts.name}"
    sentences = shipped_sentences(texts)[:n]
    return sentences, f"{len(sentences)} {texts} sentences"


def _check_words(sentences: Sequence[Sentence]) -> None:
    """Refuses sentences in which there is nothing to be said, or to be heard, and names them all."""
    empty = [
        sentence for sentence in sentences if not spoken_words(sentence.text, sentence.language)
    ]
    if empty:
        named = ", ".join(f"{sentence.id} ({sentence.text!r})" for sentence in empty[:_NAMED])
        more = f" and {len(empty) - _NAMED} more" if len(empty) > _NAMED else ""
        raise TextError(f"no word to speak in {named}{more}", hint="remove these lines")


def _known_speaker(
    recordings: Recordings, speaker: str | None, speakers: Sequence[str]
) -> str | None:
    """Whose clips are taken: those of the speaker asked for, or of the voice's first; None is anyone's.

    The only speaker of a corpus may be called otherwise than in the voice.
    """
    known = recordings.prepared.speakers
    name = speaker or (speakers[0] if speakers else None)
    if name in known:
        return name
    if speaker is not None and len(known) > 1:
        raise ConfigError(
            f"{recordings.prepared.folder}: has no clip of the speaker {speaker!r}{nearest(speaker, known)}",
            hint=f"its speakers: {', '.join(known)}",
        )
    return None


def _choose(available: dict[str, System], wanted: Sequence[str] | None) -> dict[str, System]:
    """The systems wanted, in the order of the table."""
    if wanted is None:
        return available
    unknown = [key for key in wanted if key not in available]
    if unknown:
        reason = ", which needs recordings" if unknown[0] in SYSTEMS else ""
        raise ConfigError(
            f"there is no system {unknown[0]!r} here{reason}",
            hint=f"choose from: {', '.join(available)}",
        )
    return {key: system for key, system in available.items() if key in wanted}


def _keeper(folder: Path | None) -> Callable[[str, Sentence, Audio], None] | None:
    """What writes a sound to FOLDER/SYSTEM/ID.flac."""
    if folder is None:
        return None

    def keep(system: str, sentence: Sentence, audio: Audio) -> None:
        path = folder / system / f"{sentence.id}.flac"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioError(
                f"{path.parent}: cannot be made: {error.strerror}", hint="choose another folder"
            ) from None
        write_wav(path, audio.samples, audio.sample_rate)

    return keep
