import { useEffect, useState } from 'react';
import { useMeeting } from '../meeting-context';
import { playNotes } from '../test-tone';
import { useRecording } from './use-recording';

/** Two notes downwards: others than those of the chat. */
const notes = [587.33, 440];

/** Whether the question is shown: by itself once for each recording, later when one asks for it. */
export function useConsentQuestion(): readonly [boolean, (shown: boolean) => void] {
  const { client, local } = useMeeting();
  const { now, isOpen } = useRecording();
  const [shownOf, setShownOf] = useState<string | null>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const id = now?.id ?? null;
  useEffect(() => {
    if (!isOpen || id === null || seen === id) return;
    setSeen(id);
    setShownOf(id);
  }, [id, isOpen, seen]);
  useEffect(
    () =>
      client.on('notice', (notice) => {
        if (notice.kind === 'recording' && notice.what === 'started') void playNotes(local.get().choices.speaker, notes);
      }),
    [client, local],
  );
  return [id !== null && shownOf === id, (shown) => setShownOf(shown ? id : null)];
}
