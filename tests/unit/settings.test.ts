import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, environmentName, readConfig, settings } from '../../src/config.js';
import { type TemporaryFolder, temporaryFolder } from '../support/index.js';
import { runProgram } from '../support/server-process.js';

const sentenceOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('The settings', () => {
  it('have defaults for all, so that an empty environment starts', () => {
    expect(readConfig({})).toMatchObject({
      HTTP_PORT: 3000,
      GATEWAY_PORT: 3001,
      MEDIA_PORT: 40_000,
      DATA_DIR: path.resolve('data'),
      TRUST_PROXY: false,
    });
  });

  it('take an empty value for the default', () => {
    const empty = Object.fromEntries(Object.keys(settings).map((name) => [environmentName(name), '']));
    expect({ ...readConfig(empty), NODE_NAME: '' }).toEqual({ ...readConfig({}), NODE_NAME: '' });
  });

  it('read numbers, flags and addresses from text', () => {
    expect(
      readConfig({
        CAUSEWAY_HTTP_PORT: '8080',
        CAUSEWAY_TRUST_PROXY: '1',
        CAUSEWAY_PUBLIC_URL: 'https://meet.example.hk',
        DATABASE_URL: 'postgres://a@b/c',
        LOG_LEVEL: 'warn',
      }),
    ).toMatchObject({
      HTTP_PORT: 8080,
      TRUST_PROXY: true,
      PUBLIC_URL: 'https://meet.example.hk',
      DATABASE_URL: 'postgres://a@b/c',
      LOG_LEVEL: 'warn',
    });
  });

  it('have a sentence each for those who run the server', () => {
    for (const [name, schema] of Object.entries(settings)) expect(schema.description, name).toMatch(/^\S.*\.$/);
  });

  it('refuse a name that does not exist, and leave other programs’ variables alone', () => {
    expect(sentenceOf({ CAUSEWAY_HTTP_PROT: '8080', PATH: '/bin' })).toBe(
      'CAUSEWAY_HTTP_PROT is not a setting of Causeway. Check its spelling (npm run settings lists all).',
    );
    expect(sentenceOf({ HTTP_PORT: 'not ours' })).toBe('');
    // Names that need no prefix have none.
    expect(sentenceOf({ CAUSEWAY_DATABASE_URL: 'postgres://a@b/c' })).toContain('CAUSEWAY_DATABASE_URL is not a setting');
  });

  it.each([
    ['CAUSEWAY_HTTP_PORT', '65536'],
    ['CAUSEWAY_HTTP_PORT', '-1'],
    ['CAUSEWAY_HTTP_PORT', '80.5'],
    ['CAUSEWAY_HTTP_PORT', 'eighty'],
    ['CAUSEWAY_MEETING_PARTICIPANTS', '1'],
    ['CAUSEWAY_ACCESS_TOKEN_MS', '29999'],
    ['CAUSEWAY_SESSION_RESUME_MS', '600001'],
    ['CAUSEWAY_TRUST_PROXY', 'maybe'],
    ['CAUSEWAY_GATEWAY_LIBRARY', 'socket.io'],
    ['CAUSEWAY_PUBLIC_URL', 'meet.example.hk'],
    ['CAUSEWAY_PUBLIC_GATEWAY_URL', 'https://meet.example.hk'],
    ['DATABASE_URL', 'mysql://a@b/c'],
    ['REDIS_URL', 'http://localhost'],
    ['LOG_LEVEL', 'loud'],
    ['CAUSEWAY_SMTP_URL', 'mail.example.hk'],
    ['CAUSEWAY_MAIL_FROM', 'Causeway <causeway@example.hk>'],
    ['CAUSEWAY_ICE_SERVERS', 'stun:stun.example.hk'],
    ['CAUSEWAY_ICE_SERVERS', '{"urls":"stun:stun.example.hk"}'],
  ])('refuse %s=%s and say which it is', (name, value) => {
    expect(sentenceOf({ [name]: value })).toMatch(new RegExp(`^${name}=${value.replace(/[{}.]/g, '\\$&')} is not valid: \\S.*\\.$`));
  });

  it('refuse a mail server without a sender', () => {
    expect(sentenceOf({ CAUSEWAY_SMTP_URL: 'smtp://mail.example.hk' })).toContain('not CAUSEWAY_MAIL_FROM');
  });

  it('name every setting that is wrong, not only the first', () => {
    expect(sentenceOf({ CAUSEWAY_HTTP_PORT: 'x', CAUSEWAY_GATEWAY_PORT: 'y', CAUSEWAY_NONSENSE: 'z' }).split('\n')).toHaveLength(3);
  });
});

describe('The program', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder?.remove());

  it('does not start with a setting that is wrong: it prints the sentence and exits with 1', async () => {
    const { exited, output } = runProgram(folder.path, { CAUSEWAY_HTTP_PORT: 'eighty', CAUSEWAY_HTTP_PROT: '80' });
    expect(await exited).toBe(1);
    expect(output()).toMatch(/^CAUSEWAY_HTTP_PROT is not a setting of Causeway\..*\nCAUSEWAY_HTTP_PORT=eighty is not valid: .*\.\n$/);
  });
});
