import { AudioLines, Play as PlayIcon, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, cx, Spinner, Stage } from '@/design';
import { type CaptionLine, Captions } from './captions';
import { type CaptionChoice, Controls } from './controls';
import { KeysDialog } from './keys-dialog';
import { usePlayer, usePlayerState } from './player-context';
import styles from './player-view.module.css';
import { type Marker, Scrubber } from './scrubber';
import type { Chapter, Thumbnail } from './scrubber-data';
import { tieStream } from './stream';
import type { Viewing } from './use-play';
import { usePlayerKeys } from './use-player-keys';
import { Watermark } from './watermark';

export interface PlayerViewProps {
  readonly title: string;
  /** There is sound and no picture. */
  readonly audioOnly: boolean;
  /** Shown before it runs. */
  readonly poster: string | null;
  readonly viewing: Viewing;
  readonly captions: readonly CaptionLine[];
  readonly captionChoice: CaptionChoice;
  readonly chapters: readonly Chapter[];
  readonly markers: readonly Marker[];
  readonly thumbnails: readonly Thumbnail[];
  readonly waveform: readonly number[] | null;
  readonly pictureOf: (thumbnail: Thumbnail | null) => string | null;
  /** It may be saved: the browser's own menu over the picture stays. */
  readonly download: boolean;
}

export function PlayerView(props: PlayerViewProps) {
  const { title, audioOnly, poster, viewing, captions, captionChoice, chapters, markers, thumbnails, waveform, pictureOf, download } =
    props;
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const frame = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLVideoElement>(null);
  const [isHelping, setHelping] = useState(false);
  const isReady = usePlayerState((state) => state.isReady);
  const isPlaying = usePlayerState((state) => state.isPlaying);
  const isWaiting = usePlayerState((state) => state.isWaiting);
  const hasFailed = usePlayerState((state) => state.hasFailed);
  const { play, isOpening, failure, start, again } = viewing;
  const playlist = play?.playlist ?? null;
  const beginMs = play?.beginMs ?? 0;

  useEffect(() => {
    const element = media.current;
    if (!element || playlist === null) return;
    const detach = player.attach(element, { beginMs });
    let isOver = false;
    let untie: (() => void) | null = null;
    tieStream(element, playlist, { onFailure: () => player.fail() }).then(
      (release) => {
        if (isOver) release();
        else untie = release;
      },
      () => player.fail(),
    );
    return () => {
      isOver = true;
      detach();
      untie?.();
    };
  }, [player, playlist, beginMs]);

  const toggle = (): void => {
    if (!play) {
      player.play();
      start();
    } else player.toggle();
  };
  const fullScreen = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.current?.requestFullscreen().catch(() => undefined);
  };
  usePlayerKeys(player, { toggle, captions: captionChoice.toggle, fullScreen, help: () => setHelping(true) });

  const isBusy = isOpening || (play !== null && !isReady && !hasFailed) || (isPlaying && isWaiting);
  return (
    <Stage className={styles.player}>
      <div ref={frame} className={styles.frame}>
        <div className={cx(styles.picture, audioOnly && styles.sound)}>
          {/* The transcript stands beside it and over it: there is nothing for a track to add. */}
          {/* biome-ignore lint/a11y/useMediaCaption: captions are drawn from the transcript, in the script that the reader chose. */}
          <video
            ref={media}
            className={styles.video}
            playsInline
            preload="auto"
            poster={poster ?? undefined}
            aria-label={title}
            disablePictureInPicture={!download}
            onClick={toggle}
            onContextMenu={download ? undefined : (event) => event.preventDefault()}
          />
          {audioOnly && (
            <div className={styles.soundSign} aria-hidden="true">
              <AudioLines size={48} strokeWidth={1.25} />
            </div>
          )}
          {captionChoice.isOn && <Captions lines={captions} />}
          {play?.watermark && <Watermark text={play.watermark.text} />}
          {!isPlaying && !isBusy && !hasFailed && !failure && (
            <button type="button" className={styles.big} aria-label={t('player.play')} onClick={toggle}>
              <PlayIcon size={36} aria-hidden="true" />
            </button>
          )}
          {isBusy && (
            <div className={styles.busy}>
              <Spinner size={40} />
            </div>
          )}
          {(failure || hasFailed) && (
            <div className={styles.failure}>
              <Banner
                tone="wrong"
                announce="alert"
                title={t('player.failed')}
                code={failure?.code}
                actions={
                  <Button
                    icon={<RotateCcw size={18} aria-hidden="true" />}
                    onClick={() => {
                      player.play();
                      again();
                    }}
                  >
                    {t('player.again')}
                  </Button>
                }
              >
                {failure?.message ?? t('player.failedWords')}
              </Banner>
            </div>
          )}
        </div>
        <div className={styles.bar}>
          <Scrubber thumbnails={thumbnails} waveform={waveform} markers={markers} pictureOf={pictureOf} />
          <Controls
            captionChoice={captionChoice}
            chapters={chapters}
            onToggle={toggle}
            onFullScreen={document.fullscreenEnabled && !audioOnly ? fullScreen : null}
            onHelp={() => setHelping(true)}
          />
        </div>
      </div>
      {isHelping && <KeysDialog onClose={() => setHelping(false)} />}
    </Stage>
  );
}
