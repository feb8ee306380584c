"""People and the tokens of their scripts."""

import hashlib
import secrets
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do here: the Django group of that name says it in permissions."""

    VIEWER = "viewer", _("looks at pictures")
    CONTRIBUTOR = "contributor", _("adds pictures")
    MANAGER = "manager", _("looks after the gallery")


class PeopleManager(UserManager["User"]):
    use_in_migrations = False

    def looked_after_by(self, user: "User") -> models.QuerySet["User"]:
        """Those whose role and way in `user` may change; nobody reaches up to their own level."""
        others = self.filter(is_active=True).exclude(pk=user.pk)
        return others if user.is_superuser else others.filter(is_superuser=False, is_staff=False)


class User(AbstractUser):
    """Our own from the first migration, so that it can grow."""

    objects: ClassVar[PeopleManager] = PeopleManager()

    @property
    def role(self) -> str:
        """What to call them: the highest of the roles they were given. Prefetch `groups` before."""
        if self.is_superuser:
            return gettext("runs the gallery")
        return str(self.given_role.label)

    @property
    def given_role(self) -> Role:
        names = {group.name for group in self.groups.all()}
        return next((role for role in reversed(Role) if role in names), Role.VIEWER)

    def take_role(self, role: str) -> None:
        """Give this person `role` instead of the one they had; other groups stay."""
        self.groups.remove(*Group.objects.filter(name__in=Role.values).exclude(name=role))
        self.groups.add(Group.objects.get(name=role))
        if not self.is_superuser:
            # The admin lets nobody else in; what they find there is what their group permits.
            self.is_staff = role == Role.MANAGER
            self.save(update_fields=["is_staff"])


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def matching(self, key: str) -> Self:
        return self.filter(digest=digest_of(key), user__is_active=True)


class ApiToken(models.Model):
    """A script's key. Only its SHA-256 is kept: a copy of the database opens nothing."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"token of {self.user} ({self.name or self.digest[:8]})"

    @classmethod
    def issue(cls, user: User, name: str = "") -> str:
        """Make a token for `user` and return its key, which can't be shown again."""
        key = new_key()
        cls.objects.create(user=user, name=name, digest=digest_of(key))
        return key


def new_key() -> str:
    """A secret of 256 random bits that fits into an address."""
    return secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    # The key has 256 random bits: a slow password hash would add nothing.
    return hashlib.sha256(key.encode()).hexdigest()
