-- Messages of which people are to be told by push in a few seconds. The node that wrote a row forgets it
-- when they were told; what is long overdue was left by a node that was killed.
create table waiting_notices (
  org_id           uuid not null,
  id               uuid primary key,
  conversation_id  uuid not null,
  -- This message and those after it.
  from_number      integer not null,
  due_at           timestamptz not null,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
create index waiting_notices_due on waiting_notices (due_at);
create index waiting_notices_conversation on waiting_notices (org_id, conversation_id);
