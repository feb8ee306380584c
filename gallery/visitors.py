"""From where and with what somebody asks."""

import re
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

# The first that is found: most browsers also call themselves by the names of others.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrom": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address. Behind a proxy it is the last that the proxy added to the header."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.HTTPS:
        said = request.headers.get("X-Forwarded-For", said).rpartition(",")[2]
    try:
        return str(ip_address(said.strip()))
    except ValueError:
        # The socket of a proxy on this machine has none.
        return None


def network_of(request: HttpRequest) -> str:
    """What one person can't leave at will: an address, of IPv6 the /64 that a line is given."""
    address = address_of(request)
    if address is None or ":" not in address:
        return address or ""
    return str(ip_network(f"{address}/64", strict=False))


def browser_name(user_agent: str) -> str:
    """Such as "Firefox on Linux"."""
    browser = first_named(BROWSERS, user_agent) or _("Unknown browser")
    system = first_named(SYSTEMS, user_agent)
    if not system:
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}


def first_named(names: dict[str, str], text: str) -> str | None:
    return next((name for sign, name in names.items() if re.search(sign, text)), None)
