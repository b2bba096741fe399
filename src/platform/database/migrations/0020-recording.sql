-- Recordings: who asked for them, who agreed to be in them, what was captured of whom. All times within
-- a recording are milliseconds since its `started_at` on the wall clock; nothing is ever cut out of that
-- clock, so a gap stays a gap.

-- What an organisation allows, by kind of meeting. No row: the defaults of src/recording/consent/policy.ts.
create table recording_policies (
  org_id          uuid not null references organisations,
  meeting_kind    text not null check (meeting_kind in ('meeting', 'webinar')),
  -- ask: only who says yes is recorded. inform: everybody is, who was told and has not objected. forbidden: no recording.
  consent         text not null check (consent in ('ask', 'inform', 'forbidden')),
  -- Who may start: hosts, or co-hosts too.
  starters        text not null check (starters in ('host', 'moderators')),
  -- Days until it is deleted; null: kept until somebody deletes it.
  keep_days       integer check (keep_days > 0),
  -- Who sees it without being asked: who was in the meeting, or only those who moderated it.
  viewers         text not null check (viewers in ('participants', 'moderators')),
  download        boolean not null,
  watermark       boolean not null,
  -- Whom to ask for access and correction (Cap. 486, Schedule 1, Principle 1(3)(b)(ii)).
  contact         text not null,
  changed_by      uuid not null,
  changed_at      timestamptz not null,
  primary key (org_id, meeting_kind)
);

-- The words that somebody was shown. Never changed; `hash` is of the canonical JSON of `texts`.
create table consent_notices (
  org_id      uuid not null references organisations,
  hash        text not null,
  version     text not null,
  texts       jsonb not null,
  created_at  timestamptz not null,
  primary key (org_id, hash)
);

create table recordings (
  org_id           uuid not null references organisations,
  id               uuid not null,
  meeting_id       uuid not null,
  conversation_id  uuid not null,
  -- recording: sound, picture, words. transcript: the words of captions alone.
  kind             text not null check (kind in ('recording', 'transcript')),
  state            text not null check (state in ('on', 'paused', 'processing', 'ready', 'failed', 'deleted')),
  title            text not null,
  started_by       uuid not null,
  started_by_name  text not null,
  started_at       timestamptz not null,
  stopped_at       timestamptz,
  notice_hash      text not null,
  policy           jsonb not null,
  -- What is done after it was stopped, and how far (0 to 1); why it failed, for people.
  step             text,
  progress         real not null default 0,
  failure          text,
  -- Steps of the version that is being made that are through.
  done             text[] not null default '{}',
  -- Why another version is being made: first, withdrawal, edit, again.
  reason           text not null default 'first' check (reason in ('first', 'withdrawal', 'edit', 'again')),
  -- The node that puts it together, and until when the others leave it alone: it may be killed.
  claimed_by       text,
  claimed_until    timestamptz,
  tries            integer not null default 0,
  -- Of all its blobs together.
  bytes            bigint not null default 0,
  -- Each time it was put together anew (after a withdrawal, a redaction) it is another version.
  version          integer not null default 0,
  -- Null: as long as nobody deletes it.
  delete_at        timestamptz,
  deleted_at       timestamptz,
  created_at       timestamptz not null,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, meeting_id) references meetings (org_id, id),
  foreign key (org_id, notice_hash) references consent_notices (org_id, hash)
);
create index recordings_by_time on recordings (org_id, started_at desc) where state <> 'deleted';
create index recordings_to_do on recordings (created_at) where state = 'processing';
create index recordings_of_meeting on recordings (meeting_id);
-- One at a time.
create unique index recordings_on on recordings (meeting_id) where state in ('on', 'paused');

create table recording_pauses (
  org_id        uuid not null,
  recording_id  uuid not null,
  paused_at     timestamptz not null,
  paused_by     uuid not null,
  resumed_at    timestamptz,
  resumed_by    uuid,
  primary key (recording_id, paused_at),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- Who was asked, told, agreed, declined, withdrew: rows are only added. The last row of a person counts.
create table consent_ledger (
  org_id        uuid not null,
  recording_id  uuid not null,
  number        integer not null,
  person_id     uuid not null,
  -- As it was then: the ledger stays readable when the account is gone.
  person_name   text not null,
  what          text not null check (what in ('asked', 'informed', 'yes', 'no', 'withdrawn', 'withdrawn-all')),
  notice_hash   text not null,
  language      text not null check (language in ('en', 'zh-Hant', 'zh-Hans')),
  -- Browser or program, as it named itself.
  client        text not null,
  at            timestamptz not null,
  primary key (recording_id, number),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade,
  foreign key (org_id, notice_hash) references consent_notices (org_id, hash)
);
create index consent_ledger_person on consent_ledger (org_id, person_id);

-- What was captured of one producer while its owner agreed.
create table recording_tracks (
  org_id          uuid not null,
  id              uuid not null,
  recording_id    uuid not null,
  person_id       uuid not null,
  person_name     text not null,
  participant_id  uuid not null,
  source          text not null check (source in ('microphone', 'camera', 'screen', 'screen-audio')),
  mime_type       text not null,
  clock_rate      integer not null,
  channels        integer not null default 1,
  ssrc            bigint not null,
  payload_type    smallint not null,
  -- The node that captured it, where its spool is until it is sealed.
  node            text not null,
  state           text not null check (state in ('capturing', 'closed', 'sealed', 'removed')),
  -- Why something of it is missing: words of the catalogue of src/recording/capture/gaps.ts, with times.
  gaps            jsonb not null default '[]',
  packets         bigint not null default 0,
  bytes           bigint not null default 0,
  started_at      timestamptz not null,
  ended_at        timestamptz,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_tracks_of on recording_tracks (recording_id);

-- Closed pieces of a track's log, in the blob store.
create table recording_segments (
  org_id      uuid not null,
  track_id    uuid not null,
  number      integer not null,
  blob_key    text not null,
  bytes       integer not null,
  sha256      text not null,
  -- Arrival of its first and last packet.
  first_at    timestamptz not null,
  last_at     timestamptz not null,
  primary key (track_id, number),
  foreign key (org_id, track_id) references recording_tracks (org_id, id) on delete cascade
);

-- What was made of a recording, by version: mp4, audio, hls (one row for each file), thumbnail, waveform, captions.
create table recording_files (
  org_id        uuid not null,
  recording_id  uuid not null,
  version       integer not null,
  -- Within the recording, such as `meeting.mp4` or `hls/00001.m4s`.
  name          text not null,
  kind          text not null check (kind in ('video', 'audio', 'hls', 'thumbnail', 'waveform', 'captions', 'report')),
  media_type    text not null,
  blob_key      text not null,
  bytes         bigint not null,
  sha256        text not null,
  created_at    timestamptz not null,
  primary key (recording_id, version, name),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

create table recording_chapters (
  org_id        uuid not null,
  recording_id  uuid not null,
  at_ms         integer not null,
  title         text not null,
  -- Where it comes from: a shared screen, a topic of the summary, a person.
  origin        text not null check (origin in ('screen', 'topic', 'person')),
  primary key (recording_id, at_ms, origin),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- Final lines of captions, of people who agreed.
create table transcript_lines (
  org_id        uuid not null,
  recording_id  uuid not null,
  id            uuid not null,
  track_id      uuid,
  person_id     uuid not null,
  speaker       text not null,
  begin_ms      integer not null,
  end_ms        integer not null,
  -- BCP 47, such as en, zh-HK.
  language      text not null,
  text          text not null,
  -- Which engine and model wrote it; a person who corrected it.
  engine        text not null,
  edited_by     uuid,
  primary key (id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index transcript_lines_of on transcript_lines (recording_id, begin_ms);
