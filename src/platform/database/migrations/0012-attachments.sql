-- Uploads that are not complete, part by part. With the last part the attachment gets its hash, and this is over.
create table uploads (
  org_id         uuid not null,
  attachment_id  uuid primary key references attachments on delete cascade,
  -- What the person answered to a warning; asked again when the real type is known.
  acknowledged   boolean not null,
  reason         text not null
);
create table upload_parts (
  org_id         uuid not null,
  attachment_id  uuid not null references uploads on delete cascade,
  -- Bytes before it. Two writers can't both go on from the same place.
  start          bigint not null check (start >= 0),
  size           bigint not null check (size > 0),
  key            text not null,
  primary key (attachment_id, start)
);

-- A forwarded file is another row of the same blob, which goes with the last of them.
create index attachments_key on attachments (key);
create index attachments_preview_key on attachments (preview_key) where preview_key is not null;
create index attachments_uploader on attachments (org_id, uploaded_by) where message_number is null;
create index upload_parts_key on upload_parts (key);

-- Blobs that may be needed by nobody: written down before they are written, and by whatever deletes
-- a row that names one, be it a recall, retention or the end of a conversation. Looked at when due.
create table unneeded_blobs (
  key     text primary key,
  due_at  timestamptz not null
);
create index unneeded_blobs_due on unneeded_blobs (due_at);

create function attachment_deleted() returns trigger language plpgsql as $$
begin
  insert into unneeded_blobs (key, due_at)
  select key, now() from unnest(array[old.key, old.preview_key]) as key where key <> ''
  on conflict (key) do update set due_at = excluded.due_at;
  return null;
end $$;
create trigger attachment_deleted after delete on attachments for each row execute function attachment_deleted();

create function upload_part_deleted() returns trigger language plpgsql as $$
begin
  insert into unneeded_blobs (key, due_at) values (old.key, now()) on conflict (key) do update set due_at = excluded.due_at;
  return null;
end $$;
create trigger upload_part_deleted after delete on upload_parts for each row execute function upload_part_deleted();
