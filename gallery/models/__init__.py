"""People, images, albums, tags and the files behind them."""

from gallery.models.attempts import Attempts
from gallery.models.camera import CameraFacts
from gallery.models.changes import BulkChange
from gallery.models.favourites import Favourite
from gallery.models.images import Album, AlbumItem, Image, Tag, Visibility
from gallery.models.integrity import IntegrityCheck
from gallery.models.invitations import Invitation
from gallery.models.jobs import BulkJob
from gallery.models.links import ShareLink
from gallery.models.people import ApiToken, Role, User
from gallery.models.renditions import Rendering
from gallery.models.sessions import Session
from gallery.models.smart import SmartAlbum
from gallery.models.stray import StrayFile
from gallery.models.texts import ImageText
from gallery.models.work import State, WorkItem, WorkQuerySet
from gallery.models.workers import Worker

__all__ = [
    "Album",
    "AlbumItem",
    "ApiToken",
    "Attempts",
    "BulkChange",
    "BulkJob",
    "CameraFacts",
    "Favourite",
    "Image",
    "ImageText",
    "IntegrityCheck",
    "Invitation",
    "Rendering",
    "Role",
    "Session",
    "ShareLink",
    "SmartAlbum",
    "State",
    "StrayFile",
    "Tag",
    "User",
    "Visibility",
    "WorkItem",
    "WorkQuerySet",
    "Worker",
]
