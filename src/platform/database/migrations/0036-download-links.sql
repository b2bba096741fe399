-- What a browser downloads by itself, straight to the disk, for which it can send no access token: a grant for one
-- person, one file of one version, a few minutes long as long as nobody uses it.
create table recording_download_links (
  org_id        uuid not null,
  id            uuid not null,
  recording_id  uuid not null,
  version       integer not null,
  person_id     uuid not null,
  -- The device that asked: signed out, it downloads nothing more.
  sign_in_id    uuid not null,
  what          text not null check (what in ('file', 'copy', 'evidence')),
  -- Of a file its name, of a copy its id.
  name          text not null,
  sha256        text not null,
  -- SHA-256 of what the cookie of the browser holds.
  secret_hash   bytea not null,
  made_at       timestamptz not null,
  expires_at    timestamptz not null,
  primary key (id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_download_links_due on recording_download_links (expires_at);
create index recording_download_links_of on recording_download_links (recording_id);

-- What was written into the audit log as downloaded: a file that comes in parts is one download.
create table recording_takings (
  org_id        uuid not null,
  recording_id  uuid not null,
  version       integer not null,
  -- A link, the sign-in of a program, or the viewing of a visitor.
  taker_id      uuid not null,
  what          text not null,
  taken_at      timestamptz not null,
  primary key (recording_id, version, taker_id, what),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_takings_due on recording_takings (taken_at);
