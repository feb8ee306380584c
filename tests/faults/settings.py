"""The tests' settings for a whole gallery of real processes: quick to notice what was lost."""

from tests.settings import *  # noqa: F403

ENCODERS = {"mortal": "tests.faults.mortal_encoder.MortalEncoder"}
DEFAULT_ENCODER = "mortal"
EMBED_BATCH_SIZE = 8
EMBED_LEASE_SECONDS = RENDER_LEASE_SECONDS = 3
