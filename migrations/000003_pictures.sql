-- Animations have frames; null for images that were read before there was this column.
alter table image add column frames integer check (frames > 0);
-- What a page shows until a variant is there: {"color": "#rrggbb", "thumbhash" or "blurhash": "…"}.
alter table image add column placeholder jsonb;
alter table variant add column frames integer not null default 1 check (frames > 0);
