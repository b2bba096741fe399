import { Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { canChooseSpeaker, type DeviceInfo, useStore } from '@/core';
import { Button, Field, Select } from '@/design';
import styles from './device-choice.module.css';
import { useLocalMedia } from './local-media-context';
import { playTestTone } from './test-tone';

/** Microphone, camera and speaker, one list each. */
export function DeviceChoice() {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const devices = useStore(local, (state) => state.devices);
  const choices = useStore(local, (state) => state.choices);
  return (
    <div className={styles.choices}>
      <Choice
        label={t('check.microphone')}
        devices={devices.microphones}
        value={choices.microphone}
        onChange={(id) => void local.chooseMicrophone(id)}
      />
      <Choice label={t('check.camera')} devices={devices.cameras} value={choices.camera} onChange={(id) => void local.chooseCamera(id)} />
      {canChooseSpeaker() && devices.speakers.length > 0 && (
        <div className={styles.withTest}>
          <Choice
            label={t('check.speaker')}
            devices={devices.speakers}
            value={choices.speaker}
            onChange={(id) => local.chooseSpeaker(id)}
          />
          <Button
            aria-label={t('check.testLabel')}
            icon={<Volume2 size={18} aria-hidden="true" />}
            onClick={() => void playTestTone(choices.speaker)}
          >
            {t('check.test')}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly devices: readonly DeviceInfo[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

function Choice({ label, devices, value, onChange }: ChoiceProps) {
  const { t } = useTranslation('meeting');
  const isThere = devices.some((device) => device.id === value);
  return (
    <Field label={label} className={styles.choice}>
      <Select value={isThere ? value : ''} disabled={devices.length === 0} onChange={(event) => onChange(event.target.value)}>
        {!devices.some((device) => device.id === 'default') && <option value="">{t('check.systemDefault')}</option>}
        {devices.map((device) => (
          <option key={device.id} value={device.id === 'default' ? '' : device.id}>
            {device.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}
