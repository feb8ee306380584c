"""Where else an image appears: those that look the same as it does."""

from gallery.models import Image
from gallery.models.images import Person
from search.finding import find
from search.models import Embedding, Encoder
from search.similarity import Bounds, Neighbour

MOST = 12


def copies_of(image: Image, user: Person) -> list[Neighbour]:
    """The near-identical ones that `user` may see, nearest first; none while that is not known."""
    encoder = Encoder.objects.select_related("scale").active()
    if encoder is None or encoder.known_scale is None:
        return []
    held = Embedding.objects.of(encoder).filter(image=image).exclude(vector=None).first()
    if held is None:
        return []
    found = find(
        held.vector or [],
        encoder,
        Image.objects.visible_to(user),
        without=[image.pk],
        bounds=Bounds(maximum=encoder.known_scale.alike_within),
        limit=MOST,
    )
    return found.results
