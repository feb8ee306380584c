"""The API, version 1."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from gallery.api.albums import AlbumViewSet
from gallery.api.tags import TagsView
from gallery.api.views import NoSuchAddress
from search.api.evaluations import EvaluationsView, EvaluationView
from search.api.marks import MarkView
from search.api.queries import ResultComparisonView, ResultView, SearchView
from search.api.saved import LookView, SavedResultsView, SavedSearchesView, SavedSearchView
from search.api.views import ImageViewSet
from search.api.why import WhyFoundView, WhySimilarView

app_name = "api"

router = SimpleRouter()
router.register("albums", AlbumViewSet, basename="album")
router.register("images", ImageViewSet, basename="image")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("tags/", TagsView.as_view(), name="tags"),
    path("search/", SearchView.as_view(), name="search"),
    path("search/<uuid:id>/", ResultView.as_view(), name="search-result"),
    path("search/<uuid:id>/compare/", ResultComparisonView.as_view(), name="search-comparison"),
    path("searches/", SavedSearchesView.as_view(), name="saved-searches"),
    path("searches/<int:id>/", SavedSearchView.as_view(), name="saved-search"),
    path("searches/<int:id>/results/", SavedResultsView.as_view(), name="saved-results"),
    path("searches/<int:id>/look/", LookView.as_view(), name="saved-look"),
    path("search/<uuid:id>/why/<int:result>/", WhyFoundView.as_view(), name="why-found"),
    path("images/<int:id>/similar/<int:result>/why/", WhySimilarView.as_view(), name="why-similar"),
    path("images/<int:id>/similar/<int:result>/mark/", MarkView.as_view(), name="mark"),
    path("evaluations/", EvaluationsView.as_view(), name="evaluations"),
    path("evaluations/<int:id>/", EvaluationView.as_view(), name="evaluation"),
    path("", include(router.urls)),
    re_path("", NoSuchAddress.as_view()),
]
