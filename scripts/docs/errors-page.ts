/** docs/reference/errors.md: the catalogue of src/platform/errors.ts, for people who write clients. */
import { catalogue, type ErrorEntry } from '../../src/platform/errors.js';
import { table } from './table.js';

export function errorsPage(): string {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(catalogue);
  const areas = new Map<string, (readonly [string, ErrorEntry])[]>();
  for (const one of entries) {
    const area = one[0].split('_', 1)[0] ?? '';
    areas.set(area, [...(areas.get(area) ?? []), one]);
  }
  return [
    '# Errors',
    '',
    '<!-- Made by `npm run docs` from src/platform/errors.ts. -->',
    '',
    'Everything that Causeway refuses, it refuses with one of these codes. A code never changes its meaning; clients branch on the code, and show the sentence.',
    'Over HTTP an error is the body `{ "error": { "code", "message", "retryable", "field" } }` with the status below; on the socket it is an [`Error`](protocol.md#error) in a reply, or in a `goodbye` frame when the server closes the socket with the close code below.',
    '*Retry*: the same call may succeed later, unchanged. Words in braces are filled in.',
    ...[...areas].flatMap(([area, ofArea]) => [
      '',
      `## ${area}`,
      '',
      table(
        ['Code', 'HTTP', 'Close', 'Retry', 'English', '繁體中文', '简体中文'],
        ofArea.map(([code, { status, close, retryable, message }]) => [
          `\`${code}\``,
          String(status),
          close === undefined ? '' : String(close),
          retryable === true ? 'yes' : '',
          message.en,
          message['zh-Hant'],
          message['zh-Hans'],
        ]),
      ),
    ]),
    '',
  ].join('\n');
}
