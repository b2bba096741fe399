-- Search over messages: what the index knows of each, and how far it has come in each conversation.

-- Terms are hashes of words, pieces of words and characters, and of what filters ask; src/chat/search/terms.ts.
-- Recalled messages have no row. Rows of messages that retention deletes go with them.
create table message_search (
  org_id           uuid not null,
  conversation_id  uuid not null,
  number           integer not null,
  sent_at          timestamptz not null,
  terms            integer[] not null,
  primary key (conversation_id, number),
  foreign key (conversation_id, number) references messages (conversation_id, number) on delete cascade
);
-- Rare terms are answered from the first, common ones by reading the newest messages in the order of the second.
create index message_search_terms on message_search using gin (terms);
create index message_search_time on message_search (org_id, sent_at);
-- How many messages each of the commonest thousand terms is in, so that the planner tells rare from common.
alter table message_search alter column terms set statistics 100;

-- The log entry up to which each conversation is indexed. The row's lock says who works on it.
create table search_cursors (
  org_id           uuid not null,
  conversation_id  uuid not null primary key,
  indexed_number   integer not null default 0,
  foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade
);
