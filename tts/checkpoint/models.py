"""Model folders: `config.json`, which says what a model is, and its weights."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tts.audio.mel import MelConfig
from tts.checkpoint.headers import BROKEN, FORMAT, read_header, refuse_missing, write_json
from tts.checkpoint.weights import load_weights, stored_weights
from tts.config import to_dict
from tts.errors import CheckpointError, ConfigError, TextError
from tts.files import whole_folder
from tts.text.symbols import SymbolTable

if TYPE_CHECKING:
    from tts.acoustic import AcousticModel
    from tts.vocoder import Vocoder

__all__ = [
    "LoadedAcoustic",
    "LoadedVocoder",
    "check_same_speakers",
    "load_acoustic",
    "load_speakers",
    "load_vocoder",
    "save_model",
]

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"


@dataclass(frozen=True, kw_only=True, slots=True)
class _VocoderHeader:
    """The `config.json` of a vocoder."""

    format: int
    kind: str
    model: str
    config: dict[str, Any]
    mel: MelConfig
    speakers: tuple[str, ...]
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class _AcousticHeader:
    """The `config.json` of an acoustic model: that of a vocoder, and what it reads."""

    format: int
    kind: str
    model: str
    config: dict[str, Any]
    mel: MelConfig
    symbols: tuple[str, ...]
    language: str
    speakers: tuple[str, ...]
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedAcoustic:
    """An acoustic model in eval mode, with what it reads, as whom it speaks, and where it comes from.

    `speakers` holds the names of a model of several, in the order of their ids; a model of one has none.
    """

    model: "AcousticModel"
    name: str
    symbols: SymbolTable
    language: str
    speakers: tuple[str, ...]
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedVocoder:
    """A vocoder in eval mode, with the names of its speakers if it has several, and where it comes from."""

    model: "Vocoder"
    name: str
    speakers: tuple[str, ...]
    provenance: dict[str, Any]


def save_model(
    folder: Path,
    model: "AcousticModel | Vocoder",
    *,
    kind: Literal["acoustic", "vocoder"],
    name: str,
    symbols: SymbolTable | None = None,
    language: str | None = None,
    speakers: Sequence[str] = (),
    provenance: Mapping[str, Any],
    dtype: Literal["float32", "float16"] = "float32",
) -> None:
    """Writes a model folder; one that is there already is replaced.

    Args:
        folder: where to; parents are made.
        model: the network; `config` and `mel_config` are stored with its weights.
        kind: what it is.
        name: its name in the registry.
        symbols: what its ids stand for, for an acoustic model.
        language: the language of eSpeak NG, for an acoustic model.
        speakers: the names of its speakers, in the order of their ids; none for a model of one.
        provenance: where it comes from, as values that JSON can hold.
        dtype: how matrices are stored; vectors, which are few, always keep float32.

    Raises:
        CheckpointError: when the folder cannot be written or holds something else, or a weight is not finite.
    """
    header: _AcousticHeader | _VocoderHeader
    _check_speakers(folder, model.config, speakers)
    config, mel, source = to_dict(model.config), model.mel_config, dict(provenance)
    if kind == "acoustic":
        assert symbols is not None and language is not None, "an acoustic model reads symbols"
        header = _AcousticHeader(
            format=FORMAT,
            kind=kind,
            model=name,
            config=config,
            mel=mel,
            symbols=symbols.symbols,
            language=language,
            speakers=tuple(speakers),
            provenance=source,
        )
    else:
        assert symbols is None and language is None, "a vocoder reads no symbols"
        header = _VocoderHeader(
            format=FORMAT,
            kind=kind,
            model=name,
            config=config,
            mel=mel,
            speakers=tuple(speakers),
            provenance=source,
        )
    weights = stored_weights(model, dtype, folder)

    from safetensors.torch import save

    try:
        _check_replaceable(folder)
        with whole_folder(folder) as new:
            write_json(new / CONFIG_FILE, to_dict(header))
            # Not save_file, whose files only their owner may read.
            (new / WEIGHTS_FILE).write_bytes(save(weights))
    except OSError as error:
        raise CheckpointError(
            f"{folder}: cannot be written: {error.strerror or error}",
            hint="choose a folder that can be written to",
        ) from None


def load_acoustic(folder: Path) -> LoadedAcoustic:
    """The acoustic model of a model folder, float32 and in eval mode.

    Raises:
        CheckpointError: when the folder is missing, broken, or of another kind or format.
    """
    from tts.acoustic import acoustic_models

    header = read_header(folder / CONFIG_FILE, _AcousticHeader, "acoustic")
    try:
        symbols = SymbolTable(header.symbols)
    except TextError as error:
        raise CheckpointError(f"{folder / CONFIG_FILE}: {error}", hint=BROKEN) from None
    with _building(folder):
        config = acoustic_models.config(
            header.model, header.config, f"{folder / CONFIG_FILE}: config"
        )
        refuse_missing(config, header.config, f"{folder / CONFIG_FILE}: config")
        _check_speakers(folder / CONFIG_FILE, config, header.speakers)
        model = acoustic_models.build(header.model, config, header.mel, len(symbols))
    load_weights(folder / WEIGHTS_FILE, model)
    return LoadedAcoustic(
        model=model.eval(),
        name=header.model,
        symbols=symbols,
        language=header.language,
        speakers=header.speakers,
        provenance=header.provenance,
    )


def load_vocoder(folder: Path) -> LoadedVocoder:
    """The vocoder of a model folder, float32 and in eval mode.

    Raises:
        CheckpointError: when the folder is missing, broken, or of another kind or format.
    """
    from tts.vocoder import vocoders

    header = read_header(folder / CONFIG_FILE, _VocoderHeader, "vocoder")
    with _building(folder):
        config = vocoders.config(header.model, header.config, f"{folder / CONFIG_FILE}: config")
        refuse_missing(config, header.config, f"{folder / CONFIG_FILE}: config")
        _check_speakers(folder / CONFIG_FILE, config, header.speakers)
        model = vocoders.build(header.model, config, header.mel)
    load_weights(folder / WEIGHTS_FILE, model)
    return LoadedVocoder(
        model=model.eval(),
        name=header.model,
        speakers=header.speakers,
        provenance=header.provenance,
    )


def load_speakers(voice: Path) -> tuple[str, ...]:
    """The names of the speakers of a voice folder; none if it has one speaker. Quick: no weight is read."""
    return read_header(voice / "acoustic" / CONFIG_FILE, _AcousticHeader, "acoustic").speakers


def check_same_speakers(acoustic: Sequence[str], vocoder: Sequence[str], what: str) -> None:
    """Refuses a vocoder of several speakers that are not those of the acoustic model; one of one fits any.

    Raises:
        CheckpointError: naming both lists; `what` names the two parts.
    """
    if vocoder and set(vocoder) != set(acoustic):
        raise CheckpointError(
            f"{what} disagree on the speakers: {', '.join(acoustic) or 'one without a name'}, and "
            f"{', '.join(vocoder)}",
            hint="train both on the same corpora, or the vocoder with n_speakers = 1, which fits any",
        )


def _check_speakers(path: Path, config: Any, speakers: Sequence[str]) -> None:
    """Refuses names that are not one for each of several speakers."""
    n_speakers = getattr(config, "n_speakers", 1)
    n_named = len(set(speakers))
    if n_named != len(speakers) or n_named != (n_speakers if n_speakers > 1 else 0):
        raise CheckpointError(
            f"{path}: n_speakers is {n_speakers}, but the names of the speakers are {list(speakers)}",
            hint="name each speaker of several once, and none where there is one",
        )


@contextlib.contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Turns what a config or a model refuses into CheckpointError; the caller's random state is kept."""
    import torch

    try:
        with torch.random.fork_rng(devices=[]):
            yield
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or BROKEN) from None
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{folder / CONFIG_FILE}: cannot be built: {reason}", hint=BROKEN
        ) from None


def _check_replaceable(folder: Path) -> None:
    """Refuses a folder that holds anything but a model."""
    others = {item.name for item in folder.iterdir()} if folder.exists() else set()
    others -= {CONFIG_FILE, WEIGHTS_FILE}
    if others:
        raise CheckpointError(
            f"{folder}: is not a model folder: it holds {min(others)!r}",
            hint="choose a new or an empty folder",
        )
