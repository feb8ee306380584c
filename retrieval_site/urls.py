"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("gallery.urls")),
    path("", include("search.urls")),
    path("api/v1/", include("search.api.urls")),
    path("admin/", admin.site.urls),
]
