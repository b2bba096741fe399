-- Whoever takes everything back that was recorded of him, and agrees again, is in the recording from then on:
-- nothing of before that moment may be kept. Infinity: he has not agreed again. Null: he never took it back.
create function taken_back_until(recording uuid, person uuid) returns timestamptz language sql stable as $$
  select case when said.number is not null then coalesce(
    (select min(l.at) from consent_ledger l
     where l.recording_id = recording and l.person_id = person and l.number > said.number and l.what = 'yes'), 'infinity') end
  from (select max(number) as number from consent_ledger
        where recording_id = recording and person_id = person and what = 'withdrawn-all') said
$$;

-- Messages that hold what was said in a recording: summaries that were posted, and tasks of which assignees were
-- told. What is taken back is taken back from them, too.
create table recording_posts (
  org_id           uuid not null,
  recording_id     uuid not null,
  conversation_id  uuid not null,
  message_number   integer not null,
  what             text not null check (what in ('summary', 'action')),
  -- The version of the summary.
  summary_number   integer,
  -- The item that was told; of a summary those that it lists.
  actions          uuid[] not null,
  -- Whose words are in it. Null: a model mixed them.
  people           uuid[],
  posted_at        timestamptz not null,
  -- stale: it says what was taken back, and is to be corrected. held: it was recalled, and a legal hold keeps its words in the log.
  state            text not null default 'current' check (state in ('current', 'stale', 'held', 'corrected', 'recalled')),
  changed_at       timestamptz,
  primary key (conversation_id, message_number),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade
);
create index recording_posts_of on recording_posts (recording_id);

-- A person has put the task into words of his own: it does not go with what it was taken from.
alter table action_items add column reworded boolean not null default false;

-- Where a message was forwarded to.
create index messages_forwarded on messages ((extra->'forwarded'->>'conversationId'), ((extra->'forwarded'->>'number')::int))
  where extra ? 'forwarded';
