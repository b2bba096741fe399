-- When it was last written into the audit log that somebody has read the words of a recording: a page that asks
-- again and again is one reading.
create table recording_readings (
  org_id        uuid not null,
  recording_id  uuid not null,
  -- A person, or the viewing of a visitor by a link.
  reader_id     uuid not null,
  what          text not null check (what in ('transcript', 'summary')),
  read_at       timestamptz not null,
  primary key (recording_id, reader_id, what),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
