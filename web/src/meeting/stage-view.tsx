import type { MeetingState } from '@server/signaling/meeting-state';
import { ChevronLeft, ChevronRight, Link2, MonitorUp } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isViewer, isWebinar, myself, useStore } from '@/core';
import { Button, CopyButton, IconButton, VisuallyHidden } from '@/design';
import { AudienceLine } from './audience-line';
import { useMeeting } from './meeting-context';
import { layoutStage, type StageLayout } from './stage-layout';
import { bringForward, orderPeople, planStage, type StagePlan, type View } from './stage-plan';
import styles from './stage-view.module.css';
import { Tile } from './tile';
import { useShortcuts } from './use-shortcuts';
import { useSize } from './use-size';
import { type Speakers, useSpeaker } from './use-speaker';

export interface StageViewProps {
  readonly view: View;
  /** Above everything: what one has to know all the time. */
  readonly top: ReactNode;
  /** Over the tiles. */
  readonly children: ReactNode;
}

const nobody: MeetingState['participants'] = new Map();
const nothing: readonly string[] = [];

/** Everybody who is there, and the screens that are shared. Only what is shown is there: other pages ask for no pictures. */
export function StageView({ view, top, children }: StageViewProps) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  // Not the whole state: what else happens in a meeting moves no tile.
  const participants = useStore(client.store, (state) => state.meeting?.participants ?? nobody);
  const spotlight = useStore(client.store, (state) => state.meeting?.spotlight ?? nothing);
  const myId = useStore(client.store, (state) => state.myId);
  const [pinned, setPinned] = useState<string | null>(null);
  const [wantedPage, setWantedPage] = useState(0);
  /** Counts the occasions on which the order may change as a whole. */
  const [sorting, setSorting] = useState(0);
  const [room, size] = useSize<HTMLDivElement>();
  const speakers = useSpeaker();
  const firstPage = useRef(0);
  const order = useOrder({ participants, spotlight, pinned, myId, occasion: `${view} ${sorting}`, firstPage: firstPage.current }, speakers);
  const plan: StagePlan = useMemo(
    () => planStage({ participants, spotlight }, order, { view, pinned, speakerId: speakers.speakerId, myId }),
    [participants, spotlight, order, view, pinned, speakers.speakerId, myId],
  );
  const layout = useMemo(() => layoutStage(plan, size.width, size.height, wantedPage), [plan, size, wantedPage]);
  const { placed, page, pages } = layout;
  useEffect(() => {
    firstPage.current = layout.perPage;
  });
  const turnTo = useCallback((wanted: number) => {
    setWantedPage(wanted);
    if (wanted === 0) setSorting((count) => count + 1);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another arrangement begins with its first page.
  useEffect(() => setWantedPage(0), [view, plan.focus.length === 0]);

  const back = (): void => {
    if (page > 0) turnTo(page - 1);
  };
  const forth = (): void => {
    if (page < pages - 1) turnTo(page + 1);
  };
  useShortcuts({ arrowleft: back, pageup: back, arrowright: forth, pagedown: forth });

  return (
    <main className={styles.stage} aria-label={t('stage.label')} data-pages={pages > 1 || undefined}>
      <div className={styles.top}>{top}</div>
      <SharingNote />
      <AudienceLine />
      <div ref={room} className={styles.room}>
        {placed.map(({ shown, box, large }) => (
          <Tile
            key={shown.key}
            shown={shown}
            box={box}
            large={large}
            pinned={shown.key === pinned}
            spotlit={spotlight.includes(shown.participant.id)}
            onPin={setPinned}
          />
        ))}
        <Alone count={participants.size} />
        <Pager layout={layout} onBack={back} onForth={forth} />
      </div>
      {children}
    </main>
  );
}

function Pager({ layout, onBack, onForth }: { readonly layout: StageLayout; readonly onBack: () => void; readonly onForth: () => void }) {
  const { t } = useTranslation('meeting');
  const { page, pages, pager } = layout;
  const words = t('stage.page', { page: page + 1, pages });
  if (pages < 2) return null;
  return (
    <nav
      className={styles.pager}
      aria-label={words}
      style={{ width: pager.width, height: pager.height, transform: `translate(${pager.x}px, ${pager.y}px)` }}
    >
      <IconButton
        label={t('stage.previous')}
        icon={<ChevronLeft size={20} aria-hidden="true" />}
        shortcut="PageUp"
        disabled={page === 0}
        onClick={onBack}
      />
      <span className="figures" aria-hidden="true">
        {page + 1} / {pages}
      </span>
      <IconButton
        label={t('stage.next')}
        icon={<ChevronRight size={20} aria-hidden="true" />}
        shortcut="PageDown"
        disabled={page === pages - 1}
        onClick={onForth}
      />
      <VisuallyHidden role="status">{words}</VisuallyHidden>
    </nav>
  );
}

/** What one sees where nobody else is. */
function Alone({ count }: { readonly count: number }) {
  const { t } = useTranslation('meeting');
  const { client, link } = useMeeting();
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const webinar = useStore(client.store, (state) => isWebinar(state.meeting));
  const viewers = useStore(client.store, (state) => state.meeting?.viewers ?? 0);
  if (watches ? count > 0 : count > 1 || viewers > 0) return null;
  return (
    <div className={styles.alone}>
      {watches ? (
        <>
          <p className={styles.aloneTitle}>{t('webinar.soon')}</p>
          <p>{t('webinar.soonWords')}</p>
        </>
      ) : (
        <>
          <p className={styles.aloneTitle}>
            <Link2 size={20} aria-hidden="true" />
            {t('stage.alone')}
          </p>
          <p>{t(webinar ? 'webinar.aloneWords' : 'stage.aloneWords')}</p>
          <CopyButton text={link} label={t('stage.copyLink')} variant="primary" />
        </>
      )}
    </div>
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

interface OrderFacts {
  readonly participants: MeetingState['participants'];
  readonly spotlight: readonly string[];
  readonly pinned: string | null;
  readonly myId: string | null;
  /** Sorted anew when this changes; see `orderPeople`. */
  readonly occasion: string;
  /** How many tiles the first page has. */
  readonly firstPage: number;
}

function useOrder({ participants, spotlight, pinned, myId, occasion, firstPage }: OrderFacts, speakers: Speakers): readonly string[] {
  const last = useRef<{ readonly occasion: string; readonly ids: readonly string[] } | null>(null);
  const { speakerId, recent } = speakers;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever spoke before, and how large the page is, moves nobody by itself.
  const ids = useMemo(() => {
    const before = last.current?.occasion === occasion ? last.current.ids : null;
    const fixed = new Set([...spotlight, ...(myId === null ? [] : [myId]), ...(pinned === null ? [] : [pinned.split(':')[0] ?? ''])]);
    return bringForward(orderPeople(participants, before, myId, recent), speakerId, { size: firstPage, fixed, recent });
  }, [participants, spotlight, pinned, myId, occasion, speakerId]);
  useEffect(() => {
    last.current = { occasion, ids };
  });
  return ids;
}
