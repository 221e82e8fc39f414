"""Generated tables with a known graph and known effects.

Deterministic: one fixed seed each, numpy's PCG64 and only draws whose streams are stable across versions.
Constants are named so that cards and tests can state the truth they imply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]
    Table = tuple[tuple[str, ...], list[Array]]

SHOP_ROWS = 2_000
SHOP_DIRECT = 12.0  # dollars of spend that a coupon adds by itself
SHOP_VISIT = 4.0  # dollars per extra visit
SHOP_COUPON_VISITS = 1.5  # visits a coupon adds
SHOP_EFFECT = SHOP_DIRECT + SHOP_VISIT * SHOP_COUPON_VISITS  # 18 dollars in all

HIDDEN_ROWS = 2_000
HIDDEN_EFFECT = 1.0
HIDDEN_BIAS = 1.5  # strength of the unmeasured cause on both sides


def simulated_shop() -> Table:
    """Customers of a shop: does a coupon raise spend?

    Graph: ``income`` and ``loyalty`` cause both ``coupon`` and ``spend`` (confounders), ``visits`` lies between
    coupon and spend (mediator), ``review`` is caused by coupon and spend (collider), ``distance`` causes visits
    only, ``newsletter`` causes coupon only.  The total effect of the coupon on spend is ``SHOP_EFFECT`` dollars,
    the same for everyone.
    """
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(20_240_601))
    n = SHOP_ROWS
    income = np.round(45 + 12 * draw.standard_normal(n), 1)
    loyalty = np.clip(np.round(3 + 0.03 * (income - 45) + 1.2 * draw.standard_normal(n)), 0, 8).astype(
        np.int64
    )
    distance = np.round(12 * draw.random(n), 2)
    newsletter = (draw.random(n) < 0.4).astype(np.int64)
    logit = -0.9 + 0.45 * (loyalty - 3) + 0.03 * (income - 45) + 0.8 * newsletter
    coupon = (draw.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    visits = np.round(
        8 + SHOP_COUPON_VISITS * coupon + 0.5 * (loyalty - 3) - 0.15 * distance + draw.standard_normal(n), 2
    )
    spend = np.round(
        SHOP_DIRECT * coupon
        + SHOP_VISIT * visits
        + 0.8 * (income - 45)
        + 3 * (loyalty - 3)
        + 30
        + 8 * draw.standard_normal(n),
        2,
    )
    review = np.round(2.5 + 0.6 * coupon + 0.03 * (spend - 60) + 0.5 * draw.standard_normal(n), 2)
    table = {
        "income": income,
        "loyalty": loyalty,
        "distance": distance,
        "newsletter": newsletter,
        "coupon": coupon,
        "visits": visits,
        "spend": spend,
        "review": review,
    }
    return tuple(table), list(table.values())


def hidden_confounder() -> Table:
    """A treatment and an outcome with a common cause, ambition, that the table does not hold.

    ``t`` is a training course, ``y`` the wage; ``region`` (0 to 3) and ``age`` are measured.  Ambition raises
    the chance of the course and, by itself, the wage.
    The true effect is ``HIDDEN_EFFECT``; no set of measured columns gives it.
    """
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(20_240_602))
    n = HIDDEN_ROWS
    ambition = draw.standard_normal(n)
    age = np.round(38 + 9 * draw.standard_normal(n)).astype(np.int64)
    region = np.floor(4 * draw.random(n)).astype(np.int64)
    logit = -0.3 + HIDDEN_BIAS * ambition + 0.02 * (age - 38) + 0.2 * (region - 1.5)
    t = (draw.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    y = np.round(
        15
        + HIDDEN_EFFECT * t
        + HIDDEN_BIAS * ambition
        + 0.05 * (age - 38)
        + 0.4 * region
        + draw.standard_normal(n),
        4,
    )
    table = {"age": age, "region": region, "t": t, "y": y}
    return tuple(table), list(table.values())
