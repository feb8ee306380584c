"""The page at /system/: how the gallery fares, and a second try for what failed."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gallery.models import IntegrityCheck, User, Worker
from retrieval_site.readiness import look_at_all
from retrieval_site.system.attention import settings_to_look_at
from retrieval_site.system.backlogs import backlogs, speeds
from retrieval_site.system.causes import Scene, cause_of
from retrieval_site.system.failures import RETRIERS, failures
from retrieval_site.system.failures import retry as try_again
from retrieval_site.system.space import database_size, disk, encoder_spaces
from retrieval_site.system.versions import versions

PERMISSION = "gallery.view_system"
View = Callable[[Any], HttpResponse]


def may_see(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm(PERMISSION))


def for_those_who_run_it(view: View) -> View:
    """For nobody else is there such a page. A page left open past its session signs in anew."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if may_see(request.user):
            return view(request)
        if request.user.is_authenticated:
            raise Http404
        if request.headers.get("HX-Request"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path())

    return checked


@require_safe
@never_cache
@for_those_who_run_it
def system(request: HttpRequest) -> HttpResponse:
    return render(request, "system/system.html", {**as_it_is_now(), **all_the_rest(request)})


@require_safe
@never_cache
@for_those_who_run_it
def now(request: HttpRequest) -> HttpResponse:
    """What changes from second to second."""
    return render(request, "system/_now.html", as_it_is_now())


@require_safe
@never_cache
@for_those_who_run_it
def rest(request: HttpRequest) -> HttpResponse:
    """What changes slowly, or takes longer to find out."""
    return render(request, "system/_rest.html", all_the_rest(request))


@require_POST
@for_those_who_run_it
def retry(request: HttpRequest) -> HttpResponse:
    """Another try at all that failed for one reason."""
    retrier = RETRIERS.get(request.POST.get("kind", ""))
    if retrier is None:
        raise Http404
    if not request.user.has_perm(retrier.permission):
        raise PermissionDenied
    count = try_again(retrier, request.POST.get("reason", ""))
    text = ngettext(
        "%(count)d image waits for a worker.", "%(count)d images wait for a worker.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("system:system")


def as_it_is_now() -> dict[str, Any]:
    workers = list(Worker.objects.with_life())
    scene = Scene.now(workers)
    work = [(backlog, cause_of(backlog, scene)) for backlog in backlogs()]
    alarms = [
        f"{backlog.label}: {cause.text}" for backlog, cause in work if cause and cause.is_alarm
    ]
    findings = [finding.reason for finding in look_at_all().values() if not finding.is_well]
    if not scene.has_beat:
        findings.append(_("Beat does not run, so what was lost is not looked for."))
    return {"workers": workers, "work": work, "problems": [*findings, *alarms]}


def all_the_rest(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    return {
        "failures": failures(user) if isinstance(user, User) else [],
        "speeds": speeds(),
        "encoders": encoder_spaces(),
        "disk": disk(),
        "database": database_size(),
        "versions": versions(),
        "integrity": IntegrityCheck.objects.newest(),
        "attention": settings_to_look_at(),
    }
