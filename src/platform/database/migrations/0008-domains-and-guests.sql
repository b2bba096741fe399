-- Who belongs to which data domain, what may cross between domains, and guests by invitation.

-- Somebody without a row belongs to the default domain of his organisation.
create table person_domains (
  org_id     uuid not null,
  person_id  uuid not null,
  domain_id  uuid not null,
  primary key (person_id, domain_id),
  foreign key (org_id, person_id) references people (org_id, id) on delete cascade,
  -- No cascade: who lost his only domain would be in the default one all at once.
  foreign key (org_id, domain_id) references domains (org_id, id)
);
create index person_domains_domain on person_domains (domain_id);

-- Whether guests may be invited to conversations of the domain.
alter table domains add column guests boolean not null default true;

-- What may cross. Null: any. The rule that names most decides.
create table domain_rules (
  org_id       uuid not null references organisations,
  id           uuid primary key,
  name         text not null,
  from_domain  uuid,
  to_domain    uuid,
  what         text check (what in ('people', 'forward', 'files', 'export')),
  allow        boolean not null,
  created_at   timestamptz not null,
  foreign key (org_id, from_domain) references domains (org_id, id) on delete cascade,
  foreign key (org_id, to_domain) references domains (org_id, id) on delete cascade,
  -- Two rules about the very same would contradict, or repeat, each other.
  unique nulls not distinct (org_id, from_domain, to_domain, what)
);
create unique index domain_rules_name on domain_rules (org_id, lower(name));

-- An invitation of a guest names the conversation that it leads to, and nothing else.
alter table invitations drop constraint invitations_role_check;
alter table invitations
  add column conversation_id uuid,
  add constraint invitations_role_check check (role in ('admin', 'member', 'guest')),
  add constraint invitations_place_check check ((role = 'guest') = (conversation_id is not null)),
  add foreign key (org_id, conversation_id) references conversations (org_id, id) on delete cascade;
create index invitations_conversation on invitations (conversation_id) where conversation_id is not null;
