"""Alembic's entry: `api.database.migrate` hands it a connection, so no URL is in a file."""

from alembic import context
from sqlalchemy import Connection

from api.database.tables import Base

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
