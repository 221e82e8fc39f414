"""How questions are typed: "whats", "pls", "adj. for", no comma after the if-clause, "effect smoking birthweight"."""

from __future__ import annotations

import re

from causalcopilot.agent.language.columns import Vocabulary, spelled
from causalcopilot.agent.language.phrases import AUX, GIVEN

_ASKED = rf"(?:what|how|by\s+how\s+much)\s+(?:happens|much|many|big|large|strongly|{AUX}|would|will)\b"
_ROWS: tuple[tuple[str, str], ...] = (
    (r"\b(what|who|how|where)s\b(?=\s)", r"\1 is"),
    (r"^(what|who|how|where)'s\b", r"\1 is"),
    (r"\b(?:adj|adjd|adjusted|controlled|corrected|ctrl)\.?\s+for\b", "adjusting for"),
    (r"\b(?:w/o)(?=\s)", "without"),
    (r"\b(?:w/)\s*(?=\w)", "with "),
    (r",?\s+(?:pls|plz|please|thx|thanks|thank\s+you|cheers)\s*([?.!]*)$", r"\1"),
    (r"^(?:pls|plz)\s+", ""),
    (r"^(?:true\s+or\s+false|quick\s+q(?:uestion)?|question|q)\s*[:,;-]+\s*", ""),
    (rf"\s*,?\s+even\s+(?=(?:after|when|while|if|given)\s|{GIVEN}\s)", " "),
    (r"\s+(?:whatsoever|of\s+any\s+(?:kind|sort)|of\s+some\s+(?:kind|sort))\b", ""),
    (rf"^((?:if|suppose|supposing|assuming|for|holding|keeping|given|after|when|controlling\s+for|adjusting\s+for)\s[^,?]+?)\s+(?={_ASKED})", r"\1, "),
    (r"^((?:for|among|amongst|in|within)\s+(?!which\b|whom\b|what\b)[^,?]+?)\s+(?=(?:does|do|did|is\s+there|would|will)\s)", r"\1, "),
    (r"^(what\s+would\s+[^,?]+?\s+be)\s+((?:for|among|in)\s+[^,?]+?)\s+((?:if|when|had)\s+.+?)([?.!\s]*)$", r"\1 \3 \2\4"),
    (r"\b(?:once|when|if|after|while)\s+(?:we|you|i|one|they)\s+(?:adjust|control|account|condition|correct)(?:s|ed)?\s+for\b", "adjusting for"),
    (r"\b(what\s+(?:happens|happened|would\s+happen|will\s+happen))\s+with\b", r"\1 to"),
    (rf"^suppos(?:e|ing)(?:\s+that)?\s+([^;?]+?)\s*[;:,.]+\s*(?={_ASKED})", r"if \1, "),
    (r"\bnegatively\s+(?:affect|influence|impact)(s?)\b", r"lower\1"),
    (r"\bpositively\s+(?:affect|influence|impact)(s?)\b", r"raise\1"),
    (r"\b(?:bring|push|drive|drag|pull|press|force|cut|scale)(s?)\s+down\b", r"lower\1"),
    (r"\b(?:brought|pushed|driven|drove|dragged|pulled|forced)\s+down\b", "lowered"),
    (r"\b(?:bringing|pushing|driving|dragging|pulling|forcing|cutting)\s+down\b", "lowering"),
    (r"\b(?:bring|push|drive|send|ramp|speed|pump)(s?)\s+up\b", r"raise\1"),
    (r"\b(?:brought|pushed|driven|drove|sent|pumped|sped)\s+up\b", "raised"),
    (r"\b(?:bringing|pushing|driving|sending|ramping|pumping)\s+up\b", "raising"),
    (r"\b(?:incremental|marginal\s+causal)\s+(?=effect|impact|influence)", ""),
)  # fmt: skip
_TYPED = tuple((re.compile(row, re.I), plain) for row, plain in _ROWS)
_TIE = r"(?:effects?|impacts?|influences?)"
_TOGETHER = r"(?:correlations?|associations?|relations?|relationships?)"
_SHORT = re.compile(
    rf"^(?:(?:what\s+is|show|give\s+me|estimate|compute)\s+)?(?:the\s+)?(?:(?P<causal>causal|average|total)\s+)?"
    rf"(?:(?P<effect>{_TIE})|(?P<tie>{_TOGETHER}))\s*[:,]?\s+(?P<rest>.+)$",
    re.I,
)
_BETWEEN = r"\s*(?:->|→|-|,|/|on)?\s*"
_REST = rf"(?P<rest>(?:\s*,?\s+(?:{GIVEN}|for|among|in|when|where|if|from|with|using)\s.*)?)[\s?.!]*"


def typed(text: str, words: Vocabulary) -> str:
    """The sentence as it would be written with care."""
    for pattern, plain in _TYPED:
        text = pattern.sub(plain, text)
    return _in_short(_joined(text, words), words)


def _joined(text: str, words: Vocabulary) -> str:
    """A column's name in one word where its parts are written apart, or its letters written out: "birth weight", "bmi"."""
    said = re.findall(r"[^\W\d_]+", text)
    flat = {re.sub(r"[\W_]+", "", name.lower()): name for name in words.names}
    for size in (4, 3, 2):
        for i in range(len(said) - size + 1):
            run = said[i : i + size]
            name = flat.get("".join(run).lower()) if size < 4 else None
            if name is None and size > 2:
                name = flat.get("".join(w[0] for w in run).lower())
            pattern = r"[\s-]+".join(map(re.escape, run))
            if name and len(name) > 2 and not words.spoken(" ".join(run)):
                text = re.sub(rf"\b{pattern}\b", name, text, flags=re.I)
    return text


def _in_short(text: str, words: Vocabulary) -> str:
    """Two columns beside the noun of a question, or beside an arrow, with nothing that joins them."""
    names = words.spoken(text)
    if len(names) < 2:
        return text
    a, b = (rf"[`'\"]?{spelled(name)}[`'\"]?" for name in names[:2])
    if m := re.match(rf"^({a})\s*(?:->|-->|→)\s*({b}){_REST}$", text, re.I):
        return f"effect of {m[1]} on {m[2]}{m['rest']}"
    if m := re.match(
        rf"^(?:what\s+is\s+)?(?:the\s+)?(?:causal\s+)?({a})\s+{_TIE}\s+(?:up)?on\s+({b}){_REST}$", text, re.I
    ):
        return f"effect of {m[1]} on {m[2]}{m['rest']}"
    if m := re.match(
        rf"^(?:what\s+is\s+)?(?:the\s+)?({a})\s+(?:{_TIE}\s+(?:of|from)|response\s+to)\s+(?:the\s+|an?\s+)?({b})(?:\s+(?:increases?|rises?|hikes?|changes?))?{_REST}$",
        text,
        re.I,
    ):
        return f"effect of {m[2]} on {m[1]}{m['rest']}"
    text = re.sub(
        rf"\b(?:the\s+)?(?:causal\s+)?({a})\s+(effect|impact|influence)s?\s+(?:up)?on\s+(?:the\s+)?({b})(?!\w)",
        r"the \2 of \1 on \3",
        text,
        flags=re.I,
    )
    said = _SHORT.match(text)
    m = re.match(rf"^({a}){_BETWEEN}({b}){_REST}$", said["rest"], re.I) if said else None
    if said is None or m is None:
        return text
    if said["effect"]:
        return f"effect of {m[1]} on {m[2]}{m['rest']}"
    return text if said["causal"] else f"correlation between {m[1]} and {m[2]}{m['rest']}"
