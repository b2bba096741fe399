-- What a recording is said to have been about, and what is to be done. Sentences carry the line that they
-- stand on, so that what is cut out of the transcript can be cut out of every version here too.

-- Each version is kept: first what a machine wrote, then what people made of it. The last one counts.
create table recording_summaries (
  org_id             uuid not null,
  recording_id       uuid not null,
  number             integer not null,
  -- The version of the recording that it was written from.
  recording_version  integer not null,
  -- offline: the rules of this program. server: a language model of the operator. A person's version keeps what it grew from.
  engine             text not null check (engine in ('offline', 'server')),
  model              text,
  -- Why the server was not used although one is set.
  fell_back          text check (fell_back in ('unreachable', 'timeout', 'refused', 'nothing', 'rubbish')),
  language           text not null,
  content            jsonb not null,
  -- Null: a machine. The name as it was then.
  edited_by          uuid,
  edited_by_name     text,
  posted_by          uuid,
  posted_by_name     text,
  posted_at          timestamptz,
  created_at         timestamptz not null,
  primary key (recording_id, number),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- Somebody wants it to be written again. Gone when that was done.
create table recording_summary_requests (
  org_id        uuid not null,
  recording_id  uuid not null,
  asked_by      uuid not null,
  asked_at      timestamptz not null,
  primary key (recording_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);

-- proposed: a machine found it. confirmed: the host says so, and the assignee was told.
create table action_items (
  org_id         uuid not null,
  id             uuid not null,
  recording_id   uuid not null,
  state          text not null check (state in ('proposed', 'confirmed', 'dismissed', 'done')),
  what           text not null,
  -- Null: nobody was named. The name as it was then.
  assignee_id    uuid,
  assignee_name  text,
  due_on         date,
  -- How it was said, such as "by next Friday".
  due_text       text,
  note           text not null default '',
  -- Where it was said: null when a person added it.
  at_ms          integer,
  line_id        text,
  origin         text not null check (origin in ('speech', 'chat', 'poll', 'person')),
  said_by        uuid,
  -- The sentence itself: an item that was dismissed isn't proposed again from the same one.
  said           text not null default '',
  -- A person touched it: it isn't replaced when the summary is written again.
  edited         boolean not null default false,
  -- Grows with what its assignee is to be told of.
  revision       integer not null default 0,
  decided_by     uuid,
  decided_at     timestamptz,
  done_at        timestamptz,
  created_at     timestamptz not null,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index action_items_of on action_items (recording_id);
create index action_items_mine on action_items (org_id, assignee_id) where state = 'confirmed';
