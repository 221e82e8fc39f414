"""A narrative holds no number and no verdict that no fact holds."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest

from causalcopilot.domain.facts import Fact
from causalcopilot.report.claims import Untraceable, find_faults, quote, render, text_of, unsourced

FUZZ_TEXTS = 30_000

FACTS = {
    "t1": {
        "rows": Fact("rows", 1629, "rows", format=",d"),
        "columns": Fact("columns", 64, format="d"),
        "name": Fact("name", "x1"),
    },
    "t4": {
        "effect": Fact("effect", 3.4379, "effect of qsmk on wt82_71", "kg", "qsmk", ".2f", 2.48, 4.40),
        "direction": Fact("direction", "increases"),
        "estimate.1": Fact("estimate.1", -1.5, format=".1f"),
        "estimate.1.method": Fact("estimate.1.method", "aipw"),
        "agreement.low": Fact("agreement.low", 1.0),
        "share": Fact("share", 0.034, format=".1%"),
        "small": Fact("small", 0.0004, format=".4f"),
        "gone": Fact("gone", None),
    },
    "t5": {
        "verdict": Fact("verdict", "supported"),
        "passed": Fact("passed", 5),
        "robustness_value": Fact("robustness_value", 0.08, format=".3f"),
    },
}
NAMES = {"qsmk", "wt82_71", "x1", "1971", "age in years", "two"}


def shown(text: str) -> str:
    return text_of(render(text, FACTS, NAMES))


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("{t4.effect}", "3.44"),
        ("{t4.effect:.1f}", "3.4"),
        ("{ t4.effect }", "3.44"),
        ("{t4.effect.with_unit}", "3.44 kg"),
        ("{t4.effect.with_unit:.1f}", "3.4 kg"),
        ("{t4.effect.interval}", "2.48 to 4.40"),
        ("{t4.effect.interval.with_unit}", "2.48 to 4.40 kg"),
        ("{t4.effect.low} or {t4.effect.high:.1f}", "2.48 or 4.4"),
        ("{t4.agreement.low}", "1"),
        ("{t4.estimate.1} by {t4.estimate.1.method}", "−1.5 by aipw"),
        ("{t4.share}, {t4.share:.0%}", "3.4%, 3%"),
        ("{t1.rows} rows", "1,629 rows"),
        ("{t4.gone}", "not available"),
        ("**{t4.effect}** (`qsmk`)", "**3.44** (qsmk)"),
        ("`qsmk` {t4.direction} `wt82_71`.", "qsmk increases wt82_71."),
        ("`x1`'s range, column `1971`", "x1's range, column 1971"),
        ("{t5.passed} checks passed; the robustness value is {t5.robustness_value}.",
         "5 checks passed; the robustness value is 0.080."),
        ("No one can rule out a common cause (e.g. severity) – naïve or not.",
         "No one can rule out a common cause (e.g. severity) – naïve or not."),
        ("First line.\n\n- a list\n- of **bold** things\n* and more", None),
        ("Is `qsmk` a direct cause of `x1`? Does it raise it? {t5.verdict}.",
         "Is qsmk a direct cause of x1? Does it raise it? supported."),
        ("The effect is the average over all rows; the interval covers what the data leave open.", None),
        ("Without adjustment the groups differ by {t4.effect}: an association, not an effect.",
         "Without adjustment the groups differ by 3.44: an association, not an effect."),
    ],
)  # fmt: skip
def test_good_text_is_printed_from_facts(text: str, reads: str | None) -> None:
    assert shown(text) == (reads or text)


NUMERALS = [
    "effect is 1.25", "٣", "½", "²", "Ⅳ", "二", "𝟏", "①", "XII", "about twice", "three checks", "ninety",
    "1. item", "twenty-two", "one of them", "half of it", "a dozen", "tenfold", "two-fold", "hundreds",
    "a million", "zero", "thirteenth", "percent", "per cent", "a third", "tw-o", "tw**o**", "tw'o", "t w o",
    "f.i.v.e", "t\u200bwo", "tw\u03bf", "fıve", "ﬁve", "fi\u0301ve", "t\u0301wo", "fïve", "null",
    "{t4.effect} k", "x1", "two", "{1.25}", "&#52;", "&half;", "5️⃣", "fifty", "umpteen", "couple of",
    "\u0665", "byfive", "thousandth",
]  # fmt: skip
WORDS = [
    "This is significant.", "insignificant", "robust", "It proves it.", "`qsmk` raises `wt82_71`",
    "It increases.", "an increase", "it LOWERS weight", "no effect", "there is an effect",
    "has an effect on", "a large effect", "the effect on `x1` is large", "identified", "unidentified",
    "supported", "unsupported", "the data support this", "refuted", "irrefutable", "fragile", "causes",
    "caused by", "leads to", "due to quitting", "strong evidence", "evidence that", "heavier than",
    "more weight than", "certainly", "in-creases", "sup**port**ed", "sígnificant", "All checks passed.",
    "`x1` and `two` are independent.", "inconclusive", "undetected", "beneficial",
    "The effect on `x1` of `qsmk` seems rather small", "rob-ust", "no doubt",
]  # fmt: skip
REFERENCES = [
    "{t9.effect}", "{t4.efect}", "{t4}", "{}", "{t4.}", "{.effect}", "{t4.effect+1}", "{t4.effect*2}",
    "{t4.effect.}", "{t4.__class__}", "{t4.effect.__class__}", "{__import__('os')}", "{t4.effect!r}",
    "{t4.effect:099f}", "{t4.effect:>30}", "{t4.effect:.9f}", "{t4.effect:.0%}", "{t4.effect:d}",
    "{t4.small:.1f}", "{t5.verdict:.2f}", "{t1.rows.interval}", "{t1.rows.low}", "{t4.effect.low.high}",
    "{t4.effect.with_unit.low}", "{{t4.effect}}", "{t4.effect", "t4.effect}", "{t4\n.effect}",
    "{t4.effect}{t1.rows}", "{t4.effect} {t1.rows}", "{t1.rows}.{t1.columns}", "{t1.rows},{t1.columns}",
    "{t1.rows} . {t1.columns}", "-{t4.effect}", "−{t4.effect}", "–{t4.effect}", "so - {t4.effect}",
    "so – {t4.effect}", "minus {t4.effect}", "negative {t4.effect}", "{t4.effect}k", "{t4.effect}%",
    "{t4.effect}e", "${t4.effect}", ".{t1.rows}", "un{t5.verdict}", "{t5.verdict}ish", "not {t5.verdict}",
    "is not yet quite {t5.verdict}", "isn't {t5.verdict}", "{t5.verdict} is not", "no {t4.direction}",
    "more than {t4.effect}", "almost {t5.verdict}", "{t4.effect} pounds", "{t4.effect} years",
    "{t4.effect}²", "{T4.effect}", "{t4.effect:.2f}.{t1.rows}", "**{t4.effect}**{t1.rows}",
    "{t4.effect}\u200b", "{t1.rows}**.**{t1.columns}", "opposite of {t4.direction}",
]  # fmt: skip
MARKUP = [
    "<b>", "<script>", "a < b", "&lt;", "[link](http://evil.example)", "![x](x.png)", "# Head", "| a |",
    "~~gone~~", "\x1b[31m", "\u202eabc", "\ttab", "unknown `name`", "`x1", "``x1``", "`1971`",
    "under_score", "a*b*c", "**open", "http://evil.example", "www.evil.example", "@name", "50€", "a=b",
    "a+b", "\\*", "``", "`{t4.effect}`", "\x01", "\x02", "x`x1`", "`x1`-fold", "***bold***", "日本語",
    "русский",
]  # fmt: skip


@pytest.mark.parametrize("bad", [*NUMERALS, *WORDS, *REFERENCES, *MARKUP])
def test_attacks_are_refused(bad: str) -> None:
    with pytest.raises(Untraceable):
        render(bad, FACTS, NAMES - {"two"})


def test_all_faults_come_with_their_positions() -> None:
    text = "It raises `nmae` by 3.4 ({t4.efect})."
    with pytest.raises(Untraceable) as caught:
        render(text, FACTS, NAMES | {"name"})
    found = [(text[f.start : f.end], f.problem) for f in caught.value.faults]
    assert [f[0] for f in found] == ["raises", "`nmae`", "3", ".", "4", "{t4.efect}"]
    assert "'name'" not in found[1][1]
    assert "name" in found[1][1]
    assert found[5][1].endswith("there is effect")
    assert str(caught.value).count("\n") == 5


def test_parts_carry_reference_and_value() -> None:
    parts = render("By {t4.effect:.1f} for `qsmk`.", FACTS, NAMES)
    assert [(p.kind, p.text) for p in parts] == [
        ("text", "By "), ("fact", "3.4"), ("text", " for "), ("name", "qsmk"), ("text", "."),
    ]  # fmt: skip
    assert (parts[1].call, parts[1].key, parts[1].reference, parts[1].value) == (
        "t4",
        "effect",
        "t4.effect:.1f",
        3.4379,
    )


def test_fuzz_never_lets_a_number_or_a_strong_word_through() -> None:
    rng = random.Random(1)
    bits = [
        "{t4.effect}", "{t5.verdict}", "`x1`", "`two`", "word ", " ", "{t1.rows:,d}", "{",
        "}", "t4", "1", "½", "٣", "Ⅳ", "二", "²", "&#52;", "<b>", "`", "\n", "two", "tw", "o",
        "-", "**", "sup", "ported", ".", ", ", "(", ")", "raises", "not ", "\u200b", "\x01",
    ]  # fmt: skip
    printed = {"3.44", "1,629", "supported"}
    kept = 0
    for _ in range(FUZZ_TEXTS):
        text = "".join(rng.choices(bits, k=rng.randint(1, 7)))
        try:
            parts = render(text, FACTS, NAMES)
        except Untraceable:
            continue
        kept += 1
        assert all(p.text in printed for p in parts if p.kind == "fact")
        assert all(p.text in NAMES for p in parts if p.kind == "name")
        outside = "".join(p.text if p.kind == "text" else "\0" for p in parts)
        read = re.sub(r"[^\w\s]|_", "", unicodedata.normalize("NFKD", outside)).lower()
        assert not any(c.isnumeric() for c in outside)
        assert not re.search(r"\b(?:supported|raises)\b", read)
        assert not re.search(r"\btwo\b", outside)
        assert "\x00\x00" not in outside
    assert kept > 1000


def test_fuzz_of_unicode_never_lets_a_numeral_through() -> None:
    rng = random.Random(2)
    for _ in range(FUZZ_TEXTS // 3):
        text = "a " + chr(rng.choice((rng.randrange(0x20, 0x3000), rng.randrange(0x20, 0x1FFFF)))) + " b"
        if not find_faults(text, FACTS, NAMES):
            c = text[2]
            assert not any(x.isnumeric() for x in c + unicodedata.normalize("NFKC", c))
            assert (
                c.isspace() or c in ".,;:!?'\"()-–—/…’‘“”*" or unicodedata.normalize("NFKD", c)[0].isascii()
            )


def test_quote_never_breaks_out() -> None:
    assert quote("age in years") == "`age in years`"
    assert quote("a`b") == quote("a{b}") == "a column"


@pytest.mark.parametrize(
    ("text", "given", "flagged"),
    [
        ("3.44 and 3.4 and 3 kg, 1,629 rows, 7.7", "", ["7.7"]),
        ("30 days", "what about 30 days?", []),
        ("3.4%", "", []),
        ("34%", "", ["34%"]),
        ("it falls by 1.5", "", []),
        ("−1.5 or -3.44", "", ["-3.44"]),
        ("1.6k rows, 1.6 million rows", "", ["1.6 million"]),
        ("twelve of sixty-four columns, a couple", "", ["twelve"]),
        ("½ and ٧", "", ["0.5", "7"]),
        ("`wt82_71`, wt82_71, t4 and `7.7`", "", ["7.7"]),
        ("0.0 and 3.45", "", ["0.0", "3.45"]),
        ("effect of 2 to 9", "", ["9"]),
        ("1e-9", "", ["1e-9"]),
    ],
)
def test_chat_numbers_without_a_source_are_named(text: str, given: str, flagged: list[str]) -> None:
    assert unsourced(text, FACTS, given) == flagged


def test_a_name_that_ends_in_a_digit_is_no_number() -> None:
    facts = {"t1": {"control": Fact("control", "X6"), "excluded": Fact("excluded", 3, format="d")}}
    assert text_of(render("Held fixed: {t1.control}. {t1.excluded} columns are left out.", facts)) == (
        "Held fixed: X6. 3 columns are left out."
    )
    with pytest.raises(Untraceable, match="two numbers"):
        render("There are {t1.excluded}. {t1.excluded} columns.", facts)
