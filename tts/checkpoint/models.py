"""Model folders: `config.json`, which says what a model is, and its weights."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from tts.audio.mel import MelConfig
from tts.checkpoint.headers import BROKEN, FORMAT, read_header, refuse_missing, write_json
from tts.checkpoint.weights import filled, read_tensors, stored_weights
from tts.config import from_dict, to_dict
from tts.errors import CheckpointError, ConfigError, TextError
from tts.files import whole_folder
from tts.text.symbols import SymbolTable

if TYPE_CHECKING:
    from tts.acoustic import AcousticModel
    from tts.acoustic.speech import SpeaksTokens
    from tts.vocoder import Vocoder
    from tts.vocoder.speech import SpeaksMel

__all__ = [
    "LoadedAcoustic",
    "LoadedVocoder",
    "check_same_speakers",
    "load_acoustic",
    "load_speakers",
    "load_speaking_acoustic",
    "load_speaking_vocoder",
    "load_vocoder",
    "save_model",
]

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"

_MAX_SIZE, _MAX_LAYERS = 2**16, 2**10
"""No model is as large. Time and memory are not spent on sizes that a broken or hostile config makes up."""

Acoustic = TypeVar("Acoustic", covariant=True)
Speaks = TypeVar("Speaks", covariant=True)
Model = TypeVar("Model")
Config = TypeVar("Config")


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
class LoadedAcoustic(Generic[Acoustic]):
    """An acoustic model that is ready to speak, what it reads, as whom it speaks, and where it comes from.

    `speakers` holds the names of a model of several, in the order of their ids; a model of one has none.
    """

    model: Acoustic
    name: str
    symbols: SymbolTable
    language: str
    speakers: tuple[str, ...]
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedVocoder(Generic[Speaks]):
    """A vocoder that is ready to speak, the names of its speakers if it has several, where it comes from."""

    model: Speaks
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


def load_acoustic(folder: Path) -> "LoadedAcoustic[AcousticModel]":
    """The acoustic model of a model folder, in PyTorch, float32 and in eval mode.

    Raises:
        CheckpointError: when the folder is missing, broken, or of another kind or format.
    """
    from tts.acoustic import acoustic_models

    header, symbols = _read_acoustic(folder)
    with _building(folder), _random_state_kept():
        config_type: type[Any] = acoustic_models.config_type(header.model)
        config = _checked_config(config_type, header, folder)
        model = filled(
            lambda: acoustic_models.build(header.model, config, header.mel, len(symbols)),
            folder / WEIGHTS_FILE,
        )
    return _loaded_acoustic(model.eval(), header, symbols)


def load_speaking_acoustic(folder: Path) -> "LoadedAcoustic[SpeaksTokens]":
    """The acoustic model of a model folder in the form that speaks fastest: without PyTorch, if there is one.

    Raises:
        CheckpointError: as `load_acoustic` does.
    """
    header, symbols = _read_acoustic(folder)
    if header.model != "deepvoice3":
        return load_acoustic(folder)
    from tts.acoustic.deepvoice3_config import DeepVoice3Config
    from tts.acoustic.fast import FastDeepVoice3, tensor_shapes

    with _building(folder):
        config = _checked_config(DeepVoice3Config, header, folder)
    sizes = config, header.mel, len(symbols)
    tensors = read_tensors(folder / WEIGHTS_FILE, tensor_shapes(*sizes))
    return _loaded_acoustic(FastDeepVoice3(*sizes, tensors), header, symbols)


def load_vocoder(folder: Path) -> "LoadedVocoder[Vocoder]":
    """The vocoder of a model folder, in PyTorch, float32 and in eval mode.

    Raises:
        CheckpointError: when the folder is missing, broken, or of another kind or format.
    """
    from tts.vocoder import vocoders

    header = read_header(folder / CONFIG_FILE, _VocoderHeader, "vocoder")
    with _building(folder), _random_state_kept():
        config_type: type[Any] = vocoders.config_type(header.model)
        config = _checked_config(config_type, header, folder)
        model = filled(
            lambda: vocoders.build(header.model, config, header.mel), folder / WEIGHTS_FILE
        )
    return _loaded_vocoder(model.eval(), header)


def load_speaking_vocoder(folder: Path) -> "LoadedVocoder[SpeaksMel]":
    """The vocoder of a model folder in the form that speaks fastest: compiled, or, warning, in PyTorch.

    Raises:
        CheckpointError: as `load_vocoder` does.
    """
    header = read_header(folder / CONFIG_FILE, _VocoderHeader, "vocoder")
    if header.model != "wavenet":
        return load_vocoder(folder)
    from tts.vocoder.compiled import CompiledWaveNet, has_kernel, tensor_shapes
    from tts.vocoder.wavenet_config import WaveNetConfig

    if not has_kernel():
        return load_vocoder(folder)
    with _building(folder):
        config = _checked_config(WaveNetConfig, header, folder)
        config.hold(header.mel.hop)  # which refuses a hop that does not fit
    tensors = read_tensors(folder / WEIGHTS_FILE, tensor_shapes(config, header.mel))
    return _loaded_vocoder(CompiledWaveNet(config, header.mel, tensors), header)


def _read_acoustic(folder: Path) -> tuple[_AcousticHeader, SymbolTable]:
    header = read_header(folder / CONFIG_FILE, _AcousticHeader, "acoustic")
    try:
        return header, SymbolTable(header.symbols)
    except TextError as error:
        raise CheckpointError(f"{folder / CONFIG_FILE}: {error}", hint=BROKEN) from None


def _checked_config(
    cls: type[Config], header: _AcousticHeader | _VocoderHeader, folder: Path
) -> Config:
    """The config of a model, complete, and with a name for each of several speakers."""
    where = f"{folder / CONFIG_FILE}: config"
    for name, size in (header.config | to_dict(header.mel)).items():
        limit = _MAX_LAYERS if "layers" in name else _MAX_SIZE
        if isinstance(size, int) and size > limit and name != "sample_rate":
            raise ValueError(f"{name} is {size}, at most {limit} is possible")
    config = from_dict(cls, header.config, where=where)
    refuse_missing(config, header.config, where)
    _check_speakers(folder / CONFIG_FILE, config, header.speakers)
    return config


def _loaded_acoustic(
    model: Model, header: _AcousticHeader, symbols: SymbolTable
) -> LoadedAcoustic[Model]:
    return LoadedAcoustic(
        model=model,
        name=header.model,
        symbols=symbols,
        language=header.language,
        speakers=header.speakers,
        provenance=header.provenance,
    )


def _loaded_vocoder(model: Model, header: _VocoderHeader) -> LoadedVocoder[Model]:
    return LoadedVocoder(
        model=model,
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
    """Turns what a config or a model refuses into CheckpointError."""
    try:
        yield
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or BROKEN) from None
    except (ValueError, RuntimeError, TypeError, ArithmeticError, MemoryError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{folder / CONFIG_FILE}: cannot be built: {reason}", hint=BROKEN
        ) from None


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    """The weights that a model begins with are drawn, and the caller's draws are none of ours."""
    import torch

    with torch.random.fork_rng(devices=[]):
        yield


def _check_replaceable(folder: Path) -> None:
    """Refuses a folder that holds anything but a model."""
    others = {item.name for item in folder.iterdir()} if folder.exists() else set()
    others -= {CONFIG_FILE, WEIGHTS_FILE}
    if others:
        raise CheckpointError(
            f"{folder}: is not a model folder: it holds {min(others)!r}",
            hint="choose a new or an empty folder",
        )
