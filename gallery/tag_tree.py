"""Tags as a tree: "animal/cat" is below "animal", which counts its images, too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gallery.models import Tag
from gallery.models.images import Person


@dataclass
class Node:
    """A word, whoever wrote it, or what only stands above others."""

    name: str
    # Of images that this person may see, each once; those below it included.
    count: int = 0
    # Whether some tag of the person's own is it, or is below it.
    is_own: bool = False
    children: "list[Node]" = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name.rpartition("/")[2]


def tag_tree(user: Person) -> list[Node]:
    """The topmost tags, by two queries, or one where none is below another."""
    nodes: dict[str, Node] = {}
    roots: list[Node] = []
    for tag in Tag.objects.names_with_counts(user):
        path = list(paths(tag["name"]))
        for name in path:
            if name.lower() not in nodes:
                nodes[name.lower()] = Node(name)
                above = nodes.get(name.lower().rpartition("/")[0])
                (above.children if above else roots).append(nodes[name.lower()])
            nodes[name.lower()].is_own |= tag["is_own"]
        nodes[tag["name"].lower()].count = tag["count"]
    parents = [word for word, node in nodes.items() if node.children]
    for row in Tag.objects.counts_with_those_below(user, parents):
        nodes[row["word"]].count = row["count"]
    return roots


def paths(name: str) -> Iterator[str]:
    """All that it is below, the topmost first, and itself."""
    parts = name.split("/")
    return ("/".join(parts[: at + 1]) for at in range(len(parts)))


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes, each with all below it behind it."""
    for node in nodes:
        yield node
        yield from flat(node.children)
