"""From a corpus in any script to a voice that speaks it: prepared, trained for a few steps, packed."""

import dataclasses
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.data.manifest import PrepareConfig
from tts.data.prepare import prepare
from tts.data.prepared import PreparedCorpus
from tts.errors import ConfigError, UnfinishedWarning
from tts.text import ENGLISH_IPA
from tts.train.loop import train
from tts.train.pack import pack
from tts.voice import load_voice

from .conftest import MEL, RATE, MakeRecipe

TEXTS = {
    "ru": ("Привет, мир!", "Добрый день.", "У меня 3 яблока.", "Где вода?"),
    "hi": ("नमस्ते दुनिया।", "पानी कहाँ है?", "मेरे पास ३ सेब हैं।", "धन्यवाद।"),
    "cmn": ("你好，世界。", "我有三个苹果。", "水在哪里？", "谢谢。"),
}


def write_corpus(folder: Path, texts: tuple[str, ...]) -> Path:
    (folder / "wavs").mkdir(parents=True)
    for i in range(len(texts)):
        hum = 0.2 * np.sin(2 * np.pi * (150 + 20 * i) * np.arange(RATE // 2) / RATE)
        noise = 0.01 * np.random.default_rng(i).standard_normal(len(hum))
        soundfile.write(folder / "wavs" / f"clip{i}.wav", hum + noise, RATE)
    lines = [f"clip{i}|{text}|{text}\n" for i, text in enumerate(texts)]
    (folder / "metadata.csv").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", TEXTS)
def test_a_voice_of_any_script(language: str, tmp_path: Path, make_recipe: MakeRecipe) -> None:
    texts = TEXTS[language]
    corpus = write_corpus(tmp_path / "corpus", texts)
    config = PrepareConfig(mel=MEL, n_validation_texts=1, language=language)
    assert prepare(corpus, tmp_path / "prepared", config).warnings == ()
    prepared = PreparedCorpus.load(tmp_path / "prepared")
    assert prepared.language == language
    read = {symbol for utterance in prepared.utterances() for symbol in utterance.phonemes}
    assert read <= set(prepared.symbols.symbols)
    assert set(prepared.symbols.symbols) <= read | set(ENGLISH_IPA[:18])  # nothing of English
    run = tmp_path / "run"
    train(
        make_recipe("acoustic", f"corpus={tmp_path / 'prepared'}", f"run={run}", "train.steps=3"),
        log=lambda line: None,
    )
    voice_folder = tmp_path / "voice"
    pack(run, voice_folder)
    voice = load_voice(voice_folder)
    assert (voice.config.language, voice.front_end.symbols) == (language, prepared.symbols)
    said = {u.text: u.phonemes for u in voice.front_end.utterances(" ".join(texts))}
    assert said == {u.text: u.phonemes for u in prepared.utterances()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnfinishedWarning)
        assert len(voice.synthesize(texts[0]).samples) > 0


def test_letters_of_other_languages_are_refused(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", TEXTS["ru"])
    config = PrepareConfig(mel=MEL, language="ru", input="characters")
    with pytest.raises(ConfigError, match="'characters' is of English, and the language is 'ru'"):
        prepare(corpus, tmp_path / "prepared", config)


def test_british_symbols_come_from_the_corpus(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", ("Not hot.", "One.", "Two.", "5/4/2020"))
    config = PrepareConfig(mel=MEL, n_validation_texts=1, language="en-gb")
    prepare(corpus, tmp_path / "prepared", config)
    assert PreparedCorpus.load(tmp_path / "prepared").symbols.symbols == (*ENGLISH_IPA, "ɒ")
    prepare(corpus, tmp_path / "prepared", dataclasses.replace(config, language="en-us"))
    assert PreparedCorpus.load(tmp_path / "prepared").symbols.symbols == ENGLISH_IPA
