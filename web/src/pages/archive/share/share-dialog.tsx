import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, MessagesSquare, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type RecordingDetail, type RecordingShare, type ShareInput } from '@/api';
import { ConversationPicker } from '@/chat/conversation-picker';
import { PeoplePicker, type PickedPerson } from '@/chat/people-picker';
import {
  Badge,
  Banner,
  Button,
  Choice,
  CopyButton,
  Dialog,
  DialogBody,
  Field,
  FourStates,
  Input,
  PasswordInput,
  Skeleton,
  SkeletonGroup,
  Switch,
  useToast,
} from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { FormFailure } from '@/pages/forms/form-failure';
import { archiveKeys } from '../archive-queries';
import styles from './share-dialog.module.css';

const kinds = ['person', 'conversation', 'link'] as const;
type Kind = (typeof kinds)[number];

const dayMs = 86_400_000;
const linkDays = [1, 7, 30, 90, 365] as const;
const passwordLeast = 8;
const icons = { person: Users, conversation: MessagesSquare, link: Link2 } as const;

/** On a small screen it comes below what is to be seen. */
const show = (made: HTMLElement | null): void => made?.scrollIntoView({ block: 'nearest' });

/** With people, with everybody of a conversation, or by a link for those outside. */
export function ShareDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const toast = useToast();
  const [kind, setKind] = useState<Kind>('person');
  const [people, setPeople] = useState<readonly PickedPerson[]>([]);
  const [conversations, setConversations] = useState<readonly string[]>([]);
  const [name, setName] = useState('');
  const [days, setDays] = useState<(typeof linkDays)[number]>(7);
  const [password, setPassword] = useState('');
  const [download, setDownload] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [wrong, setWrong] = useState<{ name?: string; password?: string }>({});
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);

  const bodies = (): ShareInput[] => {
    if (kind === 'person') return people.map(({ id }) => ({ kind, targetId: id, download }));
    if (kind === 'conversation') return conversations.map((targetId) => ({ kind, targetId, download }));
    const expiresAt = new Date(Date.now() + days * dayMs - 60_000).toISOString();
    return [{ kind, name: name.trim(), download, password: password === '' ? null : password, expiresAt }];
  };
  const share = async (): Promise<void> => {
    const found = {
      ...(kind === 'link' && name.trim() === '' && { name: t('share.checkName') }),
      ...(kind === 'link' &&
        password !== '' &&
        password.length < passwordLeast && { password: t('share.checkPassword', { count: passwordLeast }) }),
    };
    setWrong(found);
    if (Object.keys(found).length > 0 || isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      for (const body of bodies()) {
        const made = await api.recordings.share(recording.id, body);
        if (made.link !== null) setLink(made.link);
      }
      if (kind !== 'link') toast(t('share.done'), { tone: 'good' });
      setPeople([]);
      setConversations([]);
      setName('');
      setPassword('');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: archiveKeys.shares(recording.id) });
    }
  };
  const isChosen = kind === 'link' || (kind === 'person' ? people.length : conversations.length) > 0;
  return (
    <Dialog open size="wide" onOpenChange={(open) => !open && onClose()} title={t('share.title')} description={recording.title}>
      <DialogBody>
        <div className={styles.parts}>
          <FormFailure failure={failure} />
          <Choice
            label={t('share.with')}
            hint={t(`share.hint.${kind}`)}
            value={kind}
            onChange={(chosen) => {
              setKind(chosen);
              setLink(null);
            }}
            choices={kinds.map((value) => ({ value, label: t(`share.kind.${value}`) }))}
          />
          {kind === 'person' && <PeoplePicker label={t('share.people')} chosen={people} onChange={setPeople} />}
          {kind === 'conversation' && <ConversationPicker chosen={conversations} onChange={setConversations} />}
          {kind === 'link' && (
            <>
              <Field label={t('share.name')} hint={t('share.nameHint')} error={wrong.name}>
                <Input maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
              </Field>
              <Choice
                label={t('share.expires')}
                value={String(days)}
                onChange={(chosen) => setDays(linkDays.find((one) => String(one) === chosen) ?? 7)}
                choices={linkDays.map((value) => ({ value: String(value), label: t('share.days', { count: value }) }))}
              />
              <Field label={t('share.password')} hint={t('share.passwordHint')} error={wrong.password}>
                <PasswordInput
                  autoComplete="new-password"
                  maxLength={256}
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              </Field>
            </>
          )}
          <Switch
            label={t('share.download')}
            description={t(recording.mine.watermark && kind === 'link' ? 'share.downloadMarked' : 'share.downloadWords')}
            checked={download && !(recording.mine.watermark && kind === 'link')}
            disabled={recording.mine.watermark && kind === 'link'}
            onChange={setDownload}
          />
          {link !== null && (
            <div ref={show}>
              <Banner
                tone="good"
                announce="status"
                title={t('share.linkMade')}
                actions={<CopyButton text={link} label={t('share.copy')} />}
              >
                <input
                  className={styles.link}
                  readOnly
                  value={link}
                  aria-label={t('share.link')}
                  onFocus={(event) => event.target.select()}
                />
                {t('share.linkOnce')}
              </Banner>
            </div>
          )}
          <div className={styles.do}>
            <Button variant="primary" busy={isBusy} disabled={!isChosen} onClick={() => void share()}>
              {t(kind === 'link' ? 'share.makeLink' : 'share.action')}
            </Button>
          </div>
          <Shares id={recording.id} />
        </div>
      </DialogBody>
    </Dialog>
  );
}

function Shares({ id }: { readonly id: string }) {
  const { t } = useTranslation('archive');
  const shares = useQuery({ queryKey: archiveKeys.shares(id), queryFn: ({ signal }) => api.recordings.shares(id, signal) });
  return (
    <section>
      <h3 className={styles.title}>{t('share.given')}</h3>
      <FourStates
        answer={shares}
        busy={
          <SkeletonGroup>
            <Skeleton width="60%" />
            <Skeleton width="48%" />
          </SkeletonGroup>
        }
        isEmpty={({ shares: list }) => list.length === 0}
        empty={<p className={styles.small}>{t('share.none')}</p>}
      >
        {({ shares: list }) => (
          <ul className={styles.list}>
            {list.map((share) => (
              <One key={share.id} recordingId={id} share={share} />
            ))}
          </ul>
        )}
      </FourStates>
    </section>
  );
}

function One({ recordingId, share }: { readonly recordingId: string; readonly share: RecordingShare }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const end = useAct(() => api.recordings.unshare(recordingId, share.id), {
    refresh: archiveKeys.shares(recordingId),
    done: t('share.withdrawn'),
  });
  const Icon = icons[share.kind];
  const facts = [
    t(share.download ? 'share.mayDownload' : 'share.viewOnly'),
    ...(share.password ? [t('share.hasPassword')] : []),
    ...(share.expiresAt === null ? [] : [t('share.until', { time: format.moment(new Date(share.expiresAt)) })]),
    ...(share.kind === 'link' ? [t('share.visits', { count: share.visits })] : []),
  ];
  return (
    <li className={styles.share}>
      <Icon size={20} aria-hidden="true" />
      <div className={styles.words}>
        <p>
          {share.name} {share.ended && <Badge>{t('share.ended')}</Badge>}
        </p>
        <p className={styles.small}>{facts.join(' · ')}</p>
      </div>
      {!share.ended && (
        <Button
          variant="danger-quiet"
          busy={end.busy}
          aria-label={t('share.withdrawFrom', { name: share.name })}
          onClick={() => end.run(undefined)}
        >
          {t('share.withdraw')}
        </Button>
      )}
    </li>
  );
}
