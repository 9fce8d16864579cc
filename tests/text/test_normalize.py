"""Tables of written text and how it is said, and what holds for any text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text import normalize
from tts.text.normalize import RULES, is_speakable, sayable

UNICODE = {
    "“Hello,” she said.": '"Hello," she said.',
    "‘It’s late,’ he said.": '"It\'s late," he said.',
    "'Come,' he said, 'or else.' The dogs' bone.": '"Come," he said, "or else." The dogs\' bone.',
    "«oui»": '"oui"',
    "'tis the season, rock 'n' roll": "'tis the season, rock 'n' roll",
    "cafe\u0301": "café",
    "naïve Zürich Dvořák": "naïve Zürich Dvořák",
    "Nguyễn": "Nguyen",
    "ＡＢＣ １２": "ABC twelve",
    "ﬁne ﬂour": "fine flour",
    "𝐇ello": "Hello",
    "one\u00a0two\u2009three\u200bfour": "one two threefour",
    "soft\u00adware": "software",
    "wait...": "wait…",
    "wait . . . what": "wait… what",
    "one -- two --- three": "one — two — three",
    "one - two – three": "one — two — three",
    "one—two": "one — two",
    "London–Paris": "London — Paris",
    "well-known, mother-in-law": "well-known, mother-in-law",
    "- Milk": "Milk",
    "• Milk": "Milk",
    "* Milk *": "Milk",
    "**bold** and _slanted_ and `code`": "bold and slanted and code",
    "what?? no!!!": "what? no!",
    "[sic] {x}": "(sic) (x)",
    "¿Qué?": "Qué?",
    "a , b": "a, b",
    "empty () here": "empty here",
    "α and Ω": "alpha and omega",
    "\u1f77": "iota",
    "中国。hello": ". hello",
    "hi 🙂 there": "hi slightly smiling face there",
    "a\x00b": "a b",
    "  spaces \t and\nlines ": "spaces and lines",
    "": "",
    "...": "…",
}

NUMBERS = {
    "0": "zero",
    "7": "seven",
    "10": "ten",
    "21": "twenty one",
    "100": "one hundred",
    "123": "one hundred twenty three",
    "1,234": "one thousand two hundred thirty four",
    "10000": "ten thousand",
    "1,000,000": "one million",
    "1234567": "one million two hundred thirty four thousand five hundred sixty seven",
    "1,000,000,000": "one billion",
    "5000000000": "five billion",
    "007": "zero zero seven",
    "12345678901": "one two three four five six seven eight nine zero one",
    "9" * 40: " ".join(["nine"] * 40),
    "3.14": "three point one four",
    "0.5": "zero point five",
    ".5": "point five",
    "3.05": "three point zero five",
    "1,234.5": "one thousand two hundred thirty four point five",
    "-5": "minus five",
    "−5": "minus five",
    "(-0.5)": "(minus zero point five)",
    "pages 5-10": "pages five to ten",
    "5–10": "five to ten",
    "10-year-old": "ten year-old",
    "H2O": "H two O",
    "MP3": "MP three",
    "Boeing 747": "Boeing seven hundred forty seven",
    "747s and a B-52's": "seven hundred forty sevens and a B fifty two's",
    "Python 3.11's": "Python three point eleven's",
    "FY2023": "FY twenty twenty three",
    "6.9M people": "six point nine million people",
    "~5": "about five",
    "A380": "A three eighty",
    "R101": "R one oh one",
    "C2766": "C two seven six six",
    "version 1.2.3": "version one point two point three",
    "x² + y³": "x squared plus y cubed",
    "10⁻⁹": "ten to the power of minus nine",
    "2^10": "two to the power of ten",
    "note¹": "note one",
    "1, 2, 3": "one, two, three",
    "It was 5.": "It was five.",
    "٣": "three",
}

ORDINALS = {
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "4TH": "fourth",
    "11th": "eleventh",
    "21st": "twenty first",
    "100th": "one hundredth",
    "1,000th": "one thousandth",
    "1/2": "one half",
    "½ cup": "one half cup",
    "3½": "three and one half",
    "1 1/2": "one and one half",
    "2/3": "two thirds",
    "3/4": "three quarters",
    "5/8": "five eighths",
    "7/13": "seven over thirteen",
    "24/7": "twenty four seven",
    "10/2": "ten over two",
    "3/2": "three halves",
    "1/0": "one over zero",
}

MONEY = {
    "$1": "one dollar",
    "$3.50": "three dollars and fifty cents",
    "$1.01": "one dollar and one cent",
    "$0.99": "ninety nine cents",
    "$.05": "five cents",
    "$5.00": "five dollars",
    "$0": "zero dollars",
    "$0.00": "zero dollars",
    "$1,234.56": "one thousand two hundred thirty four dollars and fifty six cents",
    "$3.5 million": "three point five million dollars",
    "$5M": "five million dollars",
    "$10k": "ten thousand dollars",
    "$50-100": "fifty to one hundred dollars",
    "$1-$2 million": "one to two million dollars",
    "£20": "twenty pounds",
    "£2.01": "two pounds and one penny",
    "€1": "one euro",
    "20€": "twenty euros",
    "¥500": "five hundred yen",
    "100 USD": "one hundred U S dollars",
    "5¢": "five cents",
    "in $ and £": "in dollars and pounds",
    "$1.5": "one point five dollars",
    "It costs $5.": "It costs five dollars.",
}

DATES = {
    "in 1999": "in nineteen ninety nine",
    "1066": "one thousand sixty six",
    "1900": "nineteen hundred",
    "in 1905": "in nineteen oh five",
    "1905 prisoners": "one thousand nine hundred five prisoners",
    "2000": "two thousand",
    "2005": "two thousand five",
    "2010": "twenty ten",
    "2024.": "twenty twenty four.",
    "1990s": "nineteen nineties",
    "1990's": "nineteen nineties",
    "the '80s": "the eighties",
    "the ’80s": "the eighties",
    "2000s": "two thousands",
    "1900s": "nineteen hundreds",
    "'05": "oh five",
    "1914-18": "nineteen fourteen to eighteen",
    "1914–1918": "nineteen fourteen to nineteen eighteen",
    "605 B.C.": "six oh five B C.",
    "May 5": "May fifth",
    "May 5, 1999": "May fifth, nineteen ninety nine",
    "July 4th": "July fourth",
    "Jan. 1, 2000": "January first, two thousand",
    "5 May 1999": "the fifth of May, nineteen ninety nine",
    "the 5th of May": "the fifth of May",
    "12/25/2023": "December twenty fifth, twenty twenty three",
    "2024-01-15": "January fifteenth, twenty twenty four",
    "May 1999": "May nineteen ninety nine",
    "I may 5": "I may five",
}

TIMES = {
    "3:05 pm": "three oh five p m",
    "3:05 p.m. sharp": "three oh five p m sharp",
    "at 3:05 p.m.": "at three oh five p m.",
    "12:30": "twelve thirty",
    "3:00": "three o'clock",
    "3:00 PM": "three p m",
    "15:00": "fifteen hundred",
    "15:45": "fifteen forty five",
    "3 pm": "three p m",
    "11am": "eleven a m",
    "12:30:45": "twelve thirty and forty five seconds",
    "3:1": "three to one",
    "16:9": "sixteen to nine",
    "I am 5": "I am five",
}

UNITS = {
    "50%": "fifty percent",
    "3.5 %": "three point five percent",
    "5 km": "five kilometers",
    "1 km": "one kilometer",
    "5km": "five kilometers",
    "60 mph": "sixty miles per hour",
    "90 km/h": "ninety kilometers per hour",
    "20 °C": "twenty degrees Celsius",
    "-40°F": "minus forty degrees Fahrenheit",
    "90°": "ninety degrees",
    "5 m²": "five square meters",
    "5 m^2, 3 km^2/h": "five square meters, three square kilometers per hour",
    "3-5 kg": "three to five kilograms",
    "16 GB": "sixteen gigabytes",
    "2.4 GHz": "two point four gigahertz",
    "6'2\"": "six feet two inches",
    "12 lbs": "twelve pounds",
    "10 μm, 10 µm": "ten micrometers, ten micrometers",
    "9.8 m/s²": "nine point eight meters per second squared",
    "100 kWh/day": "one hundred kilowatt hours per day",
    "5 ft. tall": "five feet tall",
    "the m": "the m",
    "1,001x5": "one thousand one by five",
}

ABBREVIATIONS = {
    "Dr. Smith": "Doctor Smith",
    "Dr Smith": "Doctor Smith",
    "Mr. and Mrs. Jones": "Mister and Missus Jones",
    "Ms. Lee": "Mizz Lee",
    "Prof. Higgins": "Professor Higgins",
    "Maj. Gen. Walker": "Major General Walker",
    "St. John": "Saint John",
    "Bury St. Edmunds": "Bury Saint Edmunds",
    "Main St. is long": "Main Street is long",
    "on Main St.": "on Main Street.",
    "Elm Dr., left": "Elm Drive, left",
    "5th Ave.": "fifth Avenue.",
    "Mt. Everest": "Mount Everest",
    "e.g. this": "for example this",
    "E.g., this": "for example, this",
    "i.e. that": "that is that",
    "cats, dogs, etc.": "cats, dogs, et cetera.",
    "cats etc. and dogs": "cats et cetera and dogs",
    "cats vs. dogs": "cats versus dogs",
    "No. 5": "Number five",
    "No.": "No.",
    "serial No. C2766": "serial Number C two seven six six",
    "no. 5": "number five",
    "p. 5 and pp. 5-7": "page five and pages five to seven",
    "Fig. 3": "Figure three",
    "Vol. II": "Volume two",
    "c. 1850": "circa eighteen fifty",
    "Acme Inc.": "Acme Incorporated.",
    "Smith & Co. of York": "Smith and Company of York",
    "Martin Luther King Jr. spoke": "Martin Luther King Junior spoke",
    "U.S. Army": "U S Army",
    "the U.S.": "the U S.",
    "Ph.D. student": "P H D student",
    "J. K. Rowling": "J K Rowling",
    "John F. Kennedy": "John F Kennedy",
    "J.R.R. Tolkien": "J R R Tolkien",
    "Jan. 5": "January fifth",
    "Mon. morning": "Monday morning",
    "Mon.-Fri.": "Monday to Friday.",
    "Jan.–Mar. was cold": "January to March was cold",
    "like the Sun.": "like the Sun.",
    "Rocky III": "Rocky three",
    "WWII": "World War two",
    "Louis XIV": "Louis the fourteenth",
    "Henry VIII": "Henry the eighth",
    "World War II": "World War two",
    "Chapter IX": "Chapter nine",
    "Part I": "Part one",
    "I and V": "I and V",
}

SIGNS = {
    "A & B": "A and B",
    "R&D": "R and D",
    "C++": "C plus plus",
    "C#": "C sharp",
    "#5": "number five",
    "#fun": "hashtag fun",
    "1 + 1 = 2": "one plus one equals two",
    "5 × 3 ÷ 2": "five times three divided by two",
    "5 > 3 < 4": "five greater than three less than four",
    "±2": "plus or minus two",
    "§ 5": "section five",
    "© 2024": "copyright twenty twenty four",
    "Acme™": "Acme",
    "a → b": "a to b",
    "a -> b": "a to b",
    "and/or": "and or",
    "he/she": "he slash she",
    "coffee w/ milk": "coffee with milk",
    "www.example.com": "w w w dot example dot com",
    "https://example.org/a_b": "example dot org slash a underscore b",
    "me@example.com": "me at example dot com",
    "555-1234": "five five five, one two three four",
    "(555) 123-4567": "five five five, one two three, four five six seven",
    "1-800-555-1234": "one, eight zero zero, five five five, one two three four",
    "+44 20 7946 0958": "four four, two zero, seven nine four six, zero nine five eight",
    "12:thirty": "twelve thirty",
}

CASES = [
    (written, spoken)
    for table in (
        UNICODE,
        NUMBERS,
        ORDINALS,
        MONEY,
        DATES,
        TIMES,
        UNITS,
        ABBREVIATIONS,
        SIGNS,
    )
    for written, spoken in table.items()
]

# What a text full of traps is made of.
TRAPS = (
    "1 23 456 1999 0 00 , . : ; / - – — + ( ) \" ' $ £ % ° ² ½ ^ # & @ km pm a.m. p.m. st th s Dr. St."
    " No. e.g. U.S. May Jan. Louis XIV I a A www. .com million k ... ? ! \n \t \x00 é 漢 🙂 \ud800 _ * ~"
    " 1,234 3:05 12/25/2023 2024-01-15 555-1234 '80s 24/7"
)


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_tables(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


def test_the_tables_are_large() -> None:
    assert len(CASES) >= 200


def test_in_the_middle_of_a_sentence() -> None:
    """No rule reads beyond its own text: words around a case leave it alone."""
    plain = [
        (written, spoken)
        for written, spoken in CASES
        if re.fullmatch(r"[\w$£%&,. ]*[\w%]", written) and not written[0].isupper()
    ]
    assert len(plain) > 80
    for written, spoken in plain:
        assert normalize(f"so {written}, then") == f"so {spoken}, then"


@given(st.lists(st.sampled_from(TRAPS.split(" ")), max_size=12), st.sampled_from(["", " "]))
@settings(max_examples=100, deadline=None)
def test_any_text_becomes_words(fragments: list[str], joint: str) -> None:
    spoken = normalize(joint.join(fragments))
    assert not re.search(r"[0-9$£€%&@#*_^~/\\|<>=+\x00\ud800]", spoken)
    assert spoken == " ".join(spoken.split())


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_characters_become_words(text: str) -> None:
    assert not re.search(r"[0-9\n]", normalize(text))


@given(st.characters())
@settings(deadline=None)
def test_what_cannot_be_spoken_is_left_out(character: str) -> None:
    assert is_speakable(character) == (sayable(character) is not None)
    if not is_speakable(character):
        assert normalize(f"a{character}b") == "a b"


@pytest.mark.parametrize("character", ["\u1f77", "\u212b", "\u2126"])
def test_what_is_composed_is_speakable(character: str) -> None:
    """Characters that NFC replaces by others."""
    assert is_speakable(character)


def test_names_of_rules_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "1,",
        "1.",
        "-",
        "- ",
        "'",
        "a'",
        '"',
        "(",
        "$",
        "=",
        "A. ",
        " ",
        "\n",
        "x@",
        "...",
        "1/",
        "a_",
        "/a",
        "1:",
        "@a",
        "#A",
        "A",
        "AB ",
        "🙂",
        "5x",
        "1 ",
        "v1.",
        "1e",
        "I ",
        "+1",
        "a.",
        "\\\\a",
        "'A",
        "page i",
        "5 ft ",
        "\u0301",
        "Mr. ",
        "10-",
        "$1 ",
        "May 1 ",
    ],
)
def test_time_is_linear(unit: str) -> None:
    """A pattern that looks far ahead from each character would need minutes for this."""
    start = time.process_time()
    normalize(unit * (10_000 // len(unit)))
    assert time.process_time() - start < 1.5
