"""`tts normalize` and `tts phonemize`: lines in, lines out, and why they are what they are."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tts.cli import main

TTS = [sys.executable, "-m", "tts"]


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        (["normalize", "Dr. Smith", "paid $5."], ["Doctor Smith paid five dollars."]),
        (["normalize", "One. Two!\n\n3"], ["One. Two!", "", "three"]),
        (["normalize", "105"], ["one hundred five"]),
        (["normalize", "--language", "en-gb", "105"], ["one hundred and five"]),
        (["normalize", ""], []),
        (["phonemize", "It was 5."], ["ɪt wʌz fˈaɪv."]),
        (["phonemize", "No. Yes!\nHello"], ["nˈoʊ. jˈɛs!", "həlˈoʊ"]),
        (["phonemize", "--language", "de", "ja"], ["jˈɑː"]),
        (["phonemize", "--phonemizer", "builtin", "It was 5."], ["ɪt wʌz fˈaɪv."]),
        (["normalize", "--language", "de", "3 Äpfel"], ["3 Äpfel"]),
        (["phonemize", "--language", "de", "3 Äpfel"], ["dɾˈaɪ ˈɛpfəl"]),
        (
            ["normalize", "--ssml", "<speak>No. <break/><sub alias='six'>VI</sub></speak>"],
            ["No.", "six"],
        ),
        (["phonemize", "--ssml", "<speak xml:lang='de'>ja</speak>"], ["jˈɑː"]),
    ],
)
def test_a_line_for_each_line(
    capsys: pytest.CaptureFixture[str], args: list[str], lines: list[str]
) -> None:
    assert main(args) == 0
    assert capsys.readouterr().out.splitlines() == lines


def test_sources(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "text.txt"
    file.write_text("\ufeffNo. 5\n12 km\n", encoding="utf-8")
    assert main(["normalize", "-f", str(file)]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"No. 5\r\n12 km")))
    assert main(["normalize", "-"]) == 0
    assert capsys.readouterr().out == "Number five\ntwelve kilometers\n" * 2


@pytest.mark.parametrize("verb", ["normalize", "phonemize"])
def test_explain(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert main([verb, "--explain", "Of the 3/4"]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert (
        first == {"normalize": "Of the three quarters", "phonemize": "ʌvðə θɹˈiː kwˈɔːɹɾɚz"}[verb]
    )
    assert [" ".join(row.split()) for row in rows] == [
        "0-6 Of the Of the ʌvðə",
        "7-10 3/4 three quarters θɹˈiː kwˈɔːɹɾɚz fraction or date "
        "unsure: a fraction, or a day and a month",
    ]


def test_a_file_of_ssml_and_its_places(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "text.ssml"
    file.write_text("<speak>a <sub alias='bee cee'>BC</sub> &amp; d</speak>", encoding="utf-8")
    assert main(["normalize", "--explain", "-f", str(file)]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "a bee cee and d"
    places = [row.split()[0] for row in rows]
    assert places == ["7-8", "30-32", "39-44", "45-46"]
    assert main(["normalize", "--json", "-f", str(file)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "text": "a bee cee & d",
        "spoken": "a bee cee and d",
    }


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phonemize", "--json", "5\nah"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"text": "5", "spoken": "five", "phonemes": "fˈaɪv"},
        {"text": "ah", "spoken": "ah", "phonemes": "ˈɑː"},
    ]
    assert main(["normalize", "--json", "--explain", " 5 km"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "text": " 5 km",
        "spoken": "five kilometers",
        "spans": [
            {
                "start": 1,
                "end": 5,
                "written": "5 km",
                "spoken": "five kilometers",
                "phonemes": "fˈaɪv kɪlˈɑːmɪɾɚz",
                "rules": ["unit"],
                "unsure": [],
            }
        ],
    }


def test_what_cannot_be_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["normalize", "a\n漢 b"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "a\nb\n"
    assert printed.err == (
        "warning: left out: 1 character cannot be spoken: "
        "'漢' U+6F22 CJK UNIFIED IDEOGRAPH-6F22 at character 3\n"
    )
    assert main(["normalize", "--strict", "a\n漢 b"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error: 1 character cannot be spoken: '漢' U+6F22" in printed.err
    assert "--strict" in printed.err


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["normalize", "-f", "none.txt"], "none.txt: cannot be read"),
        (["phonemize", "--language", "xx", "a"], "eSpeak NG does not know the language 'xx'"),
        (
            ["phonemize", "--phonemizer", "builtin", "--language", "de", "a"],
            "the built-in phonemizer speaks en-us, not 'de'",
        ),
        (["normalize", "--language", "enus", "a"], "the language 'enus'; did you mean 'en-us'?"),
        (
            ["normalize", "--ssml", "<speak><b/></speak>"],
            "line 1, column 8: the element <b> is not",
        ),
        (
            ["phonemize", "--ssml", "<speak><phoneme ph='ʙa'>b</phoneme></speak>"],
            "no phoneme of the voice: 'ʙ' (U+0299) in [[ʙa]]",
        ),
    ],
)
def test_errors(capsys: pytest.CaptureFixture[str], args: list[str], error: str) -> None:
    assert main(args) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert error in printed.err
    assert "hint: " in printed.err


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["normalize", "a", "-f", "b"])
    assert caught.value.code == 2
    assert "give either TEXT or -f FILE, not both" in capsys.readouterr().err


def test_a_closed_pipe_is_quiet() -> None:
    process = subprocess.Popen(
        [*TTS, "normalize", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.write(b"one\n" * 10)
    process.stdin.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 141
    process.stderr.close()


def test_lexicons(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names, more = tmp_path / "names.txt", tmp_path / "more.pls"
    names.write_text("Siobhan = /ʃɪˈvɔːn/\nk8s = kubernetes\n", encoding="utf-8")
    more.write_text(
        '<lexicon version="1.0" alphabet="ipa" xmlns="http://www.w3.org/2005/01/'
        'pronunciation-lexicon"><lexeme><grapheme>Nguyen</grapheme><phoneme>wɪn</phoneme>'
        "</lexeme></lexicon>",
        encoding="utf-8",
    )
    lexicons = ["--lexicon", str(names), "--lexicon", str(more)]
    assert main(["phonemize", *lexicons, "Siobhan Nguyen."]) == 0
    assert main(["normalize", *lexicons, "K8s, Siobhan."]) == 0
    assert main(["phonemize", "--explain", "[[ˈæpl]] read"]) == 0
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "ʃɪvˈɔːn wɪn.",
        "kubernetes, Siobhan.",
        "ˈæpl ɹˈiːd",
        "0-8 [[ˈæpl]] [[ˈæpl]] ˈæpl inline phonemes",
        "9-13 read read ɹˈiːd unsure: read: present or past",
    ]


@pytest.mark.parametrize(
    ("text", "lexicon", "error"),
    [
        ("a", "no line", "line 1: no = between the word and its pronunciation"),
        ("a", "a = /ʀ/", "names.txt, line 1: 'a' needs 'ʀ' (U+0280)"),
        ("b\n[[tə", "", "character 3: the phonemes after [[ are not closed by ]]"),
    ],
)
def test_pronunciations_that_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, lexicon: str, error: str
) -> None:
    (tmp_path / "names.txt").write_text(lexicon, encoding="utf-8")
    assert main(["phonemize", "--lexicon", str(tmp_path / "names.txt"), text]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert error in printed.err
    assert "hint: " in printed.err
