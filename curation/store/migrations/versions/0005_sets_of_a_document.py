"""The sets of one document are found by its index: SQLite took the one of all current sets."""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('annotation_set_document', 'annotation_set')
    op.create_index(
        'annotation_set_document',
        'annotation_set',
        ['document_id', 'kind', 'current', 'annotator'],
    )


def downgrade() -> None:
    op.drop_index('annotation_set_document', 'annotation_set')
    op.create_index('annotation_set_document', 'annotation_set', ['document_id'])
