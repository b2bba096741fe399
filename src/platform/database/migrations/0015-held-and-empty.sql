-- A meeting that never began can be cancelled under a hold on everything: where nothing was written there
-- is nothing to keep. What a hold names stays in any case.
create or replace function refuse_held_conversation() returns trigger language plpgsql as $$
begin
  if conversation_hold(old.org_id, old.id) is not null and (
    exists (select 1 from messages m where m.conversation_id = old.id)
    or exists (select 1 from legal_hold_conversations c join legal_holds h on h.id = c.hold_id
               where c.conversation_id = old.id and h.released_at is null)
  ) then
    raise exception 'The conversation % is under a legal hold.', old.id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;

create or replace function refuse_held_person() returns trigger language plpgsql as $$
begin
  if person_hold(old.org_id, old.id) is not null and (
    exists (select 1 from messages m where m.sender_id = old.id)
    or exists (select 1 from legal_hold_people p join legal_holds h on h.id = p.hold_id
               where p.person_id = old.id and h.released_at is null)
  ) then
    raise exception 'The person % is under a legal hold.', old.id using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
