-- Notifications, urgent messages, and messages that wait for their time.

-- What push services know us by (RFC 8292). Made once: other keys would make every subscription void.
create table push_keys (
  only_one     boolean primary key default true check (only_one),
  public_key   text not null,
  private_key  text not null,
  created_at   timestamptz not null
);

-- Where a device hears of messages while no page is open. It belongs to the sign-in, and ends with it.
create table push_subscriptions (
  org_id        uuid not null,
  id            uuid primary key,
  person_id     uuid not null,
  sign_in_id    uuid not null unique references sign_ins on delete cascade,
  -- Whoever knows the address and the keys can show something on the device.
  endpoint      text not null unique,
  p256dh        text not null,
  auth          text not null,
  language      text not null check (language in ('en', 'zh-Hant', 'zh-Hans')),
  created_at    timestamptz not null,
  -- Since when the push service takes nothing for it.
  failing_since timestamptz,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index push_subscriptions_person on push_subscriptions (org_id, person_id);

-- How a person wants to be told. Without a row: the defaults.
create table notification_settings (
  org_id           uuid not null,
  person_id        uuid not null,
  email            boolean not null default true,
  previews         boolean not null default true,
  language         text check (language in ('en', 'zh-Hant', 'zh-Hans')),
  -- {from, to, days, timeZone}; null: no quiet hours.
  quiet            jsonb,
  urgent_in_quiet  boolean not null default true,
  primary key (person_id),
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);

-- What the organisation allows. Without a row: the defaults.
create table notification_policies (
  org_id             uuid primary key references organisations,
  privacy            text not null default 'ids' check (privacy in ('ids', 'names', 'text')),
  urgent_over_quiet  boolean not null default true,
  webhook_url        text,
  webhook_secret     text
);

-- When a person was told of a conversation by push, and up to which message: all nodes agree by it
-- on who tells whom.
create table push_marks (
  org_id           uuid not null,
  conversation_id  uuid not null,
  person_id        uuid not null,
  told_at          timestamptz not null,
  told_number      integer not null,
  primary key (conversation_id, person_id),
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);

-- When the next reminder is due; null: there is none.
alter table urgent_receipts add column due_at timestamptz;
create index urgent_receipts_due on urgent_receipts (due_at) where confirmed_at is null and due_at is not null;
create index messages_urgent on messages (sender_id, sent_at) where urgent;

-- Messages that wait for their time. One that was sent is no longer here, so that no second copy
-- outlives an edit, a recall or the retention of the message.
create table scheduled_messages (
  org_id            uuid not null,
  id                uuid primary key,
  conversation_id   uuid not null,
  person_id         uuid not null,
  -- Of the message that it becomes, which makes sending it twice harmless.
  client_id         uuid not null,
  body              text not null,
  thread            integer,
  mentions          uuid[] not null default '{}',
  mentions_all      boolean not null default false,
  dlp_acknowledged  boolean not null default false,
  dlp_reason        text not null default '',
  send_at           timestamptz not null,
  state             text not null default 'waiting' check (state in ('waiting', 'sending', 'refused')),
  -- Why it was not sent: a code of the catalogue, and what fills its sentence.
  refused_code      text,
  refused_fill      jsonb,
  created_at        timestamptz not null,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index scheduled_messages_person on scheduled_messages (org_id, person_id, conversation_id);
create index scheduled_messages_due on scheduled_messages (send_at) where state <> 'refused';
