"""The addresses of search's pages."""

from django.urls import path

from search import pages, views

app_name = "search"
urlpatterns = [
    path("search/", pages.search, name="search"),
    path("search/<uuid:pk>/", pages.found, name="found"),
    path("search/<uuid:pk>/picture.jpg", pages.picture, name="picture"),
    path("search/<uuid:pk>/forget/", pages.forget_query, name="forget"),
    path("images/<int:pk>/similar/", views.similar, name="similar"),
    path("images/<int:pk>/similar/retry/", views.retry, name="retry"),
]
