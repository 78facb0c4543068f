"""One city full of rows, one for every argument that a route can take."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from bezpechne.accounts.actions import reset_tokens
from bezpechne.accounts.models import Invitation, User
from bezpechne.kernel import clock, logos
from billing.accounts import account_for, show_costs
from billing.bank import deciding, payments
from billing.bank.statements import importing
from billing.bank.statements.columns import Mapping
from billing.documents.run import run
from billing.models import (
    Act,
    BankStatement,
    CityAccount,
    Contractor,
    CostEntry,
    Grant,
    Invoice,
    Paper,
    Payer,
    Payment,
    PaymentMatch,
    ReportLink,
    StatementFile,
    StatementLine,
    Tranche,
    ViewerScope,
)
from billing.payers import add_tranche
from billing.reports import links as report_links
from billing.scopes import add_scope
from billing.states import EntryKind, StripeKind
from billing.stripe.intents import key_of, want
from billing.system import LEDGER
from community.answers import links as unit_links
from community.answers.actions import rating
from community.answers.models import Answer, Letter, Routing, Unit
from community.desk.actions.bulk import reject_spam
from community.desk.actions.phrases import save_phrase
from community.desk.models import Batch, Phrase
from community.notices.models import Notice
from community.questions import links
from community.questions.models import Photo, PrivacyNotice, Question, Topic
from community.timesheet.models import Timesheet
from provisioning.branding.logos import keep
from provisioning.handover.models import Handover
from provisioning.handover.states import Stage
from tenants.models import City
from tests import pictures
from tests.factories import Make, inside
from tests.handovers import Leading
from tests.money import Money


@dataclass(frozen=True, kw_only=True)
class World:
    """Rows in the states in which the right person may act on them."""

    city: City
    new: Question
    published: Question
    waiting: Answer
    green: Answer
    rejected: Question
    hidden: Question
    unconfirmed: Question
    asked_back: Question
    # On a private topic: before the moderator, with a unit, and answered.
    private: Question
    private_waiting: Question
    private_answered: Question
    # Its answer did not help; the desk is asked for another.
    reopening: Question
    photo: Photo
    routed_photo: Photo
    draft_photo: Photo
    routing: Routing
    answered_routing: Routing
    letter: Letter
    unit: Unit
    liaison: Unit
    # Two that no template knows, the second for deletion.
    topic: Topic
    spare_topic: Topic
    # A version that no other city has.
    privacy: PrivacyNotice
    colleague: User
    dismissed: User
    invitation: Invitation
    # Rejected as spam a moment ago; joined to another; a letter that a server refused.
    batch: Batch
    joined: Question
    refused_letter: Notice
    phrase: Phrase
    links: dict[str, str]
    # Who pays for the city, shown on its site; an act about it, and a link to its report.
    account: CityAccount
    act: Act
    cost: CostEntry
    report_link: ReportLink
    # What pays it: a grant, an invoice paid in part, money that waits, a scan.
    payer: Payer
    idle_payer: Payer
    contractor: Contractor
    # Everything is filled in but the day of the change.
    handover: Handover
    # Somebody who sees the donor's money, and a scope of theirs.
    viewer: User
    viewer_scope: ViewerScope
    grant: Grant
    tranche: Tranche
    invoice: Invoice
    payment: Payment
    match: PaymentMatch
    paper: Paper
    # Of another month and from nobody: nothing is paid with it, nothing of it is paid.
    free_act: Act
    free_invoice: Invoice
    free_payment: Payment
    # A bank's statement: what came and fits an invoice, what is set aside, what left; a file waits.
    statement: BankStatement
    line: StatementLine
    aside_line: StatementLine
    debit_line: StatementLine
    waiting_file: StatementFile
    # Hours of the moderator: waiting for approval, and approved.
    submitted_hours: Timesheet
    approved_hours: Timesheet
    # Stem of the file: of the same picture in another size in each city.
    logo: str
    reset_uid: str
    reset_token: str

    @property
    def draft_key(self) -> UUID:
        return self.draft_photo.submit_key


def raise_ids(*cities: City) -> None:
    """Makes the next ids of these cities equal, and higher than any that was given so far.

    One city: its ids are nobody's in another. Two: each row has a twin. Sequences keep their
    values when a test's transaction is taken back, hence no fixed number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(last_value), 0) + 1000000 FROM pg_sequences")
        (start,) = cursor.fetchone()
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s)"
            " FROM pg_sequences WHERE schemaname = ANY(%s)",
            [start, [city.schema_name for city in cities]],
        )


def give_logo(city: City) -> str:
    """A logo that no other city has."""
    picture = pictures.encoded(pictures.corners((100 + city.pk % 50, 60), "RGBA"), "PNG")
    made = logos.process(BytesIO(picture), len(picture))
    city.logo = keep(city, made)
    City.objects.filter(pk=city.pk).update(logo=city.logo)
    return made.stem


def shown_account(city: City) -> CityAccount:
    """The city in the ledger, its costs on its site."""
    account = account_for(city, by=LEDGER)
    show_costs(by=LEDGER, account=account, shown=True)
    return account


def act_of(account: CityAccount) -> Act:
    """Of a month that is over."""
    money = Money()
    money.fund(money.agreement(account, contractor=money.contractor()))
    with clock.frozen(datetime(2026, 6, 2, 9, tzinfo=UTC)):
        (act,) = run(by=LEDGER, account=account, month=date(2026, 5, 1)).acts
    return act


def link_to(account: CityAccount) -> ReportLink:
    return report_links.make(
        by=LEDGER,
        about=account,
        label="Рада",
        first=date(2026, 5, 1),
        last=date(2026, 5, 1),
        last_day=clock.today(),
    )


def money_of(act: Act) -> dict[str, Any]:
    """What hangs on an act, by the names of a world."""
    money, june = Money(), date(2026, 6, 5)
    invoice = Invoice.objects.get(act=act)
    with clock.frozen(datetime(2026, 7, 2, 9, tzinfo=UTC)):
        payment = payments.enter(
            by=LEDGER, payer=act.payer, received_on=june, amount=money.sum("500.00")
        )
        match = payments.match(
            by=LEDGER, payment=payment, invoice=invoice, amount=money.sum("200.00")
        )
        free_payment = payments.enter(
            by=LEDGER, payer=None, received_on=june, amount=money.sum("7.00")
        )
        (free_act,) = run(by=LEDGER, account=act.account, month=date(2026, 6, 1)).acts
    grant = money.grant(act.payer)
    # Has to come to Stripe, where that is on; nothing has begun.
    want(StripeKind.CUSTOMER, key_of(StripeKind.CUSTOMER, payer=act.payer), payer=act.payer)
    return {
        "payer": act.payer,
        "contractor": act.agreement.contractor,
        "idle_payer": money.payer(contact_email="idle@example.org"),
        "grant": grant,
        "tranche": add_tranche(
            by=LEDGER, grant=grant, received_on=june, amount=money.sum("9.00"), rate=Decimal("41.5")
        ),
        "invoice": invoice,
        "payment": payment,
        "match": match,
        "paper": money.paper(),
        "free_act": free_act,
        "free_invoice": Invoice.objects.get(act=free_act),
        "free_payment": free_payment,
    }


def handover_of(city: City, act: Act) -> Handover:
    """At its contract."""
    lead = Leading(city, donor=act.agreement)
    with clock.frozen(datetime(2026, 7, 10, 9, tzinfo=UTC)):
        lead.lead_to(Stage.CONTRACT)
        return lead.fill(contract=lead.contract(date(2027, 1, 1), date(2027, 12, 31)))


STATEMENT_HEADER = "Дата;Сума;Назва контрагента;Призначення платежу"


def statement_of(invoice: Invoice, city: City) -> dict[str, Any]:
    """Three movements, the first certain, and a file that nobody has confirmed, by a world's names."""
    columns = {"day": 0, "amount": 1, "payer_name": 2, "purpose": 3}
    mapping = Mapping(columns, "UA213223130000026007233566001")
    text = f"""{STATEMENT_HEADER}
05.06.2026;{invoice.open_amount};{invoice.payer.name};Рахунок {invoice.label}, договір № {invoice.agreement.number}
06.06.2026;3,00;Хтось;Не про нас, {city.slug}
07.06.2026;-1,00;{invoice.payer.name};Повернення, {city.slug}
"""
    made = importing.import_statement(
        by=LEDGER, file_name="june.csv", content=text.encode(), mapping=mapping
    )
    line, aside, debit = made.statement.lines.order_by("number")
    deciding.set_aside(by=LEDGER, line=aside, reason="Не про нас")
    waiting = importing.keep_file(
        by=LEDGER, file_name="next.csv", content=text.replace(".06.", ".07.").encode()
    )
    return {
        "statement": made.statement,
        "line": line,
        "aside_line": aside,
        "debit_line": debit,
        "waiting_file": waiting,
    }


# Months in which both the moderator and the administrator have hours in that state.
OPEN_HOURS, SUBMITTED_HOURS, APPROVED_HOURS = (date(2026, month, 1) for month in (5, 4, 3))


def hours_of(made: Make) -> dict[str, Any]:
    """Open, submitted and approved ones, by the names of a world."""
    for person in (made.administrator, made.moderator):
        made.hours(person, OPEN_HOURS)
        submitted = made.hours(person, SUBMITTED_HOURS, "submitted")
        approved = made.hours(person, APPROVED_HOURS, "approved")
    return {"submitted_hours": submitted, "approved_hours": approved}


def refused_letter(question: Question) -> Notice:
    """Of a mailbox that is no more."""
    row = Notice.objects.filter(question_id=question.pk, kind="clarification").get()
    row.refused_at, row.refusal = clock.now(), "550 no such user"
    row.save()
    return row


def phrase_of(made: Make) -> Phrase:
    values = {"kind": "reject", "title": "Не до нас", "text_uk": "Це питання не до поліції."}
    # One of the usual ones is missing.
    Phrase.objects.filter(kind="hide").delete()
    return save_phrase(by=made.moderator.actor, phrase=Phrase(), values=values)


def populate(city: City) -> World:
    """Through the product's own actions."""
    made = Make(city)
    letter = made.letter()
    answer = letter.answer
    photographed = made.question("published", photos=1)
    unconfirmed = made.question("unconfirmed")
    asked_back = made.question("clarification")
    routed = made.question("published", photos=1)
    routing = made.routing(routed, made.unit("Дільничні", "beat@example.org"))
    passed = made.routing(unit=made.unit("Сектор", "sector@example.org"))
    made.passed(passed)
    expired = made.expired(made.routing(unit=made.unit("Відділ", "office@example.org")))
    wide = made.routing(unit=made.wide_unit())
    colleague = made.user("administrator", "colleague@example.org")
    invitation = made.invitation()
    green = made.question("answered")
    account = shown_account(city)
    report_link = link_to(account)
    act = act_of(account)
    money = money_of(act)
    viewer = Make(None).user("donor_viewer")
    handover = handover_of(city, act)
    bank = statement_of(money["free_invoice"], city)
    unhappy, reopening = (made.unhelped() for _ in range(2))
    withdrawn = made.question("withdrawn")
    joined = made.joined(photographed)
    with inside(city):
        rating.ask_reopening(question=reopening, reason="Немає жодного терміну.")
        found = {
            "unhappy": links.follow_token(unhappy.asker),
            "withdrawn": links.follow_token(withdrawn.asker),
            "pending": links.pending_token(unconfirmed.asker),
            "confirm": links.confirm_token(unconfirmed.asker),
            "follow": links.follow_token(asked_back.asker),
            "own_photo": links.follow_token(photographed.asker),
            "follower": links.follower_token(joined),
        }
        assert answer.routing is not None
        return World(
            city=city,
            new=made.question("in_moderation"),
            published=photographed,
            waiting=answer,
            green=Answer.objects.select_related("question").get(question=green),
            rejected=made.question("rejected"),
            hidden=made.question("hidden"),
            unconfirmed=unconfirmed,
            asked_back=asked_back,
            private=made.question(topic="domestic", photos=1),
            private_waiting=made.question("private_waiting"),
            private_answered=made.question("private_answered", photos=1),
            reopening=reopening,
            photo=photographed.photos.get(),
            routed_photo=routed.photos.get(),
            draft_photo=made.draft_photo(),
            routing=routing,
            answered_routing=answer.routing,
            letter=letter,
            unit=routing.unit,
            liaison=Unit.objects.get(is_liaison=True),
            privacy=PrivacyNotice.objects.create(
                version=f"2026-11-01.{city.pk}",
                controller="Рада",
                address="вул. Соборності, 36",
                email="rada@example.org",
            ),
            topic=Topic.objects.create(code="fresh", name_uk="Свіжа", name_en="Fresh", position=49),
            spare_topic=Topic.objects.create(
                code="spare", name_uk="Зайва", name_en="Spare", position=50
            ),
            colleague=colleague,
            dismissed=made.user("moderator", "dismissed@example.org", is_active=False),
            invitation=invitation,
            batch=reject_spam(
                by=made.moderator.actor,
                key=uuid4(),
                numbers=[made.question("in_moderation").pk],
            ),
            joined=joined,
            refused_letter=refused_letter(asked_back),
            phrase=phrase_of(made),
            links={
                **found,
                "unit": made.unit_token(routing),
                "passed_unit": made.unit_token(passed),
                "expired_unit": made.unit_token(expired),
                "wide_unit": made.unit_token(wide),
                "address": unit_links.address_token(routing.unit),
                "answered_unit": made.unit_token(answer.routing),
                "invitation": made.token("invitation", invitation.pk, invitation.version),
                "acting": made.acting_link().rsplit("/", 2)[1],
                "report": report_links.token_of(report_link),
            },
            account=account,
            act=act,
            cost=CostEntry.objects.get(account=account, kind=EntryKind.FEE, month=act.month),
            report_link=report_link,
            handover=handover,
            viewer=viewer,
            viewer_scope=add_scope(by=LEDGER, user=viewer, about=act.payer),
            **money,
            **bank,
            **hours_of(made),
            logo=give_logo(city),
            reset_uid=urlsafe_base64_encode(force_bytes(colleague.pk)),
            reset_token=reset_tokens.make_token(colleague),
        )


# What may change by looking: sessions, counters of attempts, and how often a link was opened. The
# gazetteer is only read, and large.
VOLATILE = {
    "django_session",
    "accounts_sign_in",
    "kernel_throttle",
    "provisioning_hromada",
    "billing_report_link",
}


def digest(*schemas: str) -> dict[str, str]:
    """A fingerprint of every table of the schemas, to see that nothing was changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) ORDER BY 1, 2",
            [list(schemas)],
        )
        tables = [(schema, table) for schema, table in cursor.fetchall() if table not in VOLATILE]
        parts = [
            f"SELECT '{schema}.{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"  # noqa: S608 - names of our own tables
            f" FROM {schema}.{table} t"
            for schema, table in tables
        ]
        cursor.execute(" UNION ALL ".join(parts))
        found: list[tuple[str, Any]] = cursor.fetchall()
        return dict(found)
