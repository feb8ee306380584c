"""All settings. Each has a default that runs on a fresh machine; the README lists the variables."""

from pathlib import Path

from celery.schedules import crontab
from kombu import Queue

from retrieval_site.embedded.locations import Locations
from retrieval_site.env import (
    broker_from_url,
    database_from_url,
    env_bool,
    env_choice,
    env_folder,
    env_fraction,
    env_hosts,
    env_int,
    env_origins,
    env_secret,
    env_str,
    env_time_zone,
    mail_from_url,
)
from retrieval_site.logs.lines import FORMATS, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
LOCATIONS = Locations(VAR_DIR)

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_str("SECRET_KEY", "") or LOCATIONS.secret_key
ALLOWED_HOSTS = env_hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_origins("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "retrieval_site",
    "search",
    "gallery",
    "gallery.apps.GalleryAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "retrieval_site.logs.requests.named",
    "retrieval_site.metrics.requests.timed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gallery.sessions.note_visits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "retrieval_site.urls"
WSGI_APPLICATION = "retrieval_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {
            "environment": "gallery.compiled.environment",
            "trim_blocks": True,
            "lstrip_blocks": True,
        },
    },
]
FORM_RENDERER = "gallery.compiled.CompiledForms"

# Database and broker

DATABASES = {
    "default": {
        **database_from_url(env_str("DATABASE_URL", "") or LOCATIONS.database_url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_str("REDIS_URL", "") or LOCATIONS.redis_url
CELERY_BROKER_URL = broker_from_url(REDIS_URL)
# Celery sends straight to the list of that name, so a flushed Redis has no bindings to lose and
# the next bell rings as before.
CELERY_TASK_QUEUES = [Queue(name) for name in ("query", "embed", "train", "sweep", "media")]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "media"
# Sweeps heal what was lost, so they never wait behind thousands of renditions.
SWEEPS = (
    "search.tasks.sweep_embeddings",
    "gallery.tasks.sweep_renditions",
    "gallery.tasks.sweep_jobs",
    "gallery.tasks.delete_stray_files",
)
CELERY_TASK_ROUTES = {
    "search.tasks.embed_wanted": {"queue": "query"},
    "search.tasks.explain_wanted": {"queue": "query"},
    "search.tasks.embed_pending": {"queue": "embed"},
    "search.tasks.evaluate_pending": {"queue": "media"},
    "search.tasks.train_waiting": {"queue": "train"},
    "search.tasks.measure_distances": {"queue": "media"},
    "search.tasks.look_for_news": {"queue": "media"},
    "gallery.tasks.render_pending": {"queue": "media"},
    "gallery.tasks.change_pending": {"queue": "media"},
    "gallery.tasks.check_integrity": {"queue": "media"},
    "search.tasks.build_indexes": {"queue": "media"},
    "search.tasks.measure_searches": {"queue": "media"},
    "gallery.tasks.empty_trash": {"queue": "media"},
    "gallery.tasks.forget_changes": {"queue": "media"},
    **{name: {"queue": "sweep"} for name in SWEEPS},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# However long the broker is away, its workers come back.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# A person who waits goes before the bulk: the queues are asked in the order in which a worker
# names them, not in turn.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "priority",
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
}
SWEEP_SECONDS = env_int("SWEEP_SECONDS", 15, minimum=1)
# A sweep that no worker picked up before the next one is due would only pile up.
CELERY_BEAT_SCHEDULE = {
    **{
        name: {"task": name, "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}}
        for name in SWEEPS
    },
    "search.tasks.measure_distances": {
        "task": "search.tasks.measure_distances",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "search.tasks.look_for_news": {
        "task": "search.tasks.look_for_news",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "gallery.tasks.forget_changes": {
        "task": "gallery.tasks.forget_changes",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "gallery.tasks.empty_trash": {
        "task": "gallery.tasks.empty_trash",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "gallery.tasks.forget_what_is_over": {
        "task": "gallery.tasks.forget_what_is_over",
        "schedule": crontab(minute=20),
    },
    "search.tasks.measure_searches": {
        "task": "search.tasks.measure_searches",
        "schedule": crontab(hour=3, minute=30),
    },
    "gallery.tasks.check_integrity": {
        "task": "gallery.tasks.check_integrity",
        "schedule": crontab(day_of_week="sunday", hour=4, minute=30),
    },
}

# Those who look after it

# With it Prometheus may read /metrics; without one only staff may.
METRICS_TOKEN = env_secret("METRICS_TOKEN")

# People

AUTH_USER_MODEL = "gallery.User"
AUTHENTICATION_BACKENDS = ["gallery.backends.PeopleBackend"]
SESSION_ENGINE = "gallery.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Whether people may come in without an invitation, and what they may do then.
SIGN_UP = env_choice("SIGN_UP", "off", ["off", "viewer", "contributor"])
LOGIN_URL = "gallery:sign_in"
LOGIN_REDIRECT_URL = "gallery:grid"
LOGOUT_REDIRECT_URL = "gallery:grid"

# Mail, for forgotten passwords

MAIL = mail_from_url(env_str("EMAIL_URL", ""))
EMAIL_HOST, EMAIL_PORT = MAIL["host"], MAIL["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["user"], MAIL["password"]
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL["scheme"] == "smtps", MAIL["scheme"] == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_str("EMAIL_FROM", "lookalike@localhost")

# Images at the door

IMAGE_MAX_BYTES = env_int("IMAGE_MAX_BYTES", 100 * 1024 * 1024, minimum=1)
IMAGE_MAX_PIXELS = env_int("IMAGE_MAX_PIXELS", 120_000_000, minimum=1)
IMAGE_MAX_FRAMES = env_int("IMAGE_MAX_FRAMES", 1000, minimum=1)
# Bytes above this are kept in a temporary file, not in the web process's memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Whether people who have not signed in are told where public images were taken.
PLACES_FOR_VISITORS = env_bool("PLACES_FOR_VISITORS", False)
# How long what was deleted can be restored.
TRASH_DAYS = env_int("TRASH_DAYS", 30, minimum=1)
DATA_UPLOAD_MAX_NUMBER_FILES = env_int("UPLOAD_MAX_FILES", 1000, minimum=1)

MEDIA_ROOT = Path(env_str("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "gallery.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(VAR_DIR / "static")))

# Encoders

ENCODERS = {"compact": "search.encoders.compact.CompactEncoder"}
DEFAULT_ENCODER = env_choice("ENCODER", "compact", ENCODERS)
# Those that were added, a folder each, and where their weights may lie on a machine of no network.
ENCODERS_DIR = VAR_DIR / "encoders"
# Checkpoints of trainings that are not done yet.
TRAININGS_DIR = VAR_DIR / "trainings"
ENCODER_WEIGHTS_DIR = env_folder("ENCODER_WEIGHTS_DIR")
# 0: as many as suit the device.
EMBED_BATCH_SIZE = env_int("EMBED_BATCH_SIZE", 0, minimum=1)
EMBED_LEASE_SECONDS = env_int("EMBED_LEASE_SECONDS", 45, minimum=5)
RENDER_LEASE_SECONDS = env_int("RENDER_LEASE_SECONDS", 45, minimum=5)

# Search

# Beyond this many vectors an encoder gets an index; below it comparing all is as fast.
ANN_THRESHOLD = env_int("ANN_THRESHOLD", 50_000, minimum=0)
ANN_RECALL = env_fraction("ANN_RECALL", 0.99)
ANN_BUILD_MEMORY_MB = env_int("ANN_BUILD_MEMORY_MB", 2048, minimum=64)

# Web

LANGUAGE_CODE = "en"
# Only what is translated whole: a browser that asks for another must not get half of a page in it.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = CELERY_TIMEZONE = env_time_zone("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = env_bool("HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "gallery.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["gallery.api.permissions.OwnerOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "gallery.api.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lookalike",
    "DESCRIPTION": "Upload images and find similar ones.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"State": "gallery.models.State"},
}

LOG_FORMAT = env_choice("LOG_FORMAT", "line", FORMATS)
LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_settings(LOG_FORMAT, LOG_LEVEL)
