import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton, Input, VisuallyHidden } from '@/design';
import styles from './agenda-editor.module.css';
import { type DraftItem, emptyItem, itemsAtMost, moved, titleAtMost } from './draft';

export interface AgendaEditorProps {
  readonly items: readonly DraftItem[];
  readonly onChange: (items: readonly DraftItem[]) => void;
}

type Part = 'title' | 'up' | 'down';

/** A short list that is written from the top: by keyboard alone as quickly as by pointer. */
export function AgendaEditor({ items, onChange }: AgendaEditorProps) {
  const { t } = useTranslation('agenda');
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const [said, setSaid] = useState('');
  /** What gets the focus once the list is drawn anew. */
  const focus = useRef<{ readonly id: string; readonly part: Part } | 'add' | null>(null);
  useEffect(() => {
    const wanted = focus.current;
    focus.current = null;
    if (wanted === 'add') add.current?.focus();
    else if (wanted) {
      const row = list.current?.querySelector(`[data-item="${wanted.id}"]`);
      const part = row?.querySelector<HTMLElement>(`[data-part="${wanted.part}"]:not(:disabled)`);
      (part ?? row?.querySelector<HTMLElement>('[data-part="title"]'))?.focus();
    }
  });

  const nameOf = (item: DraftItem, index: number): string => item.title.trim() || t('editor.untitled', { number: index + 1 });
  const full = items.length >= itemsAtMost;
  const insert = (at: number): void => {
    if (full) return;
    const item = emptyItem();
    focus.current = { id: item.id, part: 'title' };
    onChange(items.toSpliced(at, 0, item));
  };
  const change = (index: number, part: Partial<DraftItem>): void =>
    onChange(items.map((item, at) => (at === index ? { ...item, ...part } : item)));
  const move = (index: number, to: number, part: Part): void => {
    const item = items[index];
    if (!item || to < 0 || to >= items.length) return;
    focus.current = { id: item.id, part };
    setSaid(t('editor.moved', { title: nameOf(item, index), number: to + 1, count: items.length }));
    onChange(moved(items, index, to));
  };
  const remove = (index: number): void => {
    const item = items[index];
    if (!item) return;
    const next = items[index + 1] ?? items[index - 1];
    focus.current = next ? { id: next.id, part: 'title' } : 'add';
    setSaid(t('editor.removed', { title: nameOf(item, index) }));
    onChange(items.toSpliced(index, 1));
  };
  const onKey = (event: KeyboardEvent, index: number): void => {
    // While a Chinese word is being put together, Enter takes the word.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      insert(index + 1);
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      move(index, index + (event.key === 'ArrowUp' ? -1 : 1), 'title');
    }
  };

  return (
    <div className={styles.editor}>
      <ol ref={list} className={styles.items}>
        {items.map((item, index) => (
          <li key={item.id} data-item={item.id} className={styles.item}>
            <span className={styles.number} aria-hidden="true">
              {index + 1}
            </span>
            <Input
              data-part="title"
              className={styles.title}
              aria-label={t('editor.item', { number: index + 1 })}
              placeholder={t('editor.itemExample')}
              autoComplete="off"
              maxLength={titleAtMost}
              value={item.title}
              onChange={(event) => change(index, { title: event.target.value })}
              onKeyDown={(event) => onKey(event, index)}
            />
            <span className={styles.tools}>
              <span className={styles.minutes}>
                <Input
                  aria-label={t('editor.minutes', { number: index + 1 })}
                  inputMode="numeric"
                  placeholder="–"
                  autoComplete="off"
                  maxLength={3}
                  value={item.minutes}
                  onChange={(event) => change(index, { minutes: event.target.value.replace(/\D/g, '') })}
                  onKeyDown={(event) => onKey(event, index)}
                />
                <span aria-hidden="true">{t('editor.minutesShort')}</span>
              </span>
              <IconButton
                data-part="up"
                label={t('editor.up', { title: nameOf(item, index) })}
                icon={<ArrowUp size={18} aria-hidden="true" />}
                disabled={index === 0}
                onClick={() => move(index, index - 1, 'up')}
              />
              <IconButton
                data-part="down"
                label={t('editor.down', { title: nameOf(item, index) })}
                icon={<ArrowDown size={18} aria-hidden="true" />}
                disabled={index === items.length - 1}
                onClick={() => move(index, index + 1, 'down')}
              />
              <IconButton
                label={t('editor.remove', { title: nameOf(item, index) })}
                icon={<X size={18} aria-hidden="true" />}
                onClick={() => remove(index)}
              />
            </span>
          </li>
        ))}
      </ol>
      <Button
        ref={add}
        className={styles.add}
        variant="quiet"
        icon={<Plus size={18} aria-hidden="true" />}
        disabled={full}
        onClick={() => insert(items.length)}
      >
        {t('editor.add')}
      </Button>
      {items.length > 0 && <p className={styles.keys}>{full ? t('editor.full', { count: itemsAtMost }) : t('editor.keys')}</p>}
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </div>
  );
}
