-- Rules against data leaving by chat, and what reading the audit log wants.

create table dlp_rules (
  org_id      uuid not null references organisations,
  id          uuid primary key,
  name        text not null,
  enabled     boolean not null,
  detectors   text[] not null,
  -- [{name, pattern, caseSensitive}]
  patterns    jsonb not null,
  file_types  text[] not null,
  action      text not null check (action in ('notify', 'warn', 'reason', 'block')),
  notify      boolean not null,
  -- Empty: all.
  domains     uuid[] not null,
  kinds       text[] not null,
  minimum     integer not null check (minimum between 1 and 100),
  created_at  timestamptz not null,
  changed_at  timestamptz not null
);
create unique index dlp_rules_name on dlp_rules (org_id, lower(name));

-- A rule is tried on all that was written lately, whatever the conversation. Messages lie in the order of
-- time, so a few pages of summary do, and writing one costs nothing more.
create index messages_sent_at on messages using brin (sent_at) with (pages_per_range = 32, autosummarize = on);

create index audit_log_actor on audit_log (org_id, actor_id, number) where actor_id is not null;
create index audit_log_at on audit_log (org_id, at);
