import type { ParticipantState } from '@server/signaling/meeting-state';
import { Eye, Hand } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { toRpcError, useStore } from '@/core';
import { Avatar, Banner, Button, cx, EmptyState, Skeleton, SkeletonGroup } from '@/design';
import { useMeeting } from './meeting-context';
import { SearchField } from './people-list';
import styles from './people-panel.module.css';

const { Role } = causeway;
const typingMs = 250;
/** People of an audience come and go all the time; so often the list follows. */
const followMs = 3_000;

/** Who watches a webinar, for its hosts: raised hands first, then by name, in pages. */
export function AudienceList() {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const hands = useStore(client.store, (state) => state.viewerHands);
  const viewers = useStore(client.store, (state) => state.meeting?.viewers ?? 0);
  const [wanted, setWanted] = useState('');
  const { listed, total, hasMore, busy, problem, more, again } = useViewers(wanted.trim(), viewers);
  const raised = useMemo(() => new Set(hands.map((viewer) => viewer.id)), [hands]);
  const words = wanted.trim().toLocaleLowerCase();
  const handsFound = words === '' ? hands : hands.filter((viewer) => viewer.name.toLocaleLowerCase().includes(words));
  // The hands come by themselves, and at once; the list is asked for.
  const others = listed?.filter((viewer) => !raised.has(viewer.id)) ?? [];
  const isEmpty = listed !== null && listed.length === 0 && handsFound.length === 0;

  return (
    <>
      <SearchField value={wanted} onChange={setWanted} />
      {problem && (
        <Banner tone="wrong" code={problem.code} actions={<Button onClick={again}>{t('webinar.tryAgain')}</Button>}>
          {t('webinar.listFailed')}
        </Banner>
      )}
      {handsFound.length > 0 && (
        <section aria-label={t('people.hands', { count: handsFound.length })}>
          <div className={styles.headingRow}>
            <h3 className={styles.heading}>{t('people.hands', { count: handsFound.length })}</h3>
          </div>
          <ol>
            {handsFound.map((viewer, index) => (
              <Viewer key={viewer.id} viewer={viewer} turn={index + 1} />
            ))}
          </ol>
        </section>
      )}
      {/* A heading over nothing says nothing. */}
      {(others.length > 0 || handsFound.length === 0) && (
        <section aria-label={t('webinar.audienceCount', { count: words === '' ? viewers : total })}>
          <h3 className={styles.heading}>{t('webinar.audienceCount', { count: words === '' ? viewers : total })}</h3>
          {listed === null && !problem && <Coming />}
          {isEmpty &&
            (words === '' ? (
              <EmptyState icon={<Eye size={24} aria-hidden="true" />} title={t('webinar.nobody')}>
                {t('webinar.nobodyWords')}
              </EmptyState>
            ) : (
              <p className={styles.none}>{t('webinar.noneFound')}</p>
            ))}
          <ul>
            {others.map((viewer) => (
              <Viewer key={viewer.id} viewer={viewer} turn={null} />
            ))}
          </ul>
          {hasMore && (
            <div className={styles.more}>
              <Button busy={busy} onClick={more}>
                {t('webinar.more')}
              </Button>
            </div>
          )}
        </section>
      )}
    </>
  );
}

/** `turn`: the place in the queue of raised hands. */
function Viewer({ viewer, turn }: { readonly viewer: ParticipantState; readonly turn: number | null }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const [asked, setAsked] = useState(false);
  const { id, name, personId, guest, connected } = viewer;
  const bring = async (): Promise<void> => {
    setAsked(true);
    await client.setRole(id, Role.ROLE_PRESENTER);
    setAsked(false);
  };
  return (
    <li className={cx(styles.viewer, !connected && styles.away)} data-viewer={id} data-hand={turn !== null || undefined}>
      {turn === null ? (
        <Avatar name={name} id={personId} size={32} />
      ) : (
        <span className={cx('figures', styles.turn)}>
          <Hand size={18} role="img" aria-label={t('stage.hand')} />
          {turn}
        </span>
      )}
      <span className={styles.words}>
        <span className={styles.nameWords} title={name}>
          {name}
        </span>
        {(guest || !connected) && (
          <span className={styles.facts}>{[guest && t('guest'), !connected && t('people.away')].filter(Boolean).join(' · ')}</span>
        )}
      </span>
      <span className={styles.acts}>
        {turn !== null && (
          <Button variant="quiet" aria-label={t('webinar.lowerHandOf', { name })} onClick={() => void client.lowerHand(id)}>
            {t('people.lowerHand')}
          </Button>
        )}
        <Button
          variant={turn === null ? 'secondary' : 'primary'}
          busy={asked}
          className={styles.bring}
          aria-label={t('webinar.bringNamed', { name })}
          title={t('webinar.bringWords')}
          onClick={() => void bring()}
        >
          {t('webinar.bring')}
        </Button>
      </span>
    </li>
  );
}

function Coming() {
  return (
    <SkeletonGroup>
      {[62, 44, 70, 52].map((width) => (
        <div key={width} className={styles.viewer}>
          <Skeleton shape="circle" width={32} height={32} />
          <Skeleton width={`${width}%`} />
        </div>
      ))}
    </SkeletonGroup>
  );
}

interface Viewers {
  /** Null: not known yet. */
  readonly listed: readonly ParticipantState[] | null;
  readonly total: number;
  readonly hasMore: boolean;
  readonly busy: boolean;
  readonly problem: { readonly code: string } | null;
  readonly more: () => void;
  readonly again: () => void;
}

interface Pages {
  readonly viewers: readonly ParticipantState[];
  readonly total: number;
  readonly cursor: string;
}

/** The audience in pages, which follows while it is looked at: `count` changes when somebody comes or goes. */
function useViewers(query: string, count: number): Viewers {
  const { client } = useMeeting();
  const hands = useStore(client.store, (state) => state.viewerHands.length);
  const [pages, setPages] = useState<Pages | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ code: string } | null>(null);
  const asked = useRef(0);
  const askedAt = useRef(Number.NEGATIVE_INFINITY);
  const pagesShown = useRef(1);

  const ask = useCallback(
    async (pagesWanted: number): Promise<void> => {
      const mine = ++asked.current;
      askedAt.current = performance.now();
      setBusy(true);
      try {
        let cursor = '';
        let total = 0;
        const viewers: ParticipantState[] = [];
        for (let page = 0; page < pagesWanted; page += 1) {
          const answer = await client.listViewers({ query, cursor });
          viewers.push(...answer.viewers);
          ({ cursor, total } = answer);
          if (cursor === '') break;
        }
        if (mine !== asked.current) return;
        pagesShown.current = pagesWanted;
        setPages({ viewers: unique(viewers), total, cursor });
        setProblem(null);
      } catch (thrown) {
        if (mine === asked.current) setProblem({ code: toRpcError(thrown).code });
      }
      if (mine === asked.current) setBusy(false);
    },
    [client, query],
  );

  // Another question begins with its first page, once the typing rests.
  useEffect(() => {
    const timer = setTimeout(() => void ask(1), query === '' ? 0 : typingMs);
    return () => clearTimeout(timer);
  }, [ask, query]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: who comes, goes or raises a hand is the reason to ask again.
  useEffect(() => {
    const wait = Math.max(0, askedAt.current + followMs - performance.now());
    if (askedAt.current === Number.NEGATIVE_INFINITY) return;
    const timer = setTimeout(() => void ask(pagesShown.current), wait);
    return () => clearTimeout(timer);
  }, [count, hands]);

  return {
    listed: pages?.viewers ?? null,
    total: pages?.total ?? 0,
    hasMore: pages !== null && pages.cursor !== '',
    busy,
    problem,
    more: () => void ask(pagesShown.current + 1),
    again: () => void ask(pagesShown.current),
  };
}

/** Between two pages somebody may move from one to the other. */
function unique(viewers: readonly ParticipantState[]): readonly ParticipantState[] {
  return [...new Map(viewers.map((viewer) => [viewer.id, viewer])).values()];
}
