"""Doing things with many images in the admin: a handful at once, more in the background."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from gallery import jobs
from gallery.admin.asking import FORMS, AskingForm
from gallery.bell import ring_on_commit
from gallery.models import BulkJob, Image, State, User
from gallery.tasks import change_pending

Act = Callable[[Any, HttpRequest, QuerySet[Image]], HttpResponse | None]


class WorksInBulk(admin.ModelAdmin):
    """A list of images that offers all of gallery.jobs that a person may do."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered: dict[str, Any] = super().get_actions(request)
        if self.actions is None or IS_POPUP_VAR in request.GET:
            return offered
        permitted = {
            name: (named(name), name, action.label)
            for name, action in jobs.actions.items()
            if action.is_permitted(request.user)
        }
        # Django's own would list and delete any number while one waits.
        offered.pop("delete_selected", None)
        return {**offered, **permitted}


def named(name: str) -> Act:
    """The admin's action that begins the one of that name."""

    def act(
        model_admin: WorksInBulk, request: HttpRequest, images: QuerySet[Image]
    ) -> HttpResponse | None:
        if name not in FORMS:
            return begin(model_admin, request, images, name)
        form = FORMS[name](request.POST if "answered" in request.POST else None)
        if form.is_valid():
            return begin(model_admin, request, images, name, said=form.said(), detail=form.detail())
        return ask(model_admin, request, images, name, form)

    return act


def ask(
    model_admin: WorksInBulk,
    request: HttpRequest,
    images: QuerySet[Image],
    name: str,
    form: AskingForm,
) -> HttpResponse:
    """The page between: what the action needs to know. It answers to the list as filtered."""
    ctx = {
        **model_admin.admin_site.each_context(request),
        "title": jobs.actions[name].label,
        "opts": model_admin.opts,
        "form": form,
        "media": model_admin.media + form.media,
        "count": images.order_by().count(),
        "action": name,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "checkbox": ACTION_CHECKBOX_NAME,
        "select_across": request.POST.get("select_across", "0"),
    }
    return render(request, "admin/gallery/ask.html", ctx)


def begin(
    model_admin: WorksInBulk,
    request: HttpRequest,
    images: QuerySet[Image],
    name: str,
    *,
    said: dict[str, Any] | None = None,
    detail: str = "",
) -> HttpResponse | None:
    """Do it now where they are no more than a page's rows; else let a worker do it."""
    person = cast("User", request.user)
    chosen = list(images.values_list("pk", flat=True))
    with transaction.atomic():
        job = jobs.start(person, name, chosen, said or {}, detail)
        is_small = len(chosen) <= model_admin.list_per_page
        if is_small:
            jobs.work_on(job)
    if not is_small:
        ring_on_commit(change_pending)
        return redirect("admin:gallery_bulkjob_change", job.pk)
    tell(model_admin, request, BulkJob.objects.for_lists().get(pk=job.pk))
    return None


def tell(model_admin: WorksInBulk, request: HttpRequest, job: BulkJob) -> None:
    """Say what came of it, with the way to the whole story."""
    level = messages.SUCCESS if job.changed or not job.refused else messages.WARNING
    level = messages.ERROR if job.error else level
    text = format_html(
        '{}. <a href="{}">{}</a>',
        f"{jobs.label_of(job)}: {job.error or outcome(job)}",
        reverse("admin:gallery_bulkjob_change", args=[job.pk]),
        gettext("Details"),
    )
    model_admin.message_user(request, text, level)


def outcome(job: BulkJob) -> str:
    """How many were changed, and how many were refused and why."""
    changed = ngettext("%(count)d picture changed", "%(count)d pictures changed", job.changed)
    texts = [changed % {"count": job.changed}]
    refused = gettext("%(count)d refused: %(reason)s")
    texts += [refused % {"count": n, "reason": why.rstrip(".")} for why, n in job.refused.items()]
    return "; ".join(texts)


class BulkJobAdmin(admin.ModelAdmin):
    """What was done with many images, by whom, and how far it is."""

    list_display = ("name", "person", "created_at", "state", "progress", "changed", "count_refused")
    list_display_links = ("name",)
    list_filter = ("state",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)
    # The page of one is its template's; the row has no form.
    fields = ()
    actions = ("go_on",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkJob]:
        return BulkJob.objects.visible_to(cast("User", request.user)).for_lists().order_by("-pk")

    def has_view_permission(self, request: HttpRequest, obj: BulkJob | None = None) -> bool:
        """Whoever may look at images may look at what they themselves did with them."""
        return request.user.has_perm("gallery.view_image")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_go_on_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("gallery.view_image")

    @admin.display(description=_("action"), ordering="action")
    def name(self, job: BulkJob) -> str:
        return ": ".join(filter(None, [jobs.label_of(job), job.detail]))

    @admin.display(description=_("progress"))
    def progress(self, job: BulkJob) -> SafeString:
        bar = '<progress value="{}" max="{}"></progress> {}'
        text = gettext("%(done)s of %(total)s") % {"done": job.done, "total": job.total}
        return format_html(bar, job.done, job.total, text)

    @admin.display(description=_("refused"))
    def count_refused(self, job: BulkJob) -> int:
        return job.count_refused

    @admin.action(description=_("Go on where it stopped"), permissions=["go_on"])
    def go_on(self, request: HttpRequest, stopped: Any) -> None:
        """Rights are looked at again when a worker takes it up."""
        count = stopped.order_by().filter(state=State.FAILED).retry()
        ring_on_commit(change_pending)
        text = ngettext("%(count)d goes on.", "%(count)d go on.", count)
        self.message_user(request, text % {"count": count})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job = context["original"]
        context |= {"job": job, "title": self.name(job), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)
