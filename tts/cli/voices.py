"""`tts voices`, `tts info` and `tts doctor`."""

import argparse
import functools
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.cli.arguments import Verbs
from tts.errors import TTSError

if TYPE_CHECKING:
    from tts.acoustic import AcousticModel
    from tts.checkpoint import LoadedAcoustic, LoadedVocoder
    from tts.vocoder import Vocoder
    from tts.voice import Voice

__all__ = ["add_verbs"]


def add_verbs(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Adds `voices`, `info` and `doctor`."""
    listing = verbs.add_parser(
        "voices", parents=[common], help="list the voices", description="Lists installed voices."
    )
    listing.set_defaults(run=_voices)

    info = verbs.add_parser(
        "info",
        parents=[common],
        help="tell about a voice",
        description="Tells what a voice is made of and where it comes from.",
    )
    info.add_argument("voice", metavar="VOICE", help="a name from `tts voices`, or a folder")
    info.set_defaults(run=_info)

    doctor = verbs.add_parser(
        "doctor",
        parents=[common],
        help="check that everything works",
        description="Checks the installed files, eSpeak NG, the compiled kernel and the voice, and speaks "
        "three words.",
    )
    doctor.add_argument(
        "--voice", default="kathleen", metavar="NAME|DIR", help="which voice (default: %(default)s)"
    )
    doctor.set_defaults(run=_doctor)


def _voices(args: argparse.Namespace) -> int:
    from tts.voice import find_voice, list_voices, voice_speakers

    voices = list_voices()
    if not voices:
        print("no voice is installed; give --voice a folder", file=sys.stderr)
    for name, config in voices.items():
        speakers = voice_speakers(find_voice(name))
        named = f"; speakers: {', '.join(speakers)}" if len(speakers) > 1 else ""
        print(f"{name:<12} {config.language:<8} {config.description} ({config.licence}){named}")
    return 0


def _info(args: argparse.Namespace) -> int:
    from tts.checkpoint import load_acoustic, load_vocoder, load_voice_config
    from tts.config import to_dict
    from tts.voice import find_voice

    folder = find_voice(args.voice)
    config = load_voice_config(folder)
    acoustic = load_acoustic(folder / "acoustic")
    parts: dict[str, LoadedAcoustic[AcousticModel] | LoadedVocoder[Vocoder]] = {
        "acoustic": acoustic
    }
    if has_vocoder := (folder / "vocoder").exists():
        parts["vocoder"] = load_vocoder(folder / "vocoder")
    rows = {**to_dict(config), "folder": folder, "symbols": len(acoustic.symbols)}
    rows["input"] = acoustic.symbols.input
    rows["speakers"] = ", ".join(acoustic.speakers or (config.name,))
    _print_table("", rows)
    _print_table("mel spectrogram", to_dict(acoustic.model.mel_config))
    for kind, part in parts.items():
        n_parameters = sum(parameter.numel() for parameter in part.model.parameters())
        facts = {"model": part.name, "parameters": f"{n_parameters:,}", **part.provenance}
        if "recipe" in facts:  # too long to be read among the others
            del facts["recipe"]
            facts["recipe"] = f"(in {kind}/config.json)"
        _print_table("acoustic model" if kind == "acoustic" else kind, facts)
    if not has_vocoder:
        _print_table("vocoder", {"model": "Griffin-Lim, for the voice has none of its own"})
    return 0


def _print_table(title: str, rows: Mapping[str, Any]) -> None:
    if title:
        print(f"\n{title}")
    for key, value in _flat(rows):
        print(f"  {key:<16} {value}")


def _flat(rows: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The rows of nested tables, under keys such as `recipe.train.steps`."""
    for key, value in rows.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _doctor(args: argparse.Namespace) -> int:
    """Every check is made, whatever the others say."""

    def versions() -> str:
        import tts
        from tts.checkpoint import check_installed

        n_files = check_installed(Path(tts.__file__).parent)
        intact = "" if n_files is None else f"; {n_files} files as they were installed"
        return (
            f"saywave {tts.__version__}, Python {platform.python_version()}, "
            f"{platform.platform()}{intact}"
        )

    def espeak() -> str:
        from tts.text.phonemes import EspeakPhonemizer

        return f"'hello' is {EspeakPhonemizer('en-us')('hello')!r}"

    def kernel() -> str:
        from tts.kernels import chosen_isa

        return f"loaded, for {chosen_isa()}"

    @functools.cache
    def load() -> "Voice":
        from tts.voice import load_voice

        return load_voice(args.voice)

    def voice() -> str:
        from tts.checkpoint import check_sums
        from tts.voice import find_voice

        n_files = check_sums(find_voice(args.voice))
        intact = "no SHA256SUMS to check" if n_files is None else f"{n_files} files as shipped"
        return f"{load()!r}, {intact}"

    def speech() -> str:
        loaded = load()
        start = time.perf_counter()
        audio = loaded.synthesize("All is well.")
        seconds = time.perf_counter() - start
        rate = audio.duration_s / seconds
        return f"{audio.duration_s:.1f} s in {seconds:.1f} s, {rate:.1f} times real time"

    checks: dict[str, Callable[[], str]] = {
        "versions": versions,
        "eSpeak NG": espeak,
        "kernel": kernel,
        "voice": voice,
        "speech": speech,
    }
    passed = [_check(name, check) for name, check in checks.items()]
    return 0 if all(passed) else 1


def _check(name: str, check: Callable[[], str]) -> bool:
    """Prints what a check says, or how it fails: what is broken may fail in any way."""
    try:
        said = check()
    except TTSError as error:
        print(f"FAIL  {name:<10} {error}")
        if error.hint:
            print(f"      {'':<10} {error.hint}")
        return False
    except Exception as error:
        print(f"FAIL  {name:<10} {' '.join(f'{type(error).__name__}: {error}'.split())}")
        return False
    print(f"ok    {name:<10} {said}")
    return True
