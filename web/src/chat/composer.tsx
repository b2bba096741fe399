import { BarChart3, BellRing, Clock, Paperclip, Plus, SendHorizontal, Smile, X } from 'lucide-react';
import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { Member } from '@/api';
import type { ChatMessage, Pending } from '@/core';
import { Avatar, Banner, cx, IconButton, Menu, MenuContent, MenuItem, MenuTrigger } from '@/design';
import { AttachingList } from './attaching-list';
import { useChat, useChatState } from './chat-context';
import { CommandLine } from './command-line';
import styles from './composer.module.css';
import { useConversation } from './conversation-context';
import { matches } from './conversation-name';
import { EmojiPicker } from './emoji-picker';
import { everybody, mentionAt, mentionedIn, mentionsEverybody } from './mentions';
import { Popover } from './popover';
import { snippet } from './quote';
import { commandIn, type SlashCommand, useSlashCommands } from './slash-commands';
import { type Suggestion, SuggestionMenu } from './suggestion-menu';
import { isComposing } from './typing-keys';
import { useCommand } from './use-command';
import { useCommandWords } from './use-command-words';
import { useGrowing } from './use-growing';
import { useUploads } from './use-uploads';

export interface ComposerHandle {
  readonly focus: () => void;
  readonly attach: (files: readonly File[]) => void;
  /** Puts a text that was not sent back into the field. */
  readonly takeBack: (pending: Pending) => void;
}

export interface ComposerProps {
  readonly ref?: RefObject<ComposerHandle | null>;
  readonly members: readonly Member[];
  readonly replyTo: ChatMessage | null;
  readonly onReplyEnd: () => void;
  /** The arrow up in an empty field: changes what one has written last. */
  readonly onEditLast: () => void;
  readonly onSent: () => void;
  /** Null where it can't be done. */
  readonly onPoll: (() => void) | null;
  readonly onSchedule: ((draft: { body: string; mentions: readonly string[]; mentionsAll: boolean }) => void) | null;
  readonly autoFocus?: boolean;
}

const suggestedAtMost = 8;

export function Composer({ ref, members, replyTo, onReplyEnd, onEditLast, onSent, onPoll, onSchedule, autoFocus = true }: ComposerProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, bodyCharacters, compact } = useChat();
  const { id, thread, head } = useConversation();
  const menuId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [body, setBody] = useState(() => client.draft(id, thread));
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const [urgent, setUrgent] = useState(false);
  const [emojiOpen, setEmojiOpen] = useState(false);
  const [bounced, setBounced] = useState<Pending['refusal']>(null);
  const chosen = useRef(new Map<string, string>());
  const uploads = useUploads(id);
  const commands = useSlashCommands(id, !compact && thread === 0);
  const command = useCommand(id, ({ command, text }) => {
    // Perhaps the conversation was left meanwhile: it waits there as a draft.
    if (client.draft(id, thread) === '') client.saveDraft(id, `/${command} ${text}`.trim(), thread);
  });
  const tooMany = [...body.trim()].length - bodyCharacters;
  const failed = uploads.list.some(({ error }) => error !== null);
  const canSend = (body.trim() !== '' || uploads.list.length > 0) && tooMany <= 0 && !uploads.busy && !failed;
  // What goes along with a message goes to no app.
  const written = replyTo === null && uploads.list.length === 0 && !urgent ? commandIn(body, commands) : null;
  useGrowing(field, body);

  // A draft of another device comes in, unless something else was written here meanwhile.
  const draft = useChatState(({ drafts }) => drafts.get(id) ?? '');
  const adopted = useRef(body);
  useEffect(() => {
    if (thread > 0) return;
    const before = adopted.current;
    adopted.current = draft;
    setBody((now) => (now === before ? draft : now));
  }, [draft, thread]);

  // What will never be taken as it is comes back into the field, unless something else is in it by now.
  useEffect(
    () =>
      client.on('bounced', (pending) => {
        if (pending.conversationId !== id || pending.thread !== thread || field.current?.value !== '') return;
        client.discard(id, pending.clientId);
        setBody(pending.body);
        setBounced(pending.refusal);
      }),
    [client, id, thread],
  );

  const focus = useCallback((): void => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    // On a phone the keyboard would cover what there is to read.
    if (autoFocus && matchMedia('(pointer: fine)').matches) focus();
  }, [autoFocus, focus]);
  useEffect(() => {
    if (replyTo) focus();
  }, [replyTo, focus]);
  useImperativeHandle(
    ref,
    () => ({
      focus,
      attach: uploads.add,
      takeBack: (pending) => {
        setBody((now) => (now.trim() === '' ? pending.body : `${now}\n${pending.body}`));
        setBounced(pending.refusal);
        focus();
      },
    }),
    [focus, uploads.add],
  );

  const write = (text: string, at = text.length): void => {
    setBody(text);
    setCaret(at);
    setActive(0);
    client.saveDraft(id, text, thread);
    if (text.trim() !== '') client.typing(id, thread);
  };
  const put = (text: string, from: number, to: number): void => {
    const next = body.slice(0, from) + text + body.slice(to);
    write(next, from + text.length);
    requestAnimationFrame(() => {
      focus();
      field.current?.setSelectionRange(from + text.length, from + text.length);
    });
  };

  // What the words at the caret may mean
  const asked = mentionAt(body, caret);
  const slash = /^\/(\S*)$/u.exec(body);
  const place = asked ? `@${asked.from}` : slash ? '/' : null;
  const suggestions = ((): readonly Suggestion[] => {
    if (place === null || place === closedAt) return [];
    if (asked) {
      const found = members.filter((member) => member.id !== client.me.id && matches(member.name, asked.query)).slice(0, suggestedAtMost);
      const all = t('mention.all');
      const everyone = head.kind !== 'direct' && matches(`${all} ${everybody.join(' ')}`, asked.query);
      return [
        ...found.map((member) => ({
          key: member.id,
          content: <MentionOption member={member} />,
          onChoose: () => {
            chosen.current.set(member.id, member.name);
            put(`@${member.name} `, asked.from, caret);
          },
        })),
        ...(everyone
          ? [{ key: 'all', content: <AllOption name={all} count={head.memberCount} />, onChoose: () => put(`@${all} `, asked.from, caret) }]
          : []),
      ];
    }
    return commands
      .filter(({ name }) => name.startsWith(slash?.[1] ?? ''))
      .slice(0, suggestedAtMost)
      .map((command) => ({
        key: command.name,
        content: <CommandOption command={command} />,
        onChoose: () => put(`/${command.name} `, 0, body.length),
      }));
  })();
  const isSuggesting = suggestions.length > 0;

  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!canSend) return;
    if (written) {
      if (command.asking) return;
      client.saveDraft(id, '', thread);
      command.run(written);
    } else sendMessage(body.trim());
    setBody('');
    setUrgent(false);
    setBounced(null);
    chosen.current.clear();
    uploads.clear();
    onReplyEnd();
    onSent();
  };
  const sendMessage = (text: string): void => {
    client.send({
      conversationId: id,
      body: text,
      thread,
      replyTo: replyTo?.number ?? 0,
      mentions: mentionedIn(text, chosen.current),
      mentionsAll: mentionsEverybody(text) && head.kind !== 'direct',
      attachments: uploads.list.flatMap(({ attachmentId, name, size, type }) =>
        attachmentId === null ? [] : [{ id: attachmentId, name, size, type }],
      ),
      urgent,
    });
  };

  const keyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (isSuggesting) {
      const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
      const step = steps[event.key];
      if (step !== undefined) {
        event.preventDefault();
        setActive((active + step + suggestions.length) % suggestions.length);
        return;
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault();
        suggestions[active]?.onChoose();
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        setClosedAt(place);
        return;
      }
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && body === '') {
      event.preventDefault();
      onEditLast();
    } else if (event.key === 'Escape' && replyTo) {
      event.stopPropagation();
      onReplyEnd();
    }
  };
  const paste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    uploads.add(files);
  };
  const later = (): void =>
    onSchedule?.({ body: body.trim(), mentions: mentionedIn(body, chosen.current), mentionsAll: mentionsEverybody(body) });

  return (
    <form className={styles.composer} onSubmit={send}>
      {bounced && (
        <Banner
          tone="wrong"
          announce="alert"
          className={styles.bounced}
          actions={
            <IconButton label={t('common:action.close')} icon={<X size={18} aria-hidden="true" />} onClick={() => setBounced(null)} />
          }
        >
          {bounced.message}
        </Banner>
      )}
      {replyTo && (
        <div className={styles.reply}>
          <span className={styles.replyWords}>
            <strong>{t('composer.replyTo', { name: replyTo.senderName })}</strong> {snippet(replyTo, t)}
          </span>
          <IconButton label={t('composer.replyEnd')} icon={<X size={18} aria-hidden="true" />} onClick={onReplyEnd} />
        </div>
      )}
      <CommandLine command={command} />
      <div className={cx(styles.box, urgent && styles.urgent)}>
        {isSuggesting && (
          <SuggestionMenu
            id={menuId}
            label={asked ? t('mention.label') : t('slash.label')}
            suggestions={suggestions}
            active={active}
            onActive={setActive}
          />
        )}
        {urgent && (
          <p className={styles.urgentLine}>
            <BellRing size={14} aria-hidden="true" />
            {t('urgent.composing')}
            <button type="button" className={styles.undo} onClick={() => setUrgent(false)}>
              {t('urgent.undo')}
            </button>
          </p>
        )}
        <AttachingList uploads={uploads} />
        <div className={styles.row}>
          {!compact && (
            <Menu>
              <MenuTrigger>
                <IconButton label={t('composer.more')} icon={<Plus size={20} aria-hidden="true" />} />
              </MenuTrigger>
              <MenuContent align="start" side="top">
                <MenuItem icon={<Paperclip size={20} aria-hidden="true" />} onSelect={() => picker.current?.click()}>
                  {t('composer.attach')}
                </MenuItem>
                {onPoll && (
                  <MenuItem icon={<BarChart3 size={20} aria-hidden="true" />} onSelect={onPoll}>
                    {t('composer.poll')}
                  </MenuItem>
                )}
                {thread === 0 && (
                  <MenuItem icon={<BellRing size={20} aria-hidden="true" />} onSelect={() => setUrgent(true)}>
                    {t('composer.urgent')}
                  </MenuItem>
                )}
                {onSchedule && (
                  <MenuItem icon={<Clock size={20} aria-hidden="true" />} onSelect={later}>
                    {t('composer.schedule')}
                  </MenuItem>
                )}
              </MenuContent>
            </Menu>
          )}
          <textarea
            ref={field}
            className={styles.field}
            rows={1}
            value={body}
            placeholder={thread > 0 ? t('composer.writeReply') : t('composer.write')}
            aria-label={thread > 0 ? t('composer.writeReply') : t('composer.write')}
            aria-describedby={tooMany > 0 ? `${menuId}-long` : undefined}
            {...(isSuggesting ? { 'aria-controls': menuId, 'aria-activedescendant': `${menuId}-${active}` } : {})}
            title={t('composer.hint')}
            dir="auto"
            onChange={(event) => {
              setClosedAt(null);
              write(event.target.value, event.target.selectionStart);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={keyDown}
            onPaste={paste}
          />
          <Popover
            open={emojiOpen}
            onOpenChange={setEmojiOpen}
            label={t('reaction.choose')}
            trigger={<IconButton label={t('composer.emoji')} icon={<Smile size={20} aria-hidden="true" />} className={styles.emoji} />}
          >
            <EmojiPicker
              onChoose={(emoji) => {
                setEmojiOpen(false);
                put(emoji, caret, caret);
              }}
            />
          </Popover>
          <IconButton
            type="submit"
            label={t('composer.send')}
            icon={<SendHorizontal size={20} aria-hidden="true" />}
            disabled={!canSend}
            className={styles.send}
          />
        </div>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-hidden="true"
          tabIndex={-1}
          onChange={(event) => {
            uploads.add([...(event.target.files ?? [])]);
            event.target.value = '';
            focus();
          }}
        />
      </div>
      {tooMany > 0 && (
        <p id={`${menuId}-long`} className={styles.tooLong} role="status">
          {t('composer.tooLong', { count: tooMany })}
        </p>
      )}
    </form>
  );
}

function MentionOption({ member }: { readonly member: Member }) {
  return (
    <>
      <Avatar name={member.name} id={member.id} size={28} />
      <span className={styles.optionName}>{member.name}</span>
      {member.email && <span className={styles.optionDetail}>{member.email}</span>}
    </>
  );
}

function AllOption({ name, count }: { readonly name: string; readonly count: number }) {
  const { t } = useTranslation(['chat', 'common']);
  return (
    <>
      <span className={styles.allSign} aria-hidden="true">
        @
      </span>
      <span className={styles.optionName}>{name}</span>
      <span className={styles.optionDetail}>{t('mention.everybody', { count })}</span>
    </>
  );
}

function CommandOption({ command }: { readonly command: SlashCommand }) {
  const { description, hint } = useCommandWords()(command);
  return (
    <>
      <span className={styles.optionName}>
        /{command.name}
        {hint !== '' && <span className={styles.hint}> {hint}</span>}
      </span>
      <span className={styles.optionDetail}>{description}</span>
    </>
  );
}
