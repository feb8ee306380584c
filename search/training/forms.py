"""What people choose when they have a network trained."""

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.models import User
from search.encoders.learning.recipes import (
    Augmentation,
    Backbone,
    Kind,
    Optimizer,
    Recipe,
    Schedule,
    default_rate,
)
from search.labels import LabelSource
from search.models import Encoder, Training
from search.training.starting import CannotTrain, Lesson, start

USUAL = Recipe(Kind.FINE_TUNE)


class Kinds(TextChoices):
    FINE_TUNE = Kind.FINE_TUNE.value, _("Fine-tune an encoder there is: best with few pictures")
    CLASSIC = Kind.CLASSIC.value, _("The textbook’s network, from nothing: three convolutions")


class Backbones(TextChoices):
    FROZEN = Backbone.FROZEN.value, _("Leave the encoder as it is, learn a new layer on it")
    TRAINED = Backbone.TRAINED.value, _("Change the encoder, too: slower, for many pictures")


class Optimizers(TextChoices):
    ADAMW = Optimizer.ADAMW.value, _("AdamW: suits nearly always")
    ADAM = Optimizer.ADAM.value, _("Adam")
    MOMENTUM = Optimizer.MOMENTUM.value, _("SGD with momentum")
    SGD = Optimizer.SGD.value, _("SGD")


class Schedules(TextChoices):
    COSINE = Schedule.COSINE.value, _("Falls along a cosine")
    STEPS = Schedule.STEPS.value, _("Falls in two steps")
    CONSTANT = Schedule.CONSTANT.value, _("Stays")


class Augmentations(TextChoices):
    LIGHT = Augmentation.LIGHT.value, _("Light: parts of the picture, mirrored")
    STRONG = Augmentation.STRONG.value, _("Strong: smaller parts, other light and colour")
    NONE = Augmentation.NONE.value, _("None: as it is")


class Sources(TextChoices):
    TAGS = LabelSource.TAGS.value, _("Tags")
    ALBUMS = LabelSource.ALBUMS.value, _("Albums")


class TrainingForm(forms.Form):
    """All choices, with defaults that suit. What is wrong with the labels is told by `begin`."""

    name = forms.CharField(
        label=_("Name of the new encoder"),
        max_length=100,
        help_text=_("Letters, digits, dots, dashes and underscores."),
    )
    kind = forms.ChoiceField(
        label=_("What is trained"),
        choices=Kinds,
        initial=Kinds.FINE_TUNE,
        help_text=_("The textbook’s network needs hundreds of pictures a label to be good."),
    )
    base = forms.ModelChoiceField(
        label=_("Encoder to fine-tune"),
        queryset=Encoder.objects.none(),
        required=False,
        help_text=_("It stays as it is: a new encoder comes beside it."),
    )
    labels = forms.ChoiceField(
        label=_("Labels"),
        choices=Sources,
        initial=Sources.TAGS,
        help_text=_("What pictures with the same one have in common is what is learned."),
    )
    at_least = forms.IntegerField(
        label=_("At least so many pictures a label"),
        min_value=2,
        max_value=1_000_000,
        initial=5,
        help_text=_("Labels with fewer are not learned."),
    )
    test_percent = forms.IntegerField(
        label=_("Percent to test with"),
        min_value=5,
        max_value=80,
        initial=15,
        help_text=_(
            "Of each label, pictures that the network never sees. All is measured on them."
        ),
    )
    left_out = forms.IntegerField(
        label=_("Labels to leave out"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=_("Never shown to the network, to see what it forgets about other things."),
    )
    backbone = forms.ChoiceField(
        label=_("When fine-tuning"),
        choices=Backbones,
        initial=USUAL.backbone.value,
        help_text=_("A new layer alone learns in minutes, and seldom learns by heart."),
    )
    epochs = forms.IntegerField(
        label=_("Epochs"),
        min_value=1,
        max_value=10_000,
        initial=USUAL.epochs,
        help_text=_("How often each picture is seen."),
    )
    patience = forms.IntegerField(
        label=_("Stop early after"),
        min_value=0,
        max_value=10_000,
        initial=USUAL.patience,
        help_text=_("Epochs in which nothing got better. The best are kept. 0 never stops early."),
    )
    augmentation = forms.ChoiceField(
        label=_("Augmentation"),
        choices=Augmentations,
        initial=USUAL.augmentation.value,
        help_text=_("Changes to each picture each time, so that it is not learned by heart."),
    )
    optimizer = forms.ChoiceField(
        label=_("Optimiser"),
        choices=Optimizers,
        initial=USUAL.optimizer.value,
        help_text=_("How the weights follow from the errors."),
    )
    learning_rate = forms.FloatField(
        label=_("Learning rate"),
        min_value=1e-7,
        max_value=10,
        required=False,
        help_text=_("How large each step is. Empty: what suits the other choices."),
    )
    schedule = forms.ChoiceField(
        label=_("Schedule"),
        choices=Schedules,
        initial=USUAL.schedule.value,
        help_text=_("How the learning rate goes on: small steps at the end settle things."),
    )
    batch_size = forms.IntegerField(
        label=_("Batch size"),
        min_value=2,
        max_value=1024,
        initial=USUAL.batch_size,
        help_text=_("Pictures a step. More need more memory."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2_147_483_647,
        initial=0,
        help_text=_("The same number makes the same parts."),
    )
    more = ("optimizer", "learning_rate", "schedule", "batch_size", "seed")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        usable = Encoder.objects.in_use().loadable().order_by("-is_active", "name")
        self.fields["base"].queryset = usable  # type: ignore[attr-defined] # the field's own

    @property
    def advanced(self) -> list[forms.BoundField]:
        return [self[name] for name in self.more]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("kind") == Kind.FINE_TUNE and not self.cleaned_data.get("base"):
            self.add_error("base", gettext("Choose the encoder to fine-tune."))
        return self.cleaned_data

    @property
    def recipe(self) -> Recipe:
        chosen = self.cleaned_data
        kind = Kind(chosen["kind"])
        backbone, optimizer = Backbone(chosen["backbone"]), Optimizer(chosen["optimizer"])
        return Recipe(
            kind=kind,
            base=chosen["base"].handle if kind is Kind.FINE_TUNE else "",
            backbone=backbone,
            optimizer=optimizer,
            learning_rate=chosen["learning_rate"] or default_rate(kind, backbone, optimizer),
            schedule=Schedule(chosen["schedule"]),
            batch_size=chosen["batch_size"],
            epochs=chosen["epochs"],
            patience=chosen["patience"],
            augmentation=Augmentation(chosen["augmentation"]),
            seed=chosen["seed"],
        )

    @property
    def lesson(self) -> Lesson:
        chosen = self.cleaned_data
        return Lesson(
            LabelSource(chosen["labels"]),
            chosen["at_least"],
            chosen["test_percent"] / 100,
            chosen["left_out"],
        )

    def begin(self, user: User) -> Training | None:
        """The training of a valid form; None where that can't be, which the form then says."""
        try:
            return start(self.cleaned_data["name"], self.recipe, self.lesson, user)
        except CannotTrain as error:
            self.add_error(None, str(error))
            return None
