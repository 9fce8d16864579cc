"""ARPAbet, as the CMU dictionary writes it, to the IPA that English voices are trained on."""

from collections.abc import Sequence

__all__ = ["arpabet_to_ipa", "looks_like_arpabet"]

# fmt: off
_VOWELS = {
    "AA": "ɑː", "AE": "æ", "AH": "ʌ", "AO": "ɔː", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɜː",
    "EY": "eɪ", "IH": "ɪ", "IY": "iː", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "uː",
}
_UNSTRESSED = {"AH": "ə", "ER": "ɚ", "IY": "i"}
_CONSONANTS = {
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "DX": "ɾ", "F": "f", "G": "ɡ", "HH": "h", "JH": "dʒ",
    "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}
# fmt: on
_STRESS = {"0": "", "1": "ˈ", "2": "ˌ"}


def looks_like_arpabet(written: str) -> bool:
    """Whether a pronunciation is meant as ARPAbet: a vowel of two capitals has a digit for its stress."""
    return any(len(phone) == 3 and phone[:2].isupper() and phone[2] in "0123456789"
               for phone in written.split())  # fmt: skip


def arpabet_to_ipa(written: str) -> str:
    """The IPA of a word in ARPAbet: "T AH0 M EY1 T OW0" is "təmˈeɪɾoʊ".

    Raises:
        ValueError: what it says is for the user, it names the phone.
    """
    phones = written.split()
    for phone in phones:
        if phone[:-1] in _VOWELS and phone[-1] in _STRESS:
            continue
        if phone in _VOWELS:
            raise ValueError(f"the vowel {phone} needs its stress: {phone}0, {phone}1 or {phone}2")
        if phone not in _CONSONANTS:
            raise ValueError(f"{phone!r} is no phone of ARPAbet")
    return "".join(_ipa(phones, i) for i in range(len(phones)))


def _ipa(phones: Sequence[str], i: int) -> str:
    phone = phones[i]
    if phone in _CONSONANTS:
        return "ɾ" if phone == "T" and _is_flapped(phones, i) else _CONSONANTS[phone]
    vowel, digit = phone[:-1], phone[-1]
    sound = _UNSTRESSED.get(vowel, _VOWELS[vowel]) if digit == "0" else _VOWELS[vowel]
    return _STRESS[digit] + sound


def _is_flapped(phones: Sequence[str], i: int) -> bool:
    """Whether a t is that of "water" and "party": after a vowel, or its r, and before an unstressed one."""
    before = phones[i - 1] if i else ""
    after = phones[i + 1] if i + 1 < len(phones) else ""
    return (before[-1:].isdigit() or before == "R") and after.endswith("0")
