"""Database backend: django-tenants', with two differences.

The embedded server is started at the first connection: `help`, `check` and type checking need none.

A change of city costs no round trip. django-tenants sends `SET search_path` by itself at each
change; here the first query after it carries the SET in the same message, and a connection that
comes back to the city where it was sends none.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql.base import DatabaseWrapper as DjangoDatabaseWrapper
from django.db.utils import OperationalError
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantDatabaseWrapper
from django_tenants.utils import quote_schema_name
from psycopg.sql import Composable

from bezpechne.kernel import postgres

if TYPE_CHECKING:
    # What Django's is with psycopg 3; its stubs describe psycopg 2.
    from psycopg import ClientCursor

    Cursor = ClientCursor[Any]
else:
    from django.db.backends.postgresql.base import Cursor

# What may share a message, and so an implicit transaction, with the SET before it.
_CARRIES = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
# Words of the transaction: they meet no table, and after an error nothing else may come first.
_PASSES = re.compile(r"\s*(?:SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)\b", re.IGNORECASE)


class PathCursor(Cursor):
    """Sees to it that what it runs meets the schema in force at that moment."""

    # None for psycopg's own cursors: its health check needs no schema.
    wrapper: "DatabaseWrapper | None" = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        setting = self.wrapper.pending_path() if self.wrapper else None
        if self.wrapper is None or setting is None or _PASSES.match(str(query)):
            return super().execute(query, params, **options)
        if isinstance(query, Composable):
            query = query.as_string(self.connection)
        if not isinstance(query, str) or not _CARRIES.match(query):
            self._set_path()
            return super().execute(query, params, **options)
        super().execute(f"{setting}; {query}", params, **options)
        # The first result is the SET's.
        self.nextset()
        self.wrapper.path_is_set()
        return self

    def executemany(self, *args: Any, **options: Any) -> None:
        self._set_path()
        super().executemany(*args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        self._set_path()
        return super().copy(*args, **options)

    def stream(self, *args: Any, **options: Any) -> Any:
        self._set_path()
        return super().stream(*args, **options)

    def _set_path(self) -> None:
        if self.wrapper and (setting := self.wrapper.pending_path()):
            super().execute(setting)
            self.wrapper.path_is_set()


class DatabaseWrapper(TenantDatabaseWrapper):
    """Connects to DATABASE_URL, or to the embedded server when settings name its folder.

    `search_path_set_schemas` is what the session has, None when nobody knows: a new connection, a
    rolled back transaction (a SET goes with it).
    """

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Says which schema the next query meets; sends nothing."""
        known = self.search_path_set_schemas
        super().set_tenant(tenant, include_public)  # type: ignore[no-untyped-call] # no types
        self.search_path_set_schemas = known

    def pending_path(self) -> str | None:
        """The SET that must run before the next query, or None."""
        wanted = self._get_cursor_search_paths()  # type: ignore[no-untyped-call] # no types
        if self.search_path_set_schemas == wanted:
            return None
        return "SET search_path = " + ", ".join(map(quote_schema_name, wanted))

    def path_is_set(self) -> None:
        self.search_path_set_schemas = self._get_cursor_search_paths()  # type: ignore[no-untyped-call] # no types

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.cursor_factory = PathCursor
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if name is None:
            cursor.wrapper = self
        return cursor

    def _cursor(self, name: str | None = None) -> Any:
        # Past django-tenants' own, which would send the SET here.
        cursor = DjangoDatabaseWrapper._cursor(self, name)  # type: ignore[attr-defined] # stubs lack it
        if name is not None and (setting := self.pending_path()):
            # A named cursor runs one statement alone.
            with DjangoDatabaseWrapper._cursor(self) as plain:  # type: ignore[attr-defined] # same
                plain.execute(setting)
        return cursor

    def get_connection_params(self) -> dict[str, Any]:
        """Parameters for psycopg; starts the embedded server when it does not run yet."""
        folder = self.settings_dict.get("EMBEDDED_DIR")
        if folder:
            durable = not self.settings_dict.get("EMBEDDED_VOLATILE", False)
            try:
                server = postgres.ensure_running(Path(folder), durable=durable)
            except postgres.PostgresError as error:
                # A server that cannot start is a database that is away: 503 and not 500.
                raise OperationalError(str(error)) from error
            self.settings_dict.update(
                HOST=server.host, PORT=str(server.port), USER=server.user, PASSWORD=server.password
            )
        params: dict[str, Any] = super().get_connection_params()
        return params

    def init_connection_state(self) -> None:
        """Refuses a server older than the product supports, with a sentence that says so."""
        super().init_connection_state()
        postgres.check_version(self.pg_version)
