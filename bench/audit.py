"""How many bad utterances the audit of a voice finds and mends, with a recogniser as the judge.

    python bench/audit.py --asr WHISPER [--voice kathleen] [-n 100] [--broken 50] [--cache FOLDER]

The hard sentences of `tts evaluate` are spoken as they are, and every so many of them with the attention
deliberately broken, a kind for each in turns. The judge is a faster-whisper model. A sentence as it is has
failed by the rule of `tts evaluate`; a broken one also where more words are heard wrongly than of the same
sentence as it is. Prints Markdown: what judge and audit say of each kind, precision and recall, what is left
after retakes, and the range of each figure in the sentences that the judge finds good. What was heard is kept
in the cache.
"""

import argparse
import collections
import dataclasses
import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tts.acoustic import fast
from tts.acoustic.fast import FastDeepVoice3
from tts.acoustic.speech import Retake, Spoken
from tts.errors import AuditWarning
from tts.evaluate.resample import levelled
from tts.evaluate.sentences import Sentence, shipped_sentences
from tts.evaluate.words import Recogniser, failure_of, load_recogniser, word_figures
from tts.text.frontend import Utterance
from tts.voice import Decoded, Speech, Voice, load_voice
from tts.voice.audit import attention_figures, attention_findings
from tts.voice.report import Attempt, UtteranceReport

KINDS = {
    "jump": "jumps ahead by a quarter of the text",
    "repeat": "falls back by a quarter and reads it again",
    "rest": "stays at one token for 40 steps",
    "blind": "has no window",
    "cut": "is cut after 60 % of its steps",
}


class Broken:
    """A model whose first take is broken; its retakes are its own."""

    def __init__(self, model: FastDeepVoice3, kind: str) -> None:
        self.model, self.kind, self.retakes = model, kind, model.retakes
        self.mel_config, self.n_symbols = model.mel_config, model.n_symbols

    def speak(
        self,
        tokens: npt.NDArray[np.int64],
        *,
        seed: int = 0,
        speaker: int | None = None,
        retake: Retake | None = None,
    ) -> Spoken:
        whole = self.model.speak(tokens, seed=seed, speaker=speaker, retake=retake)
        if retake is not None:
            return whole
        n_steps = len(whole.alignment)
        if self.kind == "cut":
            n = n_steps * 6 // 10
            mel, alignment = whole.mel[:, : n * whole.frames_per_step], whole.alignment[:n]
            return dataclasses.replace(whole, mel=mel, alignment=alignment)
        window, right = BrokenWindow(self.kind, len(tokens), n_steps), fast._Window
        fast._Window = lambda *_: window  # type: ignore[misc,assignment]
        try:
            return self.model.speak(tokens, seed=seed, speaker=speaker)
        finally:
            fast._Window = right  # type: ignore[misc]


class BrokenWindow:
    """Where the attention may look, wrong from the middle of the text on."""

    def __init__(self, kind: str, n_tokens: int, n_steps: int) -> None:
        self.kind, self.middle, self.far = kind, n_tokens // 2, max(4, n_tokens // 4)
        self.pace, self.last, self.since = n_tokens / n_steps, n_tokens - 1, 0

    def at(self, position: int) -> slice:
        if self.kind == "blind":
            return slice(None)
        place = position
        if position >= self.middle:
            self.since += 1
            if self.kind == "jump" and self.since == 1:
                place = min(position + self.far, self.last - 1)
            if self.kind == "repeat":
                place = min(position, self.middle - self.far + int(self.since * self.pace))
            if self.kind == "rest" and self.since < 40:
                return slice(self.middle, self.middle + 1)
        return slice(max(0, place - 1), place + 4)


class Judge:
    """What a recogniser says of sounds; it hears each but once."""

    def __init__(self, recogniser: Recogniser, cache: Path) -> None:
        self.recogniser, self.path = recogniser, cache / "heard.json"
        self.heard = json.loads(self.path.read_text()) if self.path.is_file() else {}

    def is_bad(self, sentence: Sentence, speech: Speech, n_tolerated: int | None = None) -> bool:
        """Whether it has failed, by the rule of `tts evaluate` or by more wrong words than are tolerated."""
        n_wrong = self.n_wrong(sentence, speech)
        is_worse = n_tolerated is not None and n_wrong > n_tolerated
        return is_worse or failure_of(sentence.text, self.hear(speech)) is not None

    def n_wrong(self, sentence: Sentence, speech: Speech) -> int:
        """Words that are lost, added or wrong."""
        return int(word_figures(sentence.text, self.hear(speech))["wer"].total)

    def hear(self, speech: Speech) -> str:
        key = hashlib.sha256(speech.samples.tobytes()).hexdigest()
        if key not in self.heard:
            self.heard[key] = self.recogniser(levelled(speech))
            self.path.write_text(json.dumps(self.heard))
        return str(self.heard[key])


class Tally:
    """Sentences by what was done to them, and what audit and judge say."""

    def __init__(self) -> None:
        self.counts: collections.Counter[tuple[str, bool, bool]] = collections.Counter()

    def add(self, kind: str, flagged: bool, bad: bool) -> None:
        self.counts[kind, flagged, bad] += 1

    def table(self) -> str:
        lines = [
            "| attention | sentences | the judge fails | the audit fails | both |",
            "|---|---|---|---|---|",
        ]
        kinds = list(dict.fromkeys(kind for kind, _, _ in self.counts))
        for kind in [*kinds, "all"]:
            mine = {k[1:]: 0 for k in self.counts}
            for (name, *said), n in self.counts.items():
                if kind in (name, "all"):
                    mine[cast(tuple[bool, bool], tuple(said))] += n
            flagged = sum(n for (flag, _), n in mine.items() if flag)
            bad, both = sum(n for (_, b), n in mine.items() if b), mine.get((True, True), 0)
            lines.append(
                f"| {KINDS.get(kind, kind)} | {sum(mine.values())} | {bad} | {flagged} | {both} |"
            )
        lines.append(f"\nprecision {both / max(flagged, 1):.0%}, recall {both / max(bad, 1):.0%}\n")
        return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--asr", type=Path, required=True, help="folder of a faster-whisper model")
    parser.add_argument("--voice", default="kathleen", help="default: %(default)s")
    parser.add_argument("-n", type=int, default=100, help="sentences; default: %(default)s")
    parser.add_argument("--broken", type=int, default=50, help="of them; default: %(default)s")
    parser.add_argument("--cache", type=Path, default=Path("cache/audit"))
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", AuditWarning)
    voice = load_voice(options.voice)
    judge = Judge(load_recogniser(options.asr, "en"), options.cache)
    sentences = shipped_sentences("hard")[: options.n]
    chosen = [sentences[i * len(sentences) // options.broken] for i in range(options.broken)]
    plan = [("as it is", sentence) for sentence in sentences]
    plan += [(list(KINDS)[i % len(KINDS)], sentence) for i, sentence in enumerate(chosen)]
    before, after = Tally(), Tally()
    good: list[UtteranceReport] = []
    n_wrong: dict[str, int] = {}
    model = cast(FastDeepVoice3, voice.acoustic)
    for kind, sentence in plan:
        voice.acoustic = model if kind == "as it is" else Broken(model, kind)
        first, last = first_take(voice, sentence.text), voice.synthesize(sentence.text)
        if kind == "as it is":
            n_wrong[sentence.id] = judge.n_wrong(sentence, first)
        tolerated = None if kind == "as it is" else n_wrong[sentence.id]
        bad = judge.is_bad(sentence, first, tolerated)
        before.add(kind, not first.report.good, bad)
        after.add(kind, not last.report.good, judge.is_bad(sentence, last, tolerated))
        if kind == "as it is" and not bad:
            good += first.report.utterances
        print(sentence.id, kind, bad, *(str(f) for u in first.report.bad for f in u.findings))
    print("\nBefore retakes:\n", before.table(), "After retakes:\n", after.table(), sep="\n")
    print(ranges(good))


def first_take(voice: Voice, text: str) -> Speech:
    """A text without retakes."""

    def decode(utterance: Utterance, *, seed: int, speaker: str | None) -> Decoded:
        spoken = voice.acoustic.speak(utterance.ids, seed=seed)
        asked = (
            spoken,
            utterance.phonemes,
            spoken.frames_per_step / voice.acoustic.mel_config.frames_per_second,
        )
        findings = attention_findings(*asked, voice.limits)
        attempt = Attempt(
            retake=None,
            n_pieces=1,
            seed=seed,
            attention=attention_figures(*asked),
            findings=findings,
        )
        return Decoded(spoken, (attempt,), 0)

    voice.decode = decode  # type: ignore[method-assign,assignment]
    try:
        return voice.synthesize(text)
    finally:
        del voice.decode


def ranges(reports: Sequence[UtteranceReport]) -> str:
    """The range of each figure over some utterances."""
    lines = ["| figure | least | 1 % | median | 99 % | most |", "|---|---|---|---|---|---|"]
    rows: dict[str, list[Any]] = collections.defaultdict(list)
    for report in reports:
        attention = report.attempts[0].attention
        assert attention is not None
        for name, value in (
            dataclasses.asdict(attention) | dataclasses.asdict(report.sound)
        ).items():
            rows[name].append(float(value))
    for name, values in rows.items():
        figures = np.quantile(values, [0.0, 0.01, 0.5, 0.99, 1.0])
        lines.append(f"| {name} | " + " | ".join(f"{x:.3g}" for x in figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
