"""The people of this gallery, for those who look after it: invitations, roles, ways back in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gallery.models import Invitation, User
from gallery.people_forms import InvitationForm, RoleForm
from gallery.views.uploading import SignedInRequest

for_managers = permission_required("gallery.add_invitation", raise_exception=True)


@login_required
@for_managers
@never_cache
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    return render_people(request)


@login_required
@for_managers
@never_cache
@require_POST
def invite(request: SignedInRequest) -> HttpResponse:
    """The link is in the answer itself: a message would carry it about in a cookie."""
    form = InvitationForm(request.POST, instance=Invitation(made_by=request.user))
    if not form.is_valid():
        return render_people(request, form=form)
    address = reverse("gallery:join", args=[form.instance.issue()])
    return render_people(request, invitation_link=request.build_absolute_uri(address))


@login_required
@for_managers
@require_POST
def revoke_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(Invitation.objects.open(), pk=pk).delete()
    messages.success(request, _("The invitation is revoked: its link opens nothing any more."))
    return redirect("gallery:people")


@login_required
@for_managers
@require_POST
def change_role(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.looked_after_by(request.user), pk=pk)
    form = RoleForm(request.POST, person=person)
    if form.is_valid():
        person.take_role(form.cleaned_data["role"])
        messages.success(request, _("The role of %(name)s is changed.") % {"name": person})
    return redirect("gallery:people")


@login_required
@for_managers
@never_cache
@require_POST
def make_reset_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """A way back in for somebody who forgot their password, to be handed over."""
    person = get_object_or_404(User.objects.looked_after_by(request.user), pk=pk)
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    address = reverse("gallery:reset_password", args=[uid, token])
    link = request.build_absolute_uri(address)
    return render_people(request, reset_link=link, reset_person=person)


def render_people(request: SignedInRequest, **ctx: Any) -> HttpResponse:
    ctx.setdefault("form", InvitationForm())
    within_reach = set(User.objects.looked_after_by(request.user))
    people = User.objects.order_by("username").prefetch_related("groups")
    ctx |= {
        "people": [(one, RoleForm(person=one) if one in within_reach else None) for one in people],
        "invitations": Invitation.objects.open().select_related("made_by"),
    }
    return render(request, "gallery/people.html", ctx)
