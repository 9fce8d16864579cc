"""Retakes: an acoustic model that fails so many times, and what is tried, kept and told."""

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tts.acoustic.speech import Spoken
from tts.audio.mel import MelConfig
from tts.errors import AuditWarning, UnfinishedWarning
from tts.text import TextFrontEnd
from tts.voice import AuditLimits, Voice, VoiceConfig
from tts.voice.retakes import decode, in_pieces

SYMBOLS = "^bˈiː ɹˈɛd, ðɛn ɡˈoʊ.$"
TOKENS = np.arange(1, len(SYMBOLS) + 1)
MEL = MelConfig(sample_rate=8000, n_fft=256, hop=64, n_mels=4, fmin_hz=0.0, fmax_hz=4000.0)


class Failing:
    """Eight frames a token, 64 ms. Its first takes are bad: the attention misses ten symbols."""

    mel_config = MEL
    retakes = ("window", "seed")

    def __init__(self, n_bad: int, n_symbols: int = 100) -> None:
        self.n_bad, self.n_symbols = n_bad, n_symbols
        self.calls: list[tuple[list[int], int, str | None]] = []

    def speak(
        self, tokens: np.ndarray, *, seed: int = 0, speaker: Any = None, retake: str | None = None
    ) -> Spoken:
        self.calls.append((tokens.tolist(), seed, retake))
        bad = len(self.calls) <= self.n_bad
        alignment = np.eye(len(tokens), dtype=np.float32)
        if bad:
            alignment[2:12] = alignment[1]
        return Spoken(
            mel=np.repeat(tokens.astype(np.float32) / 100, 8)[None].repeat(4, axis=0),
            alignment=alignment,
            finished=True,
            frames_per_step=8,
        )


def decoded(model: Failing) -> Any:
    return decode(
        model,  # type: ignore[arg-type]
        TOKENS,
        SYMBOLS,
        seed=7,
        speaker=None,
        limits=AuditLimits(),
    )


def test_what_is_good_at_once_is_spoken_once() -> None:
    model = Failing(0)
    result = decoded(model)
    assert model.calls == [(TOKENS.tolist(), 7, None)]
    assert (len(result.attempts), result.kept) == (1, 0)
    assert result.attempts[0].findings == ()


@pytest.mark.parametrize("n_bad", [1, 2, 3])
def test_the_first_good_attempt_is_kept(n_bad: int) -> None:
    model = Failing(n_bad)
    result = decoded(model)
    assert result.kept == n_bad == len(result.attempts) - 1
    assert [bool(attempt.findings) for attempt in result.attempts] == [True] * n_bad + [False]
    tried = [(attempt.retake, attempt.n_pieces) for attempt in result.attempts]
    assert tried == [(None, 1), ("window", 1), ("seed", 1), ("window", 2)][: n_bad + 1]
    seeds = [seed for _, seed, _ in model.calls[:3]]
    assert seeds[:2] == [7, 7][: len(seeds)]
    assert 7 not in seeds[2:]


def test_pieces_are_cut_between_words_at_a_mark_and_joined() -> None:
    model = Failing(3)
    result = decoded(model)
    space = SYMBOLS.index(",") + 1
    ids = TOKENS.tolist()
    assert [tokens for tokens, _, _ in model.calls[3:]] == [
        [*ids[:space], ids[-1]],
        [ids[0], *ids[space + 1 :]],
    ]
    alignment = result.spoken.alignment
    assert alignment.shape == (len(TOKENS) + 1, len(TOKENS))
    # The end of the first piece and the beginning of the second are the space between them.
    expected = np.repeat(
        np.eye(len(TOKENS)), np.where(np.arange(len(TOKENS)) == space, 2, 1), axis=0
    )
    np.testing.assert_array_equal(alignment, expected)
    assert result.spoken.mel.shape == (4, 8 * len(alignment))


def test_four_pieces_come_last_and_the_least_bad_attempt_is_kept() -> None:
    model = Failing(1000)
    result = decoded(model)
    tried = [(attempt.retake, attempt.n_pieces) for attempt in result.attempts]
    assert tried == [(None, 1), ("window", 1), ("seed", 1), ("window", 2), ("window", 4)]
    n_findings = [len(attempt.findings) for attempt in result.attempts]
    assert result.kept == n_findings.index(min(n_findings))


def test_what_cannot_differ_is_not_tried() -> None:
    model = Failing(1000)
    model.retakes = ()  # type: ignore[assignment]
    symbols = "^ɡoʊhoʊmstɹ.$"  # one word: there is nowhere to cut
    ids = np.arange(1, len(symbols) + 1)
    result = decode(model, ids, symbols, seed=0, speaker=None, limits=AuditLimits())  # type: ignore[arg-type]
    assert len(result.attempts) == len(model.calls) == 1
    assert result.attempts[0].findings


def test_linear_spectrograms_are_joined_too() -> None:
    def speak(tokens: np.ndarray) -> Spoken:
        take = Failing(0).speak(tokens)
        return dataclasses.replace(take, linear=np.full((9, take.mel.shape[1]), len(tokens)))

    space = SYMBOLS.index(" ")
    joined = in_pieces(speak, TOKENS, [(1, space), (space + 1, len(SYMBOLS) - 1)])
    n = 8 * (space + 1)
    assert joined.linear is not None
    assert joined.linear.shape == (9, joined.mel.shape[1])
    assert (joined.linear[:, :n] == space + 1).all()
    assert (joined.linear[:, n:] == len(SYMBOLS) - space).all()


# -- in a voice ---------------------------------------------------------------------------------------


class Hum:
    """A steady tone, whatever the mel."""

    def stream(self, mel: np.ndarray, **_: Any) -> Iterator[np.ndarray]:
        tone = 0.1 * np.sin(np.arange(mel.shape[1] * MEL.hop))
        yield from np.array_split(tone.astype(np.float32), 3)


def voice_of(front_end: TextFrontEnd, n_bad: int) -> Voice:
    config = VoiceConfig(name="toy", language="en-us", description="", licence="")
    acoustic: Any = Failing(n_bad, len(front_end.symbols))
    return Voice(config, front_end, acoustic, Hum())  # type: ignore[arg-type]


TEXT = "Be ready, and then go home. Good."


def test_a_mended_utterance_is_silent_about_it_but_for_the_report(tiny_voice: Voice) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        speech = voice_of(tiny_voice.front_end, 1).synthesize(TEXT, seed=3)
    assert speech.report.good
    first, second = speech.report.utterances
    assert (first.text, first.start, first.end) == ("Be ready, and then go home.", 0, 27)
    assert [bool(attempt.findings) for attempt in first.attempts] == [True, False]
    assert (first.kept, first.findings) == (1, ())
    assert len(second.attempts) == 1


def test_what_stays_bad_is_spoken_and_named(tiny_voice: Voice) -> None:
    with pytest.warns(AuditWarning, match="badly spoken, .* are missing at") as warned:
        speech = voice_of(tiny_voice.front_end, 1000).synthesize("Be ready, and then go home.")
    assert len(warned) == 1
    assert not isinstance(warned[0].message, UnfinishedWarning)
    assert not speech.report.good
    assert speech.report.bad == speech.report.utterances
    assert speech.report.bad[0].findings[0].check in ("skip", "cut")
    assert len(speech.samples) > 0


def test_retakes_come_before_any_sound_of_a_stream(tiny_voice: Voice) -> None:
    voice = voice_of(tiny_voice.front_end, 2)
    acoustic: Any = voice.acoustic
    pieces = voice.stream("Be ready, and then go home.")
    assert acoustic.calls == []
    reports = [next(pieces).report]
    assert len(acoustic.calls) == 3
    reports += [piece.report for piece in pieces]
    assert len(acoustic.calls) == 3
    assert [len(report.utterances) for report in reports] == [0, 0, 1]
    assert reports[-1].utterances[0].kept == 2


def test_characters_that_were_left_out_are_in_the_report(tiny_voice: Voice) -> None:
    with pytest.warns(Warning, match="left out"):
        speech = voice_of(tiny_voice.front_end, 0).synthesize("Be \u0378 ready \u0378 now. Good.")
    assert [u.unspeakable for u in speech.report.utterances] == [("\u0378",), ()]
