-- What somebody was asked, and what he answered, is never changed. The ledger goes with its recording alone.
create function refuse_change_of_consent() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger of consent is only added to';
end $$;
create function refuse_deletion_of_consent() returns trigger language plpgsql as $$
begin
  if exists (select 1 from recordings where id = old.recording_id) then
    raise exception 'the ledger of consent is only added to';
  end if;
  return old;
end $$;
create trigger consent_ledger_unchanged before update on consent_ledger
  for each row execute function refuse_change_of_consent();
create trigger consent_ledger_kept before delete on consent_ledger
  for each row execute function refuse_deletion_of_consent();
create trigger consent_notices_unchanged before update on consent_notices
  for each row execute function refuse_change_of_consent();
