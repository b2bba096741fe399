-- As 0031 and 0035 have it, and whether the sender of an announcement still is an admin is asked under the lock too: he
-- may have been made a member since he was let in, and another node's word of it may be late.
create or replace function append_messages(messages json, at timestamptz) returns table (number integer) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set lock_timeout = '5s' as $$
begin
  -- In the order of ids, so that two nodes never wait for each other.
  perform 1 from conversations c
    where c.id = any(array(select (m->>'conversation_id')::uuid from json_array_elements(messages) m)) order by c.id for update;
  -- By joins: what stands in EXISTS beside OR may be made a hash of the whole table.
  if exists (
    select 1 from json_to_recordset(messages) as t (org_id uuid, conversation_id uuid, sender_id uuid, kind text, as_member boolean)
    left join conversations c on c.id = t.conversation_id and c.org_id = t.org_id
    left join conversation_members m on m.conversation_id = t.conversation_id and m.person_id = t.sender_id
    where c.id is null or t.as_member and (
      m.person_id is null or t.kind <> 'system' and (c.archived_at is not null or c.kind = 'announcement' and m.role <> 'admin'))
  ) or exists (
    select 1 from json_to_recordset(messages) as t (sender_id uuid, client_id uuid)
    join messages m on m.sender_id = t.sender_id and m.client_id = t.client_id
  ) then
    return;
  end if;
  return query
    with numbered as (
      select t.*, (c.last_number + row_number() over (partition by t.conversation_id order by t.place))::integer as number
      from rows from (json_to_recordset(messages) as (
        org_id uuid, conversation_id uuid, sender_id uuid, sender_name text, client_id uuid, body text, kind text, thread integer,
        reply_to integer, mentions uuid[], mentions_all boolean, urgent boolean, by_app boolean, extra jsonb
      )) with ordinality as t (
        org_id, conversation_id, sender_id, sender_name, client_id, body, kind, thread,
        reply_to, mentions, mentions_all, urgent, by_app, extra, place)
      join conversations c on c.id = t.conversation_id
    ), stored as (
      insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, kind, thread, reply_to,
                            mentions, mentions_all, urgent, by_app, extra, sent_at)
      select n.org_id, n.conversation_id, n.number, n.number, n.sender_id, n.sender_name, n.client_id, n.body, n.kind, n.thread, n.reply_to,
             n.mentions, n.mentions_all, n.urgent, n.by_app, n.extra, at
      from numbered n
    ), counted as (
      update conversations c set last_number = n.number
      from (select conversation_id, max(n.number) as number from numbered n group by 1) n
      where c.id = n.conversation_id
    )
    select n.number from numbered n order by n.place;
end
$$;
