import type { AgendaItem } from '@server/signaling/meeting-state';
import { Check, CirclePause, CirclePlay, CircleStop, ListChecks, Pencil, SkipForward } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AgendaEditor } from '@/agenda/agenda-editor';
import { type DraftItem, emptyItem, fromDraft, isSame, toDraft } from '@/agenda/draft';
import { type ItemTime, useItemTime } from '@/agenda/use-item-time';
import { isModerator, myself, useStore } from '@/core';
import { Banner, Button, EmptyState, IconButton, useToast, VisuallyHidden } from '@/design';
import { useFormat } from '@/i18n';
import { useMeeting } from '../meeting-context';
import { SidePanel } from '../side-panel';
import styles from './agenda-panel.module.css';
import { useAgenda } from './use-agenda';

/** An agenda that is being written. Kept by the room: what is closed and opened again is not lost. */
export interface AgendaDraft {
  readonly items: readonly DraftItem[];
  /** Of the agenda that is changed. */
  readonly revision: number;
}

export interface AgendaPanelProps {
  readonly draft: AgendaDraft | null;
  readonly onDraft: (draft: AgendaDraft | null) => void;
  readonly onClose: () => void;
}

/** What there is to talk about, what of it is talked about now, and how long it took. */
export function AgendaPanel({ draft, onDraft, onClose }: AgendaPanelProps) {
  const { t } = useTranslation('agenda');
  const { client } = useMeeting();
  const { agenda } = useAgenda();
  const moderates = useStore(client.store, (state) => isModerator(myself(state)));
  const edit = (): void => onDraft({ items: agenda.items.length > 0 ? toDraft(agenda.items) : [emptyItem()], revision: agenda.revision });
  return (
    <SidePanel title={t('title')} closeLabel={t('close')} onClose={onClose}>
      {moderates && draft ? (
        <Writing draft={draft} onDraft={onDraft} />
      ) : agenda.items.length > 0 ? (
        <Reading moderates={moderates} onEdit={edit} />
      ) : (
        <EmptyState
          icon={<ListChecks size={24} aria-hidden="true" />}
          title={t(moderates ? 'emptyHost' : 'empty')}
          action={
            moderates && (
              <Button variant="primary" onClick={edit}>
                {t('write')}
              </Button>
            )
          }
        >
          {t(moderates ? 'emptyHostWords' : 'emptyWords')}
        </EmptyState>
      )}
    </SidePanel>
  );
}

function Reading({ moderates, onEdit }: { readonly moderates: boolean; readonly onEdit: () => void }) {
  const { t } = useTranslation('agenda');
  const { client } = useMeeting();
  const { agenda, current, next, spentOf } = useAgenda();
  const timeOf = useItemTime();
  const [turning, setTurning] = useState<string | null>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const turn = async (itemId: string): Promise<void> => {
    setTurning(itemId);
    await client.turnAgenda(itemId);
    setTurning(null);
  };
  return (
    <>
      <ol className={styles.items} aria-label={t('items')}>
        {agenda.items.map((item, index) => (
          <Item
            key={item.id}
            item={item}
            number={index + 1}
            time={item === current ? timeOf(item, spentOf(item)) : null}
            turn={moderates ? turn : null}
          />
        ))}
      </ol>
      {moderates && (
        <footer className={styles.footer}>
          {(next || agenda.currentId !== null) && (
            <Button
              variant="primary"
              icon={next ? <SkipForward size={18} aria-hidden="true" /> : <CircleStop size={18} aria-hidden="true" />}
              busy={turning !== null && turning === (next?.id ?? '')}
              onClick={() => {
                // It goes with the last item.
                if (!next) edit.current?.focus();
                void turn(next?.id ?? '');
              }}
            >
              {next ? t(agenda.since === 0 ? 'begin' : 'nextNamed', { title: next.title }) : t('finish')}
            </Button>
          )}
          <Button ref={edit} className={styles.edit} icon={<Pencil size={18} aria-hidden="true" />} onClick={onEdit}>
            {t('edit')}
          </Button>
        </footer>
      )}
    </>
  );
}

interface ItemProps {
  readonly item: AgendaItem;
  readonly number: number;
  /** Null: it is not talked about now. */
  readonly time: ItemTime | null;
  /** Null: this person may not. */
  readonly turn: ((itemId: string) => Promise<void>) | null;
}

function Item({ item, number, time, turn }: ItemProps) {
  const { t } = useTranslation('agenda');
  const { span } = useFormat();
  const row = useRef<HTMLLIElement>(null);
  const current = time !== null;
  const done = !current && item.spentMs > 0;
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <li ref={row} className={styles.item} data-state={current ? 'current' : done ? 'done' : 'open'} aria-current={current || undefined}>
      <span className={styles.number}>
        {done ? (
          <>
            <Check size={18} aria-hidden="true" />
            <VisuallyHidden>{t('done')}</VisuallyHidden>
          </>
        ) : (
          number
        )}
      </span>
      <span className={styles.words}>
        {current && <span className={styles.now}>{t('now')}</span>}
        <span className={styles.title}>{item.title}</span>
        {time && (
          <span className={styles.facts} data-over={time.over || undefined}>
            {time.words}
          </span>
        )}
        {done && <span className={styles.facts}>{t('took', { time: span(item.spentMs) })}</span>}
        {!current && !done && item.minutes !== null && <span className={styles.facts}>{t('planned', { count: item.minutes })}</span>}
      </span>
      {turn && (
        <IconButton
          label={t(current ? 'pause' : 'talkAbout', { title: item.title })}
          icon={current ? <CirclePause size={20} aria-hidden="true" /> : <CirclePlay size={20} aria-hidden="true" />}
          tooltipSide="left"
          onClick={() => void turn(current ? '' : item.id)}
        />
      )}
    </li>
  );
}

function Writing({ draft, onDraft }: { readonly draft: AgendaDraft; readonly onDraft: (draft: AgendaDraft | null) => void }) {
  const { t } = useTranslation('agenda');
  const { client } = useMeeting();
  const toast = useToast();
  const { agenda } = useAgenda();
  const [busy, setBusy] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const inputs = body.current?.querySelectorAll<HTMLInputElement>('[data-part="title"]');
    inputs?.[inputs.length - 1]?.focus({ preventScroll: true });
  }, []);
  // What one saves oneself is told before it is answered.
  const isOutdated = !busy && draft.revision !== agenda.revision;
  const isChanged = !isSame(draft.items, agenda.items);
  const save = async (revision: number): Promise<void> => {
    setBusy(true);
    const answer = await client.setAgenda(revision, fromDraft(draft.items));
    setBusy(false);
    if (answer !== 'done') return;
    onDraft(null);
    toast(t('saved'), { tone: 'good' });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    // It would close the panel; what was written is thrown away by its own button alone.
    event.preventDefault();
    if (!isChanged) onDraft(null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears what the inputs in it don't take.
    <div className={styles.writing} onKeyDown={onKey}>
      <div ref={body} className={styles.scroll}>
        {isOutdated && (
          <Banner
            className={styles.changed}
            tone="attention"
            announce="alert"
            title={t('changed.title')}
            actions={
              <>
                <Button onClick={() => onDraft({ items: toDraft(agenda.items), revision: agenda.revision })}>{t('changed.theirs')}</Button>
                <Button busy={busy} onClick={() => void save(agenda.revision)}>
                  {t('changed.mine')}
                </Button>
              </>
            }
          >
            {t('changed.words')}
          </Banner>
        )}
        <AgendaEditor items={draft.items} onChange={(items) => onDraft({ ...draft, items })} />
      </div>
      <footer className={styles.footer}>
        <Button onClick={() => onDraft(null)}>{t('editor.cancel')}</Button>
        <Button variant="primary" busy={busy} disabled={isOutdated} onClick={() => void save(draft.revision)}>
          {t('editor.save')}
        </Button>
      </footer>
    </div>
  );
}
