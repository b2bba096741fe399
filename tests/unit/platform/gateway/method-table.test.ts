import { describe, expect, it } from 'vitest';
import { MethodTable } from '../../../../src/platform/gateway/method-table.js';

const session = {
  async ping() {
    return {};
  },
  async renew() {
    return {};
  },
  async replay() {
    return {};
  },
};

describe('the table of methods', () => {
  it('knows methods by the name that they have on the wire', () => {
    const table = new MethodTable();
    table.register('SessionService', session);
    expect(table.names()).toEqual(['SessionService.Ping', 'SessionService.Renew', 'SessionService.Replay']);
    expect(table.find('SessionService.Ping')?.name).toBe('SessionService.Ping');
    expect(table.find('SessionService.ping')).toBeUndefined();
  });

  it('calls a handler with its object as this', async () => {
    const table = new MethodTable();
    class Service {
      readonly latest = 7;
      async ping() {
        return {};
      }
      async renew() {
        return {};
      }
      async replay() {
        return { latest: this.latest };
      }
    }
    table.register('SessionService', new Service());
    const method = table.find('SessionService.Replay');
    expect(await method?.handle(Object.create(null), {})).toEqual({ latest: 7 });
  });

  it('refuses a service that is registered twice', () => {
    const table = new MethodTable();
    table.register('SessionService', session);
    expect(() => table.register('SessionService', session)).toThrow('SessionService.Ping has a handler already');
  });

  it('names every rpc that has no handler', () => {
    const table = new MethodTable();
    table.register('SessionService', session);
    expect(() => table.assertComplete()).toThrow(/MeetingService\.Join.*ChatService\.Send/);
    expect(() => table.assertComplete()).not.toThrow('SessionService');
  });
});
