"""Text to what a model reads: str -> spoken words -> phonemes -> ids. Never imports torch.

text        `TextFrontEnd.utterances`: one utterance for each sentence, or piece of a long one
sentences   `split_sentences` and `split_long` cut the text into spans that lose nothing
words       `normalize` spells out what is not written as it is said: "$3.50", "Dr.", "1999"
phonemes    `EspeakPhonemizer` gives IPA with stress and punctuation, by eSpeak NG
ids         `SymbolTable` numbers them; `ENGLISH_IPA` is the list that every English voice speaks
"""

from tts.text.frontend import PAUSES_S, TextFrontEnd, Utterance
from tts.text.normalize import normalize
from tts.text.phonemes import EspeakPhonemizer
from tts.text.sentences import Span, split_long, split_sentences
from tts.text.symbols import ENGLISH_IPA, SymbolTable

__all__ = [
    "ENGLISH_IPA",
    "PAUSES_S",
    "EspeakPhonemizer",
    "Span",
    "SymbolTable",
    "TextFrontEnd",
    "Utterance",
    "normalize",
    "split_long",
    "split_sentences",
]
