"""Percentages, units of measurement after a number, temperatures, dimensions, angles."""

import re

from tts.text.normalize.numbers import NUMBER, counted, number, paired
from tts.text.normalize.rule import DIGITS, Pattern, Rule, full_stop, words
from tts.text.normalize.variety import Variety

__all__ = ["RULES", "unit_name"]

_SI_PREFIXES = {
    "k": "kilo",
    "M": "mega",
    "G": "giga",
    "T": "tera",
    "m": "milli",
    "μ": "micro",
    "n": "nano",
}

# symbol: name, its prefixes; the plural is of the last word that counts
_SI_UNITS: dict[str, tuple[str, str]] = {
    "Hz": ("hertz", "kMGT"), "W": ("watt", "kMGTm"), "V": ("volt", "kmμ"), "J": ("joule", "kMG"),
    "N": ("newton", "k"), "Pa": ("pascal", "kMG"), "Ω": ("ohm", "kM"), "Wh": ("watt hour", "kMGT"),
    "eV": ("electronvolt", "kMG"), "Bq": ("becquerel", "kM"), "Sv": ("sievert", "mμ"),
    "mol": ("mole", "mμ"), "cd": ("candela", ""), "lm": ("lumen", ""), "lx": ("lux", ""),
    "B": ("byte", "kMGT"), "bit": ("bit", "kMG"), "Ah": ("amp hour", "m"), "g": ("gram", "kmμn"),
    "m": ("meter", "kmμn"), "s": ("second", "mμn"), "l": ("liter", "mμ"), "L": ("liter", "mμ"),
    "cal": ("calorie", "k"), "A": ("amp", "mμ"), "F": ("farad", "μn"), "T": ("tesla", "mμ"),
    "bps": ("bit per second", "kMG"),
}  # fmt: skip

# A single capital or letter that is a unit only with a prefix, or after a space.
_ONLY_PREFIXED = frozenset(("A", "B", "F", "T", "bit", "bps", "s"))

# unit: one, many
_UNITS: dict[str, tuple[str, str]] = {
    "%": ("percent", "percent"), "‰": ("per mille", "per mille"), "KB": ("kilobyte", "kilobytes"),
    "PB": ("petabyte", "petabytes"), "KiB": ("kibibyte", "kibibytes"), "MiB": ("mebibyte", "mebibytes"),
    "GiB": ("gibibyte", "gibibytes"),
    "cm": ("centimeter", "centimeters"), "cl": ("centiliter", "centiliters"),
    "dl": ("deciliter", "deciliters"),
    "t": ("ton", "tons"), "ha": ("hectare", "hectares"),
    "hPa": ("hectopascal", "hectopascals"), "bar": ("bar", "bars"),
    "mbar": ("millibar", "millibars"), "dB": ("decibel", "decibels"), "dBA": ("decibel A", "decibels A"),
    "mi": ("mile", "miles"), "yd": ("yard", "yards"), "yds": ("yard", "yards"), "ft": ("foot", "feet"),
    "sq ft": ("square foot", "square feet"), "sq. ft": ("square foot", "square feet"),
    "sq mi": ("square mile", "square miles"), "sq m": ("square meter", "square meters"),
    "sq km": ("square kilometer", "square kilometers"), "cu ft": ("cubic foot", "cubic feet"),
    "kph": ("kilometer per hour", "kilometers per hour"), "mph": ("mile per hour", "miles per hour"),
    "mpg": ("mile per gallon", "miles per gallon"), "rpm": ("R P M", "R P M"),
    "bpm": ("beat per minute", "beats per minute"),
    "fps": ("frame per second", "frames per second"), "psi": ("P S I", "P S I"), "dpi": ("D P I", "D P I"),
    "px": ("pixel", "pixels"), "pt": ("point", "points"), "MP": ("megapixel", "megapixels"),
    "hp": ("horsepower", "horsepower"),
    "ppm": ("part per million", "parts per million"), "ppb": ("part per billion", "parts per billion"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "fl oz": ("fluid ounce", "fluid ounces"), "fl. oz": ("fluid ounce", "fluid ounces"),
    "gal": ("gallon", "gallons"), "qt": ("quart", "quarts"), "tsp": ("teaspoon", "teaspoons"),
    "tbsp": ("tablespoon", "tablespoons"), "kn": ("knot", "knots"), "cc": ("C C", "C C"),
    "sec": ("second", "seconds"), "secs": ("second", "seconds"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "h": ("hour", "hours"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    "yr": ("year", "years"), "yrs": ("year", "years"), "wks": ("week", "weeks"), "kt": ("knot", "knots"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "m/s²": ("meter per second squared", "meters per second squared"),
    "°": ("degree", "degrees"), "°C": ("degree Celsius", "degrees Celsius"),
    "Kbps": ("kilobit per second", "kilobits per second"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"), "℃": ("degree Celsius", "degrees Celsius"),
    "°N": ("degree north", "degrees north"), "°S": ("degree south", "degrees south"),
    "°W": ("degree west", "degrees west"), "°E": ("degree east", "degrees east"),
}  # fmt: skip
_SAME_IN_PLURAL = ("hertz", "lux")


def _with_prefixes() -> dict[str, tuple[str, str]]:
    """All units, those of the SI with each of their prefixes."""
    units = dict(_UNITS)
    for symbol, (name, prefixes) in _SI_UNITS.items():
        first, *rest = name.split(" ", 1) if name.endswith("per second") else (name,)
        many = name if name in _SAME_IN_PLURAL else " ".join((f"{first}s", *rest))
        if symbol not in _ONLY_PREFIXED:
            units[symbol] = (name, many)
        for prefix in prefixes:
            units[prefix + symbol] = (_SI_PREFIXES[prefix] + name, _SI_PREFIXES[prefix] + many)
    return units


_ALL = _with_prefixes()
# A letter after a number that is a unit only when it stands apart: 5 A, 300 K, 12 V.
_APART = {"A": ("amp", "amps"), "K": ("kelvin", "kelvins"), "s": ("second", "seconds")}

_PER = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour",
"hour": "hour", "day": "day",
        "d": "day", "week": "week", "month": "month", "year": "year", "yr": "year",
        "person": "person", "l": "liter",
        "L": "liter", "m": "meter", "kg": "kilogram", "km": "kilometer", "mol": "mole",
        "dl": "deciliter", "dL": "deciliter",
        "ml": "milliliter", "gal": "gallon", "100 km": "one hundred kilometers",
        "100km": "one hundred kilometers"}  # fmt: skip
_POWERS = {"": "", "²": "square ", "³": "cubic ", "^2": "square ", "^3": "cubic "}
_PER_POWERS = {"": "", "²": " squared", "³": " cubed", "^2": " squared", "^3": " cubed"}


def unit_name(unit: str, *, many: bool, variety: Variety) -> str:
    """The name of a unit by its symbol."""
    return variety.spelt(_ALL[unit][many])


_NOUN = re.compile(
    r" (?!(?:per|an?|of|in|to|is|and|or|for|at|on|from|north|south|east|west|long|wide|high|away)\b)[a-z]"
)


def _measure(match: re.Match[str], variety: Variety) -> str:
    value, unit, power = match.group("value"), match.group("unit"), match.group("power")
    last = match.group("last")
    is_one = value == "1" and not last
    # a 5 km run, a 10-km run
    is_attribute = match.group("attribute") is not None or match.group("joint") == "-"
    is_attribute &= _NOUN.match(match.string, match.end()) is not None
    name = _ALL[unit.replace("° ", "°")][0 if is_one or is_attribute else 1]
    spoken = number(value, variety)
    if last:
        spoken = f"{spoken} to {number(last, variety)}"
    per = ""
    if match.group("per"):
        power_of = match.group("per_power") or ""
        what = _PER[match.group("per")]
        is_length = what in ("meter", "kilometer")
        per = (
            f" per {_POWERS[power_of]}{what}"
            if is_length
            else f" per {what}{_PER_POWERS[power_of]}"
        )
    return variety.spelt(f" {spoken} {_POWERS[power]}{name}{per} ")


def _apart(match: re.Match[str], variety: Variety) -> str:
    return f" {counted(match.group(1), *_APART[match.group(2)], variety)} "


def _feet_inches(match: re.Match[str], variety: Variety) -> str:
    feet, inches = match.group(1), match.group(2)
    spoken = counted(feet, "foot", "feet", variety)
    if inches:
        spoken += f" {counted(inches, 'inch', 'inches', variety)}"
    return f" {spoken} "


def _inches(match: re.Match[str], variety: Variety) -> str:
    """Only where the sign closes no quotation."""
    if match.string.count('"', 0, match.start()) % 2:
        return match.group()
    is_one = match.group(1) == "1" or match.string[: match.start()].endswith(("a ", "A ", "an "))
    return f" {number(match.group(1), variety)} {'inch' if is_one else 'inches'} "


def _dimensions(match: re.Match[str], variety: Variety) -> str:
    sides = re.findall(NUMBER, match.group())
    spoken = " by ".join(
        paired(side, variety) if len(side) > 3 else number(side, variety) for side in sides
    )
    unit = match.group("unit")
    return f"{spoken} {variety.spelt(_ALL[unit][1])}" if unit in _ALL else spoken


def _times(match: re.Match[str], variety: Variety) -> str:
    """10x as "ten times"; in an equation it is the letter."""
    return match.group() if "=" in match.string and match.group() == "x" else " times "


def _angle(match: re.Match[str], variety: Variety) -> str:
    degrees, minutes, seconds, way = match.groups()
    spoken = [f"{number(degrees, variety)} degrees", f"{number(minutes, variety)} minutes"]
    if seconds:
        spoken.append(f"{number(seconds, variety)} seconds")
    if way:
        spoken.append({"N": "north", "S": "south", "W": "west", "E": "east"}[way])
    return f" {' '.join(spoken)} "


RULES = (
    Rule("unit range", Pattern(r"(?<=[0-9][%°])[-–](?=\.?[0-9])"), " to ", needs=frozenset("%°")),
    Rule("millions", Pattern(r"(?<=[0-9])M(?!\w)"), " million ", needs=DIGITS),
    Rule("billions", Pattern(r"(?<=[0-9])bn(?!\w)"), " billion ", needs=DIGITS),
    Rule("thousands", Pattern(r"(?<=[0-9])k(?!\w)"), " thousand ", needs=DIGITS),
    Rule(
        "angle",
        Pattern(
            r"(?<![\w.,])([0-9]{1,3}) ?° ?([0-9]{1,2}) ?(?:'|′) ?(?:([0-9]{1,2}"
            r"(?:\.[0-9]{1,4})?) ?(?:\"|″|'') ?)?([NSWE]\b)?"
        ),
        _angle,
        needs=frozenset("°"),
    ),
    Rule(
        "feet and inches",
        Pattern(r"(?<![\w.,])([0-9]{1,2})' ?([0-9]{1,2})(?:\"|'')(?!\w)"),
        _feet_inches,
        needs=frozenset("'"),
    ),
    Rule(
        "feet and inches spelt",
        Pattern(r"(?<![\w.,'])([0-9]{1,2}) ?ft\.? ?([0-9]{1,2}) ?in\b(?! [a-z]{3})\.?"),
        _feet_inches,
        needs=DIGITS,
    ),
    Rule(
        "feet",
        Pattern(r"(?<![\w.,'])([0-9]{1,5})'()(?= (?:tall|long|wide|high|deep|x|by)\b)"),
        _feet_inches,
        needs=frozenset("'"),
    ),
    Rule(
        "inches",
        Pattern(r"(?<![\w.,])([0-9]{1,3}(?:\.[0-9])?)\"(?= [a-z]|-)"),
        _inches,
        needs=frozenset('"'),
    ),
    Rule(
        "inches short",
        Pattern(r"(?<![\w.,])([0-9]{0,4}\.[0-9]{1,3}) ?in(?:\.(?= [a-z]|$)|(?=[,;)]|$))"),
        lambda match, variety: (
            f" {number(match.group(1), variety)} inches{full_stop(match) * match.group().endswith('.')}"
        ),
        needs=DIGITS,
    ),
    Rule(
        "dimensions",
        Pattern(
            rf"(?<![\w.,]){NUMBER}(?:(?: ?x ?{NUMBER}){{1,2}}(?![0-9a-wyz])|[x×][0-9]{{3,5}}(?![\w.])"
            rf"|(?: ?× ?{NUMBER}){{1,2}}(?= ?(?:[ckm]?m|in|ft|inch|inches|feet|foot|meters|miles)\b))"
            r"(?: (?P<unit>[ckm]?m|ft)\b)?",
            re.IGNORECASE,
        ),
        _dimensions,
        needs=frozenset("xX×"),
    ),
    Rule(
        "times",
        Pattern(r"(?<=[0-9])[x×](?=[ ,.!?;:)]|$)(?! ?[0-9])"),
        _times,
        needs=frozenset("x×"),
    ),
    Rule(
        "unit",
        Pattern(
            rf"(?P<attribute>(?<=\b[Aa] )|(?<=\b[Aa]n ))?(?<![\w.,])(?P<value>{NUMBER})(?![0-9])"
            rf"(?: ?[-–] ?(?P<last>{NUMBER})(?![0-9]))?"
            rf"(?P<joint>[ -]?)(?P<unit>{words(*_ALL, '° C', '° F')})(?P<power>[²³]|\^[23]|)"
            rf"(?:/(?P<per>{words(*_PER)})(?P<per_power>[²³]|\^[23])?)?(?![\w'])(?:\.(?= [a-z]))?"
        ),
        _measure,
        needs=DIGITS,
    ),
    Rule(
        "unit apart",
        Pattern(rf"(?<![\w.,])({NUMBER}) ([AKs])(?![\w'-]|\.\w)"),
        _apart,
        needs=DIGITS,
        unsure="a unit, or a letter",
    ),
)
