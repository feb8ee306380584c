"""A person's own account: who they are, where they are signed in, their scripts' tokens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gallery.models import ApiToken, ShareLink
from gallery.people_forms import ProfileForm, TokenForm
from gallery.views.uploading import SignedInRequest


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your changes are saved."))
        return redirect("gallery:account")
    return render_account(request, form=form)


@login_required
@never_cache
@require_POST
def make_token(request: SignedInRequest) -> HttpResponse:
    """Shown in the answer itself: a message would carry the key about in a cookie."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return render_account(request, token_form=form)
    key = ApiToken.issue(request.user, form.cleaned_data["name"])
    return render_account(request, new_key=key)


@login_required
@require_POST
def revoke_token(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(request.user.api_tokens, pk=pk).delete()
    messages.success(request, _("The token is revoked: it opens nothing any more."))
    return redirect("gallery:account")


@login_required
@require_POST
def sign_out_elsewhere(request: SignedInRequest) -> HttpResponse:
    here = request.session.session_key
    request.user.sessions.exclude(session_key=here).delete()
    messages.success(request, _("You are signed in here only."))
    return redirect("gallery:account")


def render_account(request: SignedInRequest, **ctx: Any) -> HttpResponse:
    user = request.user
    ctx.setdefault("form", ProfileForm(instance=user))
    ctx.setdefault("token_form", TokenForm())
    ctx |= {
        "here": request.session.session_key,
        "sessions": user.sessions.order_by("-seen_at"),
        "tokens": user.api_tokens.order_by("-pk"),
        "links": ShareLink.objects.filter(owner=user).for_list(),
    }
    return render(request, "gallery/account.html", ctx)
