"""The first schema, and views that show gold and annotations as plain rows to SQL."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

VIEWS = {
    "entity": """
        SELECT document.uid, annotation_set.annotator, annotation_set.kind,
               json_extract(item.value, '$.id') AS id,
               json_extract(item.value, '$.start') AS start,
               json_extract(item.value, '$.end') AS "end",
               json_extract(item.value, '$.label') AS label,
               substr(document.text, json_extract(item.value, '$.start') + 1,
                      json_extract(item.value, '$.end') - json_extract(item.value, '$.start'))
                   AS surface
        FROM annotation_set JOIN document ON document.id = annotation_set.document_id,
             json_each(annotation_set.body, '$.entities') AS item
        WHERE annotation_set.current AND document.current""",
    "event": """
        SELECT document.uid, annotation_set.annotator, annotation_set.kind,
               json_extract(item.value, '$.id') AS id,
               json_extract(item.value, '$.type') AS type,
               json_extract(item.value, '$.trigger.start') AS start,
               json_extract(item.value, '$.trigger.end') AS "end",
               json_extract(item.value, '$.polarity') AS polarity,
               json_extract(item.value, '$.tense') AS tense,
               json_extract(item.value, '$.modality') AS modality,
               json_extract(item.value, '$.genericity') AS genericity
        FROM annotation_set JOIN document ON document.id = annotation_set.document_id,
             json_each(annotation_set.body, '$.events') AS item
        WHERE annotation_set.current AND document.current""",
    "argument": """
        SELECT document.uid, annotation_set.annotator, annotation_set.kind,
               json_extract(item.value, '$.id') AS event_id,
               json_extract(argument.value, '$.role') AS role,
               json_extract(argument.value, '$.target') AS entity_id
        FROM annotation_set JOIN document ON document.id = annotation_set.document_id,
             json_each(annotation_set.body, '$.events') AS item,
             json_each(item.value, '$.arguments') AS argument
        WHERE annotation_set.current AND document.current""",
}


def upgrade() -> None:
    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=True),
    sa.Column('published', sa.String(), nullable=True),
    sa.Column('meta', sa.JSON(), nullable=False),
    sa.Column('offset_map', sa.JSON(), nullable=False),
    sa.Column('cluster', sa.String(), nullable=True),
    sa.Column('ingested_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('uid', 'revision')
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index('document_current', ['uid'], unique=True, sqlite_where=sa.text('current'), postgresql_where=sa.text('current'))
        batch_op.create_index(batch_op.f('ix_document_cluster'), ['cluster'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_language'), ['language'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_sha256'), ['sha256'], unique=False)

    op.create_table('payload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('received_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('origin', 'kind', 'sha256')
    )
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('server', sa.String(), nullable=False),
    sa.Column('marker', sa.String(), nullable=False),
    sa.Column('remote_id', sa.Integer(), nullable=False),
    sa.Column('annotator', sa.String(), nullable=False),
    sa.Column('created_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('server', 'marker'),
    sa.UniqueConstraint('server', 'remote_id')
    )
    op.create_table('release',
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('split',
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('group_id', sa.String(), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('assigned_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('uid')
    )
    op.create_table('annotation_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('annotator', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('provenance', sa.JSON(), nullable=False),
    sa.Column('payload_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], ),
    sa.ForeignKeyConstraint(['payload_id'], ['payload.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('annotation_set', schema=None) as batch_op:
        batch_op.create_index('annotation_set_current', ['kind', 'current', 'annotator'], unique=False)
        batch_op.create_index('annotation_set_document', ['document_id'], unique=False)

    op.create_table('quarantine',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('payload_id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=True),
    sa.Column('annotator', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('link', sa.String(), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['payload_id'], ['payload.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('payload_id', 'reason')
    )
    op.create_table('task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('remote_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('assisted', sa.Boolean(), nullable=False),
    sa.Column('pushed_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], ),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'document_id')
    )
    op.create_table('decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('set_id', sa.Integer(), nullable=False),
    sa.Column('layer', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('item_id', sa.String(), nullable=True),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['set_id'], ['annotation_set.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_set_id'), ['set_id'], unique=False)


    # JSON functions are SQLite's; on other databases the same is a query over `body`.
    if op.get_bind().dialect.name == "sqlite":
        for name, query in VIEWS.items():
            op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in VIEWS:
            op.execute(f"DROP VIEW {name}")
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decision_set_id'))

    op.drop_table('decision')
    op.drop_table('task')
    op.drop_table('quarantine')
    with op.batch_alter_table('annotation_set', schema=None) as batch_op:
        batch_op.drop_index('annotation_set_document')
        batch_op.drop_index('annotation_set_current')

    op.drop_table('annotation_set')
    op.drop_table('split')
    op.drop_table('release')
    op.drop_table('project')
    op.drop_table('payload')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_sha256'))
        batch_op.drop_index(batch_op.f('ix_document_language'))
        batch_op.drop_index(batch_op.f('ix_document_cluster'))
        batch_op.drop_index('document_current', sqlite_where=sa.text('current'), postgresql_where=sa.text('current'))

    op.drop_table('document')
