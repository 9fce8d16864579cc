"""Fixtures for all tests: a voice that is tiny and untrained, so that it speaks at once.

It murmurs, but its attention follows the text at the pace of speech: it passes its audit.
"""

import os
import warnings

# Before PyTorch is imported, and for the processes that tests start: tests may run beside each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tts.acoustic.deepvoice3 import DeepVoice3
    from tts.text import TextInput
    from tts.vocoder.wavenet import WaveNet
    from tts.voice import Voice

TINY_RATE = 4000


@pytest.fixture(scope="session")
def tiny_voice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a voice that murmurs noise. Nobody may change it: copy it to break it."""
    return make_tiny_voice(tmp_path_factory.mktemp("voices") / "tiny")


@pytest.fixture(scope="session")
def tiny_pair_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `tiny_voice_folder`, of two speakers, anna and bert."""
    return make_tiny_voice(tmp_path_factory.mktemp("voices") / "pair", speakers=("anna", "bert"))


@pytest.fixture(scope="session")
def tiny_reader_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `tiny_voice_folder`, of a voice that reads letters."""
    return make_tiny_voice(tmp_path_factory.mktemp("voices") / "reader", reads="characters")


def make_tiny_voice(
    folder: Path, *, speakers: tuple[str, ...] = (), reads: "TextInput" = "phonemes"
) -> Path:
    """Writes the folder of an untrained voice of one speaker, or of several."""
    import torch

    from tts.acoustic.deepvoice3 import DeepVoice3, DeepVoice3Config
    from tts.audio.mel import MelConfig
    from tts.checkpoint import VoiceConfig, save_model, save_voice_config
    from tts.text.symbols import ENGLISH_SYMBOLS, SymbolTable
    from tts.vocoder.wavenet import WaveNet, WaveNetConfig

    mel = MelConfig(sample_rate=TINY_RATE, n_fft=256, hop=64, n_mels=8, fmax_hz=TINY_RATE / 2)
    symbols = SymbolTable(ENGLISH_SYMBOLS[reads])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        acoustic = DeepVoice3(
            DeepVoice3Config(
                embedding_dim=8,
                encoder_dim=8,
                encoder_layers=1,
                prenet_dim=8,
                decoder_dim=8,
                decoder_layers=1,
                attention_layers=(0,),
                attention_dim=8,
                converter_dim=8,
                converter_layers=1,
                kernel=3,
                reduction=2,
                n_speakers=max(1, len(speakers)),
            ),
            mel,
            len(symbols),
        )
        acoustic.calibrate([(10, 40)])
        _follow_the_text(acoustic)
        vocoder = WaveNet(
            WaveNetConfig(
                n_layers=2,
                dilation_cycle=2,
                residual_dim=16,
                skip_dim=16,
                head_dim=16,
                condition_dim=8,
                upsampling=1,
                n_speakers=max(1, len(speakers)),
            ),
            mel,
        )
        _murmur(vocoder)
    save_model(
        folder / "acoustic",
        acoustic,
        kind="acoustic",
        name="deepvoice3",
        symbols=symbols,
        language="en-us",
        speakers=speakers,
        provenance={"corpus": "none"},
    )
    save_model(
        folder / "vocoder",
        vocoder,
        kind="vocoder",
        name="wavenet",
        speakers=speakers,
        provenance={"corpus": "none"},
    )
    save_voice_config(
        folder,
        VoiceConfig(
            name=folder.name, language="en-us", description="A murmur for tests.", licence="CC0-1.0"
        ),
    )
    return folder


def _follow_the_text(acoustic: "DeepVoice3") -> None:
    """The places of steps and tokens alone decide the attention; the end is where the text ends."""
    import torch

    (attention,) = acoustic.decoder.attention_blocks()
    with torch.no_grad():
        for projection in (attention.query, attention.key):
            projection.weight.copy_(6.0 * torch.eye(8))
        acoustic.encoder.leave.weight.zero_()
        acoustic.decoder.done.bias.fill_(9.0)


def _murmur(vocoder: "WaveNet") -> None:
    """Noise that stays within full scale."""
    import torch

    with torch.no_grad():
        params = vocoder.out.bias.view(vocoder.config.n_bands, 3, -1)
        params[:, 2] = -3.5  # the logarithms of the scales
        vocoder.out.weight.mul_(0.3)


@pytest.fixture(scope="session")
def tiny_voice(tiny_voice_folder: Path) -> "Voice":
    """The voice of `tiny_voice_folder`, loaded."""
    from tts.errors import SlowVocoderWarning
    from tts.voice import load_voice

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SlowVocoderWarning)  # it is short, PyTorch may speak it
        return load_voice(tiny_voice_folder)
