"""Text to what a model reads: str -> spoken words -> phonemes -> ids. Never imports torch.

text        `TextFrontEnd.utterances`: one utterance for each sentence, or piece of a long one
sentences   `split_sentences` and `split_long` cut the text into spans that lose nothing
words       `normalize` spells out what is not written as it is said: "$3.50", "Dr.", "1999"; `trace` does
            so and keeps where each character comes from, `explain` tells it
phonemes    `EspeakPhonemizer` gives IPA with stress and punctuation, by eSpeak NG; `english` has a lexicon
            and a model for US English, which need no other library; `build_phonemizer` chooses
pronounce   `Pronouncer` lets a user's `Lexicon`, inline phonemes and the context of heteronyms go before it
letters     `spell` writes words in letters, for voices that read those, or either, word by word
ids         `SymbolTable` numbers them; `ENGLISH_SYMBOLS` are the lists of English voices
"""

from tts.text.document import Document, Segment
from tts.text.explain import Explained, Reading, explain, phonemes_of, read_aloud
from tts.text.frontend import TextFrontEnd, Utterance, sentence_of
from tts.text.ipa import phonemes_among
from tts.text.languages import check_language, is_english, language_of_tag, languages
from tts.text.lexicon import Lexicon, load_lexicon, read_lexicon
from tts.text.marks import Mark
from tts.text.normalize import SpokenSpan, normalize, trace
from tts.text.pauses import Pauses
from tts.text.phonemes import EspeakPhonemizer
from tts.text.phonemizers import PHONEMIZERS, PhonemizerName, build_phonemizer
from tts.text.pronounce import Pronouncer
from tts.text.sentences import Span, split_long, split_sentences
from tts.text.ssml import parse_ssml
from tts.text.symbols import ENGLISH_IPA, ENGLISH_SYMBOLS, SymbolTable, TextInput, corpus_symbols
from tts.text.unspeakable import unspeakable
from tts.text.words import Word, spell

__all__ = [
    "ENGLISH_IPA",
    "ENGLISH_SYMBOLS",
    "PHONEMIZERS",
    "Document",
    "EspeakPhonemizer",
    "Explained",
    "Lexicon",
    "Mark",
    "Pauses",
    "PhonemizerName",
    "Pronouncer",
    "Reading",
    "Segment",
    "Span",
    "SpokenSpan",
    "SymbolTable",
    "TextFrontEnd",
    "TextInput",
    "Utterance",
    "Word",
    "build_phonemizer",
    "check_language",
    "corpus_symbols",
    "explain",
    "is_english",
    "language_of_tag",
    "languages",
    "load_lexicon",
    "normalize",
    "parse_ssml",
    "phonemes_among",
    "phonemes_of",
    "read_aloud",
    "read_lexicon",
    "sentence_of",
    "spell",
    "split_long",
    "split_sentences",
    "trace",
    "unspeakable",
]
