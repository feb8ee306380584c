"""The gallery in Django admin: people, images, albums, tags and tokens. It knows no vectors."""

from django.contrib import admin

from gallery.admin.albums import AlbumAdmin, TagAdmin
from gallery.admin.images import ImageAdmin
from gallery.admin.jobs import BulkJobAdmin
from gallery.admin.people import InvitationAdmin, PersonAdmin, ShareLinkAdmin
from gallery.admin.pictures import picture
from gallery.admin.tokens import ApiTokenAdmin
from gallery.admin.work import WorkInline, say_that_they_wait
from gallery.models import Album, ApiToken, BulkJob, Image, Invitation, ShareLink, Tag, User

__all__ = ["ImageAdmin", "WorkInline", "picture", "say_that_they_wait"]

admin.site.register(User, PersonAdmin)
admin.site.register(Invitation, InvitationAdmin)
admin.site.register(ShareLink, ShareLinkAdmin)
admin.site.register(Image, ImageAdmin)
admin.site.register(BulkJob, BulkJobAdmin)
admin.site.register(Album, AlbumAdmin)
admin.site.register(Tag, TagAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
