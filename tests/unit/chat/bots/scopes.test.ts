import { describe, expect, it } from 'vitest';
import { readScopes } from '../../../../src/chat/bots/scopes.js';

describe('Scopes', () => {
  const allowed = ['messages:read', 'messages:write'] as const;

  it.each([
    ['', ['messages:read', 'messages:write']],
    ['  ', ['messages:read', 'messages:write']],
    ['messages:write', ['messages:write']],
    ['messages:write messages:read messages:write', ['messages:read', 'messages:write']],
    ['people:read', null],
    ['messages:read people:read', null],
    ['messages:read,messages:write', null],
    ['MESSAGES:READ', null],
    ['__proto__', null],
  ])('"%s" of two that are allowed is %j', (text, scopes) => {
    expect(readScopes(text, allowed)).toEqual(scopes);
  });
});
