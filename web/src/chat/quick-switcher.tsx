import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { listed } from '@/core';
import { Avatar, cx, Input } from '@/design';
import { keys } from '@/pages/queries';
import { useChat, useChatState } from './chat-context';
import { ConversationFace } from './conversation-face';
import { conversationName, matches } from './conversation-name';
import styles from './quick-switcher.module.css';
import { useDirect } from './use-direct';

const shownAtMost = 12;

/** Ctrl or Cmd+K: a conversation or a person by a few letters. */
export function QuickSwitcher({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const navigate = useNavigate();
  const openDirect = useDirect();
  const heads = useChatState((state) => state.heads);
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const found = useMemo(() => {
    const conversations = listed(heads).filter(
      (head) => head.kind !== 'meeting' && matches(conversationName(head, client.me.id, t), query),
    );
    const direct = new Set(
      [...heads.values()].flatMap(({ kind, counterpart }) => (kind === 'direct' && counterpart ? [counterpart.id] : [])),
    );
    const others = (people.data?.people ?? []).filter(
      (person) => !direct.has(person.id) && person.id !== client.me.id && matches(person.name, query),
    );
    return [
      ...conversations.map((head) => ({
        key: head.id,
        face: <ConversationFace head={head} size={32} />,
        name: conversationName(head, client.me.id, t),
        detail: head.unread > 0 ? t('list.unread', { count: head.unread }) : '',
        go: () => void navigate(`/chat/${head.id}`),
      })),
      ...(query.trim() === '' ? [] : others).map((person) => ({
        key: person.id,
        face: <Avatar name={person.name} id={person.id} size={32} />,
        name: person.name,
        detail: person.email ?? '',
        go: () => void openDirect(person.id),
      })),
    ].slice(0, shownAtMost);
  }, [heads, people.data, query, client.me.id, t, navigate, openDirect]);
  const choose = (index: number): void => {
    found[index]?.go();
    onClose();
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setActive((now) => (now + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(active);
    }
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim}>
          <Radix.Content className={styles.switcher} aria-describedby={undefined}>
            <Radix.Title className={styles.title}>{t('switcher.title')}</Radix.Title>
            <div className={styles.search}>
              <Search size={20} aria-hidden="true" />
              <Input
                autoFocus
                value={query}
                role="combobox"
                aria-expanded="true"
                aria-controls={id}
                aria-activedescendant={`${id}-${active}`}
                placeholder={t('switcher.placeholder')}
                aria-label={t('switcher.placeholder')}
                onChange={(event) => {
                  setQuery(event.target.value);
                  setActive(0);
                }}
                onKeyDown={keyDown}
              />
            </div>
            <div id={id} role="listbox" aria-label={t('switcher.title')} className={styles.list}>
              {found.map((one, index) => (
                <div
                  key={one.key}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === active}
                  className={cx(styles.option, index === active && styles.active)}
                  onPointerMove={() => setActive(index)}
                  onClick={() => choose(index)}
                  onKeyDown={undefined}
                >
                  {one.face}
                  <span className={styles.name}>{one.name}</span>
                  <span className={styles.detail}>{one.detail}</span>
                </div>
              ))}
              {found.length === 0 && <p className={styles.none}>{t('switcher.none')}</p>}
            </div>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}
