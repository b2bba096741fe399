-- What a meeting is to talk about, and what it talked about when. Titles alone; gone with the meeting.

create table meeting_agendas (
  org_id      uuid not null,
  meeting_id  uuid not null,
  -- In order: [{ "id", "title", "minutes" }].
  items       jsonb not null,
  -- Grows with each change; two who change it at once don't overwrite each other.
  revision    integer not null,
  changed_at  timestamptz not null,
  primary key (meeting_id),
  foreign key (org_id, meeting_id) references meetings (org_id, id) on delete cascade
);

-- Rows are only added. What recordings take as chapters.
create table meeting_agenda_turns (
  org_id      uuid not null,
  meeting_id  uuid not null,
  number      integer not null,
  -- Null: none of the items from then on.
  item_id     uuid,
  -- As the item is called now, or was when it went.
  title       text,
  at          timestamptz not null,
  primary key (meeting_id, number),
  foreign key (org_id, meeting_id) references meetings (org_id, id) on delete cascade,
  check ((item_id is null) = (title is null))
);

alter table recording_chapters drop constraint recording_chapters_origin_check;
alter table recording_chapters add constraint recording_chapters_origin_check
  check (origin in ('screen', 'topic', 'person', 'agenda'));
