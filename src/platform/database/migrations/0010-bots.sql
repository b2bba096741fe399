-- Apps, their tokens, webhooks both ways, and slash commands.

-- An app is a person with role 'app'. Its id is its client id (RFC 6749 section 2.2).
create table apps (
  org_id         uuid not null,
  id             uuid primary key,
  description    text not null,
  secret_hash    bytea not null,
  -- The most that a token of this app may be good for.
  scopes         text[] not null,
  -- Where authorization codes may be sent, compared letter by letter (RFC 9700 section 2.1).
  redirect_uris  text[] not null,
  created_by     uuid not null,
  created_at     timestamptz not null,
  disabled_at    timestamptz,
  unique (org_id, id),
  foreign key (org_id, id) references people (org_id, id) on delete cascade
);

-- Access tokens of apps. They are looked up with every call, so that disabling ends them at once.
create table app_tokens (
  org_id      uuid not null,
  id          uuid primary key,
  app_id      uuid not null,
  token_hash  bytea not null unique,
  scopes      text[] not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  revoked_at  timestamptz,
  foreign key (org_id, app_id) references apps (org_id, id) on delete cascade
);
create index app_tokens_app on app_tokens (app_id);
create index app_tokens_expiry on app_tokens (expires_at);

-- Authorization codes (RFC 6749 section 4.1) with their PKCE challenge (RFC 7636, S256 alone).
create table app_codes (
  org_id        uuid not null,
  code_hash     bytea primary key,
  app_id        uuid not null,
  approved_by   uuid not null,
  redirect_uri  text not null,
  challenge     text not null,
  scopes        text[] not null,
  expires_at    timestamptz not null,
  -- A code that comes a second time was stolen: the token that came of it ends.
  used_at       timestamptz,
  token_id      uuid,
  foreign key (org_id, app_id) references apps (org_id, id) on delete cascade
);
create index app_codes_expiry on app_codes (expires_at);

create table incoming_webhooks (
  org_id           uuid not null,
  id               uuid primary key,
  app_id           uuid not null,
  conversation_id  uuid not null,
  name             text not null,
  secret_hash      bytea not null unique,
  created_by       uuid not null,
  created_at       timestamptz not null,
  disabled_at      timestamptz,
  foreign key (org_id, app_id) references apps (org_id, id) on delete cascade,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index incoming_webhooks_org on incoming_webhooks (org_id);

create table outgoing_webhooks (
  org_id            uuid not null,
  id                uuid primary key,
  app_id            uuid not null,
  name              text not null,
  url               text not null,
  -- Signs what is sent, so it is needed in clear.
  secret            text not null,
  events            text[] not null,
  -- Null: all conversations that the app is a member of.
  conversation_ids  uuid[],
  created_by        uuid not null,
  created_at        timestamptz not null,
  -- Since when no try has succeeded; null: the last one did.
  failing_since     timestamptz,
  disabled_at       timestamptz,
  -- Why, when it was not a person who disabled it.
  disabled_reason   text,
  unique (org_id, id),
  foreign key (org_id, app_id) references apps (org_id, id) on delete cascade
);
create index outgoing_webhooks_app on outgoing_webhooks (app_id);

-- How far a webhook has come in the log of a conversation. One node at a time delivers: it holds the lease.
create table webhook_cursors (
  org_id           uuid not null,
  webhook_id       uuid not null,
  conversation_id  uuid not null,
  -- Everything up to this number of the log was delivered, parked, or not wanted.
  number           integer not null,
  -- The membership that it was made for: an app that was taken out and comes back doesn't hear what was in between.
  joined_at        timestamptz not null,
  -- Of the entry after it: tries that failed, when the next one is due, and why the last one failed.
  tries            integer not null default 0,
  next_try_at      timestamptz,
  last_error       text,
  lease            uuid,
  leased_until     timestamptz,
  primary key (webhook_id, conversation_id),
  foreign key (org_id, webhook_id) references outgoing_webhooks (org_id, id) on delete cascade,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);

-- Dead letters: what could not be delivered. Without content, which stands in the log.
create table webhook_dead_letters (
  org_id           uuid not null,
  -- The id of the delivery, the same in each try.
  id               uuid primary key,
  webhook_id       uuid not null,
  conversation_id  uuid not null,
  number           integer not null,
  event            text not null,
  tries            integer not null,
  -- HTTP status of the last answer; null: there was none.
  status           integer,
  error            text not null,
  -- The beginning of the last answer.
  answer           text not null,
  parked_at        timestamptz not null,
  -- An administrator wants it tried once more.
  replay_at        timestamptz,
  foreign key (org_id, webhook_id) references outgoing_webhooks (org_id, id) on delete cascade,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index webhook_dead_letters_webhook on webhook_dead_letters (webhook_id, conversation_id, number);
create index webhook_dead_letters_replay on webhook_dead_letters (webhook_id, conversation_id) where replay_at is not null;

create table slash_commands (
  org_id       uuid not null,
  id           uuid primary key,
  app_id       uuid not null,
  -- Without the slash.
  name         text not null,
  description  text not null,
  hint         text not null,
  url          text not null,
  secret       text not null,
  created_by   uuid not null,
  created_at   timestamptz not null,
  disabled_at  timestamptz,
  unique (org_id, name),
  foreign key (org_id, app_id) references apps (org_id, id) on delete cascade
);
