import { Download, Film } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { ApiError, api, hasCode, type Visit } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Button, EmptyState, Field, Input, PasswordInput } from '@/design';
import { currentLanguage, localeOf, useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { Wordmark } from '@/shell/mark';
import { PageTitle } from '@/shell/page-title';
import { LanguageMenu, ThemeMenu } from '@/shell/preferences-menus';
import type { CaptionLine } from '../player/captions';
import { Player } from '../player/player';
import { PlayerContext } from '../player/player-context';
import { PlayerView } from '../player/player-view';
import { readThumbnails, readWaveform, type Thumbnail } from '../player/scrubber-data';
import { useViewing } from '../player/use-play';
import { TranscriptPanel } from '../transcript/transcript-panel';
import styles from './shared-recording-page.module.css';

const bars = 240;

/** For whoever was given a link: no account, only what the link allows. Its secret stands behind #, and is sent to no server's log. */
export function SharedRecordingPage() {
  const { t } = useTranslation('archive');
  const { hash } = useLocation();
  const secret = hash.slice(1);
  const [opened, setOpened] = useState<{ readonly secret: string; readonly visit: Visit } | null>(null);
  // Somebody may put another link into the same tab.
  const visit = opened?.secret === secret ? opened.visit : null;
  return (
    <div className={styles.page}>
      <PageTitle>{visit?.recording.title ?? t('shared.title')}</PageTitle>
      <header className={styles.top}>
        <Wordmark />
        <span className={styles.menus}>
          <ThemeMenu />
          <LanguageMenu />
        </span>
      </header>
      <main>
        {visit ? (
          <Watch key={secret} visit={visit} secret={secret} />
        ) : (
          <Door key={secret} secret={secret} onOpen={(begun) => setOpened({ secret, visit: begun })} />
        )}
      </main>
    </div>
  );
}

/** Asks for a name, and for the password where the link has one. */
function Door({ secret, onOpen }: { readonly secret: string; readonly onOpen: (visit: Visit) => void }) {
  const { t } = useTranslation('archive');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [asksPassword, setAsksPassword] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [wrongPassword, setWrongPassword] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const open = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    setWrongPassword(null);
    try {
      onOpen(await api.recordings.openLink({ secret, password, name: name.trim() === '' ? null : name.trim() }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!hasCode(error, 'SHARE_PASSWORD')) setFailure(error);
      else {
        // The first time nobody knew that there is one.
        if (asksPassword) setWrongPassword(error.message);
        setAsksPassword(true);
      }
    } finally {
      setBusy(false);
    }
  };
  if (secret === '' || hasCode(failure, 'SHARE_NOT_FOUND'))
    return (
      <EmptyState icon={<Film size={24} aria-hidden="true" />} alone title={t('shared.gone')} announce="alert">
        {t('shared.goneWords')}
      </EmptyState>
    );
  return (
    <form
      className={styles.door}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <h1>{t('shared.title')}</h1>
      <p className={styles.soft}>{t('shared.words')}</p>
      <FormFailure failure={failure} />
      <Field label={t('shared.name')} hint={t('shared.nameHint')}>
        <Input maxLength={80} autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      {asksPassword && (
        <Field label={t('shared.password')} error={wrongPassword}>
          <PasswordInput
            autoFocus
            autoComplete="off"
            maxLength={256}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
      )}
      <Button type="submit" size="large" wide variant="primary" busy={isBusy} disabled={asksPassword && password === ''}>
        {t('shared.open')}
      </Button>
    </form>
  );
}

function Watch({ visit, secret }: { readonly visit: Visit; readonly secret: string }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const { recording } = visit;
  const lengthMs = recording.stoppedAt === null ? 0 : Date.parse(recording.stoppedAt) - Date.parse(recording.startedAt);
  const [player] = useState(() => new Player({ durationMs: lengthMs }));
  const viewing = useViewing(
    {
      // The page was left open for long: the same link opens it again, unless it has a password.
      open: () => api.recordings.openLink({ secret, password: '', name: null }),
      renew: (visitId) => api.recordings.renewVisit(visitId),
    },
    visit,
  );
  const visitId = viewing.play?.id ?? visit.id;
  const { lines, thumbnails, waveform } = useVisitData(visit);
  const [isOn, setOn] = useState(false);
  const scope = useMemo(
    () => ({
      player,
      jump: (atMs: number) => {
        player.seek(atMs);
        player.play();
      },
    }),
    [player],
  );
  const started = new Date(recording.startedAt);
  const chapters = recording.chapters.map(({ atMs, title, origin }) => ({
    atMs,
    title: origin === 'screen' ? t('chapter.screen', { name: title }) : title,
  }));
  const pictureOf = (thumbnail: Thumbnail | null): string | null => thumbnail && api.recordings.visitFile(visitId, thumbnail.name);
  const files = visit.download ? recording.files.filter(({ kind }) => kind === 'video' || kind === 'audio') : [];
  const locale = localeOf(currentLanguage());
  return (
    <PlayerContext value={scope}>
      <div className={styles.columns}>
        <div className={styles.film}>
          <PlayerView
            title={recording.title}
            // Who may only watch isn't told of the film itself.
            audioOnly={!recording.files.some(({ kind }) => kind === 'video' || kind === 'thumbnail')}
            poster={pictureOf(thumbnails[0] ?? null)}
            viewing={viewing}
            captions={lines}
            captionChoice={{ available: lines.length > 0, isOn, toggle: () => setOn(!isOn), script: null, setScript: () => undefined }}
            chapters={chapters}
            markers={chapters.map(({ atMs, title }) => ({ id: `${atMs} ${title}`, atMs, kind: 'chapter' as const, label: title }))}
            thumbnails={thumbnails}
            waveform={waveform}
            pictureOf={pictureOf}
            download={visit.download}
          />
          <h1 className={styles.title}>{recording.title}</h1>
          <p className={styles.soft}>
            {recording.organisation} · <time dateTime={recording.startedAt}>{`${format.day(started)}, ${format.time(started)}`}</time>
          </p>
          {files.length > 0 ? (
            <p className={styles.files}>
              {files.map(({ name, kind, bytes }) => (
                <a key={name} className={styles.file} href={api.recordings.visitFile(visitId, name)} download>
                  <Download size={18} aria-hidden="true" />
                  {t(kind === 'video' ? 'download.video' : 'download.audio', { size: fileSize(bytes, locale) })}
                </a>
              ))}
            </p>
          ) : (
            <p className={styles.soft}>{t('shared.viewOnly')}</p>
          )}
        </div>
        {lines.length > 0 && (
          <div className={styles.side}>
            <TranscriptPanel lines={lines} onCorrect={null} empty={t('transcript.emptyWords')} />
          </div>
        )}
      </div>
    </PlayerContext>
  );
}

const noLines: readonly CaptionLine[] = [];
const noThumbnails: readonly Thumbnail[] = [];

/** What the cookie of the visit opens beside the stream. What isn't there is left away. */
function useVisitData({ id }: Visit): {
  readonly lines: readonly CaptionLine[];
  readonly thumbnails: readonly Thumbnail[];
  readonly waveform: readonly number[] | null;
} {
  const [lines, setLines] = useState(noLines);
  const [thumbnails, setThumbnails] = useState(noThumbnails);
  const [waveform, setWaveform] = useState<readonly number[] | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const read = async (name: string): Promise<string> => {
      const answer = await fetch(api.recordings.visitFile(id, name), { signal });
      if (!answer.ok) throw new Error(name);
      return answer.text();
    };
    const none = (): void => undefined;
    api.recordings.visitTranscript(id, signal).then((answer) => setLines(answer.lines), none);
    read('thumbnails.vtt').then((text) => setThumbnails(readThumbnails(text)), none);
    read('waveform.json').then((text) => setWaveform(readWaveform(JSON.parse(text), bars)), none);
    return () => leaving.abort();
  }, [id]);
  return { lines, thumbnails, waveform };
}
