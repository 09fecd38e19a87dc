"""Assignments, every revision of an annotation on the server, repairs, how far a pull came."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added in place: SQLite could not drop a table that others refer to.
    op.add_column(
        'project', sa.Column('adopted', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column('project', sa.Column('pulled_to', sa.String(), nullable=True))
    op.add_column('task', sa.Column('proposal', sa.String(), nullable=True))
    op.add_column('task', sa.Column('updated_at', sa.String(), nullable=True))
    op.create_table(
        'assignment',
        sa.Column('uid', sa.String(), nullable=False),
        sa.Column('annotator', sa.String(), nullable=False),
        sa.Column('assisted', sa.Boolean(), nullable=False),
        sa.Column('assigned_at', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('uid', 'annotator'),
    )
    op.create_table(
        'remote_annotation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('task_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('remote_id', sa.Integer(), nullable=False),
        sa.Column('remote_task_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('annotator', sa.String(), nullable=False),
        sa.Column('updated_at', sa.String(), nullable=True),
        sa.Column('payload_id', sa.Integer(), nullable=False),
        sa.Column('seen_at', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['task_id'], ['task.id']),
        sa.ForeignKeyConstraint(['payload_id'], ['payload.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(
        'remote_annotation_task', 'remote_annotation', ['task_id', 'kind', 'remote_id']
    )
    op.create_index(
        op.f('ix_remote_annotation_payload_id'), 'remote_annotation', ['payload_id']
    )
    op.create_table(
        'repair',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('payload_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('region', sa.String(), nullable=False),
        sa.Column('detail', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['payload_id'], ['payload.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(op.f('ix_repair_payload_id'), 'repair', ['payload_id'])


def downgrade() -> None:
    for table in ('repair', 'remote_annotation', 'assignment'):
        op.drop_table(table)
    for table, column in (
        ('task', 'updated_at'),
        ('task', 'proposal'),
        ('project', 'pulled_to'),
        ('project', 'adopted'),
    ):
        op.drop_column(table, column)
