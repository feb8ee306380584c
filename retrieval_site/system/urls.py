"""The addresses of the system page."""

from django.urls import path

from retrieval_site.system import views

app_name = "system"
urlpatterns = [
    path("", views.system, name="system"),
    path("now/", views.now, name="now"),
    path("rest/", views.rest, name="rest"),
    path("retry/", views.retry, name="retry"),
]
