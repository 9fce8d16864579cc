"""The letters-to-sound model and the recipe that makes it: against sums over everything, with tiny tables."""

import importlib
import itertools
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tts.text.english import LettersToSound, built_in_letters

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "g2p"

WORDS = [
    ("papa", [("p", "p"), ("a", "ˈɑː"), ("p", "p"), ("a", "ə")]),
    ("photo", [("ph", "f"), ("o", "ˈoʊ"), ("t", "ɾ"), ("o", "oʊ")]),
    ("tap", [("t", "t"), ("a", "ˈæ"), ("p", "p")]),
    ("pat", [("p", "p"), ("a", "ˈæ"), ("t", "t")]),
    ("top", [("t", "t"), ("o", "ˈɑː"), ("p", "p")]),
    ("hop", [("h", "h"), ("o", "ˈɑː"), ("p", "p")]),
    ("path", [("p", "p"), ("a", "ˈæ"), ("th", "θ")]),
    ("oath", [("oa", "ˈoʊ"), ("th", "θ")]),
]


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`recipes/g2p/english.py`, with pieces that occur once."""
    monkeypatch.syspath_prepend(str(RECIPE))
    english = importlib.import_module("english")
    monkeypatch.setattr(english, "RARE", 1)
    monkeypatch.setattr(english, "ORDER", 3)
    monkeypatch.setattr(english, "THRESHOLD", 0.1)
    return english


def _cost(tensors: dict[str, Any], history: tuple[int, ...], label: int) -> int:
    """What a piece costs after others, by walking the tree from its root, the longest context first."""
    labels, children = tensors["labels"], tensors["children"]

    def child(node: int, wanted: int) -> int | None:
        start, end = (0, children[0]) if node < 0 else (children[node], children[node + 1])
        found = [i for i in range(start, end) if labels[i] == wanted]
        return found[0] if found else None

    cost = 0
    for n in range(min(2, len(history)), -1, -1):
        node: int | None = -1
        for piece in history[len(history) - n :]:
            node = child(node, piece) if node is not None else None
        if node is None:
            continue
        found = child(node, label)
        if found is not None:
            return cost + int(tensors["costs"][found])
        cost += int(tensors["backoffs"][node]) if node >= 0 else 0
    raise AssertionError("a piece that is in no context at all")


def _search_all(tensors: dict[str, Any], word: str) -> set[str]:
    """The best pronunciations of a word, out of every way to spell it in pieces with one main stress."""
    table = [line.split("\t") for line in tensors["pieces"].tobytes().decode().split("\n")]
    begin, end = len(table) - 2, len(table) - 1
    ways: list[tuple[int, str]] = []

    def extend(left: str, history: tuple[int, ...], cost: int) -> None:
        if not left:
            sounds = [table[label][1] for label in history[1:]]
            if "".join(sounds).count("ˈ") == 1:
                ways.append((cost + _cost(tensors, history, end), "".join(reversed(sounds))))
        for label, (letters, _) in enumerate(table[:begin]):
            if letters and left.startswith(letters):
                extend(
                    left[len(letters) :], (*history, label), cost + _cost(tensors, history, label)
                )

    extend(word[::-1], (begin,), 0)
    return {ipa for cost, ipa in ways if cost == min(ways)[0]}


@pytest.mark.parametrize("word", ["papa", "photo", "that", "hoop", "pathotop", "apt", "oat"])
def test_the_search_finds_the_best_of_all(recipe: ModuleType, word: str) -> None:
    tensors = recipe.letters_model(WORDS)
    assert LettersToSound(tensors)(word) in _search_all(tensors, word)


def test_what_it_learnt(recipe: ModuleType) -> None:
    read = LettersToSound(recipe.letters_model(WORDS * 3))
    for word, pieces in WORDS[1:]:
        assert read(word) == "".join(ipa for _, ipa in pieces)
    assert read("p7a?t") == read("pat")  # letters that it does not know are silent
    assert read("") == ""


@pytest.mark.parametrize("threshold", [-math.inf, 0.3, math.inf])
def test_probabilities_sum_to_one(recipe: ModuleType, threshold: float) -> None:
    """After every context, over all pieces, whatever was pruned."""
    ngrams = importlib.import_module("ngrams")
    table = sorted({piece for _, pieces in WORDS for piece in pieces})
    n = len(table) + 2
    words = [[n - 2, *(table.index(piece) for piece in pieces), n - 1] for _, pieces in WORDS]
    levels = ngrams.count_ngrams(words, n, 3, n - 2)
    ngrams.estimate(levels)
    ngrams.prune(levels, threshold)

    def probability(node: tuple[int, ...], label: int) -> float:
        """By the definition of a backed-off model."""
        level = levels[len(node)]
        for i in np.flatnonzero(level.kept & (level.label == label)):
            if spelt(len(node), i) == (*node, label):
                return float(level.p[i])
        assert node
        weights = levels[len(node) - 1]
        weight = [
            weights.backoff[i] for i in range(len(weights.label)) if spelt(len(node) - 1, i) == node
        ]
        return float(weight[0]) * probability(node[1:], label)

    def spelt(n_before: int, i: int) -> tuple[int, ...]:
        labels: tuple[int, ...] = ()
        for level in reversed(levels[: n_before + 1]):
            labels = (int(level.label[i]), *labels)
            i = int(level.parent[i])
        return labels

    contexts = [(), *(spelt(0, i) for i in range(len(levels[0].label))), spelt(1, 0), spelt(1, 3)]
    for context in contexts:
        if context[-1:] != (n - 1,):  # nothing follows the end
            total = sum(probability(context, label) for label in range(n))
            assert total == pytest.approx(1.0, abs=1e-6), context


def test_alignment_finds_who_says_what(recipe: ModuleType) -> None:
    align = importlib.import_module("align")
    entries = [
        ("phone", ("F", "OW", "N")), ("tone", ("T", "OW", "N")), ("graph", ("G", "R", "AE", "F")),
        ("tap", ("T", "AE", "P")), ("pot", ("P", "AA", "T")), ("hot", ("HH", "AA", "T")),
        ("nap", ("N", "AE", "P")),
        ("box", ("B", "AA", "K", "S")), ("tax", ("T", "AE", "K", "S")), ("bat", ("B", "AE", "T")),
    ]  # fmt: skip
    pieces = align.learn_pieces(entries, 10)
    assert sum(pieces.values()) == pytest.approx(1.0)
    phone = align.align(entries[0], pieces)
    assert phone[:2] == [("ph", "F"), ("o", "OW")]
    assert ["".join(parts).split() for parts in zip(*phone, strict=True)] == [["phone"], ["FOWN"]]
    assert align.align(("box", ("B", "AA", "K", "S")), pieces) == [
        ("b", "B"),
        ("o", "AA"),
        ("x", "K S"),
    ]
    assert align.align(("b", ("B", "IY", "Z")), pieces) is None


def test_expectations_are_sums_over_all_alignments(recipe: ModuleType) -> None:
    align = importlib.import_module("align")
    entry, pieces = ("axe", ("AE", "K", "S")), {}
    for i, (_, _, piece) in enumerate(align._edges(*entry)):
        pieces[piece] = 1.0 + i % 3
    counts = align.Counter()
    align._expect(entry, pieces, counts)
    ways = []
    for sizes in itertools.product(align._SIZES, repeat=3):
        for n in range(1, 4):
            letters, phonemes = zip(*sizes[:n], strict=True)
            if (sum(letters), sum(phonemes)) == (3, 3):
                at, said, way = 0, 0, []
                for a, b in sizes[:n]:
                    way.append((entry[0][at : at + a], " ".join(entry[1][said : said + b])))
                    at, said = at + a, said + b
                ways.append(tuple(way))
    ways = list(set(ways))
    weights = [math.prod(pieces[piece] for piece in way) for way in ways]
    for piece in pieces:
        expected = sum(w * way.count(piece) for w, way in zip(weights, ways, strict=True)) / sum(
            weights
        )
        assert counts[piece] == pytest.approx(expected), piece


@pytest.mark.parametrize(
    ("pieces", "ipa"),
    [
        (["a|AH0", "b|B", "ou|AW1", "t|T"], "ɐbˈaʊt"),
        (["r|R", "o|OW1", "s|Z", "e|IH0", "s|Z"], "ɹˈoʊzᵻz"),
        (["r|R", "a|AE1", "p|P", "i|AH0", "d|D"], "ɹˈæpɪd"),
        (["c|S", "i|IH1", "t|T", "y|IY0"], "sˈɪɾi"),
        (["b|B", "u|AH1", "tt|T", "o|AH0", "n|N"], "bˈʌʔn\u0329"),
        (["m|M", "ur|ER1", "d|D", "er|ER0", "er|ER0"], "mˈɜːdɚɹɚ"),
        (["d|D", "ur|UH1 R", "i|IH0", "ng|NG"], "dˈʊɹɹɪŋ"),
        (["l|L", "o|AO1", "n|NG", "g|G", "er|ER0"], "lˈɔŋɡɚ"),
        (["i|IH0", "n|N", "c|K", "o|AH1", "m|M", "e|"], "ɪŋkˈʌm"),
        (["m|M", "i|IH1", "ll|L", "i|Y", "o|AH0", "n|N"], "mˈɪliən"),
        (["p|P", "o|AA1", "s|Z", "i|AH0", "t|T", "i|IH0", "v|V", "e|"], "pˈɑːzᵻtˌɪv"),
        (["ph|F", "o|OW1", "t|T", "o|OW2"], "fˈoʊtoʊ"),
        (["m|M", "i|IH2", "ss|S", "i|IH0", "ss|S", "i|IH1", "pp|P", "i|IY0"], "mˌɪsɪsˈɪpi"),
    ],
)
def test_conventions(recipe: ModuleType, pieces: list[str], ipa: str) -> None:
    rules = importlib.import_module("ipa")
    aligned = [(p.partition("|")[0], p.partition("|")[2].split()) for p in pieces]
    word = "".join(letters for letters, _ in aligned)
    assert "".join(rules.to_ipa(word, rules.phones_of(aligned))) == ipa


def test_the_shipped_model() -> None:
    read = built_in_letters()
    for word, ipa in {"zat": "zˈæt", "phlone": "flˈoʊn", "blination": "blɪnˈeɪʃən"}.items():
        assert read(word) == ipa
