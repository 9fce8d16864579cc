"""How well English words are read: agreement with CMUdict on words that the model was not trained on.

    python bench/g2p.py CMUDICT [--words 2000] [--g2p-en FOLDER] [--transcripts FILE]

CMUDICT is `cmudict.dict`, FOLDER an unpacked wheel of g2p_en 2.1.0, FILE transcripts as LJSpeech has them, on
which the built-in phonemizer is compared with eSpeak NG, sentence by sentence. Words are compared in ARPAbet,
in which what the conventions write in several ways is one: the weak vowels (AH0, IH0), AA and AO but before
R, ER and AH R.
"""

import argparse
import random
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from unittest.mock import MagicMock

from rapidfuzz.distance import Levenshtein

from tts.text import EspeakPhonemizer, split_sentences, trace
from tts.text.english import EnglishPhonemizer, WordReader, built_in_letters, built_in_lexicon

RECIPE = Path(__file__).resolve().parents[1] / "recipes" / "g2p"

# fmt: off
ARPABET = {
    "tʃ": "CH", "dʒ": "JH", "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "n̩": "AH N",
    "ɑ": "AA",
    "a": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ᵻ": "IH", "ɪ": "IH", "i": "IY", "ɛ": "EH",
    "e": "EH",
    "ɜ": "ER", "ɚ": "ER", "ɔ": "AO", "o": "AO", "u": "UW", "ʊ": "UH", "b": "B", "d": "D", "ð": "DH", "f": "F",
    "ɡ": "G", "h": "HH", "k": "K", "l": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R",
    "s": "S", "ʃ": "SH", "t": "T", "ɾ": "T", "ʔ": "T", "θ": "TH", "v": "V", "w": "W", "j": "Y", "z": "Z",
    "ʒ": "ZH", "x": "K",
}
# fmt: on
IPA = re.compile("([ˈˌ]?)(" + "|".join(sorted(ARPABET, key=len, reverse=True)) + ")")

# What is one thing in different conventions, on phonemes with their stress, 1 or 0.
FOLDED = (
    (r"\bER(\d)", r"AH\1 R"),
    (r"\bR R\b", "R"),
    (r"\b(AY|AW)(\d) AH0 R\b", r"\1\2 R"),
    (r"\bIY0 (?=[AIEOU]\w\d)", "Y "),
    (r"\b(AH|UH|UW)0 (W )?(?=AH0)", "UW0 "),
    (r"\b(AH|IH)0", "AX0"),
    (r"\bAO(\d)(?! R)", r"AA\1"),
    (r"\bN (?=[KG]\b)", "NG "),
    (r"\b(IY|IH)(\d) R\b", r"IH\2 R"),
    (r"\b(UW|UH)(\d) R\b", r"UH\2 R"),
)


def arpabet(ipa: str) -> str:
    """IPA in ARPAbet, its vowels with their stress."""
    stress = {"": "0", "ˈ": "1", "ˌ": "2"}
    return " ".join(
        name + (stress[mark] if name[0] in "AEIOU" else "")
        for mark, sound in IPA.findall(ipa)
        for name in ARPABET[sound].split()
    )


def folded(phonemes: str) -> str:
    """Phonemes as they are compared; a secondary stress counts as none."""
    phonemes = phonemes.replace("2", "0")
    for pattern, replacement in FOLDED:
        phonemes = re.sub(pattern, replacement, phonemes)
    return phonemes


def row(
    name: str, read: Callable[[str], str], words: Iterable[str], references: dict[str, set[str]]
) -> str:
    """A row of the table: shares of the words that agree with one of their pronunciations, in per cent."""
    stressed = plain = edits = total = n = 0
    for word in words:
        said = folded(read(word))
        known = {folded(reference) for reference in references[word]}
        bare = re.sub(r"\d", "", said)
        bare_known = [re.sub(r"\d", "", reference) for reference in known]
        stressed += said in known
        plain += bare in bare_known
        errors, length = min(
            (Levenshtein.distance(reference.split(), bare.split()), len(reference.split()))
            for reference in bare_known
        )
        edits, total, n = edits + errors, total + length, n + 1
    shares = (100 * stressed / n, 100 * plain / n, 100 * edits / total)
    return f"| {name} | " + " | ".join(f"{share:.1f}" for share in shares) + " |"


def g2p_en(folder: Path) -> Callable[[str], str]:
    """The network of g2p_en, without what it wants for sentences."""
    sys.modules.update(
        {name: MagicMock() for name in ("nltk", "nltk.corpus", "nltk.tokenize", "inflect")}
    )
    sys.path.insert(0, str(folder))
    from g2p_en.g2p import G2p

    network = G2p()
    return lambda word: " ".join(network.predict(word))


def compare_sentences(transcripts: Path, n: int) -> None:
    """Prints the phoneme error rate of the built-in phonemizer against eSpeak NG."""
    lines = transcripts.read_text(encoding="utf-8").splitlines()
    texts = [line.rsplit("|", 1)[-1] for line in lines[:: max(1, len(lines) // n)]]
    spoken = [trace(span.text).text for text in texts for span in split_sentences(text)]
    ours, espeak = EnglishPhonemizer(), EspeakPhonemizer()
    pairs = [(espeak(sentence), ours(sentence)) for sentence in spoken if sentence]
    symbols = (
        100 * sum(Levenshtein.distance(a, b) for a, b in pairs) / sum(len(a) for a, _ in pairs)
    )
    words = (
        100
        * sum(Levenshtein.distance(a.split(), b.split()) for a, b in pairs)
        / sum(len(a.split()) for a, _ in pairs)
    )
    print(f"\n{len(pairs)} sentences against eSpeak NG")
    print(f"{symbols:.1f} % of the symbols differ, {words:.1f} % of the tokens")


def held_out(cmudict: Path, n: int) -> tuple[list[str], dict[str, set[str]], set[str]]:
    """Some words that the model has not seen, the pronunciations of all, and all that it has not seen."""
    sys.path.insert(0, str(RECIPE))
    from english import is_held_out, read_cmudict

    references: dict[str, set[str]] = {}
    for word, said in read_cmudict(cmudict):
        references.setdefault(word, set()).add(" ".join(said))
    unseen = sorted(word for word in references if word.isalpha() and is_held_out(word))
    return random.Random(0).sample(unseen, min(n, len(unseen))), references, set(unseen)


class Without:
    """The lexicon, but for some words."""

    def __init__(self, words: set[str]) -> None:
        self._words = words

    def get(self, word: str) -> str | None:
        return None if word in self._words else built_in_lexicon().get(word)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("cmudict", type=Path)
    parser.add_argument("--words", type=int, default=2000, help="default: %(default)s")
    parser.add_argument("--g2p-en", type=Path, metavar="FOLDER")
    parser.add_argument("--transcripts", type=Path, metavar="FILE")
    parser.add_argument("--sentences", type=int, default=500, help="default: %(default)s")
    options = parser.parse_args(arguments)
    words, references, unseen = held_out(options.cmudict, options.words)
    letters, espeak = built_in_letters(), EspeakPhonemizer()
    reader = WordReader(Without(unseen), letters)
    systems: dict[str, Callable[[str], str]] = {
        "built in: letters to sound alone": lambda word: arpabet(letters(word)),
        "built in: with the forms of known words": lambda word: arpabet(reader(word)),
        "eSpeak NG": lambda word: arpabet(espeak(word)),
    }
    if options.g2p_en:
        systems["g2p_en (trained on these words too)"] = g2p_en(options.g2p_en)
    print(f"{len(words)} words\n\n| system | words, with main stress | words | phoneme errors |")
    print("|---|---|---|---|")
    for name, read in systems.items():
        print(row(name, read, words, references), flush=True)
    if options.transcripts:
        compare_sentences(options.transcripts, options.sentences)


if __name__ == "__main__":
    main()
