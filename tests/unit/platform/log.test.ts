import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/platform/log.js';

function capture() {
  const lines: string[] = [];
  const log = createLog({ LOG_LEVEL: 'info', NODE_NAME: 'n1' }, { write: (line) => lines.push(line) });
  return { log, lines };
}

describe('the log', () => {
  const names = ['authorization', 'cookie', 'set-cookie', 'password', 'newPassword', 'token', 'accessToken', 'refreshToken', 'secret'];

  it.each(names)('hides %s at every depth up to four', (name) => {
    const { log, lines } = capture();
    let object: Record<string, unknown> = { [name]: 'hush', other: 'heard' };
    for (let depth = 0; depth <= 4; depth += 1) {
      log.info(object, 'line');
      object = { inside: object };
    }
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).not.toContain('hush');
      expect(line).toContain('heard');
    }
  });

  it('says the level by name, the node and an ISO time', () => {
    const { log, lines } = capture();
    log.warn({ count: 1 }, 'database: slow');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', node: 'n1', count: 1, msg: 'database: slow' });
    expect(lines[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT/);
  });

  it('keeps the stack and the causes of an error', () => {
    const { log, lines } = capture();
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(lines[0]).toContain('outer');
    expect(lines[0]).toContain('inner');
  });

  it('leaves the logged object as it was', () => {
    const { log } = capture();
    const object = { headers: { cookie: 'a=b' } };
    log.info(object);
    expect(object.headers.cookie).toBe('a=b');
  });
});
