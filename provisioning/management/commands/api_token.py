"""`manage.py api_token create NAME --scope … | list | revoke ID`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from provisioning.api import tokens
from provisioning.management.failures import BadInputError
from provisioning.models import ApiToken, Scope
from provisioning.provisioning import OPERATOR


class Command(BaseCommand):
    help = "Makes, lists and revokes tokens of the platform's API."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="prints the token, once")
        create.add_argument("name", help="which program will use it")
        create.add_argument(
            "--scope", action="append", required=True, choices=Scope.values, dest="scopes"
        )
        create.add_argument("--days", type=int, default=90, help="valid for; at most 366")
        actions.add_parser("list", help="all tokens, never their secrets")
        revoke = actions.add_parser("revoke", help="stops one at once")
        revoke.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "create":
                self._create(options["name"], options["scopes"], options["days"])
            case "list":
                self._list()
            case _:
                self._revoke(options["id"])

    def _create(self, name: str, scopes: list[str], days: int) -> None:
        if not 0 < len(name.strip()) <= 60:
            raise BadInputError("The name has 1 to 60 characters.")
        try:
            token, secret = tokens.create(
                by=OPERATOR, name=name, scopes=sorted(set(scopes)), days=days
            )
        except tokens.TokenRefused as refusal:
            raise BadInputError(str(refusal)) from refusal
        self.stderr.write(f"Token {token.pk}, until {token.expires_at:%Y-%m-%d}. Shown once:")
        self.stdout.write(secret)

    def _list(self) -> None:
        rows = list(ApiToken.objects.order_by("id"))
        for token in rows:
            state = "live" if token.is_live else "expired" if not token.revoked_at else "revoked"
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
            self.stdout.write(
                f"{token.pk:<4} {state:<8} …{token.hint}  until {token.expires_at:%Y-%m-%d}"
                f"  {used:<16}  {' '.join(token.scopes)}  {token.name}"
            )
        if not rows:
            self.stdout.write("No tokens yet.")

    def _revoke(self, pk: int) -> None:
        token = ApiToken.objects.filter(pk=pk).first()
        if token is None:
            raise BadInputError(f"No token has the number {pk}. See `api_token list`.")
        done = tokens.revoke(by=OPERATOR, token=token)
        self.stdout.write("Revoked." if done else "It was revoked before.")
