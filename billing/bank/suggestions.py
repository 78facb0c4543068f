"""What a line of a statement may pay: candidates with reasons, the likeliest first.

Nothing is posted here. «Certain» is a promise to a person who confirms many lines at once: who paid is
known by a code or an account, the sum fits to the kopiyka or the invoice is named, and nothing in
the purpose speaks against it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, groupby, islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.bank.candidates import Ground, OpenInvoice, ground_for
from billing.bank.evidence import Evidence, evidence_for
from billing.bank.returns import suggested_returns
from billing.bank.suggested import Share, Suggestion
from billing.models import StatementLine
from billing.wording import day_text, money_text

MOST_SHOWN = 5
_MOST_SCORED = 40
# Of this many open invoices every sum is tried; two of twenty-two fit some sum by chance too often.
_MOST_IN_SUMS, _LARGEST_SUM = 12, 6
_NEAR = Decimal(1)


def suggest(lines: Collection[StatementLine]) -> dict[int, list[Suggestion]]:
    """By the line's key; four queries for all lines together. Lines that cannot be posted: none."""
    posted = [line for line in lines if line.currency == "UAH"]
    ground = ground_for(posted)
    found = {line.pk: _for_line(line, ground) for line in posted}
    return {line.pk: found.get(line.pk, []) for line in lines}


def _for_line(line: StatementLine, ground: Ground) -> list[Suggestion]:
    if line.amount < 0:
        return suggested_returns(line, ground)[:MOST_SHOWN]
    evidence = evidence_for(line, ground)
    closest = evidence.closest(evidence.candidates, _MOST_SCORED)
    singles = [_single(one, evidence) for one in closest]
    sums = [_together(some, evidence) for some in _sums(evidence, evidence.likely)[:_MOST_SCORED]]
    ranked = sorted([*singles, *sums], key=lambda one: (-one.score, one.order))
    ranked = [one for one in ranked if one.score >= _LEAST]
    certain = _certain(evidence)
    if certain is None:
        return ranked[:MOST_SHOWN]
    first = _single(certain[0], evidence) if len(certain) == 1 else _together(certain, evidence)
    others = [one for one in ranked if one.key != first.key]
    return [replace(first, certain=True), *others][:MOST_SHOWN]


# --- Scores ---------------------------------------------------------------------------------------

_LEAST = 25


def _single(one: OpenInvoice, evidence: Evidence) -> Suggestion:
    amount = evidence.amount
    score, reasons = _about(one, evidence)
    if amount == one.open:
        score += 25
        reasons.append(_("the sum is exactly what is open"))
    elif amount < one.open:
        score += 15 if one.open - amount < _NEAR else 5
        reasons.append(_("%(sum)s less than open") % {"sum": money_text(one.open - amount)})
    else:
        score += 12 if amount - one.open < _NEAR else 0
        reasons.append(_("%(sum)s more than open") % {"sum": money_text(amount - one.open)})
    return _made([one], score, reasons, evidence)


def _together(some: Sequence[OpenInvoice], evidence: Evidence) -> Suggestion:
    """Invoices that make the sum together."""
    told = [_about(one, evidence) for one in some]
    score = sum(score for score, _reasons in told) // len(told) + 25
    # Few make a sum less often by chance than many.
    score -= 2 * (len(some) - 2)
    score += 5 if len({one.agreement_id for one in some}) == 1 else 0
    score += 10 if evidence.said.months and _has_all_months(some, evidence) else 0
    reasons = list(dict.fromkeys(reason for _score, reasons in told for reason in reasons))
    reasons.append(
        ngettext(
            "%(number)d open invoice makes exactly this sum",
            "%(number)d open invoices make exactly this sum together",
            len(some),
        )
        % {"number": len(some)}
    )
    return _made(some, score, reasons, evidence)


def _about(one: OpenInvoice, evidence: Evidence) -> tuple[int, list[str]]:
    """What speaks for an invoice, apart from its sum."""
    score, reasons = 0, []
    said = evidence.said
    if one.payer_id in evidence.by_edrpou:
        score += 40
        reasons.append(_("the payer’s EDRPOU code"))
    elif one.payer_id in evidence.by_iban:
        score += 32
        reasons.append(_("the payer’s account"))
    elif one.payer_id in evidence.by_name:
        score += 15
        reasons.append(_("the name resembles the payer’s"))
    if one in evidence.named:
        score += 30
        reasons.append(_("invoice № %(number)s is named") % {"number": one.label})
    if one in evidence.by_act:
        score += 25
        reasons.append(
            _("its act № %(number)s is named") % {"number": f"{one.act_number}/{one.act_year}"}
        )
    if one.agreement_id in evidence.contracts:
        score += 20
        reasons.append(_("contract № %(number)s is named") % {"number": one.contract})
    if said.months:
        score += 15 if one.month in said.months else -15
        if one.month in said.months:
            reasons.append(_("%(month)s is named") % {"month": day_text(one.month, "F Y")})
        else:
            reasons.append(_("but another month is named"))
    if evidence.cities:
        score += 12 if one.account_id in evidence.cities else -12
        if one.account_id in evidence.cities:
            reasons.append(_("%(city)s is named") % {"city": one.city})
        else:
            reasons.append(_("but another city is named"))
    return score, reasons


def _made(
    some: Sequence[OpenInvoice], score: int, reasons: list[str], evidence: Evidence
) -> Suggestion:
    left, shares = evidence.amount, []
    for one in some:
        part = min(left, one.open)
        shares.append(Share(one.pk, one.label, one.city, one.month, part))
        left -= part
    if evidence.unknown_numbers:
        reasons.append(_("but a number is named that is no open invoice of this payer"))
    return Suggestion(
        shares=tuple(shares),
        payer_id=some[0].payer_id,
        payer_name=some[0].payer_name,
        score=score,
        reasons=tuple(reasons),
        rest=left,
    )


# --- Sums of several ------------------------------------------------------------------------------


def _sums(evidence: Evidence, among: Iterable[OpenInvoice]) -> list[tuple[OpenInvoice, ...]]:
    """Sets of two to six open invoices that make the sum exactly.

    Months of one agreement in a row first, then what the purpose agrees with, then any.
    """
    pool = sorted(among, key=lambda one: (one.month, one.pk))
    found = dict.fromkeys(_rows(pool, evidence.amount))
    for some in ([one for one in pool if evidence.agrees(one)], pool):
        found |= dict.fromkeys(_sets(evidence.closest(some, _MOST_IN_SUMS), evidence.amount))
    return list(found)


def _rows(pool: Sequence[OpenInvoice], amount: Decimal) -> Iterator[tuple[OpenInvoice, ...]]:
    """Neighbours in time of one agreement that make the sum."""
    for _key, of_one in groupby(sorted(pool, key=_agreement), key=_agreement):
        invoices = list(of_one)
        for first in range(len(invoices)):
            left = amount
            for last in range(first, min(first + _LARGEST_SUM, len(invoices))):
                left -= invoices[last].open
                if left <= 0:
                    if not left and last > first:
                        yield tuple(invoices[first : last + 1])
                    break


def _agreement(one: OpenInvoice) -> int:
    return one.agreement_id


def _sets(pool: Sequence[OpenInvoice], amount: Decimal) -> Iterator[tuple[OpenInvoice, ...]]:
    """Ten at most."""
    sizes = range(2, min(len(pool), _LARGEST_SUM) + 1)
    every = (some for size in sizes for some in combinations(pool, size))
    return islice((some for some in every if sum(one.open for one in some) == amount), 10)


# --- Certainty ------------------------------------------------------------------------------------


def _certain(evidence: Evidence) -> Sequence[OpenInvoice] | None:
    """The invoices that this line pays beyond doubt, or None."""
    if evidence.is_doubtful or evidence.unknown_numbers:
        return None
    mine = evidence.of_payer
    fitting = [one for one in mine if evidence.agrees(one)]
    named = [one for one in mine if one in evidence.named or one in evidence.by_act]
    if named:
        return _certain_named(named, fitting, evidence)
    if evidence.said.months - {one.month for one in fitting}:
        # A month is named whose invoice is paid, or was never issued.
        return None
    exact = [one for one in fitting if one.open == evidence.amount]
    if exact:
        return exact if len(exact) == 1 and len(evidence.said.months) <= 1 else None
    if len(fitting) > _MOST_IN_SUMS:
        return None
    sums = _sums(evidence, fitting)
    return sums[0] if len(sums) == 1 and _has_all_months(sums[0], evidence) else None


def _certain_named(
    named: list[OpenInvoice], fitting: list[OpenInvoice], evidence: Evidence
) -> Sequence[OpenInvoice] | None:
    """A named invoice may be paid in part; several must make the sum."""
    if not all(one in fitting for one in named):
        return None
    if sum(one.open for one in named) == evidence.amount:
        return named
    if len(named) > 1 or evidence.amount > named[0].open:
        return None
    # Exactly another one's sum: the number may be wrong.
    twins = [one for one in evidence.of_payer if one.open == evidence.amount]
    return None if twins or _sums(evidence, evidence.of_payer) else named


def _has_all_months(some: Sequence[OpenInvoice], evidence: Evidence) -> bool:
    months = evidence.said.months
    return not months or months == {one.month for one in some}
