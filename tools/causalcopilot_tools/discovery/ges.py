"""GES (causal-learn): a CPDAG by greedy search over classes of graphs; takes no knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import Found, Settings, from_arrows
from causalcopilot_tools.discovery.inputs import MIN_ROWS
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=(
        "no hidden common causes",
        "faithfulness",
        "no cycles",
        "linear relations (for numbers)",
        "enough rows that a greedy path over classes ends at the best one; boss and exact err less on 1,000 rows",
    ),
    data="at most 40 columns, all numbers (BIC; missing cells allowed) or all categories (BDeu; complete rows)",
    cost="0.3 s at 10 columns, 3 s at 40; categories 2 s at 10; causal-learn takes some seconds to import",
    source="Chickering 2002; Heckerman, Geiger & Chickering 1995 (BDeu); causal-learn",
)
MAX_COLUMNS = 40
"""Above this causal-learn's GES takes minutes."""
MAX_CATEGORIES = 15
"""The same for categories, whose score is slower."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a CPDAG; ``limits`` are not taken (``discover`` refuses them for this method).

    Its penalty is that of our own searches (``settings.penalty`` in units of log(rows) per coefficient; causal-learn's
    own default, 0.5, is the textbook BIC and keeps more false edges).

    Raises:
        NotApplicable: numbers and categories together, too many columns, or too few rows.
    """
    import numpy as np

    from causalcopilot_tools.discovery.core.orient import class_of, least_contradicted, unshielded

    categories = all(t in ("binary", "nominal") for t in data.types)
    _refuse(data, categories)
    here, order = arranged(data)
    learned, notes = _bdeu(here) if categories else _bic(here, settings)
    adjacent = learned != 0
    theirs = (learned == -1) & (learned.T == 1)
    evidence = {(a, m, c): 1.0 if theirs[a, m] and theirs[c, m] else -1.0 for a, m, c in unshielded(adjacent)}
    arrows = class_of(least_contradicted(adjacent, evidence, np.zeros_like(adjacent)))
    changed = int((arrows != theirs).any(axis=0).sum()) if (arrows != theirs).any() else 0
    if changed:
        notes.append(
            f"causal-learn's answer was no complete class of graphs; the marks at {changed} columns were corrected"
        )
    marks = restored(from_arrows(adjacent, arrows), order)
    score: tuple[tuple[str, Any], ...] = (
        (("score", "bdeu"), ("sample_prior", 1))
        if categories
        else (("score", "bic"), ("penalty", settings.penalty))
    )
    return Found("ges", "cpdag", marks, score, tuple(notes))


def _refuse(data: Prepared, categories: bool) -> None:
    if not categories and not data.all_numbers:
        wide = next(n for n, b in zip(data.names, data.blocks, strict=True) if len(b) > 1)
        raise NotApplicable(
            f"ges takes all numbers or all categories, not both ({wide} is a category)",
            "use method boss, exact or pc",
        )
    most = MAX_CATEGORIES if categories else MAX_COLUMNS
    if len(data.names) > most:
        raise NotApplicable(
            f"ges takes at most {most} columns {'of categories ' if categories else ''}"
            f"({len(data.names)} given)",
            "choose columns, or use method boss",
        )


def _bic(data: Prepared, settings: Settings) -> tuple[NDArray[np.int64], list[str]]:
    """causal-learn's graph from the correlations; -1 tail at the row, 1 arrow at the row."""
    import numpy as np

    from causalcopilot_tools.discovery.quiet import quiet

    m = data.moments()
    with quiet():
        from causallearn.search.ScoreBased.GES import ges

        found = ges(
            cov=m.correlation.copy(),
            n=int(m.rows),
            score_func="local_score_BIC_from_cov",
            lambda_value=settings.penalty,
        )
    return np.asarray(found["G"].graph), [*m.notes]


def _bdeu(data: Prepared) -> tuple[NDArray[np.int64], list[str]]:
    import numpy as np

    from causalcopilot_tools.discovery.citests import level_codes
    from causalcopilot_tools.discovery.quiet import quiet

    codes = level_codes(data, "ges")
    codes = codes[(codes >= 0).all(axis=1)]
    if len(codes) < MIN_ROWS or any(len(np.unique(c)) < 2 for c in codes.T):
        raise NotApplicable(
            f"ges needs complete rows of categories ({len(codes)} given)",
            "use method boss, which takes missing cells",
        )
    with quiet():
        from causallearn.search.ScoreBased.GES import ges

        found = ges(codes, score_func="local_score_BDeu")
    dropped = data.rows - len(codes)
    notes = [f"{dropped:,} rows with missing cells were left out"] if dropped else []
    return np.asarray(found["G"].graph), notes
