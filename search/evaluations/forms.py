"""What people choose when they have encoders measured, and its start."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.bell import ring_on_commit
from gallery.models import User
from search.catalogue import NoSuchEncoder, find
from search.labels import LabelSource, label_sizes, labelled, too_few
from search.marks import MARKS, can_tell, marked_pairs
from search.models import Embedding, Encoder, Evaluation, RelevanceMark
from search.splitting import Part

LABELS = [
    (LabelSource.TAGS.value, _("Tags")),
    (LabelSource.ALBUMS.value, _("Albums")),
    (MARKS, _("Marks: results that people called right or wrong")),
]
PARTS = [
    ("", _("All of them, each against all others")),
    (Part.TEST.value, _("Test: 15 % per label, against those to learn from")),
    (Part.VALIDATION.value, _("Validation: another 15 %, against those to learn from")),
    (Part.TRAIN.value, _("Those to learn from, each against the others")),
]
# Images that a label has to have, where nothing else is said.
USUAL = 5
MOST_SEED = 2_147_483_647


class EvaluationForm(forms.Form):
    """What is measured, and how. That there are labels and vectors for it is looked up at once."""

    labels = forms.ChoiceField(
        label=_("Labels"),
        choices=LABELS,
        initial=LabelSource.TAGS.value,
        help_text=_("What pictures with the same one have in common is what shall be found."),
    )
    at_least = forms.IntegerField(
        label=_("At least so many pictures a label"),
        min_value=2,
        max_value=MOST_SEED,
        initial=USUAL,
        help_text=_("Labels with fewer say little, and are left out."),
    )
    part = forms.ChoiceField(
        label=_("Pictures that ask"),
        choices=PARTS,
        required=False,
        help_text=_("Take the test part for an encoder that has learned from these labels."),
    )
    k = forms.IntegerField(
        label=_("Results that count"),
        min_value=1,
        max_value=1000,
        initial=10,
        help_text=_("Precision, recall and nDCG are told at this rank, besides at 1, 5 and 10."),
    )
    votes = forms.IntegerField(
        label=_("Neighbours that vote"),
        min_value=1,
        max_value=1000,
        initial=5,
        help_text=_("A picture is taken for what most of so many nearest ones are."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=MOST_SEED,
        initial=0,
        help_text=_("The same number makes the same parts and the same samples."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    @property
    def is_by_marks(self) -> bool:
        return self.cleaned_data.get("labels") == MARKS

    @property
    def source(self) -> LabelSource:
        return LabelSource(self.cleaned_data["labels"])

    @property
    def chosen(self) -> list[Encoder]:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            if self.is_by_marks:
                self.check_marks()
            else:
                self.check_labels()
            self.clean_vectors()
        return self.cleaned_data

    def check_labels(self) -> None:
        sizes, at_least = label_sizes(self.source, self.user), self.cleaned_data["at_least"]
        if sum(size >= at_least for size in sizes.values()) < 2:
            raise forms.ValidationError(too_few(self.source, self.user, at_least, sizes))

    def check_marks(self) -> None:
        """Marks are of no class: what is said of classes does not count."""
        self.cleaned_data |= {"part": "", "at_least": USUAL}
        if not can_tell(marked_pairs(self.user)):
            raise forms.ValidationError(
                gettext(
                    "No picture has a result that is marked as right and one that is marked as"
                    " wrong. “Mark results” stands on the page of a picture’s similar ones."
                )
            )

    def clean_vectors(self) -> None:
        """Refuse encoders that have no vector of any of the labelled images yet."""
        images: Any
        if self.is_by_marks:
            images = RelevanceMark.objects.known_to(self.user).values("image")
        else:
            images = labelled(self.source, self.user).values("image")
        vectors = Embedding.similar.filter(
            encoder=OuterRef("pk"), image__in=images, vector__isnull=False
        )
        chosen = Encoder.objects.filter(pk__in=[encoder.pk for encoder in self.chosen])
        for encoder in chosen.exclude(Exists(vectors)):
            text = gettext(
                "%(encoder)s has no vector of any of these pictures yet; wait until it is filled."
            )
            self.add_error(None, text % {"encoder": encoder})

    def start(self) -> list[Evaluation]:
        """What is to be measured of a valid form, one an encoder; a worker is told of it."""
        fields = ("labels", "at_least", "part", "k", "votes", "seed")
        settings = {name: self.cleaned_data[name] for name in fields}
        return [start(self.user, encoder, **settings) for encoder in self.chosen]


class SeveralEncodersForm(EvaluationForm):
    """As on the page, where encoders are ticked."""

    encoders = forms.ModelMultipleChoiceField(
        label=_("Encoders"),
        queryset=Encoder.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several are measured on the same pictures and compared."),
        error_messages={
            "invalid_choice": _("One of these encoders is being removed, or gone: choose again."),
            "required": _("Choose at least one encoder."),
        },
    )
    field_order = ("encoders",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = Encoder.objects.in_use().order_by("-is_active", "name", "-pk")
        self.fields["encoders"].queryset = known  # type: ignore[attr-defined] # the field's own

    @property
    def chosen(self) -> list[Encoder]:
        return list(self.cleaned_data["encoders"])


class OneEncoderForm(EvaluationForm):
    """As a script names it: NAME or NAME@DIGEST, or else the one that answers."""

    encoder = forms.CharField(required=False, max_length=200)

    def clean_encoder(self) -> Encoder:
        name = self.cleaned_data["encoder"]
        try:
            encoder = find(name) if name else Encoder.objects.active()
        except NoSuchEncoder as error:
            raise forms.ValidationError(str(error)) from None
        if encoder is None:
            raise forms.ValidationError(gettext("There is no encoder yet."))
        if encoder.is_being_removed:
            text = gettext("%(encoder)s is being removed.")
            raise forms.ValidationError(text % {"encoder": encoder})
        return encoder

    @property
    def chosen(self) -> list[Encoder]:
        return [self.cleaned_data["encoder"]]


def start(user: User, encoder: Encoder, **settings: Any) -> Evaluation:
    """Have it measured; who asks for the same twice waits for one answer."""
    from search.tasks import evaluate_pending

    same = {"encoder": encoder, "started_by": user, **settings}
    evaluation = Evaluation.objects.pending().filter(**same).first()
    if evaluation is None:
        about = {"encoder_name": encoder.name, "encoder_digest": encoder.digest, "wanted": True}
        evaluation = Evaluation.objects.create(**same, **about)
        ring_on_commit(evaluate_pending)
    return evaluation
