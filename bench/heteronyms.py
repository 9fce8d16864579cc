"""How often words that are spelled alike are said right: our rules beside eSpeak NG alone.

    python bench/heteronyms.py [FILE] [--wrong]

FILE has lines "word<TAB>reading<TAB>sentence"; without one, the sentences of tests/text/heteronyms.tsv,
with which the rules were written. The phonemes of the word count as the reading that they are most like.
Prints a Markdown table.
"""

import argparse
import difflib
from pathlib import Path

from tts.text import EspeakPhonemizer, Pronouncer, trace
from tts.text.heteronyms import heteronyms
from tts.text.words import Phonemize, aligned_runs

SENTENCES = Path(__file__).parents[1] / "tests" / "text" / "heteronyms.tsv"


def sentences_of(path: Path) -> list[tuple[str, str, str]]:
    """The word, the reading and the sentence of each line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(word, reading, sentence) for word, reading, sentence in rows]


def reading_of(word: str, sentence: str, phonemize: Phonemize) -> str:
    """The name of the reading that a word has in a sentence."""
    spoken = trace(sentence).text
    for words, tokens in aligned_runs(spoken, phonemize):
        if word in (w.strip('.,;:!?"()—…').lower() for w in words):
            said = " ".join(tokens).strip('.,;:!?"()—…')
            readings = heteronyms()[word].readings
            return max(readings, key=lambda name: _likeness(readings[name], said))
    raise ValueError(f"{word!r} is not in {sentence!r}")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=SENTENCES)
    parser.add_argument("--wrong", action="store_true", help="also print what is said wrong")
    options = parser.parse_args()
    sentences = sentences_of(options.file)
    alone = EspeakPhonemizer()
    systems: dict[str, Phonemize] = {"eSpeak NG alone": alone, "with the rules": Pronouncer(alone)}
    print(f"{len(sentences)} sentences\n\n| | right | share |\n|---|---|---|")
    for name, phonemize in systems.items():
        wrong = [row for row in sentences if reading_of(row[0], row[2], phonemize) != row[1]]
        right = len(sentences) - len(wrong)
        print(f"| {name} | {right} | {100 * right / len(sentences):.1f} % |")
        for word, reading, sentence in wrong if options.wrong else ():
            print(f"    {word}, {reading}: {sentence}")


if __name__ == "__main__":
    main()
