"""The one settings file, with what only tests differ in. No test waits for TensorFlow unasked."""

import os

from retrieval_site.env import broker_from_url
from retrieval_site.settings import *  # noqa: F403
from retrieval_site.settings import ENCODERS, REDIS_URL, STORAGES

# Each of several processes that test side by side has a database of its own, and so a broker.
if process := os.environ.get("PYTEST_XDIST_WORKER"):
    REDIS_URL = f"{REDIS_URL.partition('?')[0]}?db={process.removeprefix('gw')}"
    CELERY_BROKER_URL = broker_from_url(REDIS_URL)

ENCODERS = {**ENCODERS, "tiny": "tests.tiny_encoder.TinyEncoder"}
DEFAULT_ENCODER = "tiny"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest needs collectstatic, which tests do without.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nor is there a folder of collected files: they are looked up where they lie.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
