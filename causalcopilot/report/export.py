"""One effect as a single JSON document for other programs: five strategy names, one block a design, numbers apart.

Scripts of ours read ``ccp estimate --json``.  This is for programs that compare studies: the strategy is one of
``RCT``, ``Conditional Exogeneity``, ``Instrumental Variable``, ``Regression Discontinuity`` and
``Difference-in-Differences``, whatever more particular name ccp uses (kept as ``strategy_detail``), every design
has the same fields with ``null`` where it does not apply, and prose is left out.  The schema ships as
``schemas/export.json``; fields are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.run import RunRecord
from causalcopilot.errors import NotApplicable
from causalcopilot.report.documents import Document, number
from causalcopilot.report.findings import Findings, read_run

SCHEMA_VERSION = "1.0"
STRATEGIES: Mapping[str, str] = {
    "RCT": "RCT",
    "Conditional Exogeneity": "Conditional Exogeneity",
    "Instrumental Variable": "Instrumental Variable",
    "Regression Discontinuity": "Regression Discontinuity",
    "Difference-in-Differences": "Difference-in-Differences",
    "Synthetic Control": "Difference-in-Differences",
    "Panel Fixed Effects": "Conditional Exogeneity",
    "Mediation": "Conditional Exogeneity",
    "Joint Intervention": "Conditional Exogeneity",
    "Front-Door": "Conditional Exogeneity",
    "General Identification": "Conditional Exogeneity",
}
"""The exported name of each strategy.  A synthetic control compares changes, as differences do; whatever else holds
columns (unit effects, mediation, several treatments, front doors, other expressions) is told as conditioning."""
QUANTITIES = ("ATE", "ATT", "ATC", "LATE", "CATE", "CATT", "CLATE")
INTERVALS: Mapping[str, str] = {
    "aipw": "envelope",
    "plr": "envelope",
    "anderson_rubin": "anderson_rubin",
    "rd_robust": "robust_bias_corrected",
    "synthetic_control": "placebo",
    "synthetic_did": "placebo",
    "plug_in": "bootstrap",
}
"""How the interval of a method is made; ``analytic`` where nothing else is said."""
Z = 1.959963984540054
"""Half a 95 % normal interval in standard errors."""


def export_document(run: RunRecord) -> Document:
    """The newest effect of a run as ``schemas/export.json`` describes it.

    Raises:
        NotApplicable: the run asked for no effect, or never reached an identification.
    """
    findings = read_run(run)
    known = findings.identification
    if known is None:
        raise NotApplicable(
            f"run {run.id} holds no identified or refused effect to export", "export a run of ccp estimate"
        )
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.id,
        "data": _data(findings),
        "identification": _identification(findings, known),
        "estimates": _estimates(findings),
        "refutation": _refutation(findings),
    }


def _data(findings: Findings) -> Document:
    run = findings.run
    seen = findings.profile.result.profile if findings.profile else None
    dropped = findings.estimated.fact("rows_dropped") if findings.estimated else None
    return {
        "sha256": run.hash.removeprefix("sha256:"),
        "n_rows": run.rows,
        "n_duplicates": seen.duplicate_rows if seen else None,
        "n_missing_dropped": dropped.value if dropped else None,
    }


def _identification(findings: Findings, i: Identification) -> Document:
    quantity = i.quantity if i.quantity in QUANTITIES else "Other/Unclear"
    return {
        "status": i.status,
        "strategy": STRATEGIES[i.strategy] if i.strategy else None,
        "strategy_detail": i.strategy,
        "causal_quantity": quantity,
        "treatments": list(i.treatments),
        "treatment_type": i.treatment_type,
        "contrast": {"treated": i.contrast.treated, "control": i.contrast.control},
        "outcomes": list(i.outcomes),
        "population": i.population,
        "controls": {
            "minimal": list(i.controls.minimal),
            "optional": list(i.controls.optional),
            "forbidden": [{"name": x.name, "reason": x.reason} for x in i.controls.forbidden],
        },
        "design": _design(findings, i),
        "graph": i.graph,
        "blocking_path": list(i.blocking_path),
        "assumptions": [
            {"name": a.name, "testable": a.testable, "evidence": a.evidence} for a in i.assumptions
        ],
        "alternatives": [{"strategy": a.strategy, "why_not": a.why_not} for a in i.alternatives],
    }


def _design(findings: Findings, i: Identification) -> Document:
    """One block a design; those of other designs are ``null``."""
    told = dict(i.design)
    blocks: Document = dict.fromkeys(("rct", "iv", "rd", "did", "sc", "panel", "mediation", "joint"))
    if i.strategy == "RCT":
        blocks["rct"] = {"assignment_unit": told.get("assignment_unit"), "strata": [], "compliance": None}
    elif i.strategy == "Instrumental Variable":
        blocks["iv"] = {
            "instruments": list(i.instruments),
            "is_encouragement": None,
            "monotonicity": "assumed",
        }
    elif i.strategy == "Regression Discontinuity":
        blocks["rd"] = {
            "running_variable": told.get("running"),
            "cutoff": float(told["cutoff"]) if "cutoff" in told else None,
            "treated_side": told.get("treated_side"),
            "fuzzy": told.get("fuzzy") == "yes",
            "bandwidth": _fact(findings, "bandwidth"),
        }
    elif i.strategy == "Difference-in-Differences":
        blocks["did"] = {
            "unit": told.get("unit"),
            "time": told.get("time"),
            "first_treated": [p for p in told.get("adoption", "").split(", ") if p],
            "comparison": told.get("comparison"),
            "staggered": told.get("staggered") == "yes",
            "anticipation": 0,
        }
    elif i.strategy == "Synthetic Control":
        blocks["sc"] = {
            "unit": told.get("unit"),
            "time": told.get("time"),
            "treated_unit": told.get("treated_unit"),
            "treatment_time": told.get("start"),
            "donors": _donors(findings),
        }
    elif i.strategy == "Panel Fixed Effects":
        blocks["panel"] = {"unit": told.get("unit"), "time": told.get("time")}
    elif i.strategy == "Mediation":
        blocks["mediation"] = {"mediator": told.get("mediator")}
    elif i.strategy == "Joint Intervention":
        blocks["joint"] = {
            "contrasts": [
                {"treatment": n, "control": c.control, "treated": c.treated}
                for n, c in zip(i.treatments, i.contrasts, strict=True)
            ],
            "route": told.get("route", "held"),
        }
    return blocks


def _fact(findings: Findings, key: str) -> Scalar:
    fact = findings.estimated.fact(key) if findings.estimated else None
    return number(fact.value) if fact else None


def _donors(findings: Findings) -> list[Document]:
    tables = findings.estimated.result.tables if findings.estimated else ()
    rows = next((t.rows for t in tables if t.name == "donors"), ())
    return [{"unit": unit, "weight": weight} for unit, weight in rows]


def _estimates(findings: Findings) -> list[Document]:
    if findings.estimated is None:
        return []
    result, seed = findings.estimated.result, findings.run.seed
    return [_estimate(k, e, k == result.primary, seed) for k, e in enumerate(result.estimates)]


def _estimate(k: int, e: Estimate, primary: bool, seed: int) -> Document:
    """One number; the standard error of a wider interval is the one that interval implies."""
    both = e.low is not None and e.high is not None
    method = INTERVALS.get(e.method, "analytic")
    error = e.std_error
    if method != "analytic" and e.low is not None and e.high is not None and abs(e.level - 0.95) < 1e-9:
        error = (e.high - e.low) / (2 * Z)
    return {
        "id": f"e{k + 1}",
        "primary": primary,
        "estimator": e.method,
        "quantity": e.quantity,
        "causal": e.quantity != "association",
        "population": e.population,
        "point": number(e.value),
        "se": number(error),
        "ci": [number(e.low), number(e.high)] if both else None,
        "ci_level": e.level,
        "ci_method": method,
        "unit": e.unit,
        "n_used": e.n_used,
        "supported": e.supported,
        "note": e.note,
        "seed": seed,
    }


def _refutation(findings: Findings) -> Document:
    refuted, verdict = findings.refuted, findings.verdict
    checks = refuted.result.checks if refuted else ()
    s = refuted.result.sensitivity if refuted else None
    return {
        "verdict": verdict.value if verdict else None,
        "reason": verdict.reason if verdict else None,
        "direction": verdict.direction if verdict else None,
        "checks": [
            {
                "name": c.name,
                "kind": c.kind,
                "status": c.status,
                "statistic": number(c.statistic),
                "p_value": number(c.p_value),
                "threshold": number(c.threshold),
                "can_lower_verdict": c.can_lower_verdict,
                "detail": c.detail,
            }
            for c in checks
        ],
        "sensitivity": None
        if s is None
        else {
            "rv": number(s.robustness_value),
            "rv_alpha": number(s.robustness_value_alpha),
            "e_value": number(s.e_value),
            "e_value_ci": number(s.e_value_limit),
            "benchmark": {
                "name": s.benchmark,
                "partial_r2_t": number(s.benchmark_treatment),
                "partial_r2_y": number(s.benchmark_outcome),
            },
        },
    }
