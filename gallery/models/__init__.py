"""People, images, albums, tags and the files behind them."""

from gallery.models.changes import BulkChange
from gallery.models.favourites import Favourite
from gallery.models.images import Album, AlbumItem, Image, Tag, Visibility
from gallery.models.integrity import IntegrityCheck
from gallery.models.people import ApiToken, User
from gallery.models.renditions import Rendering
from gallery.models.stray import StrayFile
from gallery.models.work import State, WorkItem, WorkQuerySet
from gallery.models.workers import Worker

__all__ = [
    "Album",
    "AlbumItem",
    "ApiToken",
    "BulkChange",
    "Favourite",
    "Image",
    "IntegrityCheck",
    "Rendering",
    "State",
    "StrayFile",
    "Tag",
    "User",
    "Visibility",
    "WorkItem",
    "WorkQuerySet",
    "Worker",
]
