import { useQueryClient } from '@tanstack/react-query';
import { Archive, ArchiveRestore, Ellipsis, LogOut, Mail, Shield, ShieldOff, UserMinus, UserPlus } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Member } from '@/api';
import type { ChatHead } from '@/core';
import {
  Avatar,
  Badge,
  Button,
  ConfirmDialog,
  Field,
  FourStates,
  IconButton,
  Input,
  Menu,
  MenuContent,
  MenuItem,
  MenuTrigger,
  Skeleton,
  SkeletonGroup,
  Switch,
  Textarea,
  useToast,
} from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { useChat } from './chat-context';
import { setSound, wantsSound } from './chat-sound';
import { ConversationFace, PresenceDot } from './conversation-face';
import { conversationName, matches } from './conversation-name';
import styles from './info-panel.module.css';
import { InviteGuestDialog } from './invite-guest-dialog';
import { PeoplePicker, type PickedPerson } from './people-picker';
import rows from './people-rows.module.css';
import { SidePanel } from './side-panel';
import { membersKey, useMembers } from './use-members';

const shownAtMost = 200;
const watchedAtMost = 100;

/** What a conversation is, and who is in it. */
export function InfoPanel({ head, onClose }: { readonly head: ChatHead; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const navigate = useNavigate();
  const toast = useToast();
  const queries = useQueryClient();
  const members = useMembers(head.id);
  const [query, setQuery] = useState('');
  const [dialog, setDialog] = useState<'add' | 'guest' | 'leave' | 'archive' | 'rename' | Member | null>(null);
  const [sound, setSoundOn] = useState(wantsSound);
  const isDirect = head.kind === 'direct';
  const takesGuests = (head.kind === 'group' || head.kind === 'project') && head.canManage && !head.archived;
  const shown = useMemo(() => (members.data ?? []).filter(({ name }) => matches(name, query)).slice(0, shownAtMost), [members.data, query]);
  const watched = shown
    .slice(0, watchedAtMost)
    .map(({ id }) => id)
    .join();
  useEffect(() => client.watch(watched === '' ? [] : watched.split(',')), [client, watched]);

  /** Does it, and asks again for what it has changed. */
  const change = async (run: () => Promise<unknown>): Promise<void> => {
    await run();
    await queries.invalidateQueries({ queryKey: membersKey(head.id) });
  };
  /** A form stays open when it is refused. */
  const changeByForm = async (run: () => Promise<unknown>): Promise<void> => {
    await change(run);
    setDialog(null);
  };
  const act = async (run: () => Promise<unknown>): Promise<boolean> => {
    try {
      await change(run);
      return true;
    } catch (error) {
      toast(error instanceof Error ? error.message : '', { tone: 'wrong' });
      return false;
    } finally {
      setDialog(null);
    }
  };
  const leave = async (): Promise<void> => {
    if (await act(() => api.chat.removeMember(head.id, client.me.id))) await navigate('/chat');
  };

  return (
    <SidePanel title={t('info.title')} onClose={onClose}>
      <div className={styles.all}>
        <section className={styles.face}>
          <ConversationFace head={head} size={64} />
          <h3 className={styles.name}>{conversationName(head, client.me.id, t)}</h3>
          {!isDirect && <p className={styles.detail}>{t(`kind.${head.kind}`)}</p>}
          {head.domainName !== '' && <Badge>{t('info.domain', { name: head.domainName })}</Badge>}
          {head.description !== '' && <p className={styles.description}>{head.description}</p>}
          {head.historyFromJoin && <p className={styles.detail}>{t('new.fromJoinWords')}</p>}
          {head.canManage && (
            <Button variant="quiet" onClick={() => setDialog('rename')}>
              {t('info.rename')}
            </Button>
          )}
        </section>
        <Switch
          label={t('info.sound')}
          description={t('info.soundWords')}
          checked={sound}
          onChange={(on) => {
            setSound(on);
            setSoundOn(on);
          }}
        />
        <AllowNotices />
        {!isDirect && (
          <section className={styles.members}>
            <div className={styles.head}>
              <h3 className={rows.heading}>{t('header.members', { count: head.memberCount })}</h3>
              {head.canManage && !head.archived && (
                <Button variant="quiet" icon={<UserPlus size={18} aria-hidden="true" />} onClick={() => setDialog('add')}>
                  {t('info.add')}
                </Button>
              )}
            </div>
            {head.memberCount > 12 && (
              <Input
                type="search"
                value={query}
                placeholder={t('picker.search')}
                aria-label={t('picker.search')}
                onChange={(event) => setQuery(event.target.value)}
              />
            )}
            <FourStates
              answer={members}
              busy={
                <SkeletonGroup>
                  <Skeleton width="60%" />
                  <Skeleton width="50%" />
                </SkeletonGroup>
              }
            >
              {() => (
                <ul className={rows.rows}>
                  {shown.map((member) => (
                    <MemberRow
                      key={member.id}
                      member={member}
                      head={head}
                      onRole={(role) => void act(() => api.chat.setRole(head.id, member.id, role))}
                      onRemove={() => setDialog(member)}
                    />
                  ))}
                </ul>
              )}
            </FourStates>
            {takesGuests && (
              <Button variant="quiet" icon={<Mail size={18} aria-hidden="true" />} onClick={() => setDialog('guest')}>
                {t('guestInvite.open')}
              </Button>
            )}
          </section>
        )}
        {!isDirect && head.kind !== 'meeting' && (
          <section className={styles.acts}>
            {head.canManage && (
              <Button
                icon={head.archived ? <ArchiveRestore size={18} aria-hidden="true" /> : <Archive size={18} aria-hidden="true" />}
                onClick={() => (head.archived ? void act(() => api.chat.change(head.id, { archived: false })) : setDialog('archive'))}
              >
                {head.archived ? t('info.unarchive') : t('info.archive')}
              </Button>
            )}
            <Button variant="danger-quiet" icon={<LogOut size={18} aria-hidden="true" />} onClick={() => setDialog('leave')}>
              {t('info.leave')}
            </Button>
          </section>
        )}
      </div>
      {dialog === 'add' && (
        <AddDialog
          without={new Set((members.data ?? []).map(({ id }) => id))}
          onClose={() => setDialog(null)}
          onAdd={(personIds) => changeByForm(() => api.chat.addMembers(head.id, personIds))}
        />
      )}
      {dialog === 'guest' && <InviteGuestDialog conversationId={head.id} onClose={() => setDialog(null)} />}
      {dialog === 'rename' && (
        <RenameDialog head={head} onClose={() => setDialog(null)} onSave={(patch) => changeByForm(() => api.chat.change(head.id, patch))} />
      )}
      <ConfirmDialog
        open={dialog === 'leave'}
        onOpenChange={() => setDialog(null)}
        title={t('info.leaveTitle', { name: conversationName(head, client.me.id, t) })}
        description={t('info.leaveWords')}
        action={t('info.leave')}
        onConfirm={() => void leave()}
      />
      <ConfirmDialog
        open={dialog === 'archive'}
        onOpenChange={() => setDialog(null)}
        title={t('info.archiveTitle')}
        description={t('info.archiveWords')}
        action={t('info.archive')}
        danger={false}
        onConfirm={() => void act(() => api.chat.change(head.id, { archived: true }))}
      />
      {dialog !== null && typeof dialog === 'object' && (
        <ConfirmDialog
          open
          onOpenChange={() => setDialog(null)}
          title={t('info.removeTitle', { name: dialog.name })}
          description={t('info.removeWords')}
          action={t('info.remove')}
          onConfirm={() => void act(() => api.chat.removeMember(head.id, dialog.id))}
        />
      )}
    </SidePanel>
  );
}

interface MemberRowProps {
  readonly member: Member;
  readonly head: ChatHead;
  readonly onRole: (role: Member['role']) => void;
  readonly onRemove: () => void;
}

function MemberRow({ member, head, onRole, onRemove }: MemberRowProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const isMe = member.id === client.me.id;
  return (
    <li className={rows.row}>
      <span className={styles.avatar}>
        <Avatar name={member.name} id={member.id} size={32} />
        <PresenceDot personId={member.id} className={styles.dot} />
      </span>
      <span className={rows.name}>
        {member.name}
        {isMe && <span className={styles.you}> {t('you')}</span>}
      </span>
      {member.external && <Badge tone="lantern">{t('guest')}</Badge>}
      {member.app && <Badge>{t('message.app')}</Badge>}
      {member.role === 'admin' && <Badge tone="harbour">{t('info.admin')}</Badge>}
      {head.canManage && !isMe && (
        <Menu>
          <MenuTrigger>
            <IconButton label={t('info.memberActions', { name: member.name })} icon={<Ellipsis size={18} aria-hidden="true" />} />
          </MenuTrigger>
          <MenuContent>
            {member.role === 'admin' ? (
              <MenuItem icon={<ShieldOff size={20} aria-hidden="true" />} onSelect={() => onRole('member')}>
                {t('info.makeMember')}
              </MenuItem>
            ) : (
              <MenuItem icon={<Shield size={20} aria-hidden="true" />} onSelect={() => onRole('admin')}>
                {t('info.makeAdmin')}
              </MenuItem>
            )}
            <MenuItem icon={<UserMinus size={20} aria-hidden="true" />} danger onSelect={onRemove}>
              {t('info.remove')}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
    </li>
  );
}

function AddDialog({
  without,
  onClose,
  onAdd,
}: {
  readonly without: ReadonlySet<string>;
  readonly onClose: () => void;
  readonly onAdd: (personIds: readonly string[]) => Promise<unknown>;
}) {
  const { t } = useTranslation('chat');
  const form = useForm<{ personIds: readonly PickedPerson[] }>({
    initial: { personIds: [] },
    check: ({ personIds }) => (personIds.length === 0 ? { personIds: t('new.whoCheck') } : {}),
    submit: ({ personIds }) => onAdd(personIds.map(({ id }) => id)),
  });
  return (
    <FormDialog form={form} title={t('info.add')} action={t('info.add')} onClose={onClose}>
      <PeoplePicker
        label={t('new.members')}
        error={form.errors.personIds}
        chosen={form.values.personIds}
        onChange={(people) => form.set('personIds', people)}
        without={without}
      />
    </FormDialog>
  );
}

function RenameDialog({
  head,
  onClose,
  onSave,
}: {
  readonly head: ChatHead;
  readonly onClose: () => void;
  readonly onSave: (change: { title: string; description: string }) => Promise<unknown>;
}) {
  const { t } = useTranslation('chat');
  const form = useForm({
    initial: { title: head.title, description: head.description },
    check: ({ title }) => (title.trim() === '' ? { title: t('new.nameCheck') } : {}),
    submit: ({ title, description }) => onSave({ title: title.trim(), description: description.trim() }),
  });
  const { values, set, errors } = form;
  return (
    <FormDialog form={form} title={t('info.rename')} onClose={onClose}>
      <Field label={t('new.name')} error={errors.title}>
        <Input autoFocus value={values.title} maxLength={120} onChange={(event) => set('title', event.target.value)} />
      </Field>
      <Field label={t('info.description')} error={errors.description}>
        <Textarea value={values.description} maxLength={2_000} onChange={(event) => set('description', event.target.value)} />
      </Field>
    </FormDialog>
  );
}

/** The browser asks once; before that, the person does. */
function AllowNotices() {
  const { t } = useTranslation(['chat', 'common']);
  const [permission, setPermission] = useState(() => ('Notification' in globalThis ? Notification.permission : 'denied'));
  if (permission !== 'default') return null;
  return <Button onClick={() => void Notification.requestPermission().then(setPermission)}>{t('notice.allow')}</Button>;
}
