import type { MeetingState } from '@server/signaling/meeting-state';
import { ChevronLeft, ChevronRight, Link2, MonitorUp } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '@/core';
import { Button, CopyButton, IconButton } from '@/design';
import { useMeeting } from './meeting-context';
import { layoutStage } from './stage-layout';
import { orderPeople, planStage, type View } from './stage-plan';
import styles from './stage-view.module.css';
import { Tile } from './tile';
import { useSize } from './use-size';

export interface StageViewProps {
  readonly view: View;
}

/** Everybody who is there, and the screens that are shared. */
export function StageView({ view }: StageViewProps) {
  const { t } = useTranslation('meeting');
  const { client, link } = useMeeting();
  const meeting = useStore(client.store, (state) => state.meeting);
  const myId = useStore(client.store, (state) => state.myId);
  const [pinned, setPinned] = useState<string | null>(null);
  const [wantedPage, setWantedPage] = useState(0);
  const [room, size] = useSize<HTMLDivElement>();
  const speakerId = useLastSpeaker(meeting?.activeSpeakerId ?? null, myId);
  const order = useOrder(meeting, myId, `${view} ${wantedPage}`);
  const plan = useMemo(
    () => (meeting ? planStage(meeting, order, { view, pinned, speakerId, myId }) : { focus: null, others: [] }),
    [meeting, order, view, pinned, speakerId, myId],
  );
  const { placed, page, pages, pager } = layoutStage(plan, size.width, size.height, wantedPage);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another arrangement begins with its first page.
  useEffect(() => setWantedPage(0), [view, plan.focus === null]);
  const isAlone = meeting?.participants.size === 1;

  return (
    <main className={styles.stage} aria-label={t('stage.label')}>
      <SharingNote />
      <div ref={room} className={styles.room}>
        {placed.map(({ shown, box, large }) => (
          <Tile key={shown.key} shown={shown} box={box} large={large} pinned={shown.key === pinned} onPin={setPinned} />
        ))}
        {isAlone && (
          <div className={styles.alone}>
            <p className={styles.aloneTitle}>
              <Link2 size={20} aria-hidden="true" />
              {t('stage.alone')}
            </p>
            <p>{t('stage.aloneWords')}</p>
            <CopyButton text={link} label={t('stage.copyLink')} variant="primary" />
          </div>
        )}
        {pages > 1 && (
          <nav
            className={styles.pager}
            aria-label={t('stage.page', { page: page + 1, pages })}
            style={{ width: pager.width, height: pager.height, transform: `translate(${pager.x}px, ${pager.y}px)` }}
          >
            <IconButton
              label={t('stage.previous')}
              icon={<ChevronLeft size={20} aria-hidden="true" />}
              disabled={page === 0}
              onClick={() => setWantedPage(page - 1)}
            />
            <span className="figures" aria-hidden="true">
              {page + 1} / {pages}
            </span>
            <IconButton
              label={t('stage.next')}
              icon={<ChevronRight size={20} aria-hidden="true" />}
              disabled={page === pages - 1}
              onClick={() => setWantedPage(page + 1)}
            />
          </nav>
        )}
      </div>
    </main>
  );
}

/** One's own screen is not shown to oneself; this says that the others see it. */
function SharingNote() {
  const { t } = useTranslation('meeting');
  const { local } = useMeeting();
  const isSharing = useStore(local, (state) => state.screen.track !== null);
  if (!isSharing) return null;
  return (
    <div className={styles.sharing}>
      <MonitorUp size={20} aria-hidden="true" />
      <span>{t('stage.sharing')}</span>
      <Button onClick={() => local.stopScreen()}>{t('stage.stopSharing')}</Button>
    </div>
  );
}

/** Sorted anew when `occasion` changes; see `orderPeople`. */
function useOrder(meeting: MeetingState | null, myId: string | null, occasion: string): readonly string[] {
  const last = useRef<{ readonly occasion: string; readonly ids: readonly string[] } | null>(null);
  const ids = useMemo(
    () => (meeting ? orderPeople(meeting, last.current?.occasion === occasion ? last.current.ids : null, myId) : []),
    [meeting, myId, occasion],
  );
  useEffect(() => {
    if (meeting) last.current = { occasion, ids };
  });
  return ids;
}

/** Who spoke last, other than oneself: nobody wants to look at oneself, or at an empty stage in a pause. */
function useLastSpeaker(activeId: string | null, myId: string | null): string | null {
  const last = useRef<string | null>(null);
  const current = activeId !== null && activeId !== myId ? activeId : last.current;
  useEffect(() => {
    last.current = current;
  });
  return current;
}
