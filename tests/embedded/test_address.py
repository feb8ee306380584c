"""BIND and PORT."""

import socket

import pytest

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.refusal import Refusal


def test_this_machine_only_is_the_default() -> None:
    assert str(Address.from_environment({})) == "127.0.0.1:8000"


@pytest.mark.parametrize("bind", ["::1", "[::1]"])
def test_ipv6_works_with_and_without_brackets(bind: str) -> None:
    address = Address.from_environment({"BIND": bind, "PORT": "80"})
    assert str(address) == "[::1]:80"
    assert address.url == "http://[::1]:80/"


@pytest.mark.parametrize("bind", ["0.0.0.0", "::"])  # noqa: S104 - the case to be tested
def test_every_address_is_shown_as_one_that_a_browser_opens(bind: str) -> None:
    assert Address(bind, 8000).url == "http://localhost:8000/"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٣"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(Refusal, match=f"PORT='{port}' is not a port number: 1 to 65535"):
        Address.from_environment({"PORT": port})


@pytest.mark.parametrize("bind", ["no such name", "300.1.2.3", "a" * 70])
def test_a_name_that_nobody_knows_is_named(bind: str) -> None:
    with pytest.raises(Refusal, match=f"BIND='{bind}' is no address"):
        Address.from_environment({"BIND": bind})


def test_a_name_becomes_its_address() -> None:
    assert Address.from_environment({"BIND": "localhost"}).host in {"127.0.0.1", "::1"}


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refusal, match=r"BIND=192\.0\.2\.1 PORT=8000 cannot"):
        Address("192.0.2.1", 8000).check_free()


def test_a_port_in_use_is_told_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert Address("127.0.0.1", port).answers()
        with pytest.raises(Refusal, match=f"Port {port} .* in use .* PORT={port + 1}"):
            Address("127.0.0.1", port).check_free()
    Address("127.0.0.1", port).check_free()
