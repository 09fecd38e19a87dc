"""Parts that take no new documents, and documents that were taken out of their part."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'frozen_part',
        sa.Column('part', sa.String(), nullable=False),
        sa.Column('frozen_at', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('part'),
    )
    op.create_table(
        'tombstone',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('uid', sa.String(), nullable=False),
        sa.Column('part', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('automatic', sa.Boolean(), nullable=False),
        sa.Column('withdrawn_at', sa.String(), nullable=False),
        sa.Column('restored_at', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_tombstone_uid', 'tombstone', ['uid'])


def downgrade() -> None:
    op.drop_index('ix_tombstone_uid', 'tombstone')
    op.drop_table('tombstone')
    op.drop_table('frozen_part')
