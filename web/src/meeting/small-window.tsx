import type { ParticipantState } from '@server/signaling/meeting-state';
import { LogOut, Mic, MicOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isSending, isViewer, myself, producerOf, remoteKey, useStore } from '@/core';
import { Avatar, cx } from '@/design';
import { useMeeting } from './meeting-context';
import { useRecording } from './recording/use-recording';
import styles from './small-window.module.css';
import { useSpeaker } from './use-speaker';
import { useFrame, VideoSurface } from './video-surface';

const { Source } = causeway;

export interface SmallWindowProps {
  /** Of the window, which is a document of its own. */
  readonly body: HTMLElement;
  readonly onLeave: () => void;
}

/** Who speaks, one's own microphone, and the way out. No tooltips: they would open in the large window. */
export function SmallWindow({ body, onLeave }: SmallWindowProps) {
  return createPortal(<Content onLeave={onLeave} />, body);
}

function Content({ onLeave }: Pick<SmallWindowProps, 'onLeave'>) {
  const { t } = useTranslation(['meeting', 'recording']);
  const { client, local } = useMeeting();
  const { now: recording, isTranscript } = useRecording();
  const { speakerId } = useSpeaker();
  const microphone = useStore(local, (state) => state.microphone);
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const person = useStore(client.store, ({ meeting, myId }) => {
    const speaker = meeting?.participants.get(speakerId ?? '');
    if (speaker || !meeting) return speaker ?? null;
    for (const participant of meeting.participants.values()) if (participant.id !== myId) return participant;
    return null;
  });
  return (
    <div className={styles.window}>
      {recording && (
        <p className={styles.recording} data-paused={recording.paused || undefined}>
          {recording.paused
            ? t(isTranscript ? 'recording:state.transcriptPaused' : 'recording:state.recordingPaused')
            : t(isTranscript ? 'recording:state.smallTranscript' : 'recording:state.small')}
        </p>
      )}
      {person ? <Face key={person.id} person={person} /> : <p className={styles.nobody}>{t('stage.alone')}</p>}
      <div className={styles.controls}>
        {!watches && (
          <button
            type="button"
            className={cx(styles.button, !microphone.on && styles.off)}
            aria-pressed={microphone.on}
            onClick={() => void local.setMicrophone(!microphone.on)}
          >
            {microphone.on ? <Mic size={20} aria-hidden="true" /> : <MicOff size={20} aria-hidden="true" />}
            {microphone.on ? t('bar.microphoneOn') : t('bar.microphoneOff')}
          </button>
        )}
        <button type="button" className={cx(styles.button, styles.leave)} onClick={onLeave}>
          <LogOut size={20} aria-hidden="true" />
          {t('bar.leave')}
        </button>
      </div>
    </div>
  );
}

function Face({ person }: { readonly person: ParticipantState }) {
  const { client } = useMeeting();
  const place = useRef<HTMLDivElement>(null);
  const remote = useStore(client.media, (state) => state.remote.get(remoteKey(person.id, Source.SOURCE_CAMERA)) ?? null);
  const stream = remote && isSending(person, Source.SOURCE_CAMERA) ? remote.stream : null;
  const { shown, onFrame } = useFrame(stream);
  const producerId = producerOf(person, Source.SOURCE_CAMERA);
  useEffect(() => {
    if (place.current && producerId !== null) return client.media.view.watch(place.current, producerId);
  }, [client, producerId]);
  const muted = !isSending(person, Source.SOURCE_MICROPHONE);
  return (
    <div ref={place} className={styles.face} data-participant={person.id} data-kind="small">
      {!shown && <Avatar name={person.name} id={person.personId} size={72} />}
      {stream && <VideoSurface stream={stream} source="camera" onFrame={onFrame} />}
      <p className={styles.name}>
        {muted && <MicOff size={14} aria-hidden="true" />}
        <span>{person.name}</span>
      </p>
    </div>
  );
}
