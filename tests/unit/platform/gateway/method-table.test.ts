import { describe, expect, it } from 'vitest';
import { MethodTable } from '../../../../src/platform/gateway/method-table.js';

const chat = {
  async send() {
    return {};
  },
  async fetch() {
    return {};
  },
};

describe('the table of methods', () => {
  it('knows methods by the name that they have on the wire', () => {
    const table = new MethodTable();
    table.register('ChatService', chat);
    expect(table.names()).toEqual(['ChatService.Send', 'ChatService.Fetch']);
    expect(table.find('ChatService.Send')?.name).toBe('ChatService.Send');
    expect(table.find('ChatService.send')).toBeUndefined();
  });

  it('calls a handler with its object as this', async () => {
    const table = new MethodTable();
    class Service {
      readonly latest = 7;
      async send() {
        return {};
      }
      async fetch() {
        return { latest: this.latest };
      }
    }
    table.register('ChatService', new Service());
    const method = table.find('ChatService.Fetch');
    const session = Object.create(null);
    expect(await method?.handle(session, {})).toEqual({ latest: 7 });
  });

  it('refuses a service that is registered twice', () => {
    const table = new MethodTable();
    table.register('ChatService', chat);
    expect(() => table.register('ChatService', chat)).toThrow('ChatService.Send has a handler already');
  });

  it('names every rpc that has no handler', () => {
    const table = new MethodTable();
    table.register('ChatService', chat);
    expect(() => table.assertComplete()).toThrow(/SessionService\.Ping.*MeetingService\.Join/);
    expect(() => table.assertComplete()).not.toThrow('ChatService');
  });
});
