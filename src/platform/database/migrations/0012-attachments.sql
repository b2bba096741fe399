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
