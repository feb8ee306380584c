"""The one settings file, with what only tests differ in. No test waits for TensorFlow unasked."""

from retrieval_site.settings import *  # noqa: F403
from retrieval_site.settings import ENCODERS, STORAGES

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
