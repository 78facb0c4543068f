"""One form for each step of a hand-over."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Role
from billing.identifiers import validate_kpkvk
from billing.models import CityAccount, FundingAgreement, Payer
from billing.pages.fields import DayField, MoneyField, MoneyForm, ReasonForm, RowField
from billing.reports.forms import MonthField
from billing.states import Engagement, PayerKind
from billing.wording import day_text
from provisioning.handover.models import THRESHOLDS, Handover
from provisioning.handover.states import Decision, Stage

WANTED = {
    "published": gettext_lazy("Published questions a month, at least"),
    "answered_percent": gettext_lazy("Answered, per cent, at least"),
    "median_days": gettext_lazy("Median days to an answer, at most"),
    "rating": gettext_lazy("Answers that helped, per cent of those marked, at least"),
}
PASSED = [
    ("", gettext_lazy("not looked at")),
    ("yes", gettext_lazy("yes")),
    ("no", gettext_lazy("no")),
]
FILE_HELP = gettext_lazy("PDF, JPEG, PNG or a signed container (p7s, asice), up to 10 MB.")


def _payer_name(row: Payer) -> str:
    return row.name


def _account_name(row: CityAccount) -> str:
    return row.name


def _agreement_name(row: FundingAgreement) -> str:
    return f"{row.number}, {day_text(row.starts_on)} – {day_text(row.ends_on)}"


def people() -> list[tuple[int, str]]:
    """Finance officers, by name; the e-mail where somebody has none."""
    rows = User.objects.filter(role=Role.FINANCE, is_active=True).order_by("name", "pk")
    return [(user.pk, user.name or user.email) for user in rows]


class NewForm(MoneyForm):
    account = RowField(label=gettext_lazy("City"), named=_account_name, to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        busy = Handover.objects.exclude(stage=Stage.CLOSED).values("account")
        self.offer("account", CityAccount.objects.exclude(pk__in=busy).order_by("name_sort"))


class DueForm(MoneyForm):
    due_on = DayField(label=gettext_lazy("To be done by"))
    owner_id = forms.TypedChoiceField(label=gettext_lazy("Who leads it"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_id"].choices = people()  # type: ignore[attr-defined] # declared above


class StepForm(MoneyForm):
    """`values` are fields of the hand-over; a file of the step comes as `copy`."""

    def __init__(self, row: Handover, *args: Any, **kwargs: Any) -> None:
        names = {name: getattr(row, name, None) for name in self.base_fields}
        kwargs["initial"] = {**names, **self.starting(row)}
        super().__init__(*args, **kwargs)
        self.row = row
        self.prepare()

    def starting(self, row: Handover) -> dict[str, Any]:
        """What a field starts with where it is no field of the row."""
        return {}

    def prepare(self) -> None:
        """Choices that depend on the row."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.base_fields if name in _COLUMNS}


_COLUMNS = {field.name for field in Handover._meta.fields} | {"owner_id"}


class LeadForm(StepForm):
    council = RowField(label=gettext_lazy("Local budget that is to pay"), named=_payer_name)
    owner_id = forms.TypedChoiceField(label=gettext_lazy("Who leads it"), coerce=int)

    def prepare(self) -> None:
        rows = Payer.objects.filter(kind=PayerKind.LOCAL_BUDGET, is_active=True)
        self.offer("council", rows.order_by("name"))
        self.fields["owner_id"].choices = people()  # type: ignore[attr-defined] # declared above


class TrialForm(StepForm):
    trial_starts = DayField(label=gettext_lazy("First day of the trial"))
    trial_ends = DayField(label=gettext_lazy("Last day of the trial"))

    def __init__(self, row: Handover, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        for name in THRESHOLDS:
            self.fields[name] = forms.IntegerField(
                label=WANTED[name],
                min_value=0,
                max_value=10_000,
                required=False,
                initial=row.thresholds.get(name),
            )

    def values(self) -> dict[str, Any]:
        wanted = {name: self.cleaned_data[name] for name in THRESHOLDS}
        known = {name: value for name, value in wanted.items() if value is not None}
        return {**super().values(), "thresholds": known}


class EvaluationForm(StepForm):
    representative = forms.CharField(
        label=gettext_lazy("Regional representative"), max_length=120, required=False
    )
    checked_on = DayField(label=gettext_lazy("Looked at it on"), required=False)

    def __init__(self, row: Handover, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        passed = {None: "", True: "yes", False: "no"}
        for place, point in enumerate(row.checklist):
            self.fields[f"passed_{place}"] = forms.ChoiceField(
                label=point["question"],
                choices=PASSED,
                required=False,
                initial=passed[point["passed"]],
            )
            self.fields[f"remark_{place}"] = forms.CharField(
                label=_("Remark"), max_length=160, required=False, initial=point["remark"]
            )

    def values(self) -> dict[str, Any]:
        said = {"": None, "yes": True, "no": False}
        points = [
            {
                "question": point["question"],
                "passed": said[self.cleaned_data[f"passed_{place}"]],
                "remark": self.cleaned_data[f"remark_{place}"],
            }
            for place, point in enumerate(self.row.checklist)
        ]
        return {**super().values(), "checklist": points}


class DecisionForm(StepForm):
    decision = forms.ChoiceField(label=gettext_lazy("What was decided"), choices=Decision.choices)
    decided_on = DayField(label=gettext_lazy("Decided on"))


class _PaperForm(StepForm):
    number = forms.CharField(label=gettext_lazy("Number"), max_length=60, required=False)
    dated_on = DayField(label=gettext_lazy("Date of the paper"))
    copy = forms.FileField(label=gettext_lazy("Signed copy"), help_text=FILE_HELP)


class MemorandumForm(_PaperForm):
    """The signed memorandum."""


class CouncilForm(_PaperForm):
    """The decision of the council."""

    number = forms.CharField(label=gettext_lazy("Number of the decision"), max_length=60)


class RequestForm(StepForm):
    first_month = MonthField(label=gettext_lazy("First month that the local budget pays"))
    months = forms.IntegerField(
        label=gettext_lazy("Months in that year"), min_value=1, max_value=12
    )
    monthly_amount = MoneyField(
        label=gettext_lazy("Pay for a whole month, UAH"),
        min_value=0,
        help_text=gettext_lazy("Before contributions; these are added by themselves."),
    )
    engagement = forms.ChoiceField(
        label=gettext_lazy("How the moderator is engaged"), choices=Engagement.choices
    )
    kpkvk = forms.CharField(
        label=gettext_lazy("Budget programme"),
        max_length=7,
        validators=[validate_kpkvk],
        required=False,
        help_text=gettext_lazy("Seven digits, for a local budget."),
    )
    request_sent_on = DayField(label=gettext_lazy("Request sent on"), required=False)
    copy = forms.FileField(
        label=gettext_lazy("Copy of the request"), help_text=FILE_HELP, required=False
    )

    def starting(self, row: Handover) -> dict[str, Any]:
        return {"first_month": f"{row.first_month:%Y-%m}" if row.first_month else None}


class ContractForm(StepForm):
    contract = RowField(
        label=gettext_lazy("Contract of the local budget"),
        named=_agreement_name,
        help_text=gettext_lazy("Enter it among the city’s agreements first."),
    )

    def prepare(self) -> None:
        rows = FundingAgreement.objects.filter(
            account=self.row.account_id, payer=self.row.council_id
        )
        self.offer("contract", rows.order_by("-starts_on"))


FORMS: dict[str, type[StepForm]] = {
    Stage.LEAD: LeadForm,
    Stage.TRIAL: TrialForm,
    Stage.EVALUATION: EvaluationForm,
    Stage.DECISION: DecisionForm,
    Stage.MEMORANDUM: MemorandumForm,
    Stage.REQUEST: RequestForm,
    Stage.COUNCIL: CouncilForm,
    Stage.CONTRACT: ContractForm,
    Stage.RENEWAL: ContractForm,
}


class SwitchForm(MoneyForm):
    on = forms.TypedChoiceField(label=gettext_lazy("First day that the local budget pays"))

    def __init__(self, days: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["on"]
        field.choices = [(day.isoformat(), day_text(day)) for day in days]
        field.coerce = type(days[0]).fromisoformat if days else str

    def clean_on(self) -> Any:
        if not self.cleaned_data["on"]:
            raise ValidationError(_("Choose a day."))
        return self.cleaned_data["on"]


class ExtendForm(MoneyForm):
    last = DayField(label=gettext_lazy("The donor pays until"))
    paper = forms.CharField(
        label=gettext_lazy("Supplementary agreement"),
        max_length=120,
        help_text=gettext_lazy("Number and date: it stays in the history."),
    )


class SuspendForm(ReasonForm):
    until = DayField(label=gettext_lazy("Nobody pays until"))
    field_order = ["until", "reason"]
