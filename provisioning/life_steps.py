"""The steps of a city's life as an operator sees them: what each does, in plain words, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from provisioning import life
from tenants.models import City
from tenants.states import CityState

Words = str | Promise
Data = dict[str, Any]
OPEN = frozenset({CityState.TRIAL, CityState.ACTIVE})


def _no_hindrance(city: City) -> str:
    return ""


@dataclass(frozen=True)
class Step:
    """`fields` are names of `life_forms.StepForm`; `hindrance` says why it has to wait, or blank.

    `closing`: shown apart, in red.
    """

    code: str
    title: Words
    words: Words
    done: Words
    states: frozenset[CityState]
    act: Callable[[Actor, City, Data, str], City]
    fields: tuple[str, ...] = ()
    closing: bool = False
    hindrance: Callable[[City], str] = _no_hindrance
    offered: Callable[[City], bool] = lambda city: True


def _resume_hindrance(city: City) -> str:
    if city.resume_state == CityState.TRIAL and life.trial_is_over(city):
        return _("The trial is over: start one with a new last day, or activate the city.")
    return ""


def _schedule_hindrance(city: City) -> str:
    if life.has_fresh_export(city):
        return ""
    return _("First a complete export, made after the archiving, on the server:")


def _delete_hindrance(city: City) -> str:
    if city.deletion_on is None or city.deletion_on <= clock.today():
        return ""
    day = date_format(city.deletion_on, "DATE_FORMAT")
    return _("The waiting time lasts: the deletion is possible from %(day)s.") % {"day": day}


STEPS: tuple[Step, ...] = (
    Step(
        "launch",
        gettext_lazy("Set the launch date"),
        gettext_lazy(
            "Until that day the public sees “opening soon”; from it on, the site. A draft stays behind the curtain whatever the date."
        ),
        gettext_lazy("The launch date is set."),
        OPEN | {CityState.DRAFT, CityState.SUSPENDED},
        lambda by, city, data, seen: life.launch(by=by, city=city, on=data["on"], expected=seen),
        ("on",),
    ),
    Step(
        "extend",
        gettext_lazy("Change the last day of the trial"),
        gettext_lazy("The city goes on as it is. Reminders are counted from the new day."),
        gettext_lazy("The trial has a new last day."),
        frozenset({CityState.TRIAL}),
        lambda by, city, data, seen: life.extend(
            by=by, city=city, until=data["until"], expected=seen
        ),
        ("until",),
    ),
    Step(
        "activate",
        gettext_lazy("Activate the city"),
        gettext_lazy("The city works in full and without an end, from its launch date on."),
        gettext_lazy("The city is active."),
        frozenset({CityState.DRAFT, CityState.TRIAL, CityState.SUSPENDED}),
        lambda by, city, data, seen: life.activate(by=by, city=city, expected=seen),
    ),
    Step(
        "trial",
        gettext_lazy("Start a trial"),
        gettext_lazy(
            "The city works in full until the day you choose. Its administrators and the operators get a reminder 30, 7 and 1 days before. The day after, it is suspended by itself."
        ),
        gettext_lazy("The trial has begun."),
        frozenset({CityState.DRAFT, CityState.ACTIVE, CityState.SUSPENDED}),
        lambda by, city, data, seen: life.start_trial(
            by=by, city=city, until=data["until"], expected=seen
        ),
        ("until",),
    ),
    Step(
        "resume",
        gettext_lazy("Resume the city"),
        gettext_lazy("New questions are taken again, as before the suspension."),
        gettext_lazy("The city takes questions again."),
        frozenset({CityState.SUSPENDED}),
        lambda by, city, data, seen: life.resume(by=by, city=city, expected=seen),
        hindrance=_resume_hindrance,
    ),
    Step(
        "unarchive",
        gettext_lazy("Take out of the archive"),
        gettext_lazy(
            "The site, sign-in and links from e-mails work again, e-mails that waited go out. New questions wait until you resume or activate; a former draft is a draft again. A deletion that was asked for is cancelled."
        ),
        gettext_lazy("The city is out of the archive."),
        frozenset({CityState.ARCHIVED}),
        lambda by, city, data, seen: life.unarchive(by=by, city=city, expected=seen),
    ),
    Step(
        "cancel-deletion",
        gettext_lazy("Cancel the deletion"),
        gettext_lazy("The city stays in the archive without a term."),
        gettext_lazy("The deletion is cancelled."),
        frozenset({CityState.ARCHIVED}),
        lambda by, city, data, seen: life.cancel_deletion(by=by, city=city, expected=seen),
        offered=lambda city: city.deletion_on is not None,
    ),
    Step(
        "suspend",
        gettext_lazy("Suspend the city"),
        gettext_lazy(
            "Everything stays to be read, new questions are not taken, and people see the reason. What has begun goes on: the desk works, units answer, e-mails go out. It can be taken back."
        ),
        gettext_lazy("The city is suspended."),
        OPEN,
        lambda by, city, data, seen: life.suspend(
            by=by, city=city, reason=data["reason"], expected=seen
        ),
        ("reason", "name"),
        closing=True,
    ),
    Step(
        "archive",
        gettext_lazy("Archive the city"),
        gettext_lazy(
            "The site closes for everybody, staff included; links from e-mails do not open, and e-mails wait. Nothing is lost, and it can be taken back."
        ),
        gettext_lazy("The city is in the archive."),
        OPEN | {CityState.DRAFT, CityState.SUSPENDED},
        lambda by, city, data, seen: life.archive(
            by=by, city=city, reason=data["note"], expected=seen
        ),
        ("note", "name"),
        closing=True,
    ),
    Step(
        "schedule-deletion",
        gettext_lazy("Ask for the deletion"),
        gettext_lazy(
            "Nothing is deleted yet: the waiting time begins. Until the deletion itself everything can be taken back."
        ),
        gettext_lazy("The waiting time has begun."),
        frozenset({CityState.ARCHIVED}),
        lambda by, city, data, seen: life.schedule_deletion(by=by, city=city, expected=seen),
        ("name",),
        closing=True,
        hindrance=_schedule_hindrance,
        offered=lambda city: city.deletion_on is None,
    ),
    Step(
        "delete",
        gettext_lazy("Delete for good"),
        gettext_lazy(
            "Questions, answers, accounts, photos and domains of the city are removed. Only the export and this platform's journal are left. It cannot be taken back."
        ),
        gettext_lazy("The city is being removed. Its address becomes free when that is done."),
        frozenset({CityState.ARCHIVED, CityState.DELETED}),
        lambda by, city, data, seen: life.delete(
            by=by, city=city, name=data["name"], expected=seen
        ),
        ("name",),
        closing=True,
        hindrance=_delete_hindrance,
        offered=lambda city: city.deletion_on is not None,
    ),
)
BY_CODE = {step.code: step for step in STEPS}

STATE_WORDS: dict[str, Words] = {
    CityState.DRAFT: gettext_lazy(
        "Staff prepare the site behind the curtain. The public sees that it is being prepared, and the city is on no list."
    ),
    CityState.TRIAL: gettext_lazy(
        "The city works in full until the last day of the trial. The day after, it is suspended by itself."
    ),
    CityState.ACTIVE: gettext_lazy("The city works in full, from its launch date on."),
    CityState.SUSPENDED: gettext_lazy(
        "Everything can be read, new questions are not taken. The desk works and e-mails go out."
    ),
    CityState.ARCHIVED: gettext_lazy(
        "Closed for everybody, staff included. Data are kept, e-mails wait."
    ),
    CityState.DELETED: gettext_lazy(
        "The worker is removing files and tables. If this lasts for hours, look at the dead jobs."
    ),
}


def steps_for(city: City) -> list[Step]:
    """Those that the city's state and dates offer, in the order of the table."""
    return [step for step in STEPS if city.state in step.states and step.offered(city)]


def waiting_words() -> str:
    """How long the waiting time before a deletion is."""
    days = settings.CITY_DELETION_DAYS
    return ngettext(
        "The waiting time is %(days)s day.", "The waiting time is %(days)s days.", days
    ) % {"days": days}
