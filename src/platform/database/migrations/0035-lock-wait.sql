-- Who writes a group of messages waits for no conversation whose lock somebody keeps: a node that stands still in the
-- middle of a transaction keeps it for a minute, and the messages of all other conversations would wait with it.
alter function append_messages(json, timestamptz) set lock_timeout = '5s';

-- In the order of ids, so that two nodes never wait for each other.
create function lock_conversations(ids uuid[]) returns table (org_id uuid, id uuid, archived boolean) language sql
set lock_timeout = '5s' as $$
  select c.org_id, c.id, c.archived_at is not null from conversations c where c.id = any(ids) order by c.id for update
$$;
