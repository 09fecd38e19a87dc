"""Since when each decision is as it is."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('decision', sa.Column('since', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('decision', 'since')
