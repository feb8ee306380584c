"""Alice owns, Bob was given access, Charlie must see nothing."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image as Pillow
from rest_framework.test import APIClient

from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, Role, User
from gallery.rendering import render_next
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding, Encoder
from tests.tiny_encoder import OtherEncoder, UnloadableEncoder

Picture = Callable[..., SimpleUploadedFile]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--storm",
        type=float,
        default=0,
        metavar="SECONDS",
        help="go on killing processes for so long; each is killed once in any case",
    )


@pytest.fixture(autouse=True)
def own_storage(settings: Any, tmp_path: Path) -> None:
    """Every test writes into a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ENCODERS_DIR = tmp_path / "encoders"
    settings.TRAININGS_DIR = tmp_path / "trainings"


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """A page in another language leaves its thread in it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def silent_broker(settings: Any) -> Iterator[None]:
    """Bells ring into the real Redis of this run; nobody listens, and none is left behind."""
    from redis import Redis

    yield
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()


def picture_bytes(
    color: Any = "red", size: tuple[int, int] = (64, 48), format: str = "PNG", **save: Any
) -> bytes:
    out = BytesIO()
    Pillow.new("RGB", size, color).save(out, format, **save)
    return out.getvalue()


@pytest.fixture
def picture() -> Picture:
    """Make an upload: `picture("red", name="a.png")`."""

    def make(color: Any = "red", name: str = "photo.png", **options: Any) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, picture_bytes(color, **options))

    return make


def contributor(name: str) -> User:
    user = User.objects.create_user(name, password=f"{name}-secret")
    user.take_role(Role.CONTRIBUTOR)
    return user


@pytest.fixture
def alice(db: None) -> User:
    return contributor("alice")


@pytest.fixture
def bob(db: None) -> User:
    return contributor("bob")


@pytest.fixture
def charlie(db: None) -> User:
    return contributor("charlie")


@pytest.fixture
def store(alice: User, picture: Picture) -> Callable[..., Image]:
    """Store an image as Alice's: `store("red", title="A wall")`."""

    def make(color: Any = "red", owner: User | None = None, **labels: Any) -> Image:
        return store_image(owner or alice, picture(color), Labels(**labels))[0]

    return make


@pytest.fixture
def in_album(store: Callable[..., Image], bob: User) -> list[Image]:
    """Three pictures of Alice's in an album that is shared with Bob, all of them rendered."""
    images = [store(color, title=color, album="Walls") for color in ("red", "green", "blue")]
    Album.objects.get().shared_with.add(bob)
    while render_next():
        pass
    return images


@pytest.fixture
def image(store: Callable[..., Image], bob: User) -> Image:
    """Alice's red picture, which Bob was given access to."""
    image = store("red", title="Red")
    image.shared_with.add(bob)
    return image


@pytest.fixture
def embed() -> Callable[..., None]:
    """Do what signal and worker do for images: note the work, then do it."""

    def embed_images(*images: Image) -> None:
        request_embeddings(images)
        while embed_batch(Embedding.objects.all()):
            pass

    return embed_images


@pytest.fixture
def near(store: Callable[..., Image], image: Image, embed: Callable[..., None]) -> Image:
    """Alice's alone; it has its vector, as has `image`."""
    near = store("#ff9000", title="Near")
    embed(image, near)
    return near


@pytest.fixture
def red(store: Callable[..., Image], embed: Callable[..., None], bob: User) -> Image:
    """Alice's red picture, which Bob may see, beside two that he may not."""
    red = store("#ff0000", title="red")
    red.shared_with.add(bob)
    embed(red, store("#f00000", title="near"), store("#0000ff", title="far", tags=["sea"]))
    return red


@pytest.fixture
def other(settings: Any, db: None) -> Encoder:
    """A second encoder that this installation can compute, not active."""
    settings.ENCODERS = {**settings.ENCODERS, "other": "tests.tiny_encoder.OtherEncoder"}
    return Encoder.objects.create(name="other", digest=OtherEncoder.digest, dimensions=12)


@pytest.fixture
def unloadable(settings: Any, db: None) -> Encoder:
    """The active encoder, which is here and can't be loaded; the tiny one can."""
    settings.ENCODERS = {**settings.ENCODERS, "unloadable": "tests.tiny_encoder.UnloadableEncoder"}
    encoder = Encoder.objects.create(
        name="unloadable", digest=UnloadableEncoder.digest, dimensions=12
    )
    encoder.activate()
    return encoder


@pytest.fixture
def mend(settings: Any) -> Callable[[], None]:
    """Let the unloadable encoder be loaded from now on."""

    def mended() -> None:
        settings.ENCODERS = {**settings.ENCODERS, "unloadable": "tests.tiny_encoder.MendedEncoder"}

    return mended


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """An API client; of nobody without an argument."""

    def client_of(user: User | None = None) -> APIClient:
        client = APIClient()
        if user:
            client.force_authenticate(user)
        return client

    return client_of


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root", password="root-secret"))
    return client
