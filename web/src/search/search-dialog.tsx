import { Building2, FolderKanban, Megaphone, NotebookPen, Paperclip, Search, SlidersHorizontal, Users, Video, X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, useContext, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Conversation, type FoundMessage } from '@/api';
import { ChatContext } from '@/chat/chat-context';
import { Avatar, Banner, Button, cx, IconButton, Input, Skeleton, SkeletonGroup, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { Highlighted } from './highlighted';
import styles from './search-dialog.module.css';
import { SearchFilterBar } from './search-filters';
import { nameOf, noFilters, useSearch } from './use-search';

interface Option {
  readonly key: string;
  readonly content: ReactNode;
  readonly go: () => void;
}

const kindIcons = {
  group: Users,
  department: Building2,
  announcement: Megaphone,
  meeting: Video,
  project: FolderKanban,
  direct: NotebookPen,
} as const;

/** Conversations and people by name, then messages. All of it by the keyboard. */
export function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['search', 'common']);
  const navigate = useNavigate();
  const toast = useToast();
  const chat = useContext(ChatContext);
  const [query, setQuery] = useState('');
  const [filters, setFilters] = useState(noFilters);
  const [filtering, setFiltering] = useState(false);
  const [active, setActive] = useState(0);
  /** Enter was pressed before anything was there to be chosen: the first that comes is meant. */
  const [eager, setEager] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = useSearch(query, filters);
  const { messages } = found;

  const go = (path: string) => (): void => {
    void navigate(path);
    onClose();
  };
  const openPerson = async (personId: string): Promise<void> => {
    try {
      const { id: conversationId } = await api.chat.create({ kind: 'direct', memberIds: [personId] });
      await chat?.client.refresh(conversationId);
      go(`/chat/${conversationId}`)();
    } catch (error) {
      toast(error instanceof Error ? error.message : '', { tone: 'wrong' });
    }
  };
  const groups: readonly { readonly label: string; readonly options: readonly Option[] }[] = [
    {
      label: t('conversations'),
      options: found.conversations.map((one) => ({
        key: one.id,
        content: <ConversationOption conversation={one} />,
        go: go(`/chat/${one.id}`),
      })),
    },
    {
      label: t('people'),
      options: found.people.map((person) => ({
        key: person.id,
        content: (
          <>
            <Avatar name={person.name} id={person.id} size={32} />
            <span className={styles.name}>{person.name}</span>
            <span className={styles.detail}>{person.email}</span>
          </>
        ),
        go: () => void openPerson(person.id),
      })),
    },
    {
      label: t('messages'),
      options: found.isAsking
        ? (messages.data?.pages ?? []).flatMap((page) =>
            page.messages.map((message) => ({
              key: `${message.conversation.id} ${message.number}`,
              content: <MessageOption message={message} />,
              go: go(`/chat/${message.conversation.id}/${message.number}`),
            })),
          )
        : [],
    },
  ];
  const options = groups.flatMap((group) => group.options);
  const isBusy = found.isAsking && (messages.isLoading || found.isBehind);
  const at = Math.min(active, options.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[id="${CSS.escape(`${id}-${at}`)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at, id]);
  const first = options[0];
  useEffect(() => {
    if (!eager || !first) return;
    setEager(false);
    first.go();
  }, [eager, first]);
  const keyDown = (event: KeyboardEvent): void => {
    // Enter and arrows belong to the input method while it composes.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (options.length > 0) setActive((at + (event.key === 'ArrowDown' ? 1 : -1) + options.length) % options.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (options[at]) options[at].go();
      else setEager(query.trim() !== '');
    }
  };
  let before = 0;
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim}>
          <Radix.Content className={styles.dialog} aria-describedby={undefined}>
            <Radix.Title className={styles.title}>{t('title')}</Radix.Title>
            <div className={styles.head}>
              <div className={styles.field}>
                <Search size={20} aria-hidden="true" />
                <Input
                  autoFocus
                  type="search"
                  role="combobox"
                  aria-expanded={options.length > 0}
                  aria-controls={`${id}-list`}
                  aria-activedescendant={options.length > 0 ? `${id}-${at}` : undefined}
                  aria-label={t('placeholder')}
                  placeholder={t('placeholder')}
                  maxLength={200}
                  autoComplete="off"
                  spellCheck={false}
                  value={query}
                  onChange={(event) => {
                    setQuery(event.target.value);
                    setActive(0);
                    setEager(false);
                  }}
                  onKeyDown={keyDown}
                />
              </div>
              <IconButton
                label={t('filters')}
                icon={<SlidersHorizontal size={20} aria-hidden="true" />}
                pressed={filtering}
                badge={found.isFiltered && <span className={styles.dot} />}
                onClick={() => setFiltering(!filtering)}
              />
              <Radix.Close asChild>
                <IconButton label={t('common:action.close')} icon={<X size={20} aria-hidden="true" />} />
              </Radix.Close>
            </div>
            {filtering && (
              <SearchFilterBar
                filters={filters}
                people={found.everybody}
                conversations={found.allConversations}
                onChange={(next) => {
                  setFilters(next);
                  setActive(0);
                }}
              />
            )}
            <div ref={list} className={styles.results} aria-busy={isBusy}>
              <div id={`${id}-list`} role="listbox" aria-label={t('title')}>
                {groups.map(({ label, options: own }) => {
                  const from = before;
                  before += own.length;
                  if (own.length === 0) return null;
                  return (
                    // biome-ignore lint/a11y/useSemanticElements: a group of options in a list box (WAI-ARIA 1.2), for which there is no element.
                    <div key={label} role="group" aria-label={label}>
                      <p className={styles.label} aria-hidden="true">
                        {label}
                      </p>
                      {own.map((option, index) => (
                        // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus, and its keys do it.
                        <div
                          key={option.key}
                          id={`${id}-${from + index}`}
                          role="option"
                          tabIndex={-1}
                          aria-selected={from + index === at}
                          className={cx(styles.option, from + index === at && styles.active)}
                          onPointerMove={() => setActive(from + index)}
                          onClick={option.go}
                        >
                          {option.content}
                        </div>
                      ))}
                    </div>
                  );
                })}
              </div>
              {isBusy && (
                <SkeletonGroup className={styles.busy}>
                  <Skeleton width="40%" />
                  <Skeleton width="80%" />
                  <Skeleton width="35%" />
                  <Skeleton width="70%" />
                </SkeletonGroup>
              )}
              {found.isAsking && messages.hasNextPage && !isBusy && (
                <div className={styles.more}>
                  <Button busy={messages.isFetchingNextPage} onClick={() => messages.fetchNextPage()}>
                    {t('more')}
                  </Button>
                </div>
              )}
            </div>
            <div role="status" className={styles.status}>
              {found.isAsking && !isBusy && messages.error && (
                <Banner tone="wrong" actions={<Button onClick={() => messages.refetch()}>{t('common:action.tryAgain')}</Button>}>
                  {messages.error.message}
                </Banner>
              )}
              {found.isAsking && !isBusy && !messages.error && options.length === 0 && !messages.hasNextPage && (
                <p className={styles.none}>{t('nothing')}</p>
              )}
              {!found.isAsking && options.length === 0 && <p className={styles.none}>{t('hint')}</p>}
            </div>
            <p className={styles.keys}>{t('keys')}</p>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

function ConversationOption({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useTranslation('search');
  const { kind, counterpart, unread } = conversation;
  const Icon = kindIcons[kind];
  return (
    <>
      {counterpart ? (
        <Avatar name={counterpart.name} id={counterpart.id} size={32} />
      ) : (
        <span className={styles.kind}>
          <Icon size={18} aria-hidden="true" />
        </span>
      )}
      <span className={styles.name}>{nameOf(conversation) || t('notes')}</span>
      {unread > 0 && <span className={styles.detail}>{t('unread', { count: unread })}</span>}
    </>
  );
}

function MessageOption({ message }: { readonly message: FoundMessage }) {
  const { t } = useTranslation('search');
  const format = useFormat();
  const { sender, conversation, snippet, attachments } = message;
  return (
    <>
      <Avatar name={sender.name} id={sender.id} size={32} />
      <span className={styles.words}>
        <span className={styles.line}>
          <span className={styles.sender}>{sender.name}</span>
          <span className={styles.place}>{conversation.title || t('notes')}</span>
          <time className={styles.time} dateTime={message.sentAt}>
            {format.moment(new Date(message.sentAt))}
          </time>
        </span>
        {snippet.text !== '' && (
          <span className={styles.snippet}>
            <Highlighted text={snippet.text} ranges={snippet.highlights} />
          </span>
        )}
        {attachments.map((file) => (
          <span key={file.id} className={styles.file}>
            <Paperclip size={16} aria-hidden="true" />
            <span>
              <Highlighted text={file.name} ranges={file.highlights} />
            </span>
          </span>
        ))}
      </span>
    </>
  );
}
