-- What pages count of their own connections, for the report after a call. One row for each minute of
-- a stay, written once: six samples packed into about 250 bytes, where a row for each sample would
-- take three times as much. It is of a person, and goes with the stay, thus with person and meeting.

alter table meeting_stays add unique (org_id, id);

create table meeting_quality (
  org_id   uuid not null,
  stay_id  uuid not null,
  -- Samples say their seconds since then.
  since    timestamptz not null,
  -- Packed by src/signaling/quality/sample.ts.
  samples  bytea not null,
  primary key (stay_id, since),
  foreign key (org_id, stay_id) references meeting_stays (org_id, id) on delete cascade
);
