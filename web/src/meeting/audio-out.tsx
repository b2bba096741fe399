import { useCallback, useEffect, useRef, useState } from 'react';
import { isPicture, type RemoteTrack, useStore } from '@/core';
import { useMeeting } from './meeting-context';

export interface AudioOutProps {
  /** The browser keeps sound off until the person has touched the page; `allow` is for the button. */
  readonly onBlocked: (allow: (() => void) | null) => void;
}

/** The sound of everybody else. Elements of their own, because a muted picture gives no sound level. */
export function AudioOut({ onBlocked }: AudioOutProps) {
  const { client, local } = useMeeting();
  const remote = useStore(client.media, (state) => state.remote);
  const speaker = useStore(local, (state) => state.choices.speaker);
  const [blocked, setBlocked] = useState(false);
  const elements = useRef(new Set<HTMLAudioElement>());

  const allow = useCallback(() => {
    setBlocked(false);
    for (const element of elements.current) void element.play().catch(() => setBlocked(true));
  }, []);
  useEffect(() => onBlocked(blocked ? allow : null), [blocked, allow, onBlocked]);

  return (
    <div hidden>
      {[...remote].map(([key, track]) =>
        isPicture(track.source) ? null : (
          <Sound key={key} track={track} speaker={speaker} elements={elements.current} onBlocked={() => setBlocked(true)} />
        ),
      )}
    </div>
  );
}

interface SoundProps {
  readonly track: RemoteTrack;
  readonly speaker: string;
  readonly elements: Set<HTMLAudioElement>;
  readonly onBlocked: () => void;
}

function Sound({ track, speaker, elements, onBlocked }: SoundProps) {
  const ref = useRef<HTMLAudioElement>(null);
  const { client } = useMeeting();
  const { stream, slot } = track;
  // In a slot of the audio stage the loudest are heard in turn.
  const participantId = useStore(client.store, (state) => (slot > 0 ? (state.meeting?.heard[slot - 1] ?? '') : track.participantId));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function to report with is no reason to play again.
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    elements.add(element);
    element.srcObject = stream;
    element.play().catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotAllowedError') onBlocked();
    });
    return () => {
      elements.delete(element);
    };
  }, [stream, elements]);
  useEffect(() => {
    const element = ref.current;
    // A speaker that is not there today: the system's own is right.
    if (element && 'setSinkId' in element) element.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: live speech; captions are text of their own on the stage.
  return <audio ref={ref} autoPlay data-participant={participantId} />;
}
