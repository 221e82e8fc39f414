"""Columns that only a learned graph, or a choice by hand, leaves out: what changes when they are held as well?"""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.controls import default_controls
from causalcopilot_tools.effects.refit import fit_effect, prepare
from causalcopilot_tools.refutation.material import Material, trimmed

NAME = "left_out_columns"
FULL_ROWS = 5_000
"""Up to this many rows the whole stack of learners is used."""


def needless(m: Material) -> str:
    """Why the check does not apply; empty where nobody knows who must be left out."""
    found = m.identification
    if found.basis in ("discovered", "none") or (found.basis == "controls" and found.status == "assumed"):
        return ""
    return "what is left out rests on knowledge, a given graph or a design"


def left_out_columns(m: Material) -> tuple[Check, ...]:
    """Re-estimate with every usable column held that is not known to come after the treatment.

    A search can drop a true common cause whose two paths nearly cancel, and no check of the remaining controls
    would show it.  The change is told and never decides: a column that was left out may be an effect.  The
    statistic is the change in half-widths of the interval, with its sign; its size is held against the threshold.
    """
    more = _held_as_well(m)
    if not more:
        return (_said("skipped", None, "every column that could be held is held"),)
    used = m.identification.controls
    wider = replace(m.identification, controls=replace(used, optional=(*used.optional, *more)))
    p = trimmed(prepare(m.context, wider), m.context.seed)
    value = fit_effect(p, m.context.seed, fast=p.n > FULL_ROWS).value
    e = m.primary
    if e.value is None or e.low is None or e.high is None:
        return (_said("skipped", None, "the estimate has no interval to compare with"),)
    half = (e.high - e.low) / 2
    inside = e.low <= value <= e.high
    words = "within the interval" if inside else "outside the interval"
    told = f"with {_listed(more)} held as well the effect is {value:.3g}, {words}"
    if value * e.value < 0 and not inside:
        told += ", with the other sign"
    if not inside:
        told += "; either they are common causes, or effects of the treatment: only knowledge can tell"
    return (_said("pass" if inside else "warn", (value - e.value) / half if half > 0 else None, told),)


def _held_as_well(m: Material) -> tuple[str, ...]:
    t, y = m.identification.treatments[0], m.identification.outcomes[0]
    could = default_controls(m.context.profile, m.context.knowledge, t, y).used
    return tuple(c for c in could if c not in m.identification.controls.used)


def _listed(names: tuple[str, ...], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _said(status: CheckStatus, statistic: float | None, detail: str) -> Check:
    return Check(NAME, "sensitivity", status, statistic, 1.0, True, detail)
