"""Fetching a picture by its address, from servers that mean no good."""

import socket
import ssl
import zlib
from ipaddress import ip_address
from time import monotonic, sleep
from typing import Any

import pytest

from gallery.imagefile import RejectedFile
from search.fetching import Policy, TooManyFetches, at_once, fetched, is_public
from tests.conftest import picture_bytes
from tests.search.hostile import CERTIFICATE, Server, picture, said, serving, to

PNG = picture_bytes()


def is_loopback(address: Any) -> bool:
    return bool(address.is_loopback)


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


LOCAL = Policy(allows=is_loopback, seconds=5)
NAMED = Policy(allows=is_loopback, resolve=here, seconds=5)
HURRIED = Policy(allows=is_loopback, seconds=0.5)


def refusal(url: str, policy: Policy | None = LOCAL) -> str:
    with pytest.raises(RejectedFile) as refused, fetched(url, policy):
        pass
    return str(refused.value)


def test_a_picture_is_fetched() -> None:
    with serving(picture(PNG)) as server, fetched(server.address(), LOCAL) as file:
        assert file.read() == PNG


def test_the_server_hears_its_name_and_nothing_of_ours() -> None:
    with serving(picture(PNG)) as server:
        with fetched(server.address("pictures.example"), NAMED):
            pass
        assert f"host: pictures.example:{server.port}\r\n" in server.heard[0].lower()
        assert "cookie" not in server.heard[0].lower()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.1"),
        *("169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "fe80::1%1", "64:ff9b:1::1"),
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
def test_by_default_this_machine_is_not_asked(host: str) -> None:
    with serving(picture(PNG)) as server:
        assert "not on the public web" in refusal(server.address(host), Policy())
        assert server.heard == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"])
def test_nor_are_its_neighbours(host: str) -> None:
    assert "not on the public web" in refusal(f"http://{host}/latest/meta-data/", Policy())


def test_a_name_that_leads_home_among_others_is_refused() -> None:
    policy = Policy(resolve=lambda *_: ["93.184.215.14", "192.168.1.1"])
    assert "not on the public web" in refusal("http://pictures.example/", policy)


def test_a_name_is_asked_once_so_it_can_not_change_its_mind() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    policy = Policy(allows=is_loopback, resolve=lambda *_: answers.pop(0))
    with serving(picture(PNG)) as server, fetched(server.address("pictures.example"), policy):
        assert answers == [["10.0.0.1"]]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "not on the public web"),
        ("http://10.0.0.1/", "not on the public web"),
        ("//192.168.1.1/photo.png", "not on the public web"),
        ("file:///etc/passwd", "begins with http"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "begins with http"),
        ("http://someone:secret@127.0.0.1/", "without a user name"),
    ],
)
def test_a_redirect_is_checked_like_a_new_address(target: str, reason: str) -> None:
    with serving(to(target)) as server:
        assert reason in refusal(server.address())


def test_by_default_no_redirect_leads_to_this_machine() -> None:
    with serving(picture(PNG)) as home, serving(to(home.address())) as outside:
        policy = Policy(allows=lambda _: not outside.heard)
        assert "not on the public web" in refusal(outside.address(), policy)
        assert home.heard == []


def test_a_few_redirects_are_followed_and_no_more() -> None:
    with serving(to("/other.png"), picture(PNG)) as server, fetched(server.address(), LOCAL):
        assert server.heard[1].startswith("GET /other.png")
    with serving(to("/again.png")) as server:
        assert "from one to the next" in refusal(server.address())
        assert len(server.heard) == 4


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "begins with http"),
        ("photo.png", "begins with http"),
        ("ftp://127.0.0.1/photo.png", "begins with http"),
        ("http://", "begins with http"),
        ("http://user@127.0.0.1/", "without a user name"),
        ("http://127.0.0.1:99999/", "no address of the web"),
        ("http://nowhere.invalid/", "no server called nowhere.invalid"),
        ("http://127.0.0.1:1/", "does not answer"),
        ("http://a..b/", "no server called"),
    ],
)
def test_an_address_that_leads_nowhere(url: str, reason: str) -> None:
    assert reason in refusal(url)


def drip(line: socket.socket) -> None:
    while True:
        line.sendall(b"x")
        sleep(0.05)


def slow_body(line: socket.socket) -> None:
    said(Content_Type="image/png", Content_Length="1000")(line)
    drip(line)


def silent(line: socket.socket) -> None:
    sleep(3)


@pytest.mark.parametrize("answer", [drip, slow_body, silent])
def test_a_slow_server_is_left(answer: Any) -> None:
    begun = monotonic()
    with serving(answer) as server:
        assert "too slow" in refusal(server.address(), HURRIED)
    assert monotonic() - begun < 2.5


def test_a_name_that_is_looked_up_for_ever_is_given_up() -> None:
    def resolve(host: str, port: int) -> list[str]:
        sleep(1)
        return ["127.0.0.1"]

    policy = Policy(allows=is_loopback, resolve=resolve, seconds=0.2)
    assert "no server called" in refusal("http://pictures.example/", policy)


def endless(line: socket.socket) -> None:
    said(Content_Type="image/png")(line)
    while True:
        line.sendall(b"x" * 65536)


def test_an_endless_picture_is_left(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 3_000_000
    with serving(endless) as server:
        assert "at most 3.0 MB" in refusal(server.address())


def test_one_that_says_it_is_too_large_is_not_read(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 3_000_000
    with serving(said(Content_Type="image/png", Content_Length="3000001")) as server:
        assert "at most 3.0 MB" in refusal(server.address())


def test_a_body_that_would_unpack_to_a_gigabyte_is_refused() -> None:
    bomb = zlib.compress(bytes(10_000_000))
    packed = said(body=bomb, Content_Type="image/png", Content_Encoding="gzip")
    with serving(packed) as server:
        assert "packed" in refusal(server.address())
        assert "accept-encoding: identity" in server.heard[0].lower()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said(Content_Type="text/html; charset=utf-8"), "no picture but text/html"),
        (said("404 Not Found"), "answers 404"),
        (said("302 Found"), "answers 302"),
        (said("206 Partial Content"), "answers 206"),
        (lambda line: line.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "broke off"),
        (lambda _: None, "broke off"),
        (said(Content_Type="image/png", Content_Length="100", body=b"half"), "broke off"),
    ],
)
def test_what_is_no_picture_is_told(answer: Any, reason: str) -> None:
    with serving(answer) as server:
        assert reason in refusal(server.address())


@pytest.fixture
def https() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def named_in_tls(server: Server, host: str, policy: Policy) -> str:
    return refusal(server.address(host, "https"), policy)


def test_a_certificate_is_checked_for_the_name(https: ssl.SSLContext) -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    policy = Policy(allows=is_loopback, resolve=here, trust=trust)
    with serving(picture(PNG), trust=https) as server:
        with fetched(server.address("pictures.example", "https"), policy) as file:
            assert file.read() == PNG
        assert "certificate" in named_in_tls(server, "another.example", policy)
        assert "certificate" in named_in_tls(server, "pictures.example", NAMED)


def test_only_a_few_are_fetched_at_once() -> None:
    with at_once, at_once, pytest.raises(TooManyFetches), fetched("http://x.invalid/", LOCAL):
        pass
