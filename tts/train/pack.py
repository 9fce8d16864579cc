"""From a run to a part of a voice that `tts say` loads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch

from tts.acoustic import AcousticModel
from tts.audio.mel import check_same_mel
from tts.checkpoint import (
    SUMS_FILE,
    VoiceConfig,
    check_same_speakers,
    load_acoustic,
    load_vocoder,
    load_voice_config,
    save_model,
    save_voice_config,
    write_sums,
)
from tts.config import from_dict, override, to_dict
from tts.errors import CheckpointError
from tts.text import SymbolTable
from tts.train.recipe import recipe_to_dict
from tts.train.runs import TrainedModel, load_averaged

__all__ = ["pack"]


def pack(
    run: Path,
    voice: Path,
    *,
    name: str | None = None,
    description: str | None = None,
    licence: str | None = None,
    settings: Sequence[str] = (),
    dtype: Literal["float16", "float32"] = "float16",
    n_average: int = 1,
) -> Path:
    """Writes the averaged weights of a run as the part of a voice that it is.

    The part appears whole, in place of an older one. A new voice gets a `voice.json`; in the one of a voice
    that is there, what is given here is changed and the rest stays. The sums of all its files come last.

    Args:
        run: the folder of an acoustic run or of a vocoder run.
        voice: the folder of the voice, which need not exist.
        name: of the voice; that of a new one is its folder's if none is given.
        description: of the voice, one line.
        licence: of the voice's weights; that of a new one is "unspecified" if none is given.
        settings: more of its `voice.json`, such as "temperature=0.6"; see `VoiceConfig`.
        dtype: how matrices are stored.
        n_average: checkpoints, the newest ones, whose averaged weights are averaged once more.

    Returns:
        The folder of the part: VOICE/acoustic or VOICE/vocoder.

    Raises:
        TrainingError: when the run holds no checkpoint, or not so many.
        CheckpointError: when the voice cannot be written, or its other part or language does not fit.
        ConfigError: when there is no such setting, or its value is out of range; nothing is written then.
    """
    trained = load_averaged(run, n_average)
    snapshot, kind = trained.snapshot, trained.recipe.kind
    _check_other_part(trained, voice)
    is_new = not (voice / "voice.json").exists()
    before = _new_config(voice, trained) if is_new else load_voice_config(voice)
    given = {"name": name, "description": description, "licence": licence}
    if kind == "acoustic":
        given["phonemizer"] = snapshot.corpus.get("phonemizer", "espeak")
    config = _changed(before, given, settings)
    if config.language != snapshot.language:
        raise CheckpointError(
            f"{voice / 'voice.json'}: language is {config.language!r}, "
            f"but {run} speaks {snapshot.language!r}",
            hint="pack into another folder",
        )
    folder = voice / kind
    # No sums are better than those of other files, should this end half-way.
    (voice / SUMS_FILE).unlink(missing_ok=True)
    save_model(
        folder,
        trained.model,
        kind=kind,
        name=trained.recipe.model,
        symbols=SymbolTable(tuple(snapshot.symbols)) if kind == "acoustic" else None,
        language=snapshot.language if kind == "acoustic" else None,
        speakers=snapshot.speakers,
        provenance={**_provenance(trained), "n_average": n_average},
        dtype=dtype,
    )
    if is_new or config != before:
        save_voice_config(voice, config)
    write_sums(voice)
    return folder


def _new_config(voice: Path, trained: TrainedModel) -> VoiceConfig:
    return VoiceConfig(
        name=voice.resolve().name,
        language=trained.snapshot.language,
        description=f"trained on {trained.snapshot.corpus['name']}",
        licence="unspecified",
    )


def _changed(
    config: VoiceConfig, given: Mapping[str, str | None], settings: Sequence[str]
) -> VoiceConfig:
    """The settings of a voice with those that are given."""
    values = to_dict(config) | {key: value for key, value in given.items() if value is not None}
    return from_dict(VoiceConfig, override(values, settings), where="--set")


def _check_other_part(trained: TrainedModel, voice: Path) -> None:
    """Refuses a part whose mel or speakers are not those of the part which is there already."""
    mel, speakers = trained.model.mel_config, trained.snapshot.speakers
    what = f"{trained.recipe.run} and {voice}"
    if isinstance(trained.model, AcousticModel):
        if (voice / "vocoder").exists():
            vocoder = load_vocoder(voice / "vocoder")
            check_same_mel(mel, vocoder.model.mel_config, what)
            check_same_speakers(speakers, vocoder.speakers, what)
    elif (voice / "acoustic").exists():
        acoustic = load_acoustic(voice / "acoustic")
        check_same_mel(mel, acoustic.model.mel_config, what)
        check_same_speakers(acoustic.speakers, speakers, what)


def _provenance(trained: TrainedModel) -> dict[str, Any]:
    snapshot = trained.snapshot
    return {
        "corpus": snapshot.corpus["name"],
        "steps": snapshot.step,
        "seconds": round(snapshot.seconds),
        "device": snapshot.device,
        "torch": str(torch.__version__),
        "started_from": snapshot.started_from,
        "recipe": recipe_to_dict(trained.recipe),
    }
