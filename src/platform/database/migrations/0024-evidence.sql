-- Manifests of recordings, signed and chained per organisation. Docs: docs/recording/evidence.md.

create table evidence_keys (
  org_id       uuid not null references organisations,
  -- SHA-256 of the public key (SPKI, DER), hex.
  id           text not null,
  -- SPKI, PEM.
  public_key   text not null,
  -- Ed25519, PKCS #8, DER. Leaves the database for nothing but a signature.
  private_key  bytea not null,
  created_at   timestamptz not null,
  primary key (org_id, id)
);

create table recording_manifests (
  org_id        uuid not null references organisations,
  -- Of the organisation's chain: from 1 without holes.
  number        integer not null,
  recording_id  uuid not null,
  version       integer not null,
  -- Canonical JSON, as its hash in `link` says. Null: the recording was deleted, and with it what its manifest says of people.
  manifest      text,
  -- What is signed: canonical JSON with the hash of the manifest, and of the link before. Nothing of people; kept for ever.
  link          text not null,
  -- SHA-256 of `link`, hex.
  hash          text not null,
  signature     bytea not null,
  key_id        text not null,
  created_at    timestamptz not null,
  primary key (org_id, number),
  foreign key (org_id, key_id) references evidence_keys (org_id, id)
);
create index recording_manifests_of on recording_manifests (recording_id, version);

create function refuse_change_of_manifest() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.manifest is null
     and (new.org_id, new.number, new.recording_id, new.version, new.link, new.hash, new.signature, new.key_id, new.created_at)
       is not distinct from
         (old.org_id, old.number, old.recording_id, old.version, old.link, old.hash, old.signature, old.key_id, old.created_at)
     and not exists (select 1 from recordings where id = old.recording_id and state <> 'deleted') then
    return new;
  end if;
  raise exception 'manifests are only added to';
end $$;
create trigger recording_manifests_unchanged before update or delete on recording_manifests
  for each row execute function refuse_change_of_manifest();

-- By a trigger, so that no way to delete a recording forgets it.
create function forget_manifests() returns trigger language plpgsql as $$
begin
  update recording_manifests set manifest = null where org_id = old.org_id and recording_id = old.id and manifest is not null;
  return null;
end $$;
create trigger recording_deleted_manifests after update of state on recordings
  for each row when (new.state = 'deleted') execute function forget_manifests();
create trigger recording_gone_manifests after delete on recordings
  for each row execute function forget_manifests();
