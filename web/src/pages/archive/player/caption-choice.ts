/** Captions on or off, and how Chinese is written in them and in the transcript, as this device has it. */
import { useState } from 'react';
import { readStored, writeStored } from '@/shell/storage';
import { type Script, scripts } from './controls';

const onKey = 'causeway.archive.captions';
const scriptKey = 'causeway.archive.script';

export function useCaptionChoice(): {
  readonly isOn: boolean;
  readonly toggle: () => void;
  readonly script: Script;
  readonly setScript: (script: Script) => void;
} {
  const [isOn, setOn] = useState(() => readStored(onKey) === '1');
  const [script, setScript] = useState<Script>(() => scripts.find((name) => name === readStored(scriptKey)) ?? 'organisation');
  return {
    isOn,
    toggle: () => {
      writeStored(onKey, isOn ? null : '1');
      setOn(!isOn);
    },
    script,
    setScript: (chosen) => {
      writeStored(scriptKey, chosen);
      setScript(chosen);
    },
  };
}
