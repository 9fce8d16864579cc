"""Makes the English lexicon and the letters-to-sound model of `tts/text/english` from CMUdict.

    python recipes/g2p/english.py cmudict.dict [--out tts/text/english]

One word in twenty is held out of the model (`is_held_out`), so that `bench/g2p.py` can measure the very model
that is shipped; the lexicon holds all words.
"""

import argparse
import random
import re
import sys
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from align import Entry, align, learn_pieces
from ipa import phones_of, to_ipa
from ngrams import Level, count_ngrams, estimate, prune

from tts.text.english.letters import NATS_PER_LEVEL
from tts.text.english.lexicon import Lexicon
from tts.text.english.words import WordReader

ORDER = 8
THRESHOLD = 0.5  # of pruning: half of the n-grams go, and 0.3 % of the words
N_ALIGNED = 6_000  # words that alignments are learnt from: as good as all of them
N_ITERATIONS = 5
RARE = 3  # pieces that fewer words have are errors, or abbreviations

# The commoner pronunciation, where CMUdict has another one first.
PREFERRED = {
    "been": "B IH1 N", "close": "K L OW1 S", "data": "D EY1 T AH0", "every": "EH1 V R IY0",
    "different": "D IH1 F R AH0 N T", "live": "L IH1 V", "lives": "L AY1 V Z", "often": "AO1 F AH0 N",
    "read": "R IY1 D", "record": "R EH1 K ER0 D", "records": "R EH1 K ER0 D Z", "separate": "S EH1 P R AH0 T",
    "use": "Y UW1 Z", "uses": "Y UW1 Z IH0 Z", "wind": "W IH1 N D", "winds": "W IH1 N D Z",
    "on": "AO1 N", "across": "AH0 K R AA1 S", "cause": "K AO1 Z", "caused": "K AO1 Z D",
    "august": "AO1 G AH0 S T",
    "with": "W IH1 DH", "houses": "HH AW1 Z IH0 Z", "house": "HH AW1 S", "lead": "L IY1 D",
    "missus": "M IH1 S AH0 Z",
    "president": "P R EH1 Z AH0 D AH0 N T", "sometimes": "S AH1 M T AY2 M Z", "length": "L EH1 NG TH",
    "oswald's": "AA1 Z W AH0 L D Z",
    "government": "G AH1 V ER0 N M AH0 N T", "subject": "S AH1 B JH IH0 K T", "oswald": "AA1 Z W AH0 L D",
    "thirteen": "TH ER1 T IY2 N", "fourteen": "F AO1 R T IY2 N", "fifteen": "F IH1 F T IY2 N",
    "sixteen": "S IH1 K S T IY2 N", "eighteen": "EY1 T IY2 N", "nineteen": "N AY1 N T IY2 N",
    "particularly": "P ER0 T IH1 K Y AH0 L ER0 L IY0",
}  # fmt: skip

Pieces = list[tuple[str, str]]


def is_held_out(word: str) -> bool:
    """Whether a word is kept from the model, to measure it with."""
    return zlib.crc32(word.encode()) % 20 == 0


def read_cmudict(path: Path) -> list[Entry]:
    """Every word with every pronunciation, the preferred one first."""
    entries: dict[str, list[tuple[str, ...]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        written, *phonemes = line.partition("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", written)
        if re.fullmatch(r"[a-z]+('[a-z]+)*'?", word):
            entries.setdefault(word, []).append(tuple(phonemes))
    for word, preferred in PREFERRED.items():
        said = tuple(preferred.split())
        entries[word] = [said, *(other for other in entries[word] if other != said)]
    return [(word, said) for word, pronunciations in entries.items() for said in pronunciations]


def aligned_ipa(entries: Sequence[Entry]) -> list[tuple[str, Pieces]]:
    """Every word that can be aligned, in pieces of letters and IPA."""
    bare = [(word, tuple(re.sub(r"\d", "", name) for name in said)) for word, said in entries]
    sample = random.Random(0).sample(bare, min(N_ALIGNED, len(bare)))
    pieces = learn_pieces(sample, N_ITERATIONS)
    found = []
    for (word, said), plain in zip(entries, bare, strict=True):
        aligned = align(plain, pieces)
        if aligned is None:
            continue
        names = iter(said)
        parts = [(letters, [next(names) for _ in ipa.split()]) for letters, ipa in aligned]
        ipa = iter(to_ipa(word, phones_of(parts)))
        found.append(
            (word, [(letters, "".join(next(ipa) for _ in said)) for letters, said in parts])
        )
    return found


def letters_model(words: Sequence[tuple[str, Pieces]]) -> dict[str, npt.NDArray[np.generic]]:
    """The tensors of `LettersToSound`, from words in pieces; they are read from the last to the first."""
    words = [(word, pieces) for word, pieces in words if word.isalpha()]
    counts = Counter(piece for _, pieces in words for piece in pieces)
    kept = [
        [(letters[::-1], ipa) for letters, ipa in reversed(pieces)]
        for _, pieces in words
        if sum("ˈ" in ipa for _, ipa in pieces) == 1 and all(counts[p] >= RARE for p in pieces)
    ]
    table = sorted({piece for pieces in kept for piece in pieces})
    label = {piece: i for i, piece in enumerate(table)}
    begin, end = len(table), len(table) + 1
    levels = count_ngrams(
        [[begin, *(label[piece] for piece in pieces), end] for pieces in kept],
        len(table) + 2,
        ORDER,
        begin,
    )
    estimate(levels)
    prune(levels, THRESHOLD)
    text = "\n".join("\t".join(piece) for piece in [*table, ("", ""), ("", "")])
    return {"pieces": np.frombuffer(text.encode(), dtype=np.uint8), **_packed(levels)}


def _packed(levels: Sequence[Level]) -> dict[str, npt.NDArray[np.generic]]:
    """The n-grams that are kept, as one tree, level by level."""
    kept = [np.flatnonzero(level.kept) for level in levels]
    n_children = [
        np.bincount(above.parent[chosen], minlength=len(level.label))[own]
        for level, above, own, chosen in zip(levels, levels[1:], kept, kept[1:], strict=False)
    ]
    starts = np.concatenate([[0], np.cumsum(np.concatenate(n_children))]) + len(kept[0])

    def all_of(name: str, to: int) -> npt.NDArray[np.float64]:
        parts = zip(levels[:to], kept, strict=False)
        return np.concatenate([getattr(level, name)[own] for level, own in parts])

    return {
        "labels": all_of("label", len(levels)).astype(np.uint16),
        "costs": _costs(all_of("p", len(levels))),
        "children": starts.astype(np.uint32),
        "backoffs": _costs(all_of("backoff", len(levels) - 1)),
    }


def _costs(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    nats = -np.log(np.clip(probabilities, 1e-30, 1.0))
    return np.clip(np.round(nats / NATS_PER_LEVEL), 0, 255).astype(np.uint8)


def write_lexicon(words: Sequence[tuple[str, Pieces]], path: Path) -> int:
    """Writes the first pronunciation of each word, but for those that the rules of `WordReader` find.

    Returns:
        how many words are in the file.
    """
    said: dict[str, str] = {}
    for word, pieces in words:
        said.setdefault(word, "".join(ipa for _, ipa in pieces))
    kept: dict[str, str] = {}
    reader = WordReader(kept, lambda word: "")
    for word in sorted(said, key=lambda word: (len(word), word)):
        if reader.derived(word) != said[word]:
            kept[word] = said[word]
    lines = sorted(f"{word} {ipa}\n".encode() for word, ipa in kept.items())
    path.write_bytes(b"".join(lines))
    read = Lexicon(path)
    assert all(read.get(word) == ipa for word, ipa in kept.items())
    return len(lines)


def main() -> None:
    """Writes `lexicon.txt` and `letters.npz`."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("cmudict", type=Path, help="cmudict.dict")
    parser.add_argument(
        "--out", type=Path, default=Path("tts/text/english"), help="default: %(default)s"
    )
    options = parser.parse_args()
    start = time.process_time()
    words = aligned_ipa(read_cmudict(options.cmudict))
    n_kept = write_lexicon(words, options.out / "lexicon.txt")
    model = letters_model([(word, pieces) for word, pieces in words if not is_held_out(word)])
    np.savez_compressed(options.out / "letters.npz", allow_pickle=False, **model)
    print(
        f"{n_kept} words in the lexicon, {len(model['labels'])} n-grams, {time.process_time() - start:.0f} s",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
