"""The life of a city: the only writers of its state and of the dates that go with it.

Who may: an operator (Permission.OPERATE), never the city's own people. Each action locks the row,
checks `tenants.states.ALLOWED` and, where the page gives it, that the city is still as the operator
saw it (`seen`); of two operators the second is told what the first has done. What each state means
for the site, links, e-mails and jobs is the table in `tenants/README.md`.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from bezpechne.accounts.actions import MAIL_JOB as ACCOUNT_MAIL_JOB
from bezpechne.accounts.models import AccountMail
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, queue
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, in_schema
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB as NOTICE_MAIL_JOB
from provisioning.journal import note
from provisioning.names import same_name
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tenants.states import ALLOWED, CityState

REMOVE_JOB = "provisioning.remove_city"
# A year typed wrong must not give a trial for a generation.
LONGEST_TRIAL = timedelta(days=731)
# Residents read it after the trial and after the archive, until an operator writes another one.
TRIAL_OVER = "Пробний період міста на платформі закінчився."
OUT_OF_ARCHIVE = "Місто повернули з архіву, сайт готують до роботи."


class CityChangeRefused(ValueError):
    """The text says why and what to do, in the language in force."""


def seen(city: City) -> str:
    """What an operator saw of a city's life; an action that gets it refuses when it has changed."""
    dates = (city.launch_on, city.trial_ends_on, city.archived_at, city.deletion_on)
    return "|".join([city.state, *(day.isoformat() if day else "" for day in dates)])


def locked(city: City, expected: str = "") -> City:
    """The row, locked until the end of the transaction. Raises CityChangeRefused."""
    found = City.objects.select_for_update().filter(pk=city.pk).first()
    if found is None:
        raise CityChangeRefused(_("This city has been deleted for good."))
    if expected and expected != seen(found):
        raise CityChangeRefused(
            _(
                "Somebody has changed this city since you opened the page."
                " It is now: %(state)s. Look again and decide anew."
            )
            % {"state": found.get_state_display()}
        )
    return found


def _move(city: City, to: CityState) -> None:
    if to not in ALLOWED[city.state]:
        raise CityChangeRefused(
            _("%(city)s cannot become “%(to)s”: it is “%(state)s”.")
            % {"city": city.name, "to": to.label, "state": city.get_state_display()}
        )
    city.state = to


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _require_state(city: City, *states: CityState) -> None:
    if city.state not in states:
        raise CityChangeRefused(
            _("%(city)s is “%(state)s”: this step is not for it.")
            % {"city": city.name, "state": city.get_state_display()}
        )


def _check_end(until: date) -> None:
    if until <= clock.today():
        raise CityChangeRefused(_("The last day of a trial must lie ahead."))
    if until > clock.today() + LONGEST_TRIAL:
        raise CityChangeRefused(_("A trial lasts two years at most. Check the year."))


@transaction.atomic
def launch(*, by: Actor, city: City, on: date | None = None, expected: str = "") -> City:
    """Sets the launch date; without one the city opens at once. A draft stays behind its curtain."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    if city.is_closed:
        raise CityChangeRefused(_("An archived city has no launch. Take it out first."))
    city.launch_on = on or clock.today()
    city.save(update_fields=["launch_on"])
    note(by=by, city=city, action="launch_set", launch_on=city.launch_on.isoformat())
    return city


@transaction.atomic
def start_trial(*, by: Actor, city: City, until: date, expected: str = "") -> City:
    """The site works in full until the end of a day; what follows is in `provisioning.trials`."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _check_end(until)
    _move(city, CityState.TRIAL)
    city.trial_ends_on, city.resume_state, city.suspended_reason = until, "", ""
    city.save(update_fields=["state", "trial_ends_on", "resume_state", "suspended_reason"])
    note(by=by, city=city, action="trial_started", until=until.isoformat())
    return city


@transaction.atomic
def extend(*, by: Actor, city: City, until: date, expected: str = "") -> City:
    """Moves the last day of a running trial; reminders are counted from the new one."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    if city.state == CityState.SUSPENDED and city.resume_state == CityState.TRIAL:
        raise CityChangeRefused(
            _("The trial is interrupted or over. Start a trial with a new last day.")
        )
    _require_state(city, CityState.TRIAL)
    _check_end(until)
    old = city.trial_ends_on
    if old == until:
        raise CityChangeRefused(_("The trial ends on that day already."))
    city.trial_ends_on = until
    city.save(update_fields=["trial_ends_on"])
    note(
        by=by,
        city=city,
        action="trial_extended",
        until=until.isoformat(),
        before=old.isoformat() if old else "",
    )
    return city


@transaction.atomic
def activate(*, by: Actor, city: City, expected: str = "") -> City:
    """A city like any other, without an end."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _move(city, CityState.ACTIVE)
    city.trial_ends_on, city.resume_state, city.suspended_reason = None, "", ""
    city.save(update_fields=["state", "trial_ends_on", "resume_state", "suspended_reason"])
    note(by=by, city=city, action="activated")
    return city


@transaction.atomic
def suspend(*, by: Actor, city: City, reason: str, expected: str = "") -> City:
    """Readable, no new questions; the reason is shown where people would ask."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    if not reason.strip():
        raise CityChangeRefused(_("Write the reason: residents read it where they would ask."))
    # The archive has a way to `suspended` too, but it is `unarchive`.
    _require_state(city, CityState.TRIAL, CityState.ACTIVE)
    stop(by=by, city=city, reason=reason.strip(), action="suspended")
    return city


def stop(*, by: Actor, city: City, reason: str, action: str) -> None:
    """Suspends a locked city whoever asks; the end of a trial does it without a person."""
    before = city.state
    _move(city, CityState.SUSPENDED)
    city.resume_state, city.suspended_reason = before, reason
    city.save(update_fields=["state", "resume_state", "suspended_reason"])
    note(by=by, city=city, action=action, reason=reason)


@transaction.atomic
def resume(*, by: Actor, city: City, expected: str = "") -> City:
    """Takes questions again, in the state in which it was stopped."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _require_state(city, CityState.SUSPENDED)
    if city.resume_state == CityState.TRIAL and trial_is_over(city):
        raise CityChangeRefused(
            _("The trial is over. Start a trial with a new last day, or activate the city.")
        )
    _move(city, CityState(city.resume_state or CityState.ACTIVE))
    city.resume_state, city.suspended_reason = "", ""
    city.save(update_fields=["state", "resume_state", "suspended_reason"])
    note(by=by, city=city, action="resumed", state=city.state)
    return city


def settle(*, by: Actor, city: City) -> None:
    """A locked city for which somebody pays without a trial's end works like any other.

    Whoever leads the payers calls it; nothing happens to a city that is active, a draft or closed.
    """
    if city.state not in {CityState.TRIAL, CityState.SUSPENDED}:
        return
    _move(city, CityState.ACTIVE)
    city.trial_ends_on, city.resume_state, city.suspended_reason = None, "", ""
    city.save(update_fields=["state", "trial_ends_on", "resume_state", "suspended_reason"])
    note(by=by, city=city, action="activated")


def trial_is_over(city: City) -> bool:
    """The last day has passed, by the calendar of Kyiv."""
    return city.trial_ends_on is not None and city.trial_ends_on < clock.today()


@transaction.atomic
def archive(*, by: Actor, city: City, reason: str = "", expected: str = "") -> City:
    """Closes the site to everybody; nothing is lost, and e-mails wait."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    before = city.state
    _move(city, CityState.ARCHIVED)
    if before != CityState.SUSPENDED:
        city.resume_state = before
    city.archived_at, city.deletion_on = clock.now(), None
    city.save(update_fields=["state", "resume_state", "archived_at", "deletion_on"])
    note(by=by, city=city, action="archived", reason=reason.strip(), before=before)
    return city


@transaction.atomic
def unarchive(*, by: Actor, city: City, expected: str = "") -> City:
    """Back to a draft, if it was one, else to a suspended city; e-mails that waited go out.

    A deletion that was asked for is cancelled.
    """
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _require_state(city, CityState.ARCHIVED)
    if city.resume_state == CityState.DRAFT:
        _move(city, CityState.DRAFT)
        city.resume_state = ""
    else:
        _move(city, CityState.SUSPENDED)
        city.suspended_reason = city.suspended_reason or OUT_OF_ARCHIVE
    city.archived_at, city.deletion_on = None, None
    city.save(
        update_fields=["state", "resume_state", "suspended_reason", "archived_at", "deletion_on"]
    )
    note(by=by, city=city, action="unarchived", state=city.state)
    with tenant_context(city):
        outbox.release(AccountMail, ACCOUNT_MAIL_JOB)
        outbox.release(Notice, NOTICE_MAIL_JOB)
    return city


@transaction.atomic
def note_export(
    city: City, sha256: str, *, by: Actor = OPERATOR, at: datetime | None = None
) -> City:
    """The exporter calls it when an archive of the city is complete.

    `at`: the moment of its snapshot, now without it. An export older than the archiving does not
    allow the deletion, because the city went on after it.
    """
    by.require(Permission.OPERATE)
    if len(sha256) != 64:
        raise ValueError("A SHA-256 in hex has 64 characters.")
    city = locked(city)
    city.exported_at, city.export_sha256 = at or clock.now(), sha256
    city.save(update_fields=["exported_at", "export_sha256"])
    note(by=by, city=city, action="exported", sha256=sha256)
    return city


def has_fresh_export(city: City) -> bool:
    """A complete export that holds everything up to the archiving."""
    return bool(
        city.archived_at
        and city.exported_at
        and city.export_sha256
        and city.exported_at > city.archived_at
    )


def _require_export(city: City) -> None:
    if not has_fresh_export(city):
        raise CityChangeRefused(
            _(
                "There is no complete export made after the archiving."
                " Make one first: manage.py city export %(slug)s FILE"
            )
            % {"slug": city.slug}
        )


@transaction.atomic
def schedule_deletion(*, by: Actor, city: City, expected: str = "") -> City:
    """From `settings.CITY_DELETION_DAYS` days on the city may be deleted; it never is by itself."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _require_state(city, CityState.ARCHIVED)
    _require_export(city)
    if city.deletion_on:
        raise CityChangeRefused(
            _("The deletion is asked for already; it is possible from %(day)s.")
            % {"day": _day(city.deletion_on)}
        )
    city.deletion_on = clock.today() + timedelta(days=settings.CITY_DELETION_DAYS)
    city.save(update_fields=["deletion_on"])
    note(by=by, city=city, action="deletion_scheduled", on=city.deletion_on.isoformat())
    return city


@transaction.atomic
def cancel_deletion(*, by: Actor, city: City, expected: str = "") -> City:
    """The city stays in the archive without a term."""
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    _require_state(city, CityState.ARCHIVED)
    if city.deletion_on is None:
        raise CityChangeRefused(_("Nobody asked for the deletion."))
    city.deletion_on = None
    city.save(update_fields=["deletion_on"])
    note(by=by, city=city, action="deletion_cancelled")
    return city


@transaction.atomic
def delete(*, by: Actor, city: City, name: str, expected: str = "") -> City:
    """For good: from here on there is no way back, and `provisioning.removal` does the rest.

    `name` is the city's Ukrainian name, typed by the person. Repeated on a city whose removal got
    stuck, it starts the removal again.
    """
    by.require(Permission.OPERATE)
    city = locked(city, expected)
    if not same_name(name, city.name_uk):
        raise CityChangeRefused(_("The typed name is not the city's. Nothing was deleted."))
    if city.state != CityState.DELETED:
        _require_state(city, CityState.ARCHIVED)
        _require_export(city)
        if city.deletion_on is None:
            raise CityChangeRefused(_("Ask for the deletion first; the waiting time runs from it."))
        if city.deletion_on > clock.today():
            raise CityChangeRefused(
                _("The waiting time is not over: the deletion is possible from %(day)s.")
                % {"day": _day(city.deletion_on)}
            )
        _move(city, CityState.DELETED)
        city.save(update_fields=["state"])
        note(by=by, city=city, action="deletion_started", sha256=city.export_sha256)
    with in_schema(PUBLIC):
        queue.defer(REMOVE_JOB, city_id=city.pk)
    return city
