"""CAMT.053, the statement of ISO 20022, versions 2 to 8."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from billing.bank.statements import values
from billing.bank.statements.movements import Format, Movement, Reading, checked, refused_at
from billing.bank.statements.xml_tree import Node, tree_of
from billing.errors import LedgerRefused
from billing.spreading import KOPIYKA

_SPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]")
_NOTHING = {"", "NOTPROVIDED"}
_REFERENCES = ("EndToEndId", "InstrId", "TxId", "AcctSvcrRef")


def read(content: bytes) -> Reading:
    """All booked movements, or LedgerRefused with the line of the first that makes no sense."""
    root = tree_of(content)
    if root.name != "Document" or not _SPACE.fullmatch(root.space):
        raise LedgerRefused(
            _("This XML is no statement: CAMT.053 of versions 2 to 8 is read, “%(space)s” is not.")
            % {"space": root.space[-60:] or root.name[:60]}
        )
    found: list[Movement] = []
    ignored = 0
    for statement in root.all("BkToCstmrStmt/Stmt"):
        account = _account(statement)
        for entry in statement.all("Ntry"):
            if entry.said("Sts/Cd", "Sts") not in {"BOOK", ""}:
                ignored += 1
                continue
            try:
                found += _movements(entry, account)
            except LedgerRefused:
                raise
            except (ValueError, InvalidOperation) as error:
                raise refused_at(entry.line, str(error)) from None
    return checked(Reading(Format.CAMT, found, ignored))


def _account(statement: Node) -> str:
    account = statement.said("Acct/Id/IBAN", "Acct/Id/Othr/Id")
    if not account:
        raise refused_at(statement.line, _("The statement does not say of which account it is."))
    return values.iban_of(account)


def _amount(node: Node | None, line: int) -> tuple[Decimal, str]:
    """Sum without sign, and currency."""
    if node is None:
        raise refused_at(line, _("There is no sum."))
    text = node.text.strip()
    if not re.fullmatch(r"\d{1,12}(\.\d{1,5})?", text, re.ASCII):
        raise refused_at(node.line, _("“%(text)s” is no sum.") % {"text": text[:40]})
    amount = Decimal(text)
    if amount != amount.quantize(KOPIYKA):
        raise refused_at(node.line, _("A sum has two decimal places at most."))
    return amount.quantize(KOPIYKA), values.currency_of(node.attributes.get("Ccy", ""))


def _is_credit(node: Node) -> bool:
    word = node.said("CdtDbtInd")
    if word not in {"CRDT", "DBIT"}:
        raise refused_at(node.line, _("It is neither credit nor debit."))
    return word == "CRDT"


def _movements(entry: Node, account: str) -> Iterator[Movement]:
    """One for the entry, or one for each transaction of a batch whose sums are told."""
    amount, currency = _amount(entry.one("Amt"), entry.line)
    if not amount:
        return
    is_credit = _is_credit(entry)
    day = values.moment_day(entry.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
    is_reversal = entry.said("RvslInd") in {"true", "1"}
    batch = list(entry.all("NtryDtls/TxDtls"))
    parts = _parts(batch, amount, currency, is_credit=is_credit)
    whole: list[tuple[Decimal, Node | None]] = [(amount if is_credit else -amount, None)]
    for part, transaction in [*parts] or whole:
        own = [transaction] if transaction else batch
        name, iban, edrpou = _counterparty(own, is_debtor=(part > 0) != is_reversal)
        yield Movement(
            line=(transaction or entry).line,
            booked_on=day,
            amount=part,
            account=account,
            currency=currency,
            payer_name=name,
            payer_iban=iban,
            payer_edrpou=edrpou,
            purpose=_purpose(entry, own),
            reference=_reference(entry, own),
            is_reversal=is_reversal,
        )


def _parts(
    batch: list[Node], amount: Decimal, currency: str, *, is_credit: bool
) -> list[tuple[Decimal, Node]]:
    """Signed sums of the batch; empty where they are not told or make another sum."""
    found = []
    for transaction in batch if len(batch) > 1 else []:
        node = transaction.one("Amt") or transaction.one("AmtDtls/TxAmt/Amt")
        if node is None:
            return []
        part, its = _amount(node, transaction.line)
        came = _is_credit(transaction) if transaction.one("CdtDbtInd") else is_credit
        if its != currency or not part:
            return []
        found.append((part if came else -part, transaction))
    whole = amount if is_credit else -amount
    return found if found and sum(part for part, _node in found) == whole else []


def _counterparty(transactions: list[Node], *, is_debtor: bool) -> tuple[str, str, str]:
    """Name, account, code of who is on the other side; of a batch that is one entry, nobody."""
    if len(transactions) != 1:
        return "", "", ""
    parties = transactions[0].one("RltdPties")
    if parties is None:
        return "", "", ""
    role = "Dbtr" if is_debtor else "Cdtr"
    name = parties.said(f"{role}/Nm", f"{role}/Pty/Nm", f"Ultmt{role}/Nm", f"Ultmt{role}/Pty/Nm")
    iban = parties.said(f"{role}Acct/Id/IBAN", f"{role}Acct/Id/Othr/Id")
    codes = (
        f"{role}{party}/Id/{kind}/Othr/Id" for party in ("", "/Pty") for kind in ("OrgId", "PrvtId")
    )
    return values.text_of(name, 250), values.iban_of(iban), values.edrpou_of(parties.said(*codes))


def _purpose(entry: Node, transactions: list[Node]) -> str:
    """What the payer wrote; else what the bank wrote."""
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf")
    written = [
        node.text for one in transactions for path in paths for node in one.all(path) if node.text
    ]
    if not written:
        written = [one.said("AddtlTxInf") for one in transactions]
    return values.text_of(" ".join(written)) or values.text_of(entry.said("AddtlNtryInf"))


def _reference(entry: Node, transactions: list[Node]) -> str:
    if len(transactions) == 1:
        for name in _REFERENCES:
            if (text := transactions[0].said(f"Refs/{name}")) not in _NOTHING:
                return values.text_of(text, 140)
    return values.text_of(entry.said("AcctSvcrRef", "NtryRef"), 140)
