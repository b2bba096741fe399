-- The archive of recordings: who may see them, who has, what was said of them, what was cut out, how long they stay.

-- Somebody, a conversation with all its members, or whoever has a link sees the recording.
create table recording_shares (
  org_id           uuid not null,
  id               uuid not null,
  recording_id     uuid not null,
  kind             text not null check (kind in ('person', 'conversation', 'link')),
  -- The person or the conversation; null: a link.
  target_id        uuid,
  -- As it was called then; of a link, what its maker called it.
  name             text not null,
  download         boolean not null,
  -- Of a link: SHA-256 of its secret, argon2id of its password.
  secret_hash      bytea,
  password_hash    text,
  -- Wrong passwords since.
  failures         integer not null default 0,
  failures_since   timestamptz,
  expires_at       timestamptz,
  created_by       uuid not null,
  created_by_name  text not null,
  created_at       timestamptz not null,
  withdrawn_at     timestamptz,
  primary key (id),
  unique (org_id, id),
  check ((kind = 'link') = (target_id is null)),
  check ((kind = 'link') = (secret_hash is not null)),
  check (password_hash is null or kind = 'link'),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_shares_of on recording_shares (recording_id);
create index recording_shares_with on recording_shares (org_id, target_id) where withdrawn_at is null;
create unique index recording_shares_secret on recording_shares (secret_hash) where secret_hash is not null;
-- Shared twice with the same, it is one share.
create unique index recording_shares_once on recording_shares (recording_id, target_id) where withdrawn_at is null and target_id is not null;

-- One for each time that somebody began to watch: the grant for the stream, and the log of who has seen it.
create table recording_viewings (
  org_id        uuid not null,
  id            uuid not null,
  recording_id  uuid not null,
  version       integer not null,
  -- Null: a visitor by a link.
  person_id     uuid,
  share_id      uuid,
  -- As he was called, or called himself.
  name          text not null,
  -- Browser or program, as it named itself.
  client        text not null,
  secret_hash   bytea not null,
  started_at    timestamptz not null,
  seen_at       timestamptz not null,
  -- The stream ends then, unless the page asks for more time.
  expires_at    timestamptz not null,
  primary key (id),
  check ((person_id is null) = (share_id is not null)),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade,
  foreign key (org_id, share_id) references recording_shares (org_id, id) on delete cascade
);
create index recording_viewings_of on recording_viewings (recording_id, started_at);
create index recording_viewings_share on recording_viewings (share_id) where share_id is not null;

-- Copies with somebody's name burned in, for him to download. Deleted after a day.
create table recording_downloads (
  org_id        uuid not null,
  id            uuid not null,
  recording_id  uuid not null,
  version       integer not null,
  person_id     uuid not null,
  person_name   text not null,
  email         text not null,
  state         text not null check (state in ('waiting', 'rendering', 'ready', 'failed')),
  progress      real not null default 0,
  -- When the run that renders it last said so: one that is silent was killed.
  alive_at      timestamptz,
  blob_key      text not null,
  bytes         bigint,
  sha256        text,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_downloads_of on recording_downloads (recording_id);
create index recording_downloads_due on recording_downloads (expires_at);

create table recording_comments (
  org_id        uuid not null,
  id            uuid not null,
  recording_id  uuid not null,
  at_ms         integer not null check (at_ms >= 0),
  -- The comment that this one answers; null: it begins.
  reply_to      uuid,
  person_id     uuid not null,
  person_name   text not null,
  text          text not null,
  created_at    timestamptz not null,
  -- There are answers to it: its text is gone, its place stays.
  deleted_at    timestamptz,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade,
  foreign key (org_id, reply_to) references recording_comments (org_id, id) on delete cascade
);
create index recording_comments_of on recording_comments (recording_id, at_ms);
create index recording_comments_person on recording_comments (org_id, person_id);

create table recording_reviews (
  org_id            uuid not null,
  id                uuid not null,
  recording_id      uuid not null,
  reviewer_id       uuid not null,
  reviewer_name     text not null,
  -- What to look for.
  task              text not null,
  due_on            date,
  assigned_by       uuid not null,
  assigned_by_name  text not null,
  created_at        timestamptz not null,
  withdrawn_at      timestamptz,
  -- Null: it is under way.
  outcome           text check (outcome in ('cleared', 'flagged', 'escalated')),
  conclusion        text not null default '',
  finished_at       timestamptz,
  -- The version that was watched at the end.
  version           integer,
  report_key        text,
  report_sha256     text,
  primary key (id),
  unique (org_id, id),
  check ((outcome is null) = (finished_at is null)),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_reviews_of on recording_reviews (recording_id);
create index recording_reviews_mine on recording_reviews (org_id, reviewer_id) where withdrawn_at is null;

create table recording_review_marks (
  org_id      uuid not null,
  id          uuid not null,
  review_id   uuid not null,
  from_ms     integer not null check (from_ms >= 0),
  to_ms       integer not null check (to_ms >= from_ms),
  label       text not null,
  note        text not null,
  created_at  timestamptz not null,
  primary key (id),
  foreign key (org_id, review_id) references recording_reviews (org_id, id) on delete cascade
);
create index recording_review_marks_of on recording_review_marks (review_id, from_ms);

-- What people cut out. The captured tracks stay as they were until `final_at`; so long it can be undone.
create table recording_edits (
  org_id          uuid not null,
  id              uuid not null,
  recording_id    uuid not null,
  -- trim: what lies outside is taken away. redact: silence and a card, the time stays.
  what            text not null check (what in ('trim', 'redact')),
  from_ms         integer not null check (from_ms >= 0),
  to_ms           integer not null check (to_ms > from_ms),
  reason          text not null,
  made_by         uuid not null,
  made_by_name    text not null,
  made_at         timestamptz not null,
  undone_by       uuid,
  undone_by_name  text,
  undone_at       timestamptz,
  -- It can't be undone from then on: the originals of the passage are being deleted, and then are gone.
  final_at        timestamptz,
  gone_at         timestamptz,
  primary key (id),
  unique (org_id, id),
  check (undone_at is null or final_at is null),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_edits_of on recording_edits (recording_id);

-- Lines of the transcript that were said in a passage that was cut out, for the undoing.
create table recording_cut_lines (
  org_id        uuid not null,
  recording_id  uuid not null,
  line_id       uuid not null,
  person_id     uuid not null,
  begin_ms      integer not null,
  end_ms        integer not null,
  line          jsonb not null,
  primary key (line_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_cut_lines_of on recording_cut_lines (recording_id);

-- Whether something that was said then is cut out.
create function recording_cuts(recording uuid, begins integer, ends integer) returns boolean language sql stable as $$
  select exists (
    select 1 from recording_edits e where e.recording_id = recording and e.undone_at is null
      and case e.what when 'redact' then begins < e.to_ms and ends > e.from_ms else begins < e.from_ms or ends > e.to_ms end)
$$;
-- A transcript that is made again, by whatever part, has nothing of what was cut out.
create function keep_cut_line_out() returns trigger language plpgsql as $$
begin
  if not recording_cuts(new.recording_id, new.begin_ms, new.end_ms) then
    return new;
  end if;
  insert into recording_cut_lines (org_id, recording_id, line_id, person_id, begin_ms, end_ms, line)
  values (new.org_id, new.recording_id, new.id, new.person_id, new.begin_ms, new.end_ms, to_jsonb(new))
  on conflict (line_id) do update set line = excluded.line;
  return null;
end $$;
create trigger keep_cut_line_out before insert on transcript_lines
  for each row execute function keep_cut_line_out();

-- How long one recording is kept, where somebody decided otherwise than its policy; and what was last found to keep it.
create table recording_keeping (
  org_id        uuid not null,
  recording_id  uuid not null,
  -- Since its start; null: as long as nobody deletes it.
  keep_days     integer check (keep_days > 0),
  set_by        uuid,
  set_by_name   text,
  set_at        timestamptz,
  -- The hold that kept it when its time was over, and since when.
  held_by       text,
  held_since    timestamptz,
  primary key (recording_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- What an organisation has set for its archive. No row: the settings of the server.
create table recording_archives (
  org_id          uuid not null references organisations,
  -- Null: as the server is set.
  quota_bytes     bigint check (quota_bytes > 0),
  -- Days until the originals of what was cut out are deleted; null: kept as long as the recording.
  originals_days  integer check (originals_days >= 0),
  -- Per cent that administrators were told of.
  warned          smallint not null default 0,
  changed_by      uuid,
  changed_at      timestamptz,
  primary key (org_id)
);
