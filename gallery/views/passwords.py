"""Changing a password and getting a new one: Django's own views, in our clothes."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from gallery.limits import TOO_OFTEN, Door, may_try
from gallery.visitors import network_of

REQUESTS = 10


class ChangePassword(views.PasswordChangeView):
    template_name = "gallery/change_password.html"
    success_url = reverse_lazy("gallery:account")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        # They would open nothing any more, yet still stand in the list.
        form.user.sessions.exclude(session_key=self.request.session.session_key).delete()
        messages.success(self.request, _("Your password is changed. You are signed in here only."))
        return response


class ForgottenPassword(views.PasswordResetView):
    """Sends a link, whoever it is for: who has an account here is not told."""

    template_name = "gallery/forgotten_password.html"
    email_template_name = "gallery/reset_password_mail.txt"
    subject_template_name = "gallery/reset_password_subject.txt"
    success_url = reverse_lazy("gallery:sign_in")

    def get_context_data(self, **ctx: Any) -> dict[str, Any]:
        return super().get_context_data(can_mail=bool(settings.EMAIL_HOST), **ctx)

    def form_valid(self, form: Any) -> HttpResponse:
        if not may_try([Door(f"reset|{network_of(self.request)}", REQUESTS)]):
            form.add_error(None, TOO_OFTEN)
            return self.form_invalid(form)
        sent = _("If somebody here has this e-mail address, a link is on its way there.")
        messages.success(self.request, sent)
        return super().form_valid(form)


class ResetPassword(views.PasswordResetConfirmView):
    template_name = "gallery/reset_password.html"
    success_url = reverse_lazy("gallery:sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        form.user.sessions.all().delete()
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return response
