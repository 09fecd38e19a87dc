"""Findings of an audit that were shown, and what was decided about them."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'finding',
        sa.Column('fingerprint', sa.String(), nullable=False),
        sa.Column('uid', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('summary', sa.String(), nullable=False),
        sa.Column('shown_at', sa.String(), nullable=False),
        sa.Column('verdict', sa.String(), nullable=True),
        sa.Column('decided_by', sa.String(), nullable=True),
        sa.Column('decided_at', sa.String(), nullable=True),
        sa.Column('note', sa.String(), nullable=False, server_default=''),
        sa.PrimaryKeyConstraint('fingerprint'),
    )


def downgrade() -> None:
    op.drop_table('finding')
