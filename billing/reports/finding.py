"""Finding a city, payer or oblast to report on, among what the reader may see."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.accounts import account_label
from billing.models import CityAccount, FundingAgreement, Payer
from billing.reports.lens import Lens
from billing.reports.names import payer_name

MOST = 50


@dataclass(frozen=True)
class Found:
    """`query`: of the address of its report."""

    label: str
    kind: str
    query: str


def _seen(lens: Lens) -> QuerySet[FundingAgreement]:
    return FundingAgreement.objects.filter(Q(payer__in=lens.payers) | Q(account__in=lens.accounts))


def find(lens: Lens, text: str) -> list[Found]:
    """Names that hold `text`, 50 of each kind at most; everything for a blank one: three queries."""
    accounts, payers = CityAccount.objects.all(), Payer.objects.all()
    if not lens.everything:
        seen = _seen(lens)
        accounts = accounts.filter(Q(pk__in=lens.accounts) | Q(pk__in=seen.values("account")))
        payers = payers.filter(Q(pk__in=lens.payers) | Q(pk__in=seen.values("payer")))
    named = accounts.filter(Q(name_uk__icontains=text) | Q(name_en__icontains=text))
    oblasts = accounts.filter(oblast__icontains=text).exclude(oblast="")
    known = payers.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(edrpou=text))
    return [
        *(
            Found(account_label(account), _("City"), urlencode({"account": account.pk}))
            for account in named.order_by("name_sort", "pk")[:MOST]
        ),
        *(
            Found(payer_name(payer), payer.get_kind_display(), urlencode({"payer": payer.pk}))
            for payer in known.order_by("name", "pk")[:MOST]
        ),
        *(
            Found(
                _("%(oblast)s oblast") % {"oblast": oblast},
                _("Oblast"),
                urlencode({"oblast": oblast}),
            )
            for oblast in oblasts.order_by("oblast").values_list("oblast", flat=True).distinct()
        ),
    ]
