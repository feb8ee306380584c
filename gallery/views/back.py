"""Leading back to the page from which something was sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def redirect_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the address of this site that the form names as `next`, or else to another."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return redirect(address)
    return redirect(otherwise)
