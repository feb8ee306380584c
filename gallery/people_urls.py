"""The addresses of signing in, of one's account, and of the people here."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from gallery.views import account, joining, passwords, people

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
]
