"""The addresses of the gallery's pages and files."""

from django.urls import include, path

from gallery.views import (
    albums,
    bulk,
    files,
    grid,
    images,
    liking,
    smart_albums,
    tags,
    trash,
    uploading,
)

app_name = "gallery"
urlpatterns = [
    path("", grid.grid, name="grid"),
    path("tiles/", grid.tiles, name="tiles"),
    path("suggestions/", grid.suggestions, name="suggestions"),
    path("suggestions/tags/", grid.tag_suggestions, name="tag_suggestions"),
    path("upload/", uploading.upload, name="upload"),
    path("images/<int:pk>/", images.image, name="image"),
    path("images/<int:pk>/edit/", images.edit, name="edit"),
    path("images/<int:pk>/replace/", images.replace, name="replace"),
    path("images/<int:pk>/delete/", images.delete, name="delete"),
    path("images/<int:pk>/favourite/", liking.favourite, name="favourite"),
    path("images/<int:pk>/rating/", liking.rate, name="rate"),
    path("images/<int:pk>/file/", files.original, name="original"),
    path("images/<int:pk>/<str:kind>.jpg", files.rendition, name="rendition"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/albums/", bulk.own_albums, name="own_albums"),
    path("undo/<int:pk>/", bulk.undo, name="undo"),
    path("trash/", trash.trash, name="trash"),
    path("trash/<int:pk>/<str:kind>.jpg", trash.rendition, name="trash_rendition"),
    path("trash/restore/", trash.restore, name="restore"),
    path("trash/delete/", trash.delete_for_good, name="delete_for_good"),
    path("albums/", albums.albums, name="albums"),
    path("albums/<int:pk>/settings/", albums.settings, name="album_settings"),
    path("albums/<int:pk>/cover/", albums.use_as_cover, name="use_as_cover"),
    path("albums/<int:pk>/move/", albums.move, name="move"),
    path("albums/smart/", smart_albums.save_as_album, name="save_as_album"),
    path("albums/smart/<int:pk>/settings/", smart_albums.settings, name="smart_album_settings"),
    path("albums/smart/<int:pk>/delete/", smart_albums.delete, name="delete_smart_album"),
    path("tags/", tags.tags, name="tags"),
    path("tags/change/", tags.change, name="change_tag"),
    path("", include("gallery.people_urls")),
]
