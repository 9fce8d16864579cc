"""Where voices are: inside the package, beside it in a source checkout, or in a folder that is named."""

import contextlib
from pathlib import Path

from tts.checkpoint import VoiceConfig, load_speakers, load_voice_config
from tts.config import nearest
from tts.errors import VoiceNotFoundError

__all__ = ["DEFAULT_VOICE", "find_voice", "list_voices", "voice_speakers"]

DEFAULT_VOICE = "kathleen"


def list_voices() -> dict[str, VoiceConfig]:
    """The settings of every installed voice by its name. Raises CheckpointError for a broken one."""
    return {name: load_voice_config(folder) for name, folder in sorted(_installed().items())}


def voice_speakers(folder: Path) -> tuple[str, ...]:
    """`Voice.speakers` of a voice folder, without loading the voice."""
    return load_speakers(folder) or (load_voice_config(folder).name,)


def find_voice(name_or_folder: str | Path) -> Path:
    """The folder of a voice, given its name or the folder itself.

    Raises:
        VoiceNotFoundError: when there is none; it lists those there are.
    """
    folder = Path(name_or_folder)
    installed = _installed()
    if isinstance(name_or_folder, str) and name_or_folder in installed:
        return installed[name_or_folder]
    with contextlib.suppress(OSError):  # a name that no file can have
        if (folder / "voice.json").is_file():
            return folder
        if folder.is_dir():
            raise VoiceNotFoundError(
                f"{folder}: is not a voice, it has no voice.json",
                hint="give a folder that `tts pack` made, or a name that `tts voices` lists",
            )
    names = ", ".join(sorted(installed)) or "none; give the folder of one"
    raise VoiceNotFoundError(
        f"unknown voice {str(name_or_folder)!r}{nearest(str(name_or_folder), installed)}",
        hint=f"installed voices: {names}",
    )


def _installed() -> dict[str, Path]:
    """The folders of the installed voices by name; those inside the package come first."""
    folders: dict[str, Path] = {}
    for shelf in _shelves():
        for path in sorted(shelf.glob("*/voice.json")):
            folders.setdefault(path.parent.name, path.parent)
    return folders


def _shelves() -> list[Path]:
    """Where voices are kept: inside the package, and beside it in a source checkout."""
    package = Path(__file__).resolve().parents[1]
    shelves = [package / "pretrained"]
    if (package.parent / "recipes").is_dir():  # a checkout, and not site-packages
        shelves.append(package.parent / "pretrained")
    return shelves
