"""The one Alembic environment: runs a service's history on the connection it is handed."""

from alembic import context

from servicekit.database.migrations import MigrationHistory

history: MigrationHistory = context.config.attributes["history"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=history.metadata,
    version_table_schema=history.schema,
    include_schemas=True,
    include_name=history.includes,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
