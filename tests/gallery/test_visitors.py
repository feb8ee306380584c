"""From where and with what somebody asks."""

from typing import Any

import pytest
from django.test import RequestFactory

from gallery.visitors import address_of, browser_name, network_of

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (EDGE, "Edge on Windows"),
        (PHONE, "Chrome on Android"),
        (IPHONE, "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_has_a_name(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


def test_only_a_proxy_is_believed(rf: RequestFactory, settings: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
    assert address_of(request) == "127.0.0.1"
    settings.HTTPS = True
    assert address_of(request) == "192.0.2.7"


def test_an_address_may_be_missing(rf: RequestFactory) -> None:
    assert address_of(rf.get("/", REMOTE_ADDR="")) is None
    assert network_of(rf.get("/", REMOTE_ADDR="")) == ""


def test_one_line_has_many_addresses_of_ipv6(rf: RequestFactory) -> None:
    assert network_of(rf.get("/", REMOTE_ADDR="2001:db8::1:2")) == "2001:db8::/64"
