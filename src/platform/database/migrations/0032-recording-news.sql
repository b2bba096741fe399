-- What somebody is to be told of a recording: that it was shared with him, that he is to review it, how a review
-- came out. One for each share or review and person, so that nobody is told twice. It goes with the share.
create table recording_news (
  org_id        uuid not null,
  id            uuid not null,
  recording_id  uuid not null,
  person_id     uuid not null,
  kind          text not null check (kind in ('shared', 'review-assigned', 'review-finished', 'review-withdrawn')),
  -- The share, or the review.
  subject_id    uuid not null,
  by_id         uuid not null,
  by_name       text not null,
  created_at    timestamptz not null,
  -- Written before it is sent: a node that is killed in between tells nobody rather than twice.
  pushed_at     timestamptz,
  mailed_at     timestamptz,
  -- He has opened the recording since, or has read that there is news.
  seen_at       timestamptz,
  primary key (id),
  unique (subject_id, kind, person_id),
  foreign key (org_id, recording_id) references recordings (org_id, id) on delete cascade,
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade
);
create index recording_news_of on recording_news (recording_id);
create index recording_news_for on recording_news (org_id, person_id, created_at);
