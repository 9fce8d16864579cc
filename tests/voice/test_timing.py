"""Times of words: exact where the attention is exact, in order and complete whatever it does."""

import itertools

import numpy as np
import pytest

from tts.text import TextFrontEnd
from tts.voice import Speech, Voice
from tts.voice.timing import sentence_time, token_edges


def test_edges_are_the_time_that_each_token_gets() -> None:
    alignment = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0.25, 0.75]], dtype=np.float32)
    # Tokens take 1.5, 1.75 and 0.75 of the four steps; the attention is 0.65 steps behind.
    expected = [0.0, (1.5 - 0.65) / 4, (3.25 - 0.65) / 4, 1.0]
    np.testing.assert_allclose(token_edges(alignment), expected)


@pytest.mark.parametrize("seed", range(5))
def test_edges_rise_whatever_the_attention_does(seed: int) -> None:
    alignment = np.random.default_rng(seed).dirichlet(np.full(12, 0.1), size=30)
    edges = token_edges(alignment)
    assert (np.diff(edges) >= 0.0).all()
    assert (edges[0], edges[-1]) == (0.0, 1.0)


def test_without_attention_each_token_takes_as_long() -> None:
    edges = token_edges(np.zeros((10, 4)))
    assert np.diff(edges)[1:-1] == pytest.approx(0.25)


def times(front_end: TextFrontEnd, text: str, token_s: float = 0.1, speed: float = 1.0) -> Speech:
    """The words of an utterance, each token of which takes as long."""
    (utterance,) = front_end.utterances(text)
    edges = np.arange(len(utterance.ids) + 1) * token_s
    sentence = sentence_time(utterance, edges, front_end.symbols_of, speed)
    return Speech(np.zeros(1, np.float32), 8000, sentences=(sentence,))


def test_words_meet_in_a_space_and_pause_at_a_mark(tiny_voice: Voice) -> None:
    # ^ ɡ ˈ ʊ d   m ˈ ɔ ː ɹ n ɪ ŋ ,   s ˌ ɜ ː . $
    # 0 1 2 3 4 5 6 7 8 9 . . . . 14. 16
    speech = times(tiny_voice.front_end, "Good morning, sir.")
    (utterance,) = tiny_voice.front_end.utterances("Good morning, sir.")
    assert utterance.phonemes == "^ɡˈʊd mˈɔːɹnɪŋ, sˌɜː.$"
    found = [(w.spoken, round(w.start_s, 6), round(w.end_s, 6)) for w in speech.words]
    assert found == [
        ("Good", 0.1, 0.56),
        ("morning", 0.56, 1.49),  # and a bit, in which it dies away
        ("sir", 1.64, 2.09),
    ]
    assert [p.symbols for p in speech.words[1].phonemes] == ["m", "ˈɔː", "ɹ", "n", "ɪ", "ŋ"]
    assert [round(p.end_s, 6) for p in speech.words[1].phonemes] == [0.7, 1.0, 1.1, 1.2, 1.3, 1.49]


def test_at_a_speed_the_pauses_shrink(tiny_voice: Voice) -> None:
    slow = times(tiny_voice.front_end, "Good morning, sir.")
    quick = times(tiny_voice.front_end, "Good morning, sir.", token_s=0.05, speed=2.0)
    for a, b in zip(slow.words, quick.words, strict=True):
        assert (b.start_s, b.end_s) == pytest.approx((a.start_s / 2, a.end_s / 2))


def test_words_know_their_characters(tiny_voice: Voice) -> None:
    text = "In the shop of the town, Dr. Lee paid $3.50!"
    words = times(tiny_voice.front_end, text).words
    assert [w.spoken for w in words] == [
        *("In", "the", "shop", "of", "the", "town", "Doctor", "Lee", "paid"),
        *("three", "dollars", "and", "fifty", "cents"),
    ]
    assert all(text[w.start : w.end] == w.text for w in words)
    assert [w.text for w in words[6:10]] == ["Dr.", "Lee", "paid", "$3.50!"]
    assert {w.text for w in words[9:]} == {"$3.50!"}


def test_words_that_are_joined_in_speech_share_their_sounds(tiny_voice: Voice) -> None:
    words = times(tiny_voice.front_end, "Out of the town.").words  # "ˈaʊɾəvðə" is one token
    sounds = {w.spoken: [p.symbols for p in w.phonemes] for w in words}
    assert (sounds["of"], sounds["the"]) == (["ə", "v"], ["ð", "ə"])


def assert_in_order(speech: Speech) -> None:
    """Sentences hold their words, words their phonemes; all are in order and take time."""
    assert speech.sentences[0].start_s == 0.0
    for sentence in speech.sentences:
        for word in sentence.words:
            assert sentence.start_s <= word.start_s < word.end_s <= sentence.end_s + 1e-9
            assert word.start_s == word.phonemes[0].start_s
            assert word.end_s == word.phonemes[-1].end_s
    for items in (speech.sentences, speech.words, speech.phonemes):
        for before, after in itertools.pairwise(items):
            assert before.start_s <= before.end_s <= after.start_s + 1e-9
    assert speech.sentences[-1].end_s == pytest.approx(speech.duration_s)


TEXT = "Good morning of the day, 5 of us. It rains, and then it stops!\n\nYes."


@pytest.mark.parametrize("speed", [0.7, 1.0, 1.6])
def test_times_of_a_voice(tiny_voice: Voice, speed: float) -> None:
    speech = tiny_voice.synthesize(TEXT, speed=speed)
    assert_in_order(speech)
    spoken = "Good morning of the day five of us It rains and then it stops Yes"
    assert [word.spoken for word in speech.words] == spoken.split()
    assert all(TEXT[word.start : word.end] == word.text for word in speech.words)
    pauses = [b.start_s - a.end_s for a, b in itertools.pairwise(speech.sentences)]
    assert pauses == pytest.approx([0.3 / speed, 0.6 / speed], abs=1e-3)


def test_a_voice_of_letters_has_times_too(tiny_reader_folder, tiny_voice: Voice) -> None:
    from tts.voice import load_voice

    speech = load_voice(tiny_reader_folder).synthesize("It rains.")
    assert_in_order(speech)
    assert [[p.symbols for p in w.phonemes] for w in speech.words] == [list("IT"), list("RAINS")]


def test_a_stream_tells_the_words_that_begin_in_each_piece(tiny_voice: Voice) -> None:
    whole = tiny_voice.synthesize(TEXT)
    pieces = list(tiny_voice.stream(TEXT))
    assert len(pieces) > 3
    assert tuple(word for piece in pieces for word in piece.words) == whole.words
    start_s = 0.0
    for piece in pieces:
        assert all(start_s <= w.start_s < start_s + piece.duration_s for w in piece.words)
        start_s += piece.duration_s
    assert sum(len(piece.report.utterances) for piece in pieces) == len(whole.sentences) == 3
