-- Rows as they were written on migration 000013, one image in each state.
insert into tenant (id) values ('acme');
insert into api_key (sha256, tenant_id)
  values ('\x897468bb941c172edf3fda65ec9497ceba43382fe08797eae0ee77f214a0237f', 'acme');

insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
  values ('018f7a3e-5b2c-7c40-8000-000000000001', 'acme', 'awaiting_upload', 'image/jpeg', 2481077,
    '{large,medium,small}', now() + interval '15 minutes');
insert into image (id, tenant_id, status, declared_type, declared_bytes, declared_sha256, presets, metadata,
    ticket_expires_at, enqueued_at)
  values ('018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e', 'acme', 'queued', 'image/jpeg', 2481077,
    '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', '{small}', '{"album": "1"}',
    now() + interval '15 minutes', now());
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, attempt, failures, lease_expires_at,
    lease_stage, last_error, ticket_expires_at, enqueued_at)
  values ('018f7a3e-5b2c-7c40-8000-000000000002', 'acme', 'processing', 'image/png', 70, '{small}', 2, 1,
    now() + interval '1 minute', 'alone', 'RangeError: why', now() + interval '15 minutes', now());
insert into image (id, tenant_id, status, declared_type, declared_bytes, content_type, bytes, width, height, frames,
    placeholder, presets,
    attempt, ticket_expires_at, enqueued_at, original_version)
  values ('018f7a3e-5b2c-7c40-8000-000000000003', 'acme', 'ready', 'image/gif', 2481077, 'image/gif', 2480990, 4000,
    3000, 12, '{"color": "#336699", "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w"}', '{small}', 1, now() - interval '1 day', now() - interval '1 day',
    '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY');
insert into extra_upload (image_id, version_id)
  values ('018f7a3e-5b2c-7c40-8000-000000000003', 'qUiu7zKSUrmPdPSE0iCVXjXhHJzcLAy0');
insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key)
  values ('018f7a3e-5b2c-7c40-8000-000000000003', 'small', 'webp', 'image/webp', 320, 240, 12, 9312,
    'abcdefabcdef0123456789abcdef0123456789abcdef0123456789abcdef0123',
    'derived/acme/018f7a3e-5b2c-7c40-8000-000000000003/small.5f0c2a91.abcdefabcdef.webp');
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, attempt, ticket_expires_at,
    enqueued_at, error_code, error_detail)
  values ('018f7a3e-5b2c-7c40-8000-000000000004', 'acme', 'rejected', 'image/jpeg', 12, '{small}', 1,
    now() - interval '1 day', now() - interval '1 day', 'not_an_image', 'The file is not an image.');
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, attempt, failures,
    ticket_expires_at, enqueued_at, error_code, error_detail, last_error, dead_lettered_attempt)
  values ('018f7a3e-5b2c-7c40-8000-000000000005', 'acme', 'failed', 'image/jpeg', 12, '{small}', 5, 5,
    now() - interval '1 day', now() - interval '1 day', 'internal', 'The fault is ours.',
    'TransientFailure: internal: the original is not there', 5);
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
  values ('018f7a3e-5b2c-7c40-8000-000000000006', 'acme', 'expired', 'image/jpeg', 12, '{small}',
    now() - interval '1 day');
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at, deleted_at)
  values ('018f7a3e-5b2c-7c40-8000-000000000007', 'acme', 'queued', 'image/jpeg', 12, '{small}',
    now() - interval '1 day', now());

-- Of the answer to messages/request.ticket-in-full.v1.json its kind is kept: who asks again after a deploy gets the same
-- image.
insert into idempotency_key (tenant_id, key, request_sha256, image_id, status, locked_until, expires_at)
  values ('acme', 'order-42', '\x73ce788349db75a5cda46cb1be70f6d2a1de4dcaa3d2c534c3b31776d7c96de2',
    '018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e', 201, now() + interval '1 minute', now() + interval '1 day');
insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, attempt, ticket_expires_at,
    replaces, superseded_by, cleared_at)
  values ('018f7a3e-5b2c-7c40-8000-000000000000', 'acme', 'superseded', 'image/jpeg', 12, '{small}', 1,
    now() - interval '1 day', 'avatar/42', '018f7a3e-5b2c-7c40-8000-000000000009', now());
