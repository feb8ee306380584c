"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from retrieval_site import health
from retrieval_site.metrics.views import metrics

urlpatterns = [
    path("", include("gallery.urls")),
    path("", include("search.urls")),
    path("api/v1/", include("search.api.urls")),
    path("system/", include("retrieval_site.system.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]

handler500 = "gallery.views.errors.server_error"
