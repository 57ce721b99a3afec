"""Law 3. Tools alone change tasks; Postgres enforces it, not a convention.

The catalog is read whole and compared with what is written here: a grant that somebody adds is a
change of this file.
"""

from collections import defaultdict

import asyncpg
import pytest
from devstack.deployment import Kind

from tests.conftest import Connect
from tests.equipment.database import TABLES, DatabaseView

SERVICES = ("auth", "chat_gateway", "mcp_tools")
OUR_SCHEMAS = "nspname !~ '^pg_' AND nspname <> 'information_schema'"

GRANTED: dict[tuple[str, str], str] = {
    ("chat_gateway", "schema chat"): "USAGE",
    ("chat_gateway", "chat.conversation"): "DELETE INSERT SELECT UPDATE",
    ("chat_gateway", "chat.message"): "DELETE INSERT SELECT",
    ("chat_gateway", "chat.turn"): "DELETE INSERT SELECT UPDATE",
    ("chat_gateway", "chat.feedback"): "DELETE INSERT SELECT UPDATE",
    ("chat_gateway", "chat.erased_person"): "INSERT SELECT",
    # Of erased people alone: the policy `only_of_erased_people`.
    ("chat_gateway", "chat.daily_use"): "DELETE INSERT SELECT UPDATE",
    ("mcp_tools", "schema tasks"): "USAGE",
    ("mcp_tools", "tasks.task"): "DELETE INSERT SELECT UPDATE",
    # Of erased people alone: the policy `only_of_erased_people`.
    ("mcp_tools", "tasks.tool_call"): "DELETE INSERT SELECT UPDATE",
    ("mcp_tools", "tasks.erased_person"): "INSERT SELECT",
    ("auth", "schema auth"): "USAGE",
    ("auth", "auth.user"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.session"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.account"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.verification"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.jwks"): "SELECT",
    ("auth", "auth.twoFactor"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.erasure"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.guess"): "DELETE INSERT SELECT UPDATE",
    ("auth", "auth.limited_rate"): "DELETE INSERT SELECT UPDATE",
}
"""Everything that a service's role may do in this database, beside connecting."""


async def test_services_may_do_what_is_written_here_and_nothing_else(
    database: DatabaseView,
) -> None:
    """Effective rights: granted to the role, to a role it is in, or to everybody."""
    relations = await database.rows(
        f"""
        SELECT role, nspname || '.' || relname AS object, privilege
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace,
        unnest($1::text[]) AS role,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER',
                     'MAINTAIN']) AS privilege
        WHERE {OUR_SCHEMAS} AND relkind IN ('r', 'p', 'v', 'm', 'f')
          AND (has_table_privilege(role, pg_class.oid, privilege)
               OR privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                  AND has_any_column_privilege(role, pg_class.oid, privilege))
        UNION ALL
        SELECT role, 'sequence ' || nspname || '.' || relname, privilege
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace,
        unnest($1::text[]) AS role, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS privilege
        WHERE {OUR_SCHEMAS} AND relkind = 'S'
          AND has_sequence_privilege(role, pg_class.oid, privilege)
        UNION ALL
        SELECT role, 'schema ' || nspname, privilege
        FROM pg_namespace,
        unnest($1::text[]) AS role, unnest(ARRAY['USAGE', 'CREATE']) AS privilege
        WHERE {OUR_SCHEMAS} AND has_schema_privilege(role, oid, privilege)
        UNION ALL
        SELECT role, 'function ' || nspname || '.' || proname, 'EXECUTE'
        FROM pg_proc
        JOIN pg_namespace ON pg_namespace.oid = pronamespace, unnest($1::text[]) AS role
        WHERE {OUR_SCHEMAS} AND has_schema_privilege(role, pronamespace, 'USAGE')
          AND has_function_privilege(role, pg_proc.oid, 'EXECUTE')
        """,
        list(SERVICES),
    )
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in relations:
        found[row["role"], row["object"]].append(row["privilege"])

    assert {key: " ".join(sorted(names)) for key, names in found.items()} == GRANTED


async def test_services_roles_have_no_power_of_their_own(database: DatabaseView) -> None:
    roles = await database.rows(
        "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication,"
        " rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY($1) ORDER BY rolname",
        list(SERVICES),
    )

    assert [row.pop("rolname") for row in roles] == sorted(SERVICES)
    for row in roles:
        assert {name for name, given in row.items() if given} == {"rolcanlogin"}


async def test_services_roles_are_members_of_nothing(database: DatabaseView) -> None:
    memberships = await database.rows(
        "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text = ANY($1)",
        list(SERVICES),
    )

    assert memberships == []


async def test_services_may_hand_none_of_it_on(database: DatabaseView) -> None:
    grantable = await database.rows(
        "SELECT oid::regclass::text, privilege_type FROM pg_class, aclexplode(relacl)"
        " WHERE is_grantable AND grantee::regrole::text = ANY($1)",
        list(SERVICES),
    )

    assert grantable == []


async def test_services_roles_own_nothing(database: DatabaseView) -> None:
    """pg_shdepend holds every owner of every object of every database."""
    owned = await database.rows(
        "SELECT refobjid::regrole::text AS owner, classid::regclass::text AS kind, objid"
        " FROM pg_shdepend WHERE deptype = 'o' AND refclassid = 'pg_authid'::regclass"
        " AND refobjid::regrole::text = ANY($1)",
        list(SERVICES),
    )

    assert owned == []


async def test_services_may_connect_to_this_database_and_make_nothing_in_it(
    database: DatabaseView,
) -> None:
    rights = await database.rows(
        "SELECT role, privilege FROM unnest($1::text[]) AS role,"
        " unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) AS privilege"
        " WHERE has_database_privilege(role, current_database(), privilege) ORDER BY role",
        list(SERVICES),
    )

    assert rights == [{"role": role, "privilege": "CONNECT"} for role in sorted(SERVICES)]


async def test_every_table_with_a_user_has_a_forced_policy_on_that_user(
    database: DatabaseView,
) -> None:
    """Permissive policies open, and there is this one alone; restrictive ones only narrow it."""
    tables = await database.rows(
        f"""
        SELECT nspname || '.' || relname AS name, relrowsecurity, relforcerowsecurity,
               array_agg(DISTINCT polcmd::text) AS commands,
               array_agg(DISTINCT pg_get_expr(polqual, polrelid)) AS visible,
               array_agg(DISTINCT pg_get_expr(polwithcheck, polrelid)) AS written
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'user_id'
        LEFT JOIN pg_policy ON polrelid = pg_class.oid AND polpermissive AND polroles = '{{0}}'
        WHERE {OUR_SCHEMAS} AND relkind IN ('r', 'p')
        GROUP BY 1, 2, 3
        """
    )
    rule = (
        "(user_id = ( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid"
        ' AS "nullif"))'
    )

    assert {row.pop("name") for row in tables} == set(TABLES)
    for row in tables:
        assert row == {
            "relrowsecurity": True,
            "relforcerowsecurity": True,
            "commands": ["*"],
            "visible": [rule],
            "written": [rule],
        }


async def test_what_sees_more_than_one_person_is_the_retention_and_nobody_signs_in_as_it(
    database: DatabaseView,
) -> None:
    """A policy for a role of its own (ADR 0038), which is a member of nothing and owns nothing."""
    policies = await database.rows(
        "SELECT polrelid::regclass::text AS name, role::regrole::text FROM pg_policy,"
        " unnest(polroles) AS role WHERE polpermissive AND role <> 0"
    )
    assert {(row["role"], row["name"]) for row in policies} == {
        ("chat_retention", "chat.turn"),
        ("chat_retention", "chat.daily_use"),
        ("chat_retention", "chat.erased_person"),
        ("tasks_retention", "tasks.tool_call"),
        ("tasks_retention", "tasks.erased_person"),
    }
    roles = await database.rows(
        "SELECT rolname, rolcanlogin OR rolsuper OR rolbypassrls OR rolinherit AS strong"
        " FROM pg_roles WHERE rolname LIKE '%retention'"
    )
    assert roles and not any(row["strong"] for row in roles)


REFUSED: tuple[tuple[Kind, str], ...] = (
    ("chat-gateway", "SELECT * FROM tasks.task"),
    ("chat-gateway", "INSERT INTO tasks.task (title) VALUES ('x')"),
    ("chat-gateway", "UPDATE tasks.task SET completed = true"),
    ("chat-gateway", "DELETE FROM tasks.task"),
    ("chat-gateway", "SELECT * FROM tasks.tool_call"),
    ("chat-gateway", "SELECT * FROM tasks.alembic_version"),
    ("chat-gateway", "TRUNCATE tasks.task"),
    ("chat-gateway", 'SELECT * FROM auth."user"'),
    ("chat-gateway", "SELECT * FROM auth.jwks"),
    ("mcp-tools", "SELECT * FROM chat.conversation"),
    ("mcp-tools", "SELECT * FROM chat.message"),
    ("mcp-tools", "SELECT * FROM chat.turn"),
    ("mcp-tools", "INSERT INTO chat.message (content) VALUES ('x')"),
    ("mcp-tools", "UPDATE chat.turn SET state = 'failed'"),
    ("mcp-tools", "DELETE FROM chat.conversation"),
    ("mcp-tools", "SELECT * FROM chat.feedback"),
    ("mcp-tools", "SELECT * FROM chat.alembic_version"),
    ("mcp-tools", 'SELECT * FROM auth."user"'),
    ("auth", "SELECT * FROM tasks.task"),
    ("auth", "SELECT * FROM chat.message"),
)


@pytest.mark.parametrize(("service", "statement"), REFUSED)
async def test_postgres_refuses_what_is_another_services(
    connect: Connect, service: Kind, statement: str
) -> None:
    connection = await connect(service)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await connection.fetch(statement)
