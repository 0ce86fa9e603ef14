-- What people edit (metadata, replaces) has a version of its own: an edit names the one that it has seen, and changes nothing
-- if that is no longer current. What a worker writes does not count, so its progress makes no edit fail. Both columns are
-- added without a rewrite of the table, and neither is in an index, so that an edit of metadata can stay on its page (HOT).
alter table image add column revision integer not null default 1;
-- When it was last edited. Not in updated_at, by which the backlog counts claims and retention counts days.
alter table image add column edited_at timestamptz;
