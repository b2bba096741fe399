-- Accounts, meetings, and the message log. Every table that holds an organisation's data has
-- org_id, and references carry it along, so that a row can't point into another organisation.

create table signing_keys (
  id          text primary key,
  secret      bytea not null,
  created_at  timestamptz not null
);

-- The owner link of a server that has no organisation yet. One row at most.
create table setup_link (
  only_one    boolean primary key default true check (only_one),
  token_hash  bytea not null,
  created_at  timestamptz not null
);

create table organisations (
  id          uuid primary key,
  name        text not null,
  created_at  timestamptz not null
);

-- Accounts and guests. A guest has no e-mail and no password, and belongs to one meeting.
create table people (
  org_id         uuid not null references organisations,
  id             uuid not null,
  name           text not null,
  role           text not null check (role in ('owner', 'admin', 'member', 'guest')),
  email          text,
  password_hash  text,
  guest_of       uuid,
  -- Recognises the guest's browser, so that one who was removed stays removed.
  device_hash    bytea,
  created_at     timestamptz not null,
  primary key (id),
  unique (org_id, id),
  check ((role = 'guest') = (guest_of is not null)),
  check ((role = 'guest') = (email is null))
);
create unique index people_email on people (email) where email is not null;
create unique index people_guest_device on people (guest_of, device_hash) where device_hash is not null;

-- A device that is signed in, by a refresh token that changes with every use.
create table sign_ins (
  org_id         uuid not null,
  id             uuid primary key,
  person_id      uuid not null,
  client         text not null,
  token_hash     bytea not null unique,
  -- Makes each token from the one before, so that two uses at once get the same next one.
  chain_key      bytea not null,
  -- The token before, accepted for a few seconds because two tabs may refresh at once.
  previous_hash  bytea unique,
  rotated_at     timestamptz not null,
  created_at     timestamptz not null,
  last_used_at   timestamptz not null,
  expires_at     timestamptz not null,
  revoked_at     timestamptz,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index sign_ins_person on sign_ins (org_id, person_id);

create table invitations (
  org_id        uuid not null references organisations,
  id            uuid primary key,
  email         text not null,
  role          text not null check (role in ('admin', 'member')),
  invited_by    uuid not null,
  token_hash    bytea not null unique,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  accepted_at   timestamptz,
  withdrawn_at  timestamptz,
  foreign key (org_id, invited_by) references people (org_id, id)
);
create index invitations_open on invitations (org_id, created_at) where accepted_at is null and withdrawn_at is null;

create table conversations (
  org_id       uuid not null references organisations,
  id           uuid not null,
  kind         text not null check (kind in ('meeting')),
  last_number  integer not null default 0,
  created_at   timestamptz not null,
  primary key (id),
  unique (org_id, id)
);

create table conversation_members (
  org_id           uuid not null,
  conversation_id  uuid not null,
  person_id        uuid not null,
  -- The member may read what comes after this number.
  visible_after    integer not null default 0,
  primary key (conversation_id, person_id),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);

create table messages (
  org_id           uuid not null,
  conversation_id  uuid not null,
  number           integer not null check (number > 0),
  sender_id        uuid not null,
  sender_name      text not null,
  client_id        uuid not null,
  body             text not null,
  sent_at          timestamptz not null,
  primary key (conversation_id, number),
  unique (sender_id, client_id),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);

create table meetings (
  org_id           uuid not null references organisations,
  id               uuid not null,
  code             text not null unique,
  title            text not null,
  status           text not null check (status in ('scheduled', 'live', 'ended')),
  host_id          uuid not null,
  conversation_id  uuid not null,
  lobby            text not null check (lobby in ('off', 'guests', 'everyone')),
  guests           boolean not null,
  chat_history     boolean not null,
  locked           boolean not null default false,
  starts_at        timestamptz,
  started_at       timestamptz,
  ended_at         timestamptz,
  -- While it is live: when the server last saw it so. After a crash, stays end here.
  seen_at          timestamptz,
  created_at       timestamptz not null,
  primary key (id),
  unique (org_id, id),
  foreign key (org_id, host_id) references people (org_id, id),
  foreign key (org_id, conversation_id) references conversations (org_id, id)
);
create index meetings_by_time on meetings (org_id, coalesce(ended_at, starts_at, created_at));
create index meetings_live on meetings (id) where status = 'live';

alter table people add foreign key (org_id, guest_of) references meetings (org_id, id) on delete cascade;

-- Who may be in a meeting, as what. Outlives the server, so that who was removed stays removed.
create table meeting_members (
  org_id      uuid not null,
  meeting_id  uuid not null,
  person_id   uuid not null,
  role        text not null check (role in ('host', 'co-host', 'attendee')),
  admission   text not null check (admission in ('admitted', 'removed')),
  primary key (meeting_id, person_id),
  foreign key (org_id, meeting_id) references meetings (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index meeting_members_person on meeting_members (org_id, person_id);

-- One row for each time somebody was in a meeting.
create table meeting_stays (
  org_id      uuid not null,
  id          uuid primary key,
  meeting_id  uuid not null,
  person_id   uuid not null,
  joined_at   timestamptz not null,
  left_at     timestamptz,
  foreign key (org_id, meeting_id) references meetings (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index meeting_stays_meeting on meeting_stays (org_id, meeting_id, joined_at);
create index meeting_stays_open on meeting_stays (meeting_id) where left_at is null;
