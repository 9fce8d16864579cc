"""Model folders and voice folders on the disk.

    kathleen/
      voice.json            `VoiceConfig`
      MODEL_CARD.md
      acoustic/             a model folder, and so is vocoder/:
        config.json         format number, kind, model, its config, the whole mel spec, the names of its
                            speakers if there are several, provenance, and for an acoustic model the
                            symbols and the language
        model.safetensors   the weights

A folder is loaded strictly or refused with the key that is wrong; nothing is unpickled. What is
written is written beside its place and then renamed into it, so that half of it is never seen. PyTorch is
imported by the functions that need it, so that listing voices is quick.
"""

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tts.audio.mel import MelConfig
from tts.config import from_dict, nearest, to_dict
from tts.errors import CheckpointError, ConfigError, TextError
from tts.files import whole_file
from tts.text.symbols import SymbolTable

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tts.acoustic import AcousticModel
    from tts.vocoder import Vocoder

__all__ = [
    "FORMAT",
    "LoadedAcoustic",
    "LoadedVocoder",
    "VoiceConfig",
    "check_same_speakers",
    "load_acoustic",
    "load_speakers",
    "load_vocoder",
    "load_voice_config",
    "save_model",
    "save_voice_config",
]

FORMAT = 1
"""The number of the format that this version writes; it changes when old folders need an upgrade."""

CONFIG_FILE, WEIGHTS_FILE, VOICE_FILE = "config.json", "model.safetensors", "voice.json"

_BROKEN = "fetch or train it again"

Header = TypeVar("Header", "_VocoderHeader", "_AcousticHeader", "VoiceConfig")


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceConfig:
    """The settings of a voice, as its `voice.json` holds them.

    Attributes:
        format: the format number of the file.
        name: what it is called.
        language: the language code of eSpeak NG; the acoustic model must agree.
        description: one line for people.
        licence: of the weights.
        temperature: scales the spread of the vocoder's draws.
        sharpening: scales how far each mel band swings about its mean, before the vocoder. A model trained
            to the mean error predicts too little of it (Toda and Tokuda 2007, "global variance").
        contrast: of the postfilter that the vocoder's sound passes (`tts.audio.postfilter`): 1 only brings
            each band to the level that the mel says, more also sharpens the harmonics, 0 is none.
        level_lufs: the loudness that its speech is brought to.
    """

    format: int = FORMAT
    name: str
    language: str
    description: str
    licence: str
    temperature: float = 1.0
    sharpening: float = 1.0
    contrast: float = 0.0
    level_lufs: float = -20.0

    def __post_init__(self) -> None:
        if not 0.0 < self.temperature <= 2.0:
            raise ValueError("temperature must be above 0 and at most 2")
        if not 0.5 <= self.sharpening <= 2.0:
            raise ValueError("sharpening must be from 0.5 to 2")
        if self.contrast != 0.0 and not 1.0 <= self.contrast <= 4.0:
            raise ValueError("contrast must be 0, or from 1 to 4")
        if not -60.0 <= self.level_lufs <= -5.0:
            raise ValueError("level_lufs must be from -60 to -5")


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
    weights = _stored_weights(model, dtype, folder)

    from safetensors.torch import save

    with _replacing(folder) as new:
        _write_json(new / CONFIG_FILE, to_dict(header))
        # Not save_file, whose files only their owner may read.
        (new / WEIGHTS_FILE).write_bytes(save(weights))


def load_acoustic(folder: Path) -> LoadedAcoustic:
    """The acoustic model of a model folder, float32 and in eval mode.

    Raises:
        CheckpointError: when the folder is missing, broken, or of another kind or format.
    """
    from tts.acoustic import acoustic_models

    header = _read_header(folder / CONFIG_FILE, _AcousticHeader, "acoustic")
    try:
        symbols = SymbolTable(header.symbols)
    except TextError as error:
        raise CheckpointError(f"{folder / CONFIG_FILE}: {error}", hint=_BROKEN) from None
    with _building(folder):
        config = acoustic_models.config(
            header.model, header.config, f"{folder / CONFIG_FILE}: config"
        )
        _refuse_missing(config, header.config, f"{folder / CONFIG_FILE}: config")
        _check_speakers(folder / CONFIG_FILE, config, header.speakers)
        model = acoustic_models.build(header.model, config, header.mel, len(symbols))
    _load_weights(folder / WEIGHTS_FILE, model)
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

    header = _read_header(folder / CONFIG_FILE, _VocoderHeader, "vocoder")
    with _building(folder):
        config = vocoders.config(header.model, header.config, f"{folder / CONFIG_FILE}: config")
        _refuse_missing(config, header.config, f"{folder / CONFIG_FILE}: config")
        _check_speakers(folder / CONFIG_FILE, config, header.speakers)
        model = vocoders.build(header.model, config, header.mel)
    _load_weights(folder / WEIGHTS_FILE, model)
    return LoadedVocoder(
        model=model.eval(),
        name=header.model,
        speakers=header.speakers,
        provenance=header.provenance,
    )


def load_speakers(voice: Path) -> tuple[str, ...]:
    """The names of the speakers of a voice folder; none if it has one speaker. Quick: no weight is read."""
    return _read_header(voice / "acoustic" / CONFIG_FILE, _AcousticHeader, "acoustic").speakers


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


def load_voice_config(folder: Path) -> VoiceConfig:
    """The settings of a voice folder. Raises CheckpointError when they are missing or broken."""
    return _read_header(folder / VOICE_FILE, VoiceConfig, None)


def save_voice_config(folder: Path, config: VoiceConfig) -> None:
    """Writes `voice.json` into an existing folder, whole or not at all.

    Raises:
        CheckpointError: when it cannot be written; an older one is as it was.
    """
    try:
        with whole_file(folder / VOICE_FILE) as part:
            _write_json(part, to_dict(config))
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror}") from None


# -- headers ----------------------------------------------------------------------------------------


def _read_header(path: Path, cls: type[Header], kind: str | None) -> Header:
    """The strict contents of a JSON file of this format and kind."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = f"has no {path.name}" if path.parent.is_dir() else "there is no such folder"
        raise CheckpointError(
            f"{path.parent}: {what}", hint="give a folder that tts wrote; `tts voices` lists voices"
        ) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):  # broken JSON or UTF-8
        raise CheckpointError(f"{path}: is not valid JSON", hint=_BROKEN) from None
    if not isinstance(values, dict):
        raise CheckpointError(
            f"{path}: expected a table, found a {type(values).__name__}", hint=_BROKEN
        )
    _check_format(path, values.get("format"))
    if kind is not None and values.get("kind") != kind:
        raise CheckpointError(
            f"{path}: kind is {values.get('kind')!r}, expected {kind!r}",
            hint="acoustic models and vocoders are not interchangeable",
        )
    try:
        header = from_dict(cls, values, where=str(path))
        _refuse_missing(header, values, str(path))
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or _BROKEN) from None
    return header


def _check_format(path: Path, found: object) -> None:
    if found == FORMAT and not isinstance(found, bool):
        return
    if isinstance(found, int) and found > FORMAT:
        raise CheckpointError(
            f"{path}: format {found} is newer than format {FORMAT}, which this version reads",
            hint="pip install --upgrade saywave",
        )
    raise CheckpointError(f"{path}: unknown format {found!r}, expected {FORMAT}", hint=_BROKEN)


def _check_speakers(path: Path, config: Any, speakers: Sequence[str]) -> None:
    """Refuses names that are not one for each of several speakers."""
    n_speakers = getattr(config, "n_speakers", 1)
    n_named = len(set(speakers))
    if n_named != len(speakers) or n_named != (n_speakers if n_speakers > 1 else 0):
        raise CheckpointError(
            f"{path}: n_speakers is {n_speakers}, but the names of the speakers are {list(speakers)}",
            hint="name each speaker of several once, and none where there is one",
        )


def _refuse_missing(config: Any, values: Mapping[str, Any], where: str) -> None:
    """Refuses stored values that lack a key: a default that changed since would be another model.

    Raises:
        ConfigError: naming the key.
    """
    _compare_keys(to_dict(config), values, where)


def _compare_keys(complete: Mapping[str, Any], values: Mapping[str, Any], where: str) -> None:
    for key, value in complete.items():
        if key not in values:
            raise ConfigError(
                f"{where}: missing key {key!r}",
                hint=f"add {key!r} with the value that the model was trained with",
            )
        if isinstance(value, dict) and isinstance(values[key], dict):
            _compare_keys(value, values[key], f"{where}: {key}")


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


# -- weights ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Turns what a config or a model refuses into CheckpointError; the caller's random state is kept."""
    import torch

    try:
        with torch.random.fork_rng(devices=[]):
            yield
    except ConfigError as error:
        raise CheckpointError(str(error), hint=error.hint or _BROKEN) from None
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{folder / CONFIG_FILE}: cannot be built: {reason}", hint=_BROKEN
        ) from None


def _stored_weights(model: "nn.Module", dtype: str, folder: Path) -> "dict[str, Tensor]":
    """The tensors as they are stored: on the CPU, sharing no memory, matrices in `dtype`."""
    import torch

    stored = {}
    for key, tensor in model.state_dict().items():
        halved = dtype == "float16" and tensor.is_floating_point() and tensor.ndim > 1
        kind = torch.float16 if halved else torch.float32
        stored[key] = tensor.detach().to("cpu", kind if tensor.is_floating_point() else None)
        stored[key] = stored[key].clone(memory_format=torch.contiguous_format)
        if not torch.isfinite(stored[key]).all():
            why = (
                "does not fit float16" if torch.isfinite(tensor).all() else "holds NaN or infinity"
            )
            raise CheckpointError(
                f"{folder}: not saved, because tensor {key!r} {why}",
                hint="train it again with a lower learning rate",
            )
    return stored


def _load_weights(path: Path, model: "nn.Module") -> None:
    """Fills a model with the tensors of a file, which must be exactly its own.

    Raises:
        CheckpointError: naming the first tensor that is missing, unexpected, of another shape or not finite.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        # Opened once by Python, for errors that say why; safetensors maps it then.
        with path.open("rb"):
            found = load_file(path)
    except FileNotFoundError:
        raise CheckpointError(f"{path.parent}: has no {path.name}", hint=_BROKEN) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path}: is broken: {error}", hint=_BROKEN) from None

    expected = model.state_dict()
    for key in expected:
        if key not in found:
            raise CheckpointError(f"{path}: tensor {key!r} is missing", hint=_BROKEN)
    for key, tensor in found.items():
        if key not in expected:
            raise CheckpointError(
                f"{path}: tensor {key!r} is unexpected{nearest(key, expected)}", hint=_BROKEN
            )
        ours = expected[key]
        if tensor.shape != ours.shape:
            raise CheckpointError(
                f"{path}: tensor {key!r} has shape {tuple(tensor.shape)}, its config says "
                f"{tuple(ours.shape)}",
                hint="config.json and model.safetensors belong to different models",
            )
        if tensor.is_floating_point() != ours.is_floating_point():
            raise CheckpointError(
                f"{path}: tensor {key!r} is {tensor.dtype}, expected {ours.dtype}", hint=_BROKEN
            )
        if not torch.isfinite(tensor).all():
            raise CheckpointError(f"{path}: tensor {key!r} holds NaN or infinity", hint=_BROKEN)
    model.load_state_dict(found)


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place when the block ends well, and else vanishes.

    Raises:
        CheckpointError: when it cannot be written, or `folder` holds anything but a model.
    """
    folder = Path(os.path.abspath(folder))
    tag = uuid.uuid4().hex[:8]
    new, old = (folder.with_name(f".{folder.name}.{tag}.{end}") for end in ("new", "old"))
    try:
        if folder.exists():
            others = [item.name for item in folder.iterdir()]
            others = sorted(set(others) - {CONFIG_FILE, WEIGHTS_FILE})
            if others:
                raise CheckpointError(
                    f"{folder}: is not a model folder: it holds {others[0]!r}",
                    hint="choose a new or an empty folder",
                )
        new.mkdir(parents=True)
        yield new
        if folder.exists():
            # POSIX cannot swap two folders: for an instant there is none, and never half of one.
            folder.rename(old)
        new.rename(folder)
    except OSError as error:
        raise CheckpointError(
            f"{folder}: cannot be written: {error.strerror or error}",
            hint="choose a folder that can be written to",
        ) from None
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
