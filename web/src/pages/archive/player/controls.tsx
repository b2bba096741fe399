import {
  Captions as CaptionsIcon,
  CaptionsOff,
  CircleHelp,
  Gauge,
  Languages,
  ListVideo,
  Maximize,
  Pause,
  Play,
  RotateCcw,
  RotateCw,
  Volume1,
  Volume2,
  VolumeX,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton, Menu, MenuChoices, MenuContent, MenuItem, MenuLabel, MenuTrigger } from '@/design';
import { clock } from '../clock';
import styles from './controls.module.css';
import { rates } from './player';
import { usePlayer, usePlayerState } from './player-context';
import type { Chapter } from './scrubber-data';

export const scripts = ['organisation', 'hant', 'hans', 'spoken'] as const;
export type Script = (typeof scripts)[number];

export interface CaptionChoice {
  readonly available: boolean;
  readonly isOn: boolean;
  readonly toggle: () => void;
  /** How Chinese is written; null where there is none. */
  readonly script: Script | null;
  readonly setScript: (script: Script) => void;
}

export interface ControlsProps {
  readonly captionChoice: CaptionChoice;
  readonly chapters: readonly Chapter[];
  readonly onToggle: () => void;
  /** Null: there is nothing to see, or the browser can't. */
  readonly onFullScreen: (() => void) | null;
  readonly onHelp: () => void;
}

const skipMs = 10_000;

export function Controls({ captionChoice, chapters, onToggle, onFullScreen, onHelp }: ControlsProps) {
  const { t } = useTranslation('archive');
  const { player, jump } = usePlayer();
  const isPlaying = usePlayerState((state) => state.isPlaying);
  return (
    <fieldset className={styles.controls} aria-label={t('player.controls')}>
      <IconButton
        label={t(isPlaying ? 'player.pause' : 'player.play')}
        shortcut="K"
        icon={isPlaying ? <Pause size={22} aria-hidden="true" /> : <Play size={22} aria-hidden="true" />}
        onClick={onToggle}
      />
      <span className={styles.wide}>
        <IconButton
          label={t('player.back')}
          shortcut="J"
          icon={<RotateCcw size={20} aria-hidden="true" />}
          onClick={() => player.skip(-skipMs)}
        />
        <IconButton
          label={t('player.forward')}
          shortcut="L"
          icon={<RotateCw size={20} aria-hidden="true" />}
          onClick={() => player.skip(skipMs)}
        />
      </span>
      <Volume />
      <Position />
      <span className={styles.gap} />
      {chapters.length > 0 && (
        <Menu>
          <MenuTrigger>
            <IconButton label={t('player.chapters')} icon={<ListVideo size={20} aria-hidden="true" />} />
          </MenuTrigger>
          <MenuContent className={styles.chapters}>
            {chapters.map(({ atMs, title }) => (
              <MenuItem key={`${atMs} ${title}`} hint={clock(atMs)} onSelect={() => jump(atMs)}>
                {title}
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
      )}
      <Speed />
      {captionChoice.available && (
        <>
          <IconButton
            label={t('player.captions')}
            shortcut="C"
            pressed={captionChoice.isOn}
            icon={captionChoice.isOn ? <CaptionsIcon size={20} aria-hidden="true" /> : <CaptionsOff size={20} aria-hidden="true" />}
            onClick={captionChoice.toggle}
          />
          {captionChoice.script !== null && (
            <Menu>
              <MenuTrigger>
                <IconButton label={t('player.script')} icon={<Languages size={20} aria-hidden="true" />} />
              </MenuTrigger>
              <MenuContent>
                <MenuLabel>{t('player.script')}</MenuLabel>
                <MenuChoices
                  value={captionChoice.script}
                  onChange={captionChoice.setScript}
                  choices={scripts.map((value) => ({ value, label: t(`scripts.${value}`) }))}
                />
              </MenuContent>
            </Menu>
          )}
        </>
      )}
      <span className={styles.wide}>
        <IconButton label={t('keys.title')} shortcut="?" icon={<CircleHelp size={20} aria-hidden="true" />} onClick={onHelp} />
      </span>
      {onFullScreen && (
        <IconButton label={t('player.fullScreen')} shortcut="F" icon={<Maximize size={20} aria-hidden="true" />} onClick={onFullScreen} />
      )}
    </fieldset>
  );
}

function Position() {
  const { t } = useTranslation('archive');
  const at = usePlayerState((state) => clock(state.atMs));
  const length = usePlayerState((state) => clock(state.durationMs));
  return (
    <p className={styles.position} aria-hidden="true">
      {t('player.of', { at, length })}
    </p>
  );
}

function Volume() {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const volume = usePlayerState((state) => state.volume);
  const isMuted = usePlayerState((state) => state.isMuted);
  const Icon = isMuted ? VolumeX : volume < 0.5 ? Volume1 : Volume2;
  return (
    <span className={styles.volume}>
      <IconButton
        label={t('player.mute')}
        shortcut="M"
        pressed={isMuted}
        icon={<Icon size={20} aria-hidden="true" />}
        onClick={() => player.toggleMuted()}
      />
      <input
        type="range"
        className={styles.level}
        min={0}
        max={1}
        step={0.05}
        value={isMuted ? 0 : volume}
        aria-label={t('player.volume')}
        onChange={(event) => player.setVolume(event.target.valueAsNumber)}
      />
    </span>
  );
}

function Speed() {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const rate = usePlayerState((state) => state.rate);
  return (
    <Menu>
      <MenuTrigger>
        <IconButton
          label={t('player.speed', { rate })}
          icon={rate === 1 ? <Gauge size={20} aria-hidden="true" /> : <span className={styles.rate}>{rate}×</span>}
        />
      </MenuTrigger>
      <MenuContent>
        <MenuChoices
          value={String(rate)}
          onChange={(chosen) => player.setRate(Number(chosen))}
          choices={rates.map((value) => ({ value: String(value), label: `${value}×` }))}
        />
      </MenuContent>
    </Menu>
  );
}
