"""US English in phonemes without eSpeak NG, made of CMUdict by `recipes/g2p`.

phonemizer   `EnglishPhonemizer`: a sentence, its words as they are said beside each other
weak         words that neighbours change, and pairs that are said as one
words        `WordReader`: one word; known, or made of known ones, or by its letters
lexicon      `lexicon.txt`, searched where it lies
letters      `LettersToSound`: a joint n-gram model, `letters.npz`
"""

from tts.text.english.letters import LettersToSound, built_in_letters
from tts.text.english.lexicon import Lexicon, built_in_lexicon
from tts.text.english.phonemizer import EnglishPhonemizer
from tts.text.english.words import WordReader, built_in_words

__all__ = [
    "EnglishPhonemizer",
    "LettersToSound",
    "Lexicon",
    "WordReader",
    "built_in_letters",
    "built_in_lexicon",
    "built_in_words",
]
