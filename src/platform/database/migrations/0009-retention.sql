-- How long messages are kept, what must be kept longer, who could have seen them, and exports.

-- One row each for the organisation (neither id), a domain, a conversation. The nearest to the conversation decides.
create table retention_policies (
  org_id           uuid not null references organisations,
  domain_id        uuid,
  conversation_id  uuid,
  -- Null: for ever.
  days             integer check (days between 1 and 36500),
  changed_at       timestamptz not null,
  check (domain_id is null or conversation_id is null),
  unique nulls not distinct (org_id, domain_id, conversation_id),
  foreign key (org_id, domain_id) references domains (org_id, id) on delete cascade,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);

create table retention_settings (
  org_id          uuid primary key references organisations,
  -- No policy deletes what is younger: a minimum by law.
  minimum_days    integer not null default 0 check (minimum_days between 0 and 36500),
  minimum_reason  text not null default '',
  -- An export of everything each month, on this day at this hour (UTC); null: none.
  backup_day      smallint check (backup_day between 1 and 28),
  backup_hour     smallint check (backup_hour between 0 and 23),
  backup_format   text not null default 'json' check (backup_format in ('json', 'html')),
  -- The time that the newest one was due.
  backed_up_at    timestamptz,
  check ((backup_day is null) = (backup_hour is null))
);

-- Who was in which conversation, and when: kept also when he has left, as long as the conversation.
-- Written by triggers, so that no way in or out is forgotten.
create table conversation_stays (
  org_id           uuid not null,
  conversation_id  uuid not null,
  id               bigint generated always as identity primary key,
  person_id        uuid not null,
  name             text not null,
  -- He could read what came after this number.
  visible_after    integer not null,
  joined_at        timestamptz not null,
  left_at          timestamptz,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index conversation_stays_conversation on conversation_stays (conversation_id, person_id);
create index conversation_stays_person on conversation_stays (org_id, person_id);
insert into conversation_stays (org_id, conversation_id, person_id, name, visible_after, joined_at)
  select m.org_id, m.conversation_id, m.person_id, p.name, m.visible_after, m.joined_at
  from conversation_members m join people p on p.id = m.person_id;

create function conversation_member_came() returns trigger language plpgsql as $$
begin
  insert into conversation_stays (org_id, conversation_id, person_id, name, visible_after, joined_at)
  select new.org_id, new.conversation_id, new.person_id, coalesce((select name from people where id = new.person_id), ''),
         new.visible_after, new.joined_at;
  return null;
end $$;
create trigger conversation_member_came after insert on conversation_members
  for each row execute function conversation_member_came();

create function conversation_member_left() returns trigger language plpgsql as $$
begin
  update conversation_stays set left_at = now()
  where conversation_id = old.conversation_id and person_id = old.person_id and left_at is null;
  return null;
end $$;
create trigger conversation_member_left after delete on conversation_members
  for each row execute function conversation_member_left();

-- Legal holds. What one covers is deleted by nothing until it is released.
create table legal_holds (
  org_id           uuid not null references organisations,
  id               uuid primary key,
  name             text not null,
  matter           text not null,
  reason           text not null,
  -- Names neither conversations nor people: everything of the organisation.
  everything       boolean not null,
  -- Of what was sent in this time; null: without that end.
  since            timestamptz,
  until            timestamptz,
  created_by       uuid not null,
  created_by_name  text not null,
  created_at       timestamptz not null,
  released_by      uuid,
  released_by_name text,
  released_at      timestamptz,
  release_reason   text,
  unique (org_id, id)
);
create index legal_holds_active on legal_holds (org_id) where released_at is null;
-- Names are kept with a hold that was released, when what it named is gone.
create table legal_hold_conversations (
  org_id           uuid not null,
  hold_id          uuid not null,
  conversation_id  uuid not null,
  title            text not null,
  primary key (hold_id, conversation_id),
  foreign key (org_id, hold_id) references legal_holds (org_id, id)
);
create index legal_hold_conversations_of on legal_hold_conversations (conversation_id);
create table legal_hold_people (
  org_id     uuid not null,
  hold_id    uuid not null,
  person_id  uuid not null,
  name       text not null,
  primary key (hold_id, person_id),
  foreign key (org_id, hold_id) references legal_holds (org_id, id)
);
create index legal_hold_people_of on legal_hold_people (person_id);

-- The active hold that covers something of a conversation, whatever the time; null: none.
create function conversation_hold(org uuid, conversation uuid) returns text language sql stable as $$
  select h.name from legal_holds h
  where h.org_id = org and h.released_at is null
    and (h.everything
      or exists (select 1 from legal_hold_conversations c where c.hold_id = h.id and c.conversation_id = conversation)
      or exists (select 1 from legal_hold_people p join conversation_stays s on s.person_id = p.person_id
                 where p.hold_id = h.id and s.conversation_id = conversation)
      or exists (select 1 from legal_hold_people p join messages m on m.sender_id = p.person_id
                 where p.hold_id = h.id and m.conversation_id = conversation))
  order by h.created_at limit 1
$$;
create function person_hold(org uuid, person uuid) returns text language sql stable as $$
  select h.name from legal_holds h
  where h.org_id = org and h.released_at is null
    and (h.everything or exists (select 1 from legal_hold_people p where p.hold_id = h.id and p.person_id = person))
  order by h.created_at limit 1
$$;

-- The last line: whatever deletes a conversation or a person, a hold stops it.
create function refuse_held_conversation() returns trigger language plpgsql as $$
begin
  if conversation_hold(old.org_id, old.id) is not null then
    raise exception 'The conversation % is under a legal hold.', old.id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger refuse_held_conversation before delete on conversations
  for each row execute function refuse_held_conversation();
create function refuse_held_person() returns trigger language plpgsql as $$
begin
  if person_hold(old.org_id, old.id) is not null then
    raise exception 'The person % is under a legal hold.', old.id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger refuse_held_person before delete on people
  for each row execute function refuse_held_person();

-- Compliance exports and backups. A run is claimed by one process at a time; one that is silent is dead.
create table exports (
  org_id        uuid not null references organisations,
  id            uuid primary key,
  kind          text not null check (kind in ('export', 'backup')),
  status        text not null check (status in ('waiting', 'running', 'done', 'failed', 'deleting')),
  format        text not null check (format in ('json', 'html')),
  -- {"conversationIds": [...]} or {"personIds": [...]} or {"domainId": "..."} or {}: everything.
  scope         jsonb not null,
  since         timestamptz,
  until         timestamptz,
  reason        text not null,
  made_by       uuid,
  made_by_name  text not null,
  created_at    timestamptz not null,
  finished_at   timestamptz,
  expires_at    timestamptz,
  -- Steps: a part for each conversation, and the ZIP.
  done          integer not null default 0,
  total         integer not null,
  messages      integer not null default 0,
  size          bigint,
  sha256        bytea,
  error         text,
  runner        uuid,
  alive_at      timestamptz,
  attempts      integer not null default 0,
  unique (org_id, id)
);
create index exports_of on exports (org_id, created_at);
create index exports_open on exports (status) where status in ('waiting', 'running', 'deleting');

create table export_parts (
  org_id           uuid not null,
  export_id        uuid not null,
  conversation_id  uuid not null,
  title            text not null,
  -- Null until its blob is written.
  size             bigint,
  sha256           bytea,
  messages         integer not null default 0,
  -- [{id, key, size}]
  attachments      jsonb,
  primary key (export_id, conversation_id),
  foreign key (org_id, export_id) references exports (org_id, id) on delete cascade
);
