"""The addresses of signing in, of one's account, of the people here, and of what is shared."""

from django.contrib.auth.views import LogoutView
from django.urls import path, register_converter

from gallery.views import account, joining, passwords, people, shared, sharing


class KindConverter:
    """What can be shared."""

    regex = "|".join(sharing.KINDS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "shareable")

urlpatterns = [
    path("sign-in/", joining.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("sign-up/", joining.sign_up, name="sign_up"),
    path("join/<str:key>/", joining.join, name="join"),
    path("account/", account.account, name="account"),
    path("account/password/", passwords.ChangePassword.as_view(), name="change_password"),
    path("account/tokens/", account.make_token, name="make_token"),
    path("account/tokens/<int:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("account/sign-out-elsewhere/", account.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("password/", passwords.ForgottenPassword.as_view(), name="forgotten_password"),
    path(
        "password/<str:uidb64>/<str:token>/",
        passwords.ResetPassword.as_view(),
        name="reset_password",
    ),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("people/<int:pk>/role/", people.change_role, name="change_role"),
    path("people/<int:pk>/reset-link/", people.make_reset_link, name="make_reset_link"),
    path("<shareable:kind>/<int:pk>/share/", sharing.share, name="share"),
    path("<shareable:kind>/<int:pk>/share/with/", sharing.share_with, name="share_with"),
    path("<shareable:kind>/<int:pk>/share/<int:person>/end/", sharing.unshare, name="unshare"),
    path("<shareable:kind>/<int:pk>/share/link/", sharing.make_link, name="make_link"),
    path("links/<int:pk>/revoke/", sharing.revoke_link, name="revoke_link"),
    path("s/<str:token>/", shared.shared, name="shared"),
    path("s/<str:token>/<int:pk>/", shared.shared_image, name="shared_image"),
    path("s/<str:token>/<int:pk>/file/", shared.shared_file, name="shared_file"),
    path("s/<str:token>/<int:pk>/<str:kind>.jpg", shared.shared_rendition, name="shared_rendition"),
]
