"""Random directed acyclic graphs as boolean matrices: ``[i, j]`` says that ``i`` causes ``j``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Links = NDArray[np.bool_]


def erdos_renyi(nodes: int, probability: float, rng: np.random.Generator) -> Links:
    """Each pair joined with the same probability, directed along a random order (Erdős & Rényi 1959)."""
    import numpy as np

    upper = np.triu(rng.random((nodes, nodes)) < probability, 1)
    return _shuffled(upper, rng)


def scale_free(nodes: int, degree: float, rng: np.random.Generator) -> Links:
    """Few hubs, many leaves: each node takes ``degree / 2`` causes among earlier ones, in proportion to how
    often those are joined already (Barabási & Albert 1999)."""
    import numpy as np

    links = np.zeros((nodes, nodes), bool)
    weight = np.ones(nodes)
    causes = max(1, round(degree / 2))
    for j in range(1, nodes):
        chosen = rng.choice(j, min(causes, j), replace=False, p=weight[:j] / weight[:j].sum())
        links[chosen, j] = True
        weight[chosen] += 1
        weight[j] += len(chosen)
    return _shuffled(links, rng)


def _shuffled(links: Links, rng: np.random.Generator) -> Links:
    """The same graph with its nodes renumbered, so that place says nothing about order."""
    import numpy as np

    order = rng.permutation(len(links))
    out = np.zeros_like(links)
    out[np.ix_(order, order)] = links
    return out


def with_latents(links: Links, latents: int, rng: np.random.Generator) -> Links:
    """The graph with common causes appended as its last nodes, each with two or three effects."""
    import numpy as np

    nodes = len(links)
    out = np.zeros((nodes + latents, nodes + latents), bool)
    out[:nodes, :nodes] = links
    for k in range(nodes, nodes + latents):
        effects = min(nodes, int(rng.integers(2, 4)))
        out[k, rng.choice(nodes, effects, replace=False)] = True
    return out


def causal_order(links: Links) -> tuple[int, ...]:
    """Nodes with causes before effects.

    Raises:
        ValueError: the links close a cycle.
    """
    waiting = links.sum(axis=0).astype(int)
    ready = [i for i in range(len(links)) if not waiting[i]]
    order: list[int] = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for effect in links[node].nonzero()[0]:
            waiting[effect] -= 1
            if not waiting[effect]:
                ready.append(int(effect))
    if len(order) < len(links):
        raise ValueError("the links close a cycle")
    return tuple(order)
