"""Units of measure that people write behind a number or before "of"."""

from __future__ import annotations

UNITS = (
    r"(?:kg|g|mg|cm|mm|m|km|ml|eur|euros?|usd|dollars?|cents?|pounds?|pence|gbp|units?|points?|years?|months?|weeks?|days?"
    r"|hours?|minutes?|seconds?|grams?|kilos?|kilograms?|lbs?|ounces?|tons?|tonnes?|lit(?:re|er)s?|inch(?:es)?|feet|ft|miles?"
    r"|met(?:re|er)s?|degrees?|celsius|fahrenheit|kelvin|rpm|bar|psi|k?pa|hpa|mmhg|ppm|ppb|watts?|kwh?|volts?|amps?|hz|mph"
    r"|kph|calories|kcal)"
)
"""A word for a unit; percent is none, as it compares."""
