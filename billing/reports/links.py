"""Links that open one payer's or one city's report without an account: their only writer."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, tokens
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.site import platform_site
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, Payer, ReportLink
from billing.reports.lens import Lens
from billing.reports.period import MOST_MONTHS, Basis, Period
from billing.spreading import months

PURPOSE = "report_link"
LONGEST = timedelta(days=366)


def make(
    *,
    by: Actor,
    about: Payer | CityAccount,
    label: str,
    first: date,
    last: date,
    last_day: date,
    language: str = "uk",
) -> ReportLink:
    """A link that works to the end of `last_day`, for the months `first` to `last`.

    Raises LedgerRefused: no label, months the wrong way round or too many, a day that is over or
    more than a year away.
    """
    by.require(Permission.FINANCE)
    label = label.strip()
    _check(label, first, last, last_day)
    with transaction.atomic():
        row = ReportLink.objects.create(
            payer=about if isinstance(about, Payer) else None,
            account=about if isinstance(about, CityAccount) else None,
            label=label[:120],
            first_month=first,
            last_month=last,
            language=language,
            expires_at=datetime.combine(last_day + timedelta(days=1), time(), clock.KYIV),
            created_by_id=by.id,
        )
        row.token_hash = tokens.hashed(token_of(row))
        row.save(update_fields=["token_hash"])
        note(
            by=by,
            action="link_made",
            subject=row,
            first=first,
            last=last,
            until=last_day,
        )
    return row


def _check(label: str, first: date, last: date, last_day: date) -> None:
    if not label:
        raise LedgerRefused(_("Say for whom the link is."), "label")
    if last < first:
        raise LedgerRefused(_("The last month is before the first."), "last")
    if len(list(months(first, last))) > MOST_MONTHS:
        raise LedgerRefused(_("A report has 60 months at most."), "last")
    if last_day < clock.today():
        raise LedgerRefused(_("This day is over."), "last_day")
    if last_day > clock.today() + LONGEST:
        raise LedgerRefused(_("A link works for a year at most."), "last_day")


@transaction.atomic
def revoke(*, by: Actor, link: ReportLink) -> None:
    """From now on it opens nothing. Raises LedgerRefused for one that is closed."""
    by.require(Permission.FINANCE)
    row = ReportLink.objects.select_for_update().get(pk=link.pk)
    if not row.is_open:
        raise LedgerRefused(_("The link works no more already."))
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    note(by=by, action="link_revoked", subject=row)


def token_of(link: ReportLink) -> str:
    """Computed anew each time; the row holds its hash alone."""
    with in_schema(PUBLIC):
        return tokens.make(PURPOSE, link.pk, 0)


def address_of(link: ReportLink) -> str:
    """What is sent to the reader, in the language of the link."""
    with translation.override(link.language):
        path = reverse("finance:report_link", settings.PUBLIC_SCHEMA_URLCONF, args=[token_of(link)])
    return platform_site().absolute(path)


def last_day_of(link: ReportLink) -> date:
    """The last day on which it works, unless it is revoked."""
    return (link.expires_at - timedelta(microseconds=1)).astimezone(clock.KYIV).date()


def by_token(token: str) -> ReportLink | None:
    """Also one that is over or revoked; None for a token that nobody made."""
    links = ReportLink.objects.select_related("payer", "account")
    return links.filter(token_hash=tokens.hashed(token)).first()


def count_opening(link: ReportLink) -> None:
    """How often and when last: no address and no name of who opened it."""
    ReportLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, opened_at=clock.now())


def lens_of(link: ReportLink) -> Lens:
    """That payer's money or that city's, and nothing beside it.

    As a reader who sees no more, not as an officer who chose it: nothing else can slip in.
    """
    if link.payer_id is not None:
        return Lens(payers=frozenset({link.payer_id}), payer_id=link.payer_id)
    return Lens(accounts=frozenset({link.account_id or 0}), account_id=link.account_id)


def period_of(link: ReportLink, basis: Basis) -> Period:
    return Period(link.first_month, link.last_month, basis)
