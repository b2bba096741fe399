import { ArrowDown, ArrowUp, LocateFixed, MessageSquareText, Pencil } from 'lucide-react';
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar, Button, cx, EmptyState, Field, IconButton, Input } from '@/design';
import { clock } from '../clock';
import { usePlayer, usePlayerState } from '../player/player-context';
import { LineEditor } from './line-editor';
import styles from './transcript-panel.module.css';
import { cutText, findHits, type Hit } from './transcript-search';
import { lineAt, type ShownLine, turnsOf } from './turns';

export interface TranscriptPanelProps {
  readonly lines: readonly ShownLine[];
  /** Null: it may not be corrected. */
  readonly onCorrect: ((lineId: string, text: string) => Promise<void>) | null;
  /** Further things to do, such as saving it as a file. */
  readonly actions?: React.ReactNode;
  /** Why there is nothing, in words. */
  readonly empty: string;
}

const noHits: readonly Hit[] = [];
/** A scroll that comes so soon after ours is ours. */
const ownScrollMs = 700;

/** What was said, beside the picture: goes along with it, and leads to every moment. */
export function TranscriptPanel({ lines, onCorrect, actions, empty }: TranscriptPanelProps) {
  const { t } = useTranslation('archive');
  const { jump } = usePlayer();
  const active = usePlayerState((state) => lineAt(lines, state.atMs));
  const activeId = lines[active]?.id ?? null;
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const [isFollowing, setFollowing] = useState(true);
  const [editing, setEditing] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const scrolledAt = useRef(0);

  const turns = useMemo(() => turnsOf(lines), [lines]);
  const hits = useMemo(() => findHits(lines, query), [lines, query]);
  const hitsOf = useMemo(() => {
    const byLine = new Map<string, { first: number; hits: Hit[] }>();
    hits.forEach((hit, at) => {
      const found = byLine.get(hit.lineId);
      if (found) found.hits.push(hit);
      else byLine.set(hit.lineId, { first: at, hits: [hit] });
    });
    return byLine;
  }, [hits]);
  const current = Math.min(chosen, hits.length - 1);

  const bring = useCallback((element: Element | null | undefined): void => {
    const frame = box.current;
    if (!frame || !element) return;
    scrolledAt.current = Date.now();
    const place = element.getBoundingClientRect();
    const around = frame.getBoundingClientRect();
    // Only the list scrolls, never the page around it.
    frame.scrollTo({ top: frame.scrollTop + place.top - around.top - frame.clientHeight / 3, behavior: 'smooth' });
  }, []);

  useEffect(() => {
    if (!isFollowing || activeId === null || query !== '' || editing !== null) return;
    bring(box.current?.querySelector(`[data-line="${activeId}"]`));
  }, [activeId, isFollowing, query, editing, bring]);

  useEffect(() => {
    if (query !== '' && current >= 0) bring(box.current?.querySelector(`[data-hit="${current}"]`));
  }, [query, current, bring]);

  const step = (by: 1 | -1): void => {
    if (hits.length > 0) setChosen((Math.max(current, 0) + by + hits.length) % hits.length);
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.key !== 'Enter') return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  };
  const letGo = (): void => {
    if (Date.now() - scrolledAt.current > ownScrollMs) setFollowing(false);
  };

  const begin = useCallback((lineId: string) => setEditing(lineId), []);
  const end = useCallback(() => setEditing(null), []);

  if (lines.length === 0)
    return (
      <EmptyState icon={<MessageSquareText size={24} aria-hidden="true" />} title={t('transcript.empty')}>
        {empty}
      </EmptyState>
    );
  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <search className={styles.search}>
          <Field label={t('transcript.search')} labelHidden className={styles.words}>
            <Input
              type="search"
              value={query}
              placeholder={t('transcript.search')}
              onChange={(event) => {
                setQuery(event.target.value);
                setChosen(0);
              }}
              onKeyDown={keyDown}
            />
          </Field>
          {query.trim() !== '' && (
            <>
              <p className={styles.count} role="status">
                {hits.length === 0 ? t('transcript.noHit') : t('transcript.hits', { at: current + 1, count: hits.length })}
              </p>
              <IconButton
                label={t('transcript.previous')}
                icon={<ArrowUp size={18} aria-hidden="true" />}
                disabled={hits.length === 0}
                onClick={() => step(-1)}
              />
              <IconButton
                label={t('transcript.next')}
                icon={<ArrowDown size={18} aria-hidden="true" />}
                disabled={hits.length === 0}
                onClick={() => step(1)}
              />
            </>
          )}
        </search>
        {actions}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard. */}
      <section ref={box} className={styles.box} tabIndex={0} aria-label={t('transcript.title')} onWheel={letGo} onTouchMove={letGo}>
        <ol className={styles.turns}>
          {turns.map((turn) => (
            <li key={turn.key} className={styles.turn}>
              <p className={styles.speaker}>
                <Avatar name={turn.speaker} id={turn.personId} size={24} />
                <span className={styles.name}>{turn.speaker}</span>
                <span className={styles.time}>{clock(turn.beginMs)}</span>
              </p>
              {turn.lines.map((line) => {
                const found = hitsOf.get(line.id);
                return editing === line.id && onCorrect ? (
                  <LineEditor key={line.id} line={line} onSave={onCorrect} onClose={end} />
                ) : (
                  <Line
                    key={line.id}
                    line={line}
                    isActive={line.id === activeId}
                    query={found ? query : ''}
                    hits={found?.hits ?? noHits}
                    first={found?.first ?? 0}
                    current={found ? current : -1}
                    onJump={jump}
                    onEdit={onCorrect ? begin : null}
                  />
                );
              })}
            </li>
          ))}
        </ol>
      </section>
      {!isFollowing && query === '' && (
        <Button className={styles.follow} icon={<LocateFixed size={18} aria-hidden="true" />} onClick={() => setFollowing(true)}>
          {t('transcript.follow')}
        </Button>
      )}
    </div>
  );
}

interface LineProps {
  readonly line: ShownLine;
  readonly isActive: boolean;
  readonly query: string;
  readonly hits: readonly Hit[];
  readonly first: number;
  readonly current: number;
  readonly onJump: (atMs: number) => void;
  readonly onEdit: ((lineId: string) => void) | null;
}

const Line = memo(function Line({ line, isActive, query, hits, first, current, onJump, onEdit }: LineProps) {
  const { t } = useTranslation('archive');
  const pieces = cutText(line.text, query, hits, first);
  return (
    <div className={styles.line} data-line={line.id}>
      <button
        type="button"
        className={cx(styles.said, isActive && styles.active)}
        lang={line.language}
        aria-current={isActive ? 'true' : undefined}
        title={clock(line.beginMs)}
        onClick={() => onJump(line.beginMs)}
      >
        {pieces.map((piece, at) =>
          piece.hit === null ? (
            piece.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, made anew together.
            <mark key={at} className={cx(styles.hit, piece.hit === current && styles.current)} data-hit={piece.hit}>
              {piece.text}
            </mark>
          ),
        )}
        {line.editedBy && <span className={styles.edited}> {t('transcript.corrected')}</span>}
      </button>
      {onEdit && (
        <IconButton
          className={styles.edit}
          label={t('transcript.correct')}
          icon={<Pencil size={16} aria-hidden="true" />}
          tooltipSide="left"
          onClick={() => onEdit(line.id)}
        />
      )}
    </div>
  );
});
