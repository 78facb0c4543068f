"""Statements in the ledger: imported once, decided once, whoever presses how often."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from billing.bank import deciding, payments
from billing.bank.statements import importing, separated
from billing.bank.statements.columns import Mapping
from billing.bank.statements.importing import Imported, ImportedAlready
from billing.bank.statements.lines import counted, counts
from billing.bank.suggestions import suggest
from billing.documents.run import run
from billing.errors import LedgerRefused
from billing.models import (
    BankStatement,
    ColumnMapping,
    Invoice,
    LedgerEvent,
    Payment,
    PaymentMatch,
    StatementFile,
    StatementLine,
)
from billing.states import PaymentKind
from billing.system import LEDGER
from tenants.models import City
from tests.integration.committed import at_once, unblocked
from tests.money import EDRPOUS, Money, d

NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
OURS = "UA213223130000026007233566001"
COLUMNS = {"day": 0, "amount": 1, "payer_edrpou": 2, "purpose": 3, "payer_iban": 4}
HEADER = "Дата;Сума;ЄДРПОУ;Призначення;Рахунок контрагента"
MAPPING = Mapping(COLUMNS, OURS)


@pytest.fixture(autouse=True)
def _july() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def money() -> Money:
    return Money()


@pytest.fixture
def invoices(alpha: City, money: Money) -> list[Invoice]:
    """10 000,00 for each of April, May and June, of one payer with a code."""
    account = money.account(alpha)
    payer = money.payer(edrpou=EDRPOUS[0])
    money.fund(money.agreement(account, payer, number="Д-45/26"))
    for month in (4, 5, 6):
        run(by=money.by, account=account, month=date(2026, month, 1))
    return list(Invoice.objects.order_by("month"))


def table(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def row(
    amount: str = "10000,00", purpose: str = "Оплата", code: str = EDRPOUS[0], day: int = 10
) -> str:
    return f"{day:02}.07.2026;{amount};{code};{purpose};"


def imported(*rows: str) -> Imported:
    return importing.import_statement(
        by=LEDGER, file_name="july.csv", content=table(*rows), mapping=MAPPING
    )


def one_line(*args: Any, **kwargs: Any) -> StatementLine:
    return imported(row(*args, **kwargs)).statement.lines.get()


def refused(action: Callable[[], object]) -> str:
    with translation.override("en"), pytest.raises(LedgerRefused) as caught:
        action()
    return caught.value.sentence


# --- Import ---------------------------------------------------------------------------------------


def test_lines_wait_and_nothing_is_posted(db: None) -> None:
    made = imported(row(), row("-5,00", day=12))
    assert (made.added, made.skipped) == (2, 0)
    statement = made.statement
    assert (statement.first_day, statement.last_day) == (date(2026, 7, 10), date(2026, 7, 12))
    assert statement.account_iban == OURS
    assert bytes(statement.file.content) == table(row(), row("-5,00", day=12))
    assert list(statement.lines.order_by("number").values_list("number", "amount")) == [
        (1, d("10000")),
        (2, d("-5")),
    ]
    assert counts(statement) == {"undecided": 2, "posted": 0, "aside": 0}
    assert not Payment.objects.exists()
    assert LedgerEvent.objects.get(action="statement_imported").detail["added"] == 2


def test_the_same_bytes_are_refused_and_lead_to_the_first(db: None) -> None:
    first = imported(row())
    with pytest.raises(ImportedAlready) as caught:
        imported(row())
    assert caught.value.statement == first.statement
    with pytest.raises(ImportedAlready):
        importing.keep_file(by=LEDGER, file_name="other name.csv", content=table(row()))


def test_what_came_in_another_file_is_skipped_and_counted(db: None) -> None:
    imported(row(), row(day=11))
    again = imported(row(day=11), row(day=12))
    assert (again.added, again.skipped) == (1, 1)
    assert again.statement.skipped == 1
    nothing = imported(row(day=11))
    assert (nothing.added, nothing.skipped) == (0, 1)


def test_two_equal_movements_both_enter_and_both_are_known_again(db: None) -> None:
    assert imported(row(), row()).added == 2
    later = imported(row(), row(), row(), row(day=13))
    assert (later.added, later.skipped) == (2, 2)


def test_one_odd_line_leaves_nothing(db: None) -> None:
    assert "Line 3" in refused(lambda: imported(row(), row("багато")))
    assert not BankStatement.objects.exists()
    assert not StatementFile.objects.exists()


def test_the_mapping_is_remembered_by_the_line_of_names(db: None) -> None:
    imported(row())
    sheet = separated.sheet_of(table(row(day=20)).decode())
    assert importing.mapping_for(sheet) == Mapping(COLUMNS, OURS)
    assert ColumnMapping.objects.count() == 1


def test_an_upload_waits_once_and_not_for_ever(db: None) -> None:
    kept = importing.keep_file(by=LEDGER, file_name="a.csv", content=table(row()))
    assert importing.keep_file(by=LEDGER, file_name="a.csv", content=table(row())) == kept
    with clock.frozen(NOW + timedelta(days=8)):
        importing.keep_file(by=LEDGER, file_name="b.csv", content=table(row(day=11)))
    assert not StatementFile.objects.filter(pk=kept.pk).exists()


def test_who_may_not_change_money_imports_and_decides_nothing(invoices: list[Invoice]) -> None:
    line = one_line()
    for action in (
        partial(
            importing.import_statement, file_name="x", content=table(row(day=9)), mapping=MAPPING
        ),
        partial(importing.keep_file, file_name="x", content=table(row(day=9))),
        partial(deciding.post, line=line),
        partial(deciding.post_suggested, line=line, key=""),
        partial(deciding.set_aside, line=line, reason="x"),
        partial(deciding.take_back, line=line),
    ):
        with pytest.raises(PermissionDenied):
            action(by=SYSTEM)


# --- Decisions ------------------------------------------------------------------------------------


def test_a_suggestion_is_posted_and_matched(invoices: list[Invoice]) -> None:
    may = invoices[1]
    line = one_line(purpose=f"Оплата рах. № {may.label} за травень 2026")
    (first, *_) = suggest([line])[line.pk]
    assert first.certain
    decided = deciding.post_suggested(by=LEDGER, line=line, key=first.key)
    again = deciding.post_suggested(by=LEDGER, line=line, key=first.key)
    assert (decided.made, again.made) == (True, False)
    assert decided.payment == again.payment == Payment.objects.get()
    assert PaymentMatch.objects.get().invoice == may
    may.refresh_from_db()
    assert not may.open_amount
    assert decided.payment.payer == may.payer
    assert counts(line.statement)["posted"] == 1


def test_several_invoices_are_paid_by_one_line(invoices: list[Invoice]) -> None:
    line = one_line("20000,00", "за травень та червень 2026")
    first = suggest([line])[line.pk][0]
    assert first.certain
    assert [share.invoice_id for share in first.shares] == [invoices[1].pk, invoices[2].pk]
    deciding.post_suggested(by=LEDGER, line=line, key=first.key)
    assert {one.open_amount for one in Invoice.objects.all()} == {d("0"), d("10000")}


def test_what_is_no_longer_suggested_is_not_posted(invoices: list[Invoice]) -> None:
    june = invoices[2]
    line = one_line(purpose=f"рах. {june.label}")
    key = suggest([line])[line.pk][0].key
    other = payments.enter(
        by=LEDGER, payer=june.payer, received_on=date(2026, 7, 9), amount=d("10000")
    )
    payments.match(by=LEDGER, payment=other, invoice=june, amount=d("10000"))
    assert "has changed" in refused(lambda: deciding.post_suggested(by=LEDGER, line=line, key=key))
    assert Payment.objects.count() == 1


def test_of_many_only_what_is_certain_is_posted(invoices: list[Invoice]) -> None:
    line = one_line(purpose="Оплата")
    key = suggest([line])[line.pk][0].key
    refused(lambda: deciding.post_suggested(by=LEDGER, line=line, key=key, only_certain=True))
    assert not Payment.objects.exists()


def test_a_refused_match_leaves_no_payment(invoices: list[Invoice]) -> None:
    line = one_line("10000,01")
    shares = [(invoices[0].pk, d("10000.01"))]
    assert "is open" in refused(lambda: deciding.post(by=LEDGER, line=line, shares=shares))
    assert not Payment.objects.exists()


def test_money_is_posted_without_an_invoice_and_waits(invoices: list[Invoice]) -> None:
    line = one_line("77,00", "Внесок", code="")
    decided = deciding.post(by=LEDGER, line=line)
    assert decided.payment.free_amount == d("77")
    assert decided.payment.payer is None


def test_a_line_set_aside_is_not_posted_until_it_is_taken_back(invoices: list[Invoice]) -> None:
    line = one_line()
    assert "Say why" in refused(lambda: deciding.set_aside(by=LEDGER, line=line, reason=" "))
    deciding.set_aside(by=LEDGER, line=line, reason="Відсотки банку")
    deciding.set_aside(by=LEDGER, line=line, reason="Ще раз")
    assert "set aside" in refused(lambda: deciding.post(by=LEDGER, line=line))
    deciding.take_back(by=LEDGER, line=line)
    deciding.take_back(by=LEDGER, line=line)
    deciding.post(by=LEDGER, line=line)
    assert "posted already" in refused(
        lambda: deciding.set_aside(by=LEDGER, line=line, reason="Пізно")
    )
    actions = ("line_set_aside", "line_taken_back")
    assert list(
        LedgerEvent.objects.filter(action__in=actions)
        .order_by("pk")
        .values_list("action", flat=True)
    ) == [*actions]


def test_money_that_left_sends_a_payment_back(invoices: list[Invoice]) -> None:
    extra = deciding.post(
        by=LEDGER, line=one_line("500,00", "Зайве"), payer=invoices[0].payer
    ).payment
    debit = imported(
        row("-500,00", "Повернення зайво сплачених коштів", day=15)
    ).statement.lines.get()
    assert "left" in refused(lambda: deciding.post(by=LEDGER, line=debit))
    (first,) = suggest([debit])[debit.pk]
    assert (first.returns, first.certain) == (extra.pk, True)
    decided = deciding.post_suggested(by=LEDGER, line=debit, key=first.key)
    assert decided.payment.kind == PaymentKind.RETURN
    extra.refresh_from_db()
    assert not extra.free_amount
    credit = imported(row("1,00", day=16)).statement.lines.get()
    assert "came" in refused(lambda: deciding.send_back(by=LEDGER, line=credit, payment=extra))


def test_another_currency_is_set_aside_and_never_posted(invoices: list[Invoice]) -> None:
    line = one_line()
    StatementLine.objects.update(currency="EUR")
    line.refresh_from_db()
    assert suggest([line])[line.pk] == []
    assert "Only hryvnias" in refused(lambda: deciding.post(by=LEDGER, line=line))


# --- Suggestions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "purpose", "months", "certain"),
    [
        ("10000,00", "рах. {0.label}", [4], True),
        ("10000,00", "акт № {1.act.label}", [5], True),
        ("10000,00", "за червень 2026", [6], True),
        ("10000,00", "дог. Д-45/26 за травень", [5], True),
        ("30000,00", "Оплата за три місяці", [4, 5, 6], True),
        ("2500,00", "часткова оплата рах. {2.label}", [6], True),
        ("10000,00", "Оплата", [4], False),
        ("10000,00", "рах. 99/2026", [4], False),
        ("10000,00", "рах. {0.label} за червень 2026", None, False),
        ("10000,00", "за січень 2026", None, False),
        ("20000,00", "Оплата", None, False),
        ("9999,63", "за червень 2026", [6], False),
        ("10000,50", "рах. {0.label}", [4], False),
        ("10000,00", "Повернення, рах. {0.label}", [4], False),
    ],
)
def test_what_is_suggested_first(
    invoices: list[Invoice], amount: str, purpose: str, months: list[int] | None, certain: bool
) -> None:
    line = one_line(amount, purpose.format(*invoices))
    first = suggest([line])[line.pk][0]
    assert first.certain == certain, first
    assert first.reasons
    if months is not None:
        assert [share.month.month for share in first.shares] == months
    assert sum(share.amount for share in first.shares) + first.rest == line.amount


def test_a_stranger_s_money_is_never_certain(invoices: list[Invoice]) -> None:
    for number, code in enumerate((EDRPOUS[1], "")):
        line = one_line(purpose=f"рах. {invoices[0].label}", code=code, day=10 + number)
        assert not any(one.certain for one in suggest([line])[line.pk])


def test_a_code_of_one_payer_with_a_contract_of_another_is_never_certain(
    invoices: list[Invoice], money: Money
) -> None:
    money.payer(edrpou=EDRPOUS[1])
    line = one_line(purpose=f"дог. Д-45/26, рах. {invoices[0].label}", code=EDRPOUS[1])
    found = suggest([line])[line.pk]
    assert found
    assert not any(one.certain for one in found)


def test_a_reversal_is_never_certain(invoices: list[Invoice]) -> None:
    line = one_line(purpose=f"рах. {invoices[0].label}")
    line.is_reversal = True
    assert not suggest([line])[line.pk][0].certain


def test_an_account_is_known_after_a_person_has_posted_from_it(invoices: list[Invoice]) -> None:
    theirs = "UA903052992990004149123456789"
    first, second = (
        imported(f"{day}.07.2026;10000,00;;{purpose};{theirs}").statement.lines.get()
        for day, purpose in ((10, "Оплата"), (11, "за травень 2026"))
    )
    assert not any(one.certain for one in suggest([second])[second.pk])
    deciding.post(by=LEDGER, line=first, shares=[(invoices[0].pk, d("10000"))])
    assert suggest([second])[second.pk][0].certain


def test_two_cities_with_one_sum_are_told_apart_by_name_alone(
    alpha: City, beta: City, money: Money
) -> None:
    payer = money.payer(edrpou=EDRPOUS[0])
    for city in (alpha, beta):
        account = money.account(city)
        money.fund(money.agreement(account, payer))
        run(by=money.by, account=account, month=date(2026, 6, 1))
    blind, seeing = imported(
        row(purpose="за червень 2026"), row(purpose="за червень 2026, м. Тернополя")
    ).statement.lines.order_by("number")
    found = suggest([blind, seeing])
    assert not found[blind.pk][0].certain
    assert found[seeing.pk][0].certain
    invoice = Invoice.objects.get(pk=found[seeing.pk][0].shares[0].invoice_id)
    assert invoice.account.city == beta


def test_many_lines_cost_as_many_queries_as_one(invoices: list[Invoice]) -> None:
    made = imported(
        *(row(f"{amount},00", "рах. 1", day=1 + amount % 20) for amount in range(1, 40))
    )
    lines = list(made.statement.lines.all())
    found = []
    for some in (lines[:1], lines):
        with CaptureQueriesContext(connection) as captured:
            suggest(some)
        found.append(len(captured))
    assert found[0] == found[1] <= 4


def test_statements_are_counted_in_one_query(invoices: list[Invoice]) -> None:
    statement = imported(row(), row(day=11), row(day=12)).statement
    one, two, _three = statement.lines.order_by("number")
    deciding.post(by=LEDGER, line=one)
    deciding.set_aside(by=LEDGER, line=two, reason="Ні")
    (found,) = counted()
    assert (found.undecided, found.posted, found.aside) == (1, 1, 1)
    assert counts(statement) == {"undecided": 1, "posted": 1, "aside": 1}


# --- At one moment --------------------------------------------------------------------------------


@pytest.fixture
def committed_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows that are really committed, and gone afterwards."""
    with unblocked(django_db_blocker):
        _empty()
        yield
        _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE public.billing_city_account, public.billing_payer, public.billing_event,"
            " public.billing_statement, public.billing_column_mapping CASCADE"
        )


def frozen(act: Callable[[], Any]) -> Callable[[], Any]:
    """In July, in whatever thread."""

    def run_it() -> Any:
        with clock.frozen(NOW):
            return act()

    return run_it


@pytest.mark.usefixtures("committed_rows")
def test_one_file_imported_by_two_at_once_is_one_statement() -> None:
    results = at_once([lambda: imported(row(), row(day=11))] * 4)
    assert sum(isinstance(result, Imported) for result in results) == 1, results
    assert sum(isinstance(result, ImportedAlready) for result in results) == 3, results
    assert StatementLine.objects.count() == 2


@pytest.mark.usefixtures("committed_rows")
def test_two_files_with_one_movement_at_once_keep_it_once() -> None:
    files = [[row(day=day), *(row(day=other) for other in range(1, 9))] for day in (20, 21, 22)]
    results = at_once([partial(imported, *rows) for rows in files])
    assert all(isinstance(result, Imported) for result in results), results
    assert sum(result.added for result in results) == StatementLine.objects.count() == 11
    assert sum(result.skipped for result in results) == 16


@pytest.mark.usefixtures("committed_rows")
def test_a_button_pressed_twice_at_once_posts_once() -> None:
    line = one_line("5,00", code="")
    results = at_once([frozen(lambda: deciding.post(by=LEDGER, line=line))] * 4)
    assert sorted(result.made for result in results) == [False, False, False, True], results
    assert Payment.objects.count() == 1


@pytest.mark.usefixtures("committed_rows")
def test_posting_and_setting_aside_at_once_leave_one_decision() -> None:
    line = one_line("5,00", code="")
    results = at_once(
        [
            frozen(lambda: deciding.post(by=LEDGER, line=line)),
            frozen(lambda: deciding.set_aside(by=LEDGER, line=line, reason="Ні")),
        ]
    )
    assert sum(isinstance(result, LedgerRefused) for result in results) == 1, results
    line.refresh_from_db()
    assert Payment.objects.exists() != bool(line.set_aside_at)


@pytest.mark.usefixtures("committed_rows")
def test_two_lines_for_one_invoice_at_once_pay_it_once() -> None:
    money = Money()
    account = money.account(City.objects.get(slug="poltava"))
    money.fund(money.agreement(account, money.payer(edrpou=EDRPOUS[0])))
    (act,) = run(by=money.by, account=account, month=date(2026, 6, 1)).acts
    invoice = Invoice.objects.get(act=act)
    lines = imported(row(), row(day=11)).statement.lines.order_by("number")
    shares = [(invoice.pk, d("10000"))]
    results = at_once(
        [frozen(partial(deciding.post, by=LEDGER, line=line, shares=shares)) for line in lines]
    )
    assert sum(isinstance(result, LedgerRefused) for result in results) == 1, results
    assert Payment.objects.count() == PaymentMatch.objects.count() == 1
