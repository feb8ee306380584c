"""What people say of themselves, and of those they let in."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gallery.limits import TOO_OFTEN, may_try, sign_in_doors, was_right
from gallery.models import Invitation, Role, User
from gallery.visitors import network_of


class LimitsAttempts(AuthenticationForm):
    """A form to sign in by, at which passwords can't be guessed for long."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username", "")
        doors = sign_in_doors(name, network_of(self.request) if self.request else "")
        if not may_try(doors):
            raise ValidationError(TOO_OFTEN, code="too_often")
        cleaned = super().clean()
        was_right(doors)
        return cleaned


class SignInForm(LimitsAttempts):
    pass


class AdminSignInForm(LimitsAttempts, AdminAuthenticationForm):
    """The admin's own way in, limited alike."""


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for, such as “phone backup”.")
    )


class JoinForm(BaseUserCreationForm):
    """A new person: a name and a password."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For a forgotten password only.")
    )

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def clean_username(self) -> str:
        """Two people must not be told apart by capitals alone."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("Somebody here is called that already."))
        return name

    def join(self, role: str) -> User:
        user: User = self.save()
        user.take_role(role)
        return user


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["note", "role"]
        help_texts = {"note": _("Whom you invite; only those who look after the gallery see it.")}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role)

    def __init__(self, data: Any = None, *, person: User) -> None:
        initial = {"role": person.given_role}
        super().__init__(data, initial=initial, auto_id=f"id_{person.pk}_%s")
