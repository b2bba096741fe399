/** What rules look at in one message: read once, whatever the number of rules. */
import type { AttachmentFace } from '../ports.js';
import { detectors, fewestDigits } from './detectors/detectors.js';
import type { Match } from './detectors/match.js';
import { fold, withoutMarkup } from './fold.js';
import { best, nothing, type Seen } from './found.js';
import type { DetectorName } from './schema.js';

export class Content {
  readonly attachments: readonly AttachmentFace[];
  /** As it is written, and, where that is another text, as it is read. */
  readonly views: readonly string[];
  readonly #hasDigits: boolean;
  readonly #seen = new Map<DetectorName, Seen>();

  constructor(text: string, attachments: readonly AttachmentFace[]) {
    this.attachments = attachments;
    // What a file is called is read by people too.
    const folded = fold(attachments.length === 0 ? text : [text, ...attachments.map(({ name }) => name)].join('\n'));
    const read = withoutMarkup(folded);
    this.views = read === folded ? [folded] : [folded, read];
    this.#hasDigits = this.views.some((view) => hasDigits(view, fewestDigits));
  }

  /** Different numbers that a detector finds. */
  detect(name: DetectorName): Seen {
    if (!this.#hasDigits) return nothing;
    let seen = this.#seen.get(name);
    if (!seen) {
      seen = best(this.views, (view) => different(detectors[name].find(view)));
      this.#seen.set(name, seen);
    }
    return seen;
  }
}

function different(matches: readonly Match[]): Match[] {
  return [...new Map(matches.map((match) => [match.value, match])).values()];
}

function hasDigits(text: string, wanted: number): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      digits += 1;
      if (digits === wanted) return true;
    }
  }
  return false;
}
