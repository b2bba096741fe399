import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { Choice, Field, Input, Select, Switch } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { useChat } from './chat-context';
import { PeoplePicker, type PickedPerson } from './people-picker';
import { useDirect } from './use-direct';

const kinds = ['group', 'department', 'announcement', 'project'] as const;

interface Values extends Record<string, unknown> {
  readonly shape: 'direct' | 'several';
  readonly kind: (typeof kinds)[number];
  readonly title: string;
  readonly memberIds: readonly PickedPerson[];
  readonly historyFromJoin: boolean;
}

/** One person, or several under a name. */
export function NewConversationDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('chat');
  const { client } = useChat();
  const navigate = useNavigate();
  const openDirect = useDirect();
  const form = useForm<Values>({
    initial: { shape: 'direct', kind: 'group', title: '', memberIds: [], historyFromJoin: false },
    check: ({ shape, title, memberIds }) => ({
      ...(shape === 'direct' && memberIds.length === 0 && { memberIds: t('new.whoCheck') }),
      ...(shape === 'several' && title.trim() === '' && { title: t('new.nameCheck') }),
    }),
    submit: async ({ shape, kind, title, memberIds, historyFromJoin }) => {
      const [first] = memberIds;
      if (shape === 'direct' && first) await openDirect(first.id);
      else {
        const made = await api.chat.create({ kind, title: title.trim(), memberIds: memberIds.map(({ id }) => id), historyFromJoin });
        await client.refresh(made.id);
        await navigate(`/chat/${made.id}`);
      }
      onClose();
    },
  });
  const { values, set, errors } = form;
  const isDirect = values.shape === 'direct';
  return (
    <FormDialog form={form} title={t('new.title')} action={t(isDirect ? 'new.write' : 'new.make')} onClose={onClose}>
      <Choice
        label={t('new.shape')}
        value={values.shape}
        onChange={(shape) => {
          set('shape', shape);
          if (shape === 'direct') set('memberIds', values.memberIds.slice(0, 1));
        }}
        choices={[
          { value: 'direct', label: t('new.direct') },
          { value: 'several', label: t('new.several') },
        ]}
      />
      {!isDirect && (
        <>
          <Field label={t('new.name')} error={errors.title}>
            <Input value={values.title} maxLength={120} onChange={(event) => set('title', event.target.value)} />
          </Field>
          <Field label={t('new.kind')} hint={t(`new.kindHint.${values.kind}`)}>
            <Select value={values.kind} onChange={(event) => set('kind', kinds.find((one) => one === event.target.value) ?? values.kind)}>
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
        label={t(isDirect ? 'new.who' : 'new.members')}
        error={errors.memberIds}
        chosen={values.memberIds}
        onChange={(people) => set('memberIds', people)}
        single={isDirect}
      />
      {!isDirect && (
        <Switch
          label={t('new.fromJoin')}
          description={t('new.fromJoinWords')}
          checked={values.historyFromJoin}
          onChange={(from) => set('historyFromJoin', from)}
        />
      )}
    </FormDialog>
  );
}
