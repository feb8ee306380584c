"""The addresses of search's pages."""

from django.urls import path

from search import views

app_name = "search"
urlpatterns = [
    path("images/<int:pk>/similar/", views.similar, name="similar"),
    path("images/<int:pk>/similar/retry/", views.retry, name="retry"),
]
