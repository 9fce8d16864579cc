"""What `tts data check` found as one HTML page, which needs no network and no other file."""

import base64
import io
import statistics
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tts.audio.wav import read_wav
from tts.data.charts import histogram, scatter, waveform
from tts.data.check import CheckReport
from tts.data.measured import MeasuredClip
from tts.errors import AudioError, CorpusError
from tts.files import whole_file

__all__ = ["report_html", "write_report"]

_N_PLAYERS = 24
_PLAYED_S = 12.0
_N_POINTS = 3000  # a page with all points of a large corpus would be slow
_N_LISTED = 200


def write_report(report: CheckReport, path: Path) -> None:
    """Writes the page, whole or not at all. Raises CorpusError when it cannot be written."""
    page = report_html(report)
    try:
        with whole_file(path) as part:
            part.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be written: {error.strerror}", hint="choose another place for --report"
        ) from None


def report_html(report: CheckReport) -> str:
    """The page. Every text of the corpus is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = report.groups()
    n_of = {
        severity: sum(len(group.findings) for group in found if group.severity == severity)
        for severity in ("error", "warning", "note")
    }
    return environment.get_template("report.html").render(
        name=" + ".join(folder.resolve().name for folder in report.corpora),
        report=report,
        groups=found,
        n_of=n_of,
        n_doubtful=len({f.clip for f in report.findings if f.clip and f.severity != "note"}),
        n_listed=_N_LISTED,
        facts=_facts(report),
        charts=_charts(report),
        pace=_pace_chart(report),
        cards=[_card(report, clip) for clip in report.worst(_N_PLAYERS)],
    )


def _facts(report: CheckReport) -> dict[str, str]:
    """The figures at the top of the page."""
    sounds = [clip.sound for clip in report.clips if clip.sound]
    facts = {
        "clips": f"{len(report.clips):,}",
        "minutes": f"{report.seconds / 60:.1f}",
        "texts": f"{len({clip.clip.text for clip in report.clips}):,}",
        "speakers": f"{len({clip.clip.speaker for clip in report.clips})}",
    }
    if sounds:
        rates = sorted({sound.sample_rate for sound in sounds})
        facts["Hz"] = " / ".join(str(rate) for rate in rates)
        facts["LUFS, median"] = f"{statistics.median(s.level_lufs for s in sounds):.1f}"
        facts["dB over noise, median"] = f"{statistics.median(s.snr_db for s in sounds):.0f}"
    return facts


def _charts(report: CheckReport) -> list[tuple[str, str, Markup]]:
    """Title, unit and drawing of each histogram."""
    heard = [clip for clip in report.clips if clip.sound]
    sounds = [clip.sound for clip in heard if clip.sound]
    if not sounds:
        return []
    drawn = {
        ("Length", "seconds"): [sound.seconds for sound in sounds],
        ("Characters per second", "of speech"): [clip.chars_per_s for clip in heard],
        ("Loudness", "LUFS"): [sound.level_lufs for sound in sounds],
        ("Speech over noise", "dB"): [sound.snr_db for sound in sounds],
        ("Silence at the ends", "seconds, both"): [s.lead_s + s.tail_s for s in sounds],
        ("Longest pause", "seconds"): [sound.pause_s for sound in sounds],
    }
    return [(title, unit, histogram(values, title)) for (title, unit), values in drawn.items()]


def _pace_chart(report: CheckReport) -> Markup | None:
    """Seconds of speech over phonemes, with the lines of the speakers, and the clips that do not fit."""
    odd = {finding.clip for finding in report.findings if finding.cause == "misfit"}
    heard = [clip for clip in report.clips if clip.sound and clip.phonemes]
    if not report.paces or not heard:
        return None
    at = {c.clip.id: (float(len(c.phonemes)), c.sound.speech_s) for c in heard if c.sound}
    plain = [point for name, point in at.items() if name not in odd]
    return scatter(
        plain[:: -(-len(plain) // _N_POINTS) or 1],
        [(*at[name], name) for name in sorted(odd) if name in at],
        [(pace.start_s, pace.phoneme_s) for pace in report.paces.values()],
        "seconds of speech over phonemes",
    )


def _card(report: CheckReport, clip: MeasuredClip) -> dict[str, Any]:
    """All that the page says of one clip."""
    findings = [finding for finding in report.findings if finding.clip == clip.clip.id]
    card: dict[str, Any] = {
        "clip": clip,
        "findings": findings,
        "severity": findings[0].severity,
        "wave": None,
        "player": None,
    }
    try:
        samples, rate = read_wav(clip.clip.audio_path)
    except AudioError:  # which is among the findings
        return card
    if clip.sound is None:
        return card
    sound = clip.sound
    card["wave"] = waveform(
        samples, lead=sound.lead_s / sound.seconds, tail=sound.tail_s / sound.seconds
    )
    card["player"] = _flac(samples[: int(_PLAYED_S * rate)], rate)
    card["cut"] = sound.seconds > _PLAYED_S
    return card


def _flac(samples: Any, sample_rate: int) -> str:
    """A sound as the address of itself: lossless, and half the size of a WAV file."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="FLAC", subtype="PCM_16")
    return "data:audio/flac;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
