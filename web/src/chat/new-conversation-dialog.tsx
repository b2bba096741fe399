import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ApiError, api } from '@/api';
import { Banner, Button, Choice, Dialog, DialogBody, DialogFooter, Field, Input, Select, Switch } from '@/design';
import { useChat } from './chat-context';
import { PeoplePicker, type PickedPerson } from './people-picker';
import { useDirect } from './use-direct';

const kinds = ['group', 'department', 'announcement', 'project'] as const;

/** One person, or several under a name. */
export function NewConversationDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const navigate = useNavigate();
  const openDirect = useDirect();
  const [shape, setShape] = useState<'direct' | 'several'>('direct');
  const [kind, setKind] = useState<(typeof kinds)[number]>('group');
  const [title, setTitle] = useState('');
  const [people, setPeople] = useState<readonly PickedPerson[]>([]);
  const [historyFromJoin, setHistoryFromJoin] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | Error | null>(null);
  const isReady = shape === 'direct' ? people.length === 1 : title.trim() !== '';

  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isReady || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const [first] = people;
      if (shape === 'direct' && first) await openDirect(first.id);
      else {
        const made = await api.chat.create({ kind, title: title.trim(), memberIds: people.map(({ id }) => id), historyFromJoin });
        await client.refresh(made.id);
        await navigate(`/chat/${made.id}`);
      }
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('new.title')}>
      <form onSubmit={(event) => void make(event)}>
        <DialogBody>
          <Choice
            label={t('new.shape')}
            value={shape}
            onChange={(next) => {
              setShape(next);
              if (next === 'direct') setPeople(people.slice(0, 1));
            }}
            choices={[
              { value: 'direct', label: t('new.direct') },
              { value: 'several', label: t('new.several') },
            ]}
          />
          {shape === 'several' && (
            <>
              <Field label={t('new.name')}>
                <Input value={title} maxLength={120} required onChange={(event) => setTitle(event.target.value)} />
              </Field>
              <Field label={t('new.kind')} hint={t(`new.kindHint.${kind}`)}>
                <Select
                  value={kind}
                  onChange={(event) => {
                    const next = kinds.find((one) => one === event.target.value);
                    if (next) setKind(next);
                  }}
                >
                  {kinds.map((one) => (
                    <option key={one} value={one}>
                      {t(`kind.${one}`)}
                    </option>
                  ))}
                </Select>
              </Field>
            </>
          )}
          <PeoplePicker
            label={shape === 'direct' ? t('new.who') : t('new.members')}
            chosen={people}
            onChange={setPeople}
            single={shape === 'direct'}
          />
          {shape === 'several' && (
            <Switch
              label={t('new.fromJoin')}
              description={t('new.fromJoinWords')}
              checked={historyFromJoin}
              onChange={setHistoryFromJoin}
            />
          )}
          {problem && (
            <Banner tone="wrong" announce="alert" code={problem instanceof ApiError ? problem.code : undefined}>
              {problem.message}
            </Banner>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={busy} disabled={!isReady}>
            {shape === 'direct' ? t('new.write') : t('new.make')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
