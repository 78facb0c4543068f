"""From an upload to lines that wait for a decision. Nothing is posted here."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.bank.statements import files, separated
from billing.bank.statements.columns import Mapping, Part, header_key
from billing.bank.statements.movements import Format, Reading, fingerprints
from billing.errors import LedgerRefused
from billing.models import BankStatement, ColumnMapping, StatementFile, StatementLine
from billing.wording import day_text

# What nobody confirmed is forgotten after these days.
WAITS_DAYS = 7


class ImportedAlready(LedgerRefused):
    """The same bytes came before: `statement` is what they became."""

    def __init__(self, statement: BankStatement) -> None:
        super().__init__(
            _("This file was imported already, on %(day)s.")
            % {"day": day_text(statement.imported_at.astimezone(clock.KYIV).date())}
        )
        self.statement = statement


@dataclass(frozen=True)
class Imported:
    """`added` lines wait for a decision; `skipped` ones had come in another file."""

    statement: BankStatement
    added: int
    skipped: int


def keep_file(*, by: Actor, file_name: str, content: bytes) -> StatementFile:
    """An upload that waits for a confirmation; the same bytes wait once.

    Raises LedgerRefused for what is no statement, ImportedAlready for bytes that were imported.
    """
    by.require(Permission.FINANCE)
    if files.format_of(content) == Format.CAMT:
        files.read(content)
    else:
        separated.sheet_of(files.text_of(content))
    digest = hashlib.sha256(content).hexdigest()
    _refuse_imported(digest)
    with transaction.atomic():
        old = clock.now() - timedelta(days=WAITS_DAYS)
        StatementFile.objects.filter(statement=None, uploaded_at__lt=old).delete()
        kept: StatementFile
        kept, _made = StatementFile.objects.get_or_create(
            sha256=digest,
            defaults={
                "file_name": PurePath(file_name).name[-150:],
                "content": content,
                "uploaded_by_id": by.id,
            },
        )
    return kept


def import_statement(
    *, by: Actor, file_name: str, content: bytes, mapping: Mapping | None = None
) -> Imported:
    """All movements of a file become lines, or none does.

    A movement that came in another file is skipped and counted. Raises LedgerRefused for a file
    that makes no sense, with its line; ImportedAlready for bytes that were imported.
    """
    by.require(Permission.FINANCE)
    digest = hashlib.sha256(content).hexdigest()
    _refuse_imported(digest)
    reading = files.read(content, mapping)
    try:
        with transaction.atomic():
            statement = _statement(by, file_name, digest, reading)
            added = _lines(statement, reading)
            statement.skipped = len(reading.movements) - added
            statement.save(update_fields=["skipped"])
            _keep(by, statement, content)
            if mapping is not None:
                _remember(content, mapping)
            note(
                by=by,
                action="statement_imported",
                subject=statement,
                format=reading.format,
                added=added,
                skipped=statement.skipped,
            )
    except IntegrityError:
        # Two people, or two tabs, with one file.
        _refuse_imported(digest)
        raise
    return Imported(statement, added, statement.skipped)


def mapping_for(sheet: separated.Sheet) -> Mapping:
    """What a person said of such a table before, else what its names suggest."""
    known = ColumnMapping.objects.filter(header=header_key(sheet.names)).first()
    columns = known.columns if known else sheet.columns
    if sheet.account or Part.ACCOUNT in columns:
        return Mapping(columns, sheet.account)
    return Mapping(columns, known.account_iban if known else _last_account())


def _last_account() -> str:
    last = BankStatement.objects.exclude(account_iban="").order_by("-pk").first()
    return last.account_iban if last else ""


def _refuse_imported(digest: str) -> None:
    if known := BankStatement.objects.filter(sha256=digest).first():
        raise ImportedAlready(known)


def _statement(by: Actor, file_name: str, digest: str, reading: Reading) -> BankStatement:
    days = [one.booked_on for one in reading.movements]
    accounts = {one.account for one in reading.movements}
    made: BankStatement = BankStatement.objects.create(
        file_name=PurePath(file_name).name[-150:],
        sha256=digest,
        format=reading.format,
        account_iban=accounts.pop() if len(accounts) == 1 else "",
        first_day=min(days),
        last_day=max(days),
        imported_by_id=by.id,
    )
    return made


def _lines(statement: BankStatement, reading: Reading) -> int:
    """How many are new. Sorted by fingerprint, so that two imports at once wait in one order."""
    marks = fingerprints(reading.movements)
    rows = [
        StatementLine(
            statement=statement,
            number=number,
            fingerprint=mark,
            booked_on=one.booked_on,
            amount=one.amount,
            currency=one.currency,
            payer_name=one.payer_name,
            payer_iban=one.payer_iban,
            payer_edrpou=one.payer_edrpou,
            purpose=one.purpose,
            reference=one.reference,
            is_reversal=one.is_reversal,
        )
        for number, (one, mark) in enumerate(zip(reading.movements, marks, strict=True), start=1)
    ]
    rows.sort(key=lambda row: row.fingerprint)
    StatementLine.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return statement.lines.count()


def _keep(by: Actor, statement: BankStatement, content: bytes) -> None:
    StatementFile.objects.update_or_create(
        sha256=statement.sha256,
        defaults={"statement": statement},
        create_defaults={
            "statement": statement,
            "file_name": statement.file_name,
            "content": content,
            "uploaded_by_id": by.id,
        },
    )


def _remember(content: bytes, mapping: Mapping) -> None:
    names = separated.sheet_of(files.text_of(content)).names
    ColumnMapping.objects.update_or_create(
        header=header_key(names),
        defaults={
            "columns": {str(part): place for part, place in mapping.columns.items()},
            "account_iban": mapping.account,
            "confirmed_at": clock.now(),
        },
    )
