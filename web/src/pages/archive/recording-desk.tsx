import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, type RecordingDetail } from '@/api';
import { cx, TabPanel, Tabs } from '@/design';
import { localeOf, useFormat } from '@/i18n';
import { useComments, useReviews } from './archive-queries';
import { CommentsPanel } from './comments/comments-panel';
import { DetailsPanel } from './details/details-panel';
import { GapList } from './gaps/gap-list';
import { gapWords } from './gaps/gap-words';
import { useCaptionChoice } from './player/caption-choice';
import { Player } from './player/player';
import { PlayerContext } from './player/player-context';
import { PlayerView } from './player/player-view';
import type { Marker } from './player/scrubber';
import { usePictures } from './player/use-pictures';
import { useViewing } from './player/use-play';
import { useScrubberData } from './player/use-scrubber-data';
import { RecordingActions } from './recording-actions';
import styles from './recording-page.module.css';
import { ReviewPanel } from './review/review-panel';
import { StateBadge } from './state-badge';
import { SummaryPanel } from './summary/summary-panel';
import { TranscriptTab } from './transcript/transcript-tab';
import { useTranscript } from './transcript/use-transcript';
import { useSeen } from './use-seen';
import { WaitingCard } from './waiting-card';

const tabs = ['transcript', 'summary', 'comments', 'details', 'review'] as const;
type Tab = (typeof tabs)[number];

export function RecordingDesk({ recording }: { readonly recording: RecordingDetail }) {
  const { t, i18n } = useTranslation('archive');
  const [search, setSearch] = useSearchParams();
  const { id, kind, state } = recording;
  const isTranscript = kind === 'transcript';
  const lengthMs = recording.stoppedAt === null ? 0 : Date.parse(recording.stoppedAt) - Date.parse(recording.startedAt);
  const hasStream = !isTranscript && state === 'ready' && recording.files.some((file) => file.kind === 'hls');
  const audioOnly = hasStream && !recording.files.some((file) => file.kind === 'video');
  const [player] = useState(() => new Player({ durationMs: lengthMs, atMs: secondsOf(search.get('t')) }));

  useSeen(recording);
  const reviews = useReviews(recording);
  const shown = tabs.filter((name) => name !== 'review' || recording.mine.govern || (reviews.data?.reviews.length ?? 0) > 0);
  const tab = shown.find((name) => name === search.get('tab')) ?? 'transcript';
  const choose = (chosen: Tab): void =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        if (chosen === 'transcript') next.delete('tab');
        else next.set('tab', chosen);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );

  const side = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen tab may lie outside of a narrow row.
  useEffect(() => {
    side.current?.querySelector('[role="tab"][aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);

  const viewing = useViewing({ open: () => api.recordings.play(id), renew: (playId) => api.recordings.renewPlay(id, playId) });
  const { start } = viewing;
  const scope = useMemo(
    () => ({
      player,
      jump: (atMs: number) => {
        player.seek(atMs);
        if (hasStream) {
          player.play();
          start();
        }
      },
    }),
    [player, hasStream, start],
  );
  const captionChoice = useCaptionChoice();
  const transcript = useTranscript(recording, captionChoice.script);
  const lines = transcript.data?.lines ?? [];
  const hasChinese = lines.some(({ language }) => /^(zh|yue|cmn|auto)/.test(language));
  const comments = useComments(recording);
  const said = comments.data?.comments.length ?? 0;
  const { gaps } = recording;
  const language = i18n.language;
  const markers = useMemo<Marker[]>(
    () => [
      ...gaps.map((gap) => ({
        id: `gap ${gap.what} ${gap.fromMs} ${gap.toMs}`,
        atMs: gap.fromMs,
        toMs: gap.toMs ?? Number.POSITIVE_INFINITY,
        kind: gap.people === null ? ('nothing' as const) : ('part' as const),
        label: gapWords(gap, t, new Intl.ListFormat(localeOf(language), { type: 'conjunction' })),
      })),
      ...recording.chapters.map(({ atMs, title, origin }) => ({
        id: `chapter ${origin} ${atMs}`,
        atMs,
        kind: 'chapter' as const,
        label: origin === 'screen' ? t('chapter.screen', { name: title }) : title,
      })),
      ...(reviews.data?.reviews ?? []).flatMap(({ marks }) =>
        marks.map(({ id: markId, fromMs, toMs, label }) => ({ id: markId, atMs: fromMs, toMs, kind: 'passage' as const, label })),
      ),
      ...(comments.data?.comments ?? [])
        .filter(({ replyTo, person }) => replyTo === null && person !== null)
        .map(({ id: commentId, atMs, person, text }) => ({
          id: commentId,
          atMs,
          kind: 'comment' as const,
          label: `${person?.name ?? ''}: ${text}`,
        })),
    ],
    [gaps, recording.chapters, reviews.data, comments.data, t, language],
  );
  const chapters = useMemo(
    () => markers.filter(({ kind: what }) => what === 'chapter').map(({ atMs, label }) => ({ atMs, title: label })),
    [markers],
  );
  const { thumbnails, waveform, extent } = useScrubberData(recording);
  const extentBegin = extent?.beginMs ?? 0;
  const extentEnd = extent ? extent.beginMs + extent.durationMs : lengthMs;
  useEffect(() => player.setExtent({ beginMs: extentBegin, durationMs: extentEnd }), [player, extentBegin, extentEnd]);
  const pictures = usePictures(recording);

  const head = <Head recording={recording} />;
  const panels = (
    <Tabs
      value={tab}
      onChange={choose}
      label={t('tabs')}
      className={styles.tabs}
      tabs={shown.map((value) => ({
        value,
        label: value === 'comments' && said > 0 ? t('tab.commentsCount', { count: said }) : t(`tab.${value}`),
      }))}
    >
      <TabPanel value="transcript" className={cx(styles.panel, styles.scrolls)}>
        <TranscriptTab recording={recording} answer={transcript} script={captionChoice.script} />
      </TabPanel>
      <TabPanel value="summary" className={styles.panel}>
        <SummaryPanel recording={recording} />
      </TabPanel>
      <TabPanel value="comments" className={styles.panel}>
        <CommentsPanel recording={recording} answer={comments} />
      </TabPanel>
      <TabPanel value="details" className={styles.panel}>
        <DetailsPanel recording={recording} />
      </TabPanel>
      {shown.includes('review') && (
        <TabPanel value="review" className={styles.panel}>
          <ReviewPanel recording={recording} answer={reviews} />
        </TabPanel>
      )}
    </Tabs>
  );
  return (
    <PlayerContext value={scope}>
      <div className={cx(styles.columns, !hasStream && styles.alone)}>
        <div className={styles.main}>
          {hasStream && (
            <div className={styles.player}>
              <PlayerView
                title={recording.title}
                audioOnly={audioOnly}
                poster={pictures(thumbnails[0] ?? null)}
                viewing={viewing}
                captions={lines}
                captionChoice={{ ...captionChoice, available: lines.length > 0, script: hasChinese ? captionChoice.script : null }}
                chapters={chapters}
                markers={markers}
                thumbnails={thumbnails}
                waveform={waveform}
                pictureOf={pictures}
                download={recording.mine.download}
              />
            </div>
          )}
          {head}
          {state !== 'ready' && <WaitingCard recording={recording} />}
          {recording.stoppedAt !== null && <GapList gaps={gaps} />}
        </div>
        <div ref={side} className={styles.side}>
          {panels}
        </div>
      </div>
    </PlayerContext>
  );
}

function Head({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const started = new Date(recording.startedAt);
  const until = recording.stoppedAt === null ? '' : `–${format.time(new Date(recording.stoppedAt))}`;
  return (
    <header className={styles.head}>
      <div className={styles.words}>
        <p className={styles.badges}>
          <StateBadge recording={recording} />
        </p>
        <h1>{recording.title}</h1>
        <p className={styles.detail}>
          <time dateTime={recording.startedAt}>{`${format.day(started)}, ${format.time(started)}${until}`}</time>
          {` · ${t('startedBy', { name: recording.startedBy.name })}`}
        </p>
      </div>
      <RecordingActions recording={recording} />
    </header>
  );
}

/** `?t=75` is a minute and a quarter in. */
function secondsOf(text: string | null): number {
  const seconds = Number(text ?? '');
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}
