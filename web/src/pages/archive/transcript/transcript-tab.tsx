import { useQueryClient } from '@tanstack/react-query';
import { FileDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail, type Transcript } from '@/api';
import { type Answer, FourStates, IconButton, Menu, MenuContent, MenuItem, MenuTrigger, Skeleton, SkeletonGroup, useToast } from '@/design';
import { saveBlob } from '@/pages/meeting-details/save-file';
import { archiveKeys } from '../archive-queries';
import type { Script } from '../player/controls';
import { TranscriptPanel } from './transcript-panel';
import { scriptAsk } from './use-transcript';

const formats = ['docx', 'txt', 'vtt', 'srt'] as const;

export function TranscriptTab({
  recording,
  answer,
  script,
}: {
  readonly recording: RecordingDetail;
  readonly answer: Answer<Transcript>;
  readonly script: Script;
}) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const toast = useToast();
  const { id, title, state, mine } = recording;
  const save = async (format: (typeof formats)[number]): Promise<void> => {
    try {
      saveBlob(`${title}.${format}`, await api.recordings.transcriptFile(id, format, scriptAsk(script)));
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { tone: 'wrong' });
    }
  };
  const correct = async (lineId: string, text: string): Promise<void> => {
    await api.recordings.correctLine(id, lineId, text);
    await queries.invalidateQueries({ queryKey: archiveKeys.transcript(id) });
  };
  return (
    <FourStates answer={answer} busy={<Busy />}>
      {({ lines }) => (
        <TranscriptPanel
          lines={lines}
          onCorrect={mine.manage && state === 'ready' ? correct : null}
          empty={t(state === 'ready' ? 'transcript.emptyWords' : 'transcript.emptyYet')}
          actions={
            mine.download && (
              <Menu>
                <MenuTrigger>
                  <IconButton label={t('transcript.save')} icon={<FileDown size={20} aria-hidden="true" />} tooltipSide="left" />
                </MenuTrigger>
                <MenuContent>
                  {formats.map((format) => (
                    <MenuItem key={format} hint={format.toUpperCase()} onSelect={() => void save(format)}>
                      {t(`transcript.format.${format}`)}
                    </MenuItem>
                  ))}
                </MenuContent>
              </Menu>
            )
          }
        />
      )}
    </FourStates>
  );
}

function Busy() {
  return (
    <SkeletonGroup>
      {[92, 76, 84, 60, 88, 70].map((width) => (
        <Skeleton key={width} width={`${width}%`} />
      ))}
    </SkeletonGroup>
  );
}
