"""Whether this process lives, and whether the gallery can serve: for probes and balancers."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from retrieval_site.readiness import Severity, look_at_all


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process lives. A database that is away is no reason to kill it, so none is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served, however much waits meanwhile; else 503. Each with its reason.

    A broker or a worker that is missing leaves the gallery `degraded`: uploads are accepted and
    searches answered, so a balancer that took the web away would only make it worse.
    """
    findings = look_at_all()
    worst = max((finding.severity for finding in findings.values()), default=Severity.READY)
    told = {
        "status": worst.name.lower(),
        "checks": {
            name: {"ok": finding.is_well, "reason": finding.reason}
            for name, finding in findings.items()
        },
    }
    is_ready = worst < Severity.UNREADY
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(told, status=status)
