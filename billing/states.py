"""Kinds and states of the ledger."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PayerKind(models.TextChoices):
    """Who pays for a moderator."""

    DONOR = "donor", _("Donor")
    LOCAL_BUDGET = "local_budget", _("Local budget")
    OWN_FUNDS = "own_funds", _("Own funds")


class Source(models.TextChoices):
    """Where the money of an agreement comes from (domain: report by source)."""

    GRANT = "grant", _("Donor’s grant")
    GENERAL_FUND = "general_fund", _("Local budget, general fund")
    SPECIAL_FUND = "special_fund", _("Local budget, special fund")
    OWN = "own", _("Own funds")


SOURCES_OF = {
    PayerKind.DONOR: (Source.GRANT,),
    PayerKind.LOCAL_BUDGET: (Source.GENERAL_FUND, Source.SPECIAL_FUND),
    PayerKind.OWN_FUNDS: (Source.OWN,),
}


class Engagement(models.TextChoices):
    """How the moderator works; it decides the economic classification (order MF No 333)."""

    SERVICE = "service", _("Entrepreneur, company or NGO: a service")
    CIVIL_LAW = "civil_law", _("Civil-law contract with a person")
    STAFF = "staff", _("Staff")
    GRANT_TO_NGO = "grant_to_ngo", _("Grant to an NGO by competition")


# Economic classification of the pay and of the contribution upon it; none: no contribution.
KEKV_OF: dict[str, tuple[str, str]] = {
    Engagement.SERVICE: ("2240", ""),
    Engagement.CIVIL_LAW: ("2111", "2120"),
    Engagement.STAFF: ("2111", "2120"),
    Engagement.GRANT_TO_NGO: ("2610", ""),
}


class Basis(models.TextChoices):
    """What an agreement pays for."""

    MONTHLY = "monthly", _("A fixed sum a month")
    HOURS = "hours", _("Hours by the tariff")


class EntryKind(models.TextChoices):
    FEE = "fee", _("Fixed monthly pay")
    HOURS = "hours", _("Moderator’s hours")
    CONTRIBUTION = "contribution", _("Single social contribution")
    OTHER = "other", _("Other costs")
    SUPPORT = "support", _("Technical support by the developers")
    OPENING = "opening", _("Opening balance")


class ActState(models.TextChoices):
    """An issued act waits for its signed copy; only that makes the accrual."""

    ISSUED = "issued", _("Waits for the signed copy")
    SIGNED = "signed", _("Signed")
    CANCELLED = "cancelled", _("Cancelled")


ACT_ALLOWED: dict[str, frozenset[str]] = {
    ActState.ISSUED: frozenset({ActState.SIGNED, ActState.CANCELLED}),
    ActState.SIGNED: frozenset(),
    ActState.CANCELLED: frozenset(),
}


class InvoiceState(models.TextChoices):
    """What was paid of an invoice is never stored: it is the sum of its matches."""

    ISSUED = "issued", _("Issued")
    VOID = "void", _("Void")


class PaymentSource(models.TextChoices):
    HAND = "hand", _("Entered by hand")
    STATEMENT = "statement", _("Bank statement")
    STRIPE = "stripe", "Stripe"


class PaymentKind(models.TextChoices):
    """A returned payment is a row of its own with a negative sum."""

    PAYMENT = "payment", _("Payment")
    RETURN = "return", _("Money sent back")
    MISDIRECTED = "misdirected", _("Not ours: to be sent back")


class PaperKind(models.TextChoices):
    CONTRACT = "contract", _("Contract")
    SUPPLEMENT = "supplement", _("Supplementary agreement")
    GRANT_AGREEMENT = "grant_agreement", _("Grant agreement")
    SIGNED_ACT = "signed_act", _("Signed act")
    DECISION = "decision", _("Decision of the council")
    MEMORANDUM = "memorandum", _("Memorandum")
    BUDGET_REQUEST = "budget_request", _("Budget request")
    BUDGET_PASSPORT = "budget_passport", _("Passport of the budget programme")
    REPORT = "report", _("Report to the donor")
    OTHER = "other", _("Other paper")


class StripeKind(models.TextChoices):
    """Objects at Stripe, by Stripe's own words."""

    CUSTOMER = "customer", _("Payer at Stripe")
    PRODUCT = "product", _("Product")
    PRICE = "price", _("Price")
    SUBSCRIPTION = "subscription", _("Subscription")
    SCHEDULE = "schedule", _("Subscription from a day on")
    INVOICE = "invoice", _("Invoice")
    ITEM = "item", _("Line of an invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class StripeGoal(models.TextChoices):
    """What an object has to come to."""

    PRESENT = "present", _("is there")
    SENT = "sent", _("is sent")
    PAID = "paid", _("is paid")
    VOID = "void", _("is taken back")
    ENDED = "ended", _("ends on its day")


class StripeStatus(models.TextChoices):
    """A failed one waits for a person; a waiting one is tried again by itself."""

    WAITING = "waiting", _("Waits")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
