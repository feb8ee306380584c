"""A link with a password, from the page that makes it to a browser that is signed out."""

from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from gallery.models import Album, User
from tests.browser.conftest import store


def test_a_link_with_a_password_is_opened_signed_out(
    signed_in: Page, owner: User, chromium: Browser, live_server: LiveServer
) -> None:
    for color in ("red", "blue"):
        store(owner, color, title=color, album="Walls")
    signed_in.goto(f"/albums/{Album.objects.get().pk}/share/")
    signed_in.get_by_label("Password").fill("open sesame")
    signed_in.get_by_role("button", name="Make a link").click()
    address = signed_in.get_by_label("Link", exact=True).input_value()

    with chromium.new_context(base_url=live_server.url) as context:
        visitor = context.new_page()
        visitor.goto(address)
        expect(visitor.get_by_alt_text("red")).to_have_count(0)
        visitor.get_by_label("Password").fill("sesame")
        visitor.get_by_role("button", name="Open").click()
        expect(visitor.get_by_text("This is not the password.")).to_be_visible()
        visitor.get_by_label("Password").fill("open sesame")
        visitor.get_by_role("button", name="Open").click()
        expect(visitor.locator(".tile img")).to_have_count(2)
        visitor.get_by_alt_text("red").click()
        expect(visitor.get_by_role("heading", name="red")).to_be_visible()
        expect(visitor.get_by_role("link", name="Find similar")).to_have_count(0)
        visitor.get_by_role("link", name="Next").click()
        expect(visitor.get_by_role("heading", name="blue")).to_be_visible()
