-- What retention deleted is nobody's to read, on no device: members' view begins after it, also of those
-- who come later.
alter table conversations add column deleted_up_to integer not null default 0;

create function hide_deleted_history() returns trigger language plpgsql as $$
begin
  new.visible_after := greatest(new.visible_after, (select deleted_up_to from conversations where id = new.conversation_id));
  return new;
end $$;
create trigger hide_deleted_history before insert on conversation_members
  for each row execute function hide_deleted_history();
