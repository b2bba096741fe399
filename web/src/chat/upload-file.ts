/** One file on its way to the server, as the person who is signed in. */
import { getAccessToken } from '@/api';
import { type RunningUpload, startUpload } from '@/core';
import { currentLanguage } from '@/i18n';

export interface UploadAnswer {
  readonly dlpAcknowledged?: boolean;
  readonly dlpReason?: string;
}

export function uploadFile(conversationId: string, file: File, answer: UploadAnswer, onProgress: (part: number) => void): RunningUpload {
  return startUpload({
    conversationId,
    file,
    name: file.name,
    language: currentLanguage(),
    token: getAccessToken,
    onProgress,
    acknowledged: answer.dlpAcknowledged ?? false,
    reason: answer.dlpReason ?? '',
  });
}
