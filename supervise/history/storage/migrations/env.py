"""How alembic runs the steps: on the connection, and in the transaction, that `schema` hands in."""

from alembic import context

from supervise.history.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
