-- What an image stands for, as its producer names it ("avatar/42"). A newer upload of the same name ends older images of
-- that name which still wait: they are `superseded`, by the image named here, which may be gone by now.
alter table image add column replaces text;
alter table image add column superseded_by uuid;
-- When the sweep had removed the objects of a superseded image, whose row stays for a while to tell what happened.
alter table image add column cleared_at timestamptz;
-- Not validated: only the new status is added, and a scan of the table would hold up everybody.
alter table image drop constraint image_status_check;
alter table image add constraint image_status_check check (status in
  ('awaiting_upload', 'queued', 'processing', 'ready', 'rejected', 'failed', 'expired', 'superseded')) not valid;
