"""Coming in: by one's name, by an invitation, or by signing up where that is allowed."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gallery.models import Invitation, User
from gallery.people_forms import JoinForm, SignInForm

PASSWORDS = ("password1", "password2")


class SignIn(LoginView):
    template_name = "gallery/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **ctx: Any) -> dict[str, Any]:
        return super().get_context_data(sign_up=settings.SIGN_UP != "off", **ctx)


@sensitive_post_parameters(*PASSWORDS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """By a link that works once."""
    invitation = get_object_or_404(
        Invitation.objects.open().matching(key).select_related("made_by")
    )
    form = JoinForm(request.POST or None)
    if form.is_valid() and (user := accept(invitation, form)):
        return welcome(request, user)
    return render(request, "gallery/join.html", {"form": form, "invitation": invitation})


@sensitive_post_parameters(*PASSWORDS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if settings.SIGN_UP == "off":
        raise Http404
    form = JoinForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            user = form.join(settings.SIGN_UP)
        return welcome(request, user)
    return render(request, "gallery/join.html", {"form": form})


def accept(invitation: Invitation, form: JoinForm) -> User | None:
    """The new person; None, after saying so, where somebody else used the link in this moment."""
    with transaction.atomic():
        mine = Invitation.objects.open().filter(pk=invitation.pk)
        if not mine.order_by().update(accepted_at=timezone.now()):
            form.add_error(None, _("This invitation was used already."))
            return None
        user = form.join(invitation.role)
        Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    return user


def welcome(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user)
    return redirect("gallery:grid")
