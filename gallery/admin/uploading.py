"""Uploading an image in the admin, for somebody's gallery."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.forms import TagsField
from gallery.imagefile import RejectedFile
from gallery.ingest import Labels, store_image
from gallery.models import Image, User, Visibility


class UploadForm(forms.Form):
    """One file, and what its owner would say of it."""

    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=_("Owner"),
        widget=AutocompleteSelect(Image._meta.get_field("owner"), admin.site),
    )
    file = forms.FileField(label=_("File"))
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    album = forms.CharField(label=_("Album"), required=False, max_length=200)
    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    visibility = forms.ChoiceField(label=_("Visible to"), choices=Visibility)

    def store(self) -> tuple[Image, bool] | None:
        """The stored image and whether it is new; None after noting why it was rejected."""
        said = self.cleaned_data
        labels = Labels(**{name: said[name] for name in ("title", "album", "tags", "visibility")})
        try:
            return store_image(said["owner"], said["file"], labels)
        except RejectedFile as error:
            self.add_error("file", str(error))
            return None


class UploadsImages(admin.ModelAdmin):
    """Images come in through the door of everybody's, not by filling in a row."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own view would open a transaction around the writing of the file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        was_sent = request.method == "POST"
        form = UploadForm(
            request.POST if was_sent else None,
            request.FILES if was_sent else None,
            initial={"owner": request.user.pk},
        )
        stored = form.store() if form.is_valid() else None
        if stored is None:
            return self.render_upload(request, form)
        image, is_new = stored
        if not is_new:
            return self.response_known(request, image)
        self.log_addition(request, image, gettext("Uploaded."))
        return self.response_add(request, image)

    def render_upload(self, request: HttpRequest, form: Any) -> HttpResponse:
        ctx = {
            **self.admin_site.each_context(request),
            "title": gettext("Upload an image"),
            "adminform": AdminForm(form, [(None, {"fields": list(form.fields)})], {}),
            "errors": AdminErrorList(form, []),
            "media": self.media + form.media,
            "inline_admin_formsets": [],
        }
        return self.render_change_form(request, ctx, add=True)

    def response_known(self, request: HttpRequest, image: Image) -> HttpResponse:
        text = gettext("This file is already there: “%(image)s” of %(owner)s.")
        if image.was_restored:
            text = gettext("This file is restored from the trash: “%(image)s” of %(owner)s.")
        self.message_user(request, text % {"owner": image.owner, "image": image}, messages.WARNING)
        return self.response_post_save_change(request, image)
