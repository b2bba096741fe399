import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Ellipsis, Pencil, PhoneOff, SearchX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { isSame, type PlannedItem, toDraft } from '@/agenda/draft';
import { type Agenda, api, hasCode, type Meeting } from '@/api';
import {
  Badge,
  ButtonLink,
  ConfirmDialog,
  CopyButton,
  Dialog,
  DialogBody,
  EmptyState,
  FourStates,
  IconButton,
  Menu,
  MenuContent,
  MenuItem,
  MenuTrigger,
  Skeleton,
  SkeletonGroup,
  TabPanel,
  Tabs,
  useToast,
} from '@/design';
import { useFormat } from '@/i18n';
import { MeetingForm } from '@/pages/meeting-form/meeting-form';
import { keepMeeting, keys, useAgenda, useMeeting } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import { Attendance } from './attendance';
import styles from './meeting-details-page.module.css';
import { Overview } from './overview';
import { Transcript } from './transcript';

const tabs = ['overview', 'attendance', 'chat'] as const;
type Tab = (typeof tabs)[number];

export function MeetingDetailsPage() {
  const { t } = useTranslation('meetings');
  const { id = '' } = useParams();
  const meeting = useMeeting(id);
  if (!meeting.data && hasCode(meeting.error, 'MEETING_NOT_FOUND', 'REQUEST_INVALID')) {
    return (
      <EmptyState
        icon={<SearchX size={24} aria-hidden="true" />}
        alone
        title={t('details.notFound')}
        action={
          <ButtonLink to="/" variant="primary">
            {t('details.back')}
          </ButtonLink>
        }
      >
        {t('details.notFoundWords')}
      </EmptyState>
    );
  }
  return (
    <>
      <PageTitle>{meeting.data?.title ?? t('title')}</PageTitle>
      <Link to="/" className={styles.back}>
        <ArrowLeft size={18} aria-hidden="true" />
        {t('details.back')}
      </Link>
      <FourStates answer={meeting} busy={<Busy />}>
        {(data) => <Details meeting={data} />}
      </FourStates>
    </>
  );
}

function Details({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation(['meetings', 'common']);
  const [search, setSearch] = useSearchParams();
  const shown = tabs.filter((name) => name !== 'attendance' || meeting.mine);
  const tab = shown.find((name) => name === search.get('tab')) ?? 'overview';
  const choose = (chosen: Tab): void =>
    setSearch(chosen === 'overview' ? {} : { tab: chosen }, { replace: true, preventScrollReset: true });
  return (
    <>
      <header className={styles.header}>
        <div className={styles.words}>
          <Status meeting={meeting} />
          <h1>{meeting.title}</h1>
          <When meeting={meeting} />
        </div>
        <div className={styles.actions}>
          {meeting.status !== 'ended' && (
            <>
              <CopyButton text={meeting.link} label={t('common:copy.link')} />
              <ButtonLink to={`/m/${meeting.code}`} variant="primary">
                {t('join.action')}
              </ButtonLink>
              {meeting.mine && <HostMenu meeting={meeting} />}
            </>
          )}
        </div>
      </header>
      <Tabs
        value={tab}
        onChange={choose}
        label={t('details.tabs')}
        tabs={shown.map((value) => ({ value, label: t(`details.tab.${value}`) }))}
      >
        <TabPanel value="overview" className={styles.panel}>
          <Overview meeting={meeting} />
        </TabPanel>
        {meeting.mine && (
          <TabPanel value="attendance" className={styles.panel}>
            <Attendance meeting={meeting} />
          </TabPanel>
        )}
        <TabPanel value="chat" className={styles.panel}>
          <Transcript meeting={meeting} />
        </TabPanel>
      </Tabs>
    </>
  );
}

function Status({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings');
  if (meeting.status === 'live' && meeting.participants > 0) {
    return (
      <Badge tone="jade" dot>
        {t('live.with', { count: meeting.participants })}
      </Badge>
    );
  }
  return <Badge tone={meeting.status === 'ended' ? 'plain' : 'harbour'}>{t(`status.${meeting.status}`)}</Badge>;
}

function When({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings');
  const format = useFormat();
  const host = meeting.mine ? t('row.youHost') : t('row.host', { name: meeting.host.name });
  const from = meeting.startedAt ?? meeting.startsAt;
  if (from === null) return <p className={styles.when}>{`${t('details.noTime')} · ${host}`}</p>;
  const start = new Date(from);
  const until = meeting.endedAt === null ? '' : `–${format.time(new Date(meeting.endedAt))}`;
  return (
    <p className={styles.when}>
      <time dateTime={from}>{`${format.day(start)}, ${format.time(start)}${until}`}</time>
      {` · ${host}`}
    </p>
  );
}

/** What only hosts may do, with a question before what can't be undone. */
function HostMenu({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings');
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const live = meeting.status === 'live';
  const kind = live ? 'end' : 'cancel';
  const stop = useMutation({
    mutationFn: () => (live ? api.meetings.end(meeting.id) : api.meetings.remove(meeting.id)),
    onSuccess: () => {
      setAsking(false);
      toast(t(`${kind}.done`), { tone: 'good' });
      void queries.invalidateQueries({ queryKey: keys.meetings });
      if (live) void queries.invalidateQueries({ queryKey: keys.meeting(meeting.id) });
      else void navigate('/', { replace: true });
    },
    onError: (error) => {
      setAsking(false);
      toast(error.message, { tone: 'wrong' });
    },
  });
  return (
    <>
      <Menu>
        <MenuTrigger>
          <IconButton label={t('details.more')} icon={<Ellipsis size={20} aria-hidden="true" />} />
        </MenuTrigger>
        <MenuContent>
          <MenuItem icon={<Pencil size={18} aria-hidden="true" />} onSelect={() => setEditing(true)}>
            {t('edit.open')}
          </MenuItem>
          <MenuItem
            danger
            icon={live ? <PhoneOff size={18} aria-hidden="true" /> : <Trash2 size={18} aria-hidden="true" />}
            onSelect={() => setAsking(true)}
          >
            {t(`${kind}.action`)}
          </MenuItem>
        </MenuContent>
      </Menu>
      <Dialog open={editing} onOpenChange={setEditing} title={t('edit.title')}>
        <Editing
          meeting={meeting}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            toast(t('edit.done'), { tone: 'good' });
          }}
        />
      </Dialog>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t(`${kind}.title`)}
        description={t(`${kind}.words`)}
        action={t(`${kind}.action`)}
        dismiss={t(`${kind}.keep`)}
        busy={stop.isPending}
        onConfirm={() => stop.mutate()}
      />
    </>
  );
}

interface EditingProps {
  readonly meeting: Meeting;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** In the dialog, once the agenda is there. */
function Editing(props: EditingProps) {
  const answer = useAgenda(props.meeting.id);
  return (
    <FourStates answer={answer} busy={<FormBusy />}>
      {(agenda) => <EditingForm {...props} agenda={agenda} />}
    </FourStates>
  );
}

function EditingForm({ meeting, agenda, onClose, onSaved }: EditingProps & { readonly agenda: Agenda }) {
  const { t } = useTranslation('meetings');
  const queries = useQueryClient();
  // What is changed is what was shown first, whatever is fetched meanwhile.
  const [before] = useState(agenda);
  const saveAgenda = async (items: readonly PlannedItem[]): Promise<void> => {
    if (isSame(toDraft(items), before.items)) return;
    try {
      queries.setQueryData(
        keys.agenda(meeting.id),
        await api.meetings.setAgenda(meeting.id, { revision: before.revision, items: [...items] }),
      );
    } catch (error) {
      void queries.invalidateQueries({ queryKey: keys.agenda(meeting.id) });
      throw error;
    }
  };
  return (
    <MeetingForm
      meeting={meeting}
      agenda={before}
      action={t('edit.action')}
      onCancel={onClose}
      submit={async ({ agenda: items, ...input }) => {
        // First what may be refused because somebody else was faster.
        await saveAgenda(items);
        keepMeeting(queries, await api.meetings.change(meeting.id, input));
        onSaved();
      }}
    />
  );
}

function FormBusy() {
  return (
    <DialogBody>
      <SkeletonGroup>
        <Skeleton shape="block" height={64} />
        <Skeleton shape="block" height={64} />
        <Skeleton shape="block" height={120} />
      </SkeletonGroup>
    </DialogBody>
  );
}

function Busy() {
  return (
    <SkeletonGroup>
      <div className={styles.header}>
        <div className={styles.words}>
          <Skeleton width={88} height={20} />
          <Skeleton width={280} height={30} />
          <Skeleton width={200} />
        </div>
      </div>
      <Skeleton shape="block" height={41} />
      <Skeleton shape="block" height={220} className={styles.panelBusy} />
    </SkeletonGroup>
  );
}
