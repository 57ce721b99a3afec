"""Roles: what a service may do in the database, written down each time its migrations run.

Works for any owner with CREATEROLE on Postgres 15 to 18 (Neon's is no superuser). Names and
passwords enter statements through Postgres' own format(), never by Python's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

Privilege = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
Grants = Mapping[str, tuple[Privilege, ...]]
"""Table → what the service's role may do with its rows. A table that is not named is closed."""

_FORMAT: Final = text("SELECT format(CAST(:template AS text), VARIADIC CAST(:values AS text[]))")
_UNSAFE_ATTRIBUTES: Final = text(
    "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
    " FROM pg_roles WHERE rolname = :role"
)
_MEMBERSHIPS: Final = text(
    "SELECT count(*) FROM pg_auth_members WHERE member = CAST(:role AS regrole)"
)
_ATTRIBUTES: Final = "LOGIN NOINHERIT"
_NEW_ATTRIBUTES: Final = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
# Set on the role, because PgBouncer refuses settings at connect.
_ROLE_SETTINGS: Final = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "5s",
}
# A large object belongs to whoever makes it, in no schema that could be closed, and has no limit.
_LARGE_OBJECT_MAKERS: Final = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")
_MAY_REVOKE: Final = text(
    "SELECT pg_has_role(proowner, 'MEMBER') FROM pg_proc WHERE oid = CAST(:maker AS regprocedure)"
)
_ARE_OPEN: Final = text("SELECT has_function_privilege(:role, 'lo_create(oid)', 'EXECUTE')")
_logger = logging.getLogger(__name__)


class RoleRefused(Exception):
    """The role in DATABASE_URL is not one that a service may use; the text says why."""


@dataclass(frozen=True)
class ServiceRole:
    """The role that a service logs in with."""

    name: str
    password: str = field(repr=False)


def role_of(service_url: str, owner_url: str) -> ServiceRole:
    """Take the service's role from its own URL.

    Args: libpq URLs: DATABASE_URL and DATABASE_URL_DIRECT.
    Raises: RoleRefused: no password, or both URLs name the same role.
    """
    try:
        service, owner = make_url(service_url), make_url(owner_url)
    except (ArgumentError, ValueError):
        raise RoleRefused("DATABASE_URL or DATABASE_URL_DIRECT cannot be read.") from None
    if not service.username or not service.password:
        raise RoleRefused("DATABASE_URL must hold the service's role and its password.")
    if service.username == owner.username:
        raise RoleRefused(
            "DATABASE_URL names the owner of DATABASE_URL_DIRECT. Name a role of the service's own:"
            " an owner passes by row-level security."
        )
    return ServiceRole(service.username, service.password)


async def execute(connection: AsyncConnection, template: str, *values: str) -> None:
    """Run a statement whose identifiers (%I) and literals (%L) Postgres quotes itself."""
    statement = await connection.scalar(_FORMAT, {"template": template, "values": list(values)})
    await connection.exec_driver_sql(str(statement))


async def set_up_role(
    connection: AsyncConnection, role: ServiceRole, schema: str, *, password_is_set: bool = False
) -> None:
    """Create or update the role and the schema. Idempotent; inside the caller's transaction.

    Args: password_is_set: the role logs in with its password already. It is then left alone: set
        again it gets another salt, and a PgBouncer that knows the old one cannot log in for
        clients that it has let in before (pgbouncer.org, "Authentication file format").
    Raises: RoleRefused: the role exists with powers that would pass by our borders.
    """
    unsafe = await connection.scalar(_UNSAFE_ATTRIBUTES, {"role": role.name})
    if unsafe:
        raise RoleRefused(
            f"Role {role.name} is superuser, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION."
            " Use another name in DATABASE_URL."
        )
    if unsafe is None:
        await execute(connection, f"CREATE ROLE %I {_ATTRIBUTES} {_NEW_ATTRIBUTES}", role.name)
    if password_is_set:
        await execute(connection, f"ALTER ROLE %I {_ATTRIBUTES}", role.name)
    else:
        # Neon computes its own verifier and refuses a hashed password.
        template = f"ALTER ROLE %I {_ATTRIBUTES} PASSWORD %L"
        await execute(connection, template, role.name, role.password)
    quoted = await connection.scalar(text("SELECT quote_ident(:role)"), {"role": role.name})
    if await connection.scalar(_MEMBERSHIPS, {"role": quoted}):
        raise RoleRefused(f"Role {role.name} is a member of another role and has its rights.")
    await _set_up_database(connection, role)
    await execute(connection, "CREATE SCHEMA IF NOT EXISTS %I", schema)
    await execute(connection, "REVOKE ALL ON SCHEMA %I FROM PUBLIC", schema)
    await execute(connection, "GRANT USAGE ON SCHEMA %I TO %I", schema, role.name)
    settings = {"search_path": schema, **_ROLE_SETTINGS}
    database = await _database(connection)
    # A role may change its own settings, in this database and in all: what was put there goes.
    await execute(connection, "ALTER ROLE %I RESET ALL", role.name)
    await execute(connection, "ALTER ROLE %I IN DATABASE %I RESET ALL", role.name, database)
    for name, value in settings.items():
        await execute(
            connection, "ALTER ROLE %I IN DATABASE %I SET %I = %L", role.name, database, name, value
        )


async def _database(connection: AsyncConnection) -> str:
    return str(await connection.scalar(text("SELECT current_database()")))


async def _set_up_database(connection: AsyncConnection, role: ServiceRole) -> None:
    """Close the database to roles that were not named, as far as the owner may."""
    database = await _database(connection)
    await execute(connection, "GRANT CONNECT ON DATABASE %I TO %I", database, role.name)
    await execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
    await execute(connection, "REVOKE ALL ON SCHEMA %I FROM PUBLIC", "public")
    await _close_large_objects(connection, role)


async def _close_large_objects(connection: AsyncConnection, role: ServiceRole) -> None:
    """Let nobody make large objects, where the functions are ours to close (ADR 0002)."""
    for maker in _LARGE_OBJECT_MAKERS:
        if await connection.scalar(_MAY_REVOKE, {"maker": maker}):
            await connection.exec_driver_sql(
                f"REVOKE EXECUTE ON FUNCTION pg_catalog.{maker} FROM PUBLIC"
            )
    if await connection.scalar(_ARE_OPEN, {"role": role.name}):
        _logger.info("large objects are open: only a superuser can close them")


async def grant_tables(
    connection: AsyncConnection, role: ServiceRole, schema: str, grants: Grants
) -> None:
    """Give the role exactly these rights on the schema's tables, and take away any other."""
    await execute(connection, "REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I", schema, role.name)
    for table, privileges in grants.items():
        await execute(
            connection,
            f"GRANT {', '.join(privileges)} ON TABLE %I.%I TO %I",
            schema,
            table,
            role.name,
        )
