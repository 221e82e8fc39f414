"""Unit augmentations on a small flow network: vertex cuts and disjoint paths both come down to it."""

from __future__ import annotations


class Network:
    """A directed network; ``room[u][w]`` is what may still flow from ``u`` to ``w``."""

    def __init__(self) -> None:
        self.room: dict[int, dict[int, int]] = {}

    def join(self, u: int, w: int, capacity: int) -> None:
        """Add an arc; its reverse is made along with it."""
        self.room.setdefault(u, {})[w] = capacity
        self.room.setdefault(w, {}).setdefault(u, 0)

    def push(self, source: int, sink: int) -> bool:
        """Send one more unit along a shortest way; whether there was one."""
        before = {source: source}
        queue = [source]
        for u in queue:
            if u == sink:
                break
            for w, left in self.room.get(u, {}).items():
                if left > 0 and w not in before:
                    before[w] = u
                    queue.append(w)
        if sink not in before:
            return False
        w = sink
        while w != source:
            u = before[w]
            self.room[u][w] -= 1
            self.room[w][u] += 1
            w = u
        return True

    def reaching(self, sink: int) -> set[int]:
        """Vertices from which more could flow to ``sink``."""
        seen, stack = {sink}, [sink]
        while stack:
            w = stack.pop()
            for u in self.room.get(w, {}):
                if u not in seen and self.room[u][w] > 0:
                    seen.add(u)
                    stack.append(u)
        return seen


def fork(steps: tuple[tuple[int, ...], ...], root: int, a: int, b: int) -> tuple[list[int], list[int]] | None:
    """Two paths along ``steps`` from ``root`` to ``a`` and to ``b`` that share ``root`` only, or ``None``.

    Neither passes through the other's end.  Arcs ``2v -> 2v + 1`` let each node be used once.
    """
    net = Network()
    sink = -1
    for v, row in enumerate(steps):
        if v not in (a, b):
            net.join(2 * v, 2 * v + 1, 1)
            for w in row:
                net.join(2 * v + 1, 2 * w, 1)
    net.join(2 * a, sink, 1)
    net.join(2 * b, sink, 1)
    if not (net.push(2 * root + 1, sink) and net.push(2 * root + 1, sink)):
        return None
    first, second = (_followed(net, steps, root, w) for w in steps[root] if _flows(net, root, w))
    return (first, second) if first[-1] == a else (second, first)


def _flows(net: Network, v: int, w: int) -> bool:
    return net.room[2 * w].get(2 * v + 1, 0) > 0


def _followed(net: Network, steps: tuple[tuple[int, ...], ...], root: int, start: int) -> list[int]:
    path = [root, start]
    while net.room[2 * path[-1]].get(-1) is None:
        path.append(next(w for w in steps[path[-1]] if _flows(net, path[-1], w)))
    return path
