-- Since when somebody wants nothing of his words written down. Who wants it again is heard from then on, not from before.
alter table caption_choices add column opted_out_since timestamptz;
