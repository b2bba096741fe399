/** The notice in the language that a person reads. Pure. */
import type { RecordingNow } from '@server/signaling/meeting-state';
import type { causeway } from '#proto';

export interface ReadNotice {
  /** In which it is shown, which the answer names. */
  readonly language: string;
  readonly text: causeway.NoticeText.$Properties;
}

/** Null: the server sent no words at all. */
export function noticeIn(notice: RecordingNow['notice'], language: string): ReadNotice | null {
  const texts = notice.texts ?? {};
  for (const shown of [language, 'en', ...Object.keys(texts)]) {
    const text = texts[shown];
    if (text) return { language: shown, text };
  }
  return null;
}
