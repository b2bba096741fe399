import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Colleague } from '@/api';
import { Avatar, Button, Card, Dialog, DialogBody, FourStates, useToast } from '@/design';
import { DialogForm } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { keys } from '@/pages/queries';
import admin from '../admin.module.css';
import { adminKeys, useDomainOptions } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { CheckList } from '../check-list';
import { SearchedRows } from '../searched-rows';

/** Who is in which domains. */
export function PeopleDomains() {
  const { t } = useTranslation('admin');
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const [editing, setEditing] = useState<Colleague | null>(null);
  return (
    <Card title={t('people.title')} description={t('people.words')} flush>
      <SearchedRows
        label={t('people.search')}
        answer={people}
        itemsOf={({ people: list }) => list}
        textOf={({ name, email }) => `${name} ${email ?? ''}`}
        more={(count) => t('people.more', { count })}
        empty={t('list.nothing')}
      >
        {(person) => (
          <li key={person.id} className={admin.row}>
            <Avatar name={person.name} id={person.id} size={40} />
            <div className={admin.words}>
              <p className={admin.name}>{person.name}</p>
              <p className={admin.detail}>{person.email}</p>
            </div>
            <Button onClick={() => setEditing(person)} aria-label={t('people.domainsOf', { name: person.name })}>
              {t('people.domains')}
            </Button>
          </li>
        )}
      </SearchedRows>
      {editing && <PersonDialog person={editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

function PersonDialog({ person, onClose }: { readonly person: Colleague; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const answer = useQuery({
    queryKey: adminKeys.personDomains(person.id),
    queryFn: ({ signal }) => api.admin.domains.ofPerson(person.id, signal),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('people.domainsOf', { name: person.name })}
      description={t('people.domainsWords')}
    >
      <FourStates
        answer={answer}
        busy={
          <DialogBody>
            <BusyRows />
          </DialogBody>
        }
      >
        {({ domainIds }) => <Editor person={person} domainIds={domainIds} onClose={onClose} />}
      </FourStates>
    </Dialog>
  );
}

function Editor({
  person,
  domainIds,
  onClose,
}: {
  readonly person: Colleague;
  readonly domainIds: readonly string[];
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('admin');
  const domains = useDomainOptions();
  const queries = useQueryClient();
  const toast = useToast();
  const form = useForm<{ domainIds: readonly string[] }>({
    initial: { domainIds },
    submit: async (values) => {
      await api.admin.domains.setOfPerson(person.id, values.domainIds);
      await queries.invalidateQueries({ queryKey: adminKeys.personDomains(person.id) });
      toast(t('list.saved'), { tone: 'good' });
      onClose();
    },
  });
  return (
    <DialogForm form={form} onClose={onClose}>
      <CheckList
        label={t('people.domains')}
        options={domains}
        chosen={form.values.domainIds}
        onChange={(chosen) => form.set('domainIds', chosen)}
      />
    </DialogForm>
  );
}
