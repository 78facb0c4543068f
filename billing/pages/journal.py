"""What was done to the money, by whom and when: newest first, never changed."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.query_strings import text_of
from billing.audit import words_of
from billing.models import CityAccount, LedgerEvent, Payer
from billing.pages.showing import Empty, Shown, show
from billing.reports.pages import Pages, address_of, page_number
from billing.reports.tables import Column, Row, Table
from billing.wording import day_text, money_text

# Pages of what an event is about, by the name of its table.
PAGES = {
    "payer": "finance:payer",
    "fundingagreement": "finance:agreement",
    "act": "finance:act",
    "invoice": "finance:invoice",
    "payment": "finance:payment",
    "paper": "finance:paper",
    "handover": "handover:page",
}
_PEOPLE = {ActorKind.STAFF, ActorKind.OPERATOR}
# Details that say something to people; keys of rows do not.
_SUMS = ("amount", "monthly", "per_hour")
_DAYS = ("on", "first", "last", "until", "signed_on", "received_on", "starts_on")
# The same page of the first rows costs as much as any: beyond these, the filter finds.
_MOST = 10_000


@access.staff(Permission.LEDGER)
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """50 a page, of one city where its name is asked for; five queries."""
    words = text_of(request.GET, "q")
    rows = LedgerEvent.objects.order_by("-pk")
    if words:
        found = CityAccount.objects.filter(name_uk__icontains=words).values("pk")
        rows = rows.filter(account_id__in=found)
    number = min(rows[:_MOST].count(), _MOST)
    pages = Pages(page_number(request.GET), number, address_of(q=words))
    events = list(rows[pages.offset : pages.offset + pages.size])
    page = Shown(
        title=_("Journal"),
        crumbs=[(_("Finance"), reverse("finance:home"))],
        lead=_("Every change of the money stays here."),
        search=_("City"),
        q=words,
        tables=[_table(events)],
        pages=pages,
        empty=None if events else Empty(_("Nothing is written down here")),
    )
    return show(request, page)


def _table(events: Sequence[LedgerEvent]) -> Table:
    people = [event.actor_id or 0 for event in events if event.actor_kind in _PEOPLE]
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    accounts = CityAccount.objects.in_bulk([event.account_id or 0 for event in events])
    payers = Payer.objects.in_bulk([event.payer_id or 0 for event in events])
    return Table(
        "journal",
        _("What was done"),
        [
            Column(_("What")),
            Column(_("When")),
            Column(_("City")),
            Column(_("Payer")),
            Column(_("Who")),
            Column(_("Details")),
        ],
        [
            Row(
                [
                    words_of(event.action),
                    f"{event.at.astimezone(clock.KYIV):%d.%m.%Y %H:%M}",
                    _name(accounts, event.account_id),
                    _name(payers, event.payer_id),
                    _who(event, names),
                    _details(event) or None,
                ],
                _page_of(event),
            )
            for event in events
        ],
    )


def _name(rows: Mapping[int, CityAccount] | Mapping[int, Payer], key: int | None) -> str | None:
    row = rows.get(key or 0)
    return row.name if row else None


def _who(event: LedgerEvent, names: dict[int, str]) -> str:
    if event.actor_kind not in _PEOPLE or event.actor_id is None:
        return _("the ledger itself")
    return names.get(event.actor_id) or _("person № %(number)d") % {"number": event.actor_id}


def _page_of(event: LedgerEvent) -> str:
    name = PAGES.get(event.subject)
    return reverse(name, args=[event.subject_id]) if name else ""


def _details(event: LedgerEvent) -> str:
    """Reason, number, sums and days, parted by commas."""
    detail: dict[str, Any] = event.detail
    found = [event.reason, str(detail.get("number") or "")]
    found += [_sum(detail[name]) for name in _SUMS if name in detail]
    found += [_day(detail[name]) for name in _DAYS if name in detail]
    return ", ".join(part for part in found if part)


def _sum(text: str) -> str:
    return money_text(Decimal(text))


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text)) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
