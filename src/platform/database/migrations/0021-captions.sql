-- What an organisation has set for captions. No row: the defaults of src/recording/captions/settings.ts.
create table caption_settings (
  org_id      uuid not null references organisations,
  settings    jsonb not null,
  changed_by  uuid not null,
  changed_at  timestamptz not null,
  primary key (org_id)
);

-- What somebody chose about his own words in a recording.
create table caption_choices (
  org_id        uuid not null,
  recording_id  uuid not null,
  person_id     uuid not null,
  -- Nothing that he says is written down, neither live nor after the meeting.
  opt_out       boolean not null default false,
  -- Empty: as the organisation has set.
  language      text not null default '',
  -- His lines were deleted for good: one that was still being written must not come after.
  removed       boolean not null default false,
  primary key (recording_id, person_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- What was listened to, by tap: milliseconds since the recording's start. What lies between is transcribed
-- after the meeting.
create table caption_coverage (
  org_id          uuid not null,
  recording_id    uuid not null,
  tap_id          text not null,
  participant_id  uuid not null,
  from_ms         integer not null,
  until_ms        integer not null,
  primary key (recording_id, tap_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- Within what was listened to: utterances that engines had no time for, or failed over.
create table caption_left (
  org_id          uuid not null,
  recording_id    uuid not null,
  id              uuid not null,
  participant_id  uuid not null,
  from_ms         integer not null,
  until_ms        integer not null,
  primary key (recording_id, id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
