"""The addresses of search's pages."""

from django.urls import path

from search import mark_pages, pages, saved_pages, views, why_pages
from search.evaluations import pages as evaluations
from search.training import pages as trainings

app_name = "search"
urlpatterns = [
    path("search/", pages.search, name="search"),
    path("search/<uuid:pk>/", pages.found, name="found"),
    path("search/<uuid:pk>/picture.jpg", pages.picture, name="picture"),
    path("search/<uuid:pk>/forget/", pages.forget_query, name="forget"),
    path("search/<uuid:pk>/why/<int:result>/", why_pages.why_found, name="why_found"),
    path("searches/", saved_pages.searches, name="saved_searches"),
    path("searches/save/", saved_pages.save, name="save"),
    path("searches/news/", saved_pages.news_count, name="news"),
    path("searches/<int:pk>/", saved_pages.saved, name="saved"),
    path("searches/<int:pk>/picture.jpg", saved_pages.picture, name="saved_picture"),
    path("searches/<int:pk>/rename/", saved_pages.rename, name="rename"),
    path("searches/<int:pk>/delete/", saved_pages.delete, name="delete"),
    path("evaluations/", evaluations.evaluations, name="evaluations"),
    path("evaluations/compare/", evaluations.compare, name="compare_evaluations"),
    path("evaluations/compare/figures.csv", evaluations.compared_csv, name="compared_csv"),
    path("evaluations/<int:pk>/", evaluations.evaluation, name="evaluation"),
    path("evaluations/<int:pk>/figures.json", evaluations.figures_json, name="evaluation_json"),
    path("evaluations/<int:pk>/figures.csv", evaluations.figures_csv, name="evaluation_csv"),
    path("evaluations/<int:pk>/delete/", evaluations.delete, name="delete_evaluation"),
    path("trainings/", trainings.trainings, name="trainings"),
    path("trainings/<int:pk>/", trainings.training, name="training"),
    path("trainings/<int:pk>/cancel/", trainings.cancel_training, name="cancel_training"),
    path("trainings/<int:pk>/figures.json", trainings.figures_json, name="training_json"),
    path("trainings/<int:pk>/figures.csv", trainings.figures_csv, name="training_csv"),
    path("images/<int:pk>/copies/", views.copies, name="copies"),
    path("images/<int:pk>/similar/", views.similar, name="similar"),
    path("images/<int:pk>/similar/<int:result>/why/", why_pages.why, name="why"),
    path("images/<int:pk>/similar/<int:result>/mark/", mark_pages.mark_result, name="mark"),
    path("images/<int:pk>/similar/retry/", views.retry, name="retry"),
]
