"""Why something waits for longer than it should."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from gallery.models import Worker
from retrieval_site.readiness import look_at_broker
from retrieval_site.system.backlogs import Backlog


@dataclass(frozen=True)
class Cause:
    """Why work waits. It is only told, or somebody has to do something about it."""

    text: str
    is_alarm: bool = True


@dataclass(frozen=True)
class Scene:
    """Who is there to do the work."""

    broker_answers: bool
    workers: list[Worker]

    @classmethod
    def now(cls, workers: Iterable[Worker]) -> "Scene":
        return cls(look_at_broker().is_well, [worker for worker in workers if worker.is_alive])

    @property
    def has_beat(self) -> bool:
        return any(worker.is_beat for worker in self.workers)

    def listening_on(self, queue: str) -> list[Worker]:
        return [worker for worker in self.workers if queue in worker.queues]


def cause_of(backlog: Backlog, scene: Scene) -> Cause | None:
    """The cause, first what is certain; None where nothing waits for long."""
    if not backlog.is_overdue:
        return None
    return what_is_missing(backlog, scene) or what_goes_on(backlog, scene)


def what_is_missing(backlog: Backlog, scene: Scene) -> Cause | None:
    if not scene.broker_answers:
        return Cause(_("Redis does not answer."))
    if not scene.listening_on(backlog.kind.queue):
        return Cause(_("No worker listens on “%(queue)s”.") % {"queue": backlog.kind.queue})
    if backlog.encoder and (obstacle := backlog.encoder.obstacle):
        return Cause(_("It can’t be computed here: %(obstacle)s") % {"obstacle": obstacle})
    return None


def what_goes_on(backlog: Backlog, scene: Scene) -> Cause:
    if backlog.done or backlog.leased:
        return Cause(_("Being worked on."), is_alarm=False)
    if busy := [worker for worker in scene.listening_on(backlog.kind.queue) if worker.tasks]:
        return busy_with(busy[0])
    if not scene.has_beat:
        return Cause(_("Beat does not run, so what was lost is not looked for."))
    return Cause(_("A worker listens, yet nothing gets done: its log may tell why."))


def busy_with(worker: Worker) -> Cause:
    said = {"worker": worker, "task": worker.current_task, "minutes": worker.busy_for.seconds // 60}
    text = _("%(worker)s is at “%(task)s”, for %(minutes)s minutes now.")
    return Cause(text % said, is_alarm=worker.busy_for > timedelta(hours=1))
