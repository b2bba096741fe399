-- Chat of an organisation: kinds of conversations, roles, and a log in which everything takes a number.

-- What clients' cursors belong to. Another one (after a database was restored) makes them forget theirs.
create table chat_epoch (
  only_one  boolean primary key default true check (only_one),
  id        uuid not null
);
insert into chat_epoch (id) values (gen_random_uuid());

-- Where data may be: each conversation belongs to one domain, each organisation has one that is the default.
create table domains (
  org_id      uuid not null references organisations,
  id          uuid not null primary key,
  name        text not null,
  is_default  boolean not null default false,
  created_at  timestamptz not null,
  unique (org_id, id)
);
create unique index domains_name on domains (org_id, lower(name));
create unique index domains_default on domains (org_id) where is_default;

alter table conversations drop constraint conversations_kind_check;
alter table conversations
  add column title              text not null default '',
  add column description        text not null default '',
  add column domain_id          uuid,
  -- Two sorted person ids: two people have one direct conversation.
  add column direct_key         text,
  add column created_by         uuid,
  add column history_from_join  boolean not null default false,
  add column archived_at        timestamptz,
  -- Messages up to here are hidden from some members: events about them carry no content.
  add column hidden_up_to       integer not null default 0,
  add constraint conversations_kind_check
    check (kind in ('direct', 'group', 'department', 'announcement', 'meeting', 'project')),
  add constraint conversations_domain foreign key (org_id, domain_id) references domains (org_id, id);
create unique index conversations_direct on conversations (org_id, direct_key) where direct_key is not null;

alter table conversation_members
  add column role         text not null default 'member' check (role in ('member', 'admin')),
  add column joined_at    timestamptz not null default now(),
  add column read_number  integer not null default 0,
  add column notify       text not null default 'all' check (notify in ('all', 'mentions', 'nothing')),
  add column muted_until  timestamptz,
  add column draft        text not null default '',
  -- Counts changes of what is the member's own: role, notify, mute, draft.
  add column version      integer not null default 0;
create index conversation_members_person on conversation_members (org_id, person_id);

alter table messages
  -- The number of the log entry that changed it last.
  add column changed       integer,
  add column kind          text not null default 'text' check (kind in ('text', 'poll', 'system')),
  -- The number of its thread's root, and of the message that it answers.
  add column thread        integer,
  add column reply_to      integer,
  add column mentions      uuid[] not null default '{}',
  add column mentions_all  boolean not null default false,
  add column urgent        boolean not null default false,
  add column by_app        boolean not null default false,
  add column edited_at     timestamptz,
  add column recalled_at   timestamptz,
  add column pinned_at     timestamptz,
  -- {attachments, poll, system, forwarded, cards}: what only some messages have.
  add column extra         jsonb,
  -- {emoji: [person ids, in order]}
  add column reactions     jsonb;
update messages set changed = number;
alter table messages alter column changed set not null;
create index messages_changed on messages (conversation_id, changed);
create index messages_thread on messages (conversation_id, thread, number) where thread is not null;
create index messages_pinned on messages (conversation_id, number) where pinned_at is not null;
create index messages_time on messages (conversation_id, sent_at);

-- Entries of the log that changed a message: what it was before, who did what. With `messages` this is
-- the whole log. `before` keeps the text that an edit or a recall replaced.
create table message_changes (
  org_id           uuid not null,
  conversation_id  uuid not null,
  number           integer not null check (number > 0),
  message_number   integer not null,
  kind             text not null check (kind in ('edit', 'recall', 'reaction', 'pin', 'vote', 'poll-closed', 'cards')),
  actor_id         uuid,
  actor_name       text not null,
  at               timestamptz not null,
  before           text,
  detail           jsonb,
  primary key (conversation_id, number),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index message_changes_message on message_changes (conversation_id, message_number, number);

-- Who chose what in polls; kept apart from the message, so that an anonymous one stays so.
create table poll_votes (
  org_id           uuid not null,
  conversation_id  uuid not null,
  number           integer not null,
  person_id        uuid not null,
  options          smallint[] not null,
  voted_at         timestamptz not null,
  primary key (conversation_id, number, person_id),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);

-- Urgent messages and who has confirmed them. A row for each person who should.
create table urgent_receipts (
  org_id           uuid not null,
  conversation_id  uuid not null,
  number           integer not null,
  person_id        uuid not null,
  confirmed_at     timestamptz,
  reminded_at      timestamptz,
  reminders        integer not null default 0,
  primary key (conversation_id, number, person_id),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index urgent_receipts_open on urgent_receipts (person_id) where confirmed_at is null;

-- Files: uploaded to a conversation, then sent with a message. Bytes are in the blob store under `key`.
create table attachments (
  org_id           uuid not null,
  id               uuid primary key,
  conversation_id  uuid not null,
  uploaded_by      uuid not null,
  name             text not null,
  type             text not null,
  size             bigint not null,
  -- Null until all bytes are here.
  sha256           bytea,
  width            integer,
  height           integer,
  key              text not null,
  preview_key      text,
  -- Null until it is sent.
  message_number   integer,
  created_at       timestamptz not null,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index attachments_message on attachments (conversation_id, message_number);
create index attachments_unsent on attachments (created_at) where message_number is null;

-- Audit: rows are written in the transaction of the act, chained by hash per organisation.
create table audit_log (
  org_id    uuid not null references organisations,
  number    bigint not null check (number > 0),
  at        timestamptz not null,
  actor_id  uuid,
  actor     text not null,
  -- "chat.domain-refused", "chat.dlp-blocked", "chat.export-made" ...
  action    text not null,
  -- What it was done to: {"conversation": "...", ...}
  subject   jsonb not null,
  detail    jsonb not null,
  hash      bytea not null,
  primary key (org_id, number)
);
create index audit_log_action on audit_log (org_id, action, number);

-- People: also guests who were invited to conversations, with e-mail and password, and apps.
alter table people drop constraint people_role_check;
alter table people drop constraint people_check;
alter table people drop constraint people_check1;
alter table people
  add constraint people_role_check check (role in ('owner', 'admin', 'member', 'guest', 'app')),
  -- A guest of a meeting has no e-mail, an invited guest has no meeting.
  add constraint people_place_check check (
    case role
      when 'guest' then (guest_of is null) <> (email is null)
      when 'app' then guest_of is null and email is null
      else guest_of is null and email is not null
    end);
