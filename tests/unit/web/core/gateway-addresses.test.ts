import { describe, expect, it } from 'vitest';
import { GatewayAddresses, gatewayUrlsOf } from '../../../../web/src/core/gateway-addresses';

describe('the addresses of gateways', () => {
  it('are the one of the server when there is no list', () => {
    expect(gatewayUrlsOf({ gatewayUrl: 'ws://{host}:9000' }, 'meet.example')).toEqual(['ws://meet.example:9000']);
    expect(gatewayUrlsOf({ gatewayUrl: 'ws://{host}:9000', gatewayUrls: [] }, 'meet.example')).toEqual(['ws://meet.example:9000']);
  });

  it('are those of the list, with the host of the page', () => {
    const face = { gatewayUrl: 'ws://{host}:9000', gatewayUrls: ['ws://{host}:9000', 'wss://b.example'] };
    expect(gatewayUrlsOf(face, 'meet.example')).toEqual(['ws://meet.example:9000', 'wss://b.example']);
  });

  it('begin with the first, and are tried in turn', () => {
    const addresses = new GatewayAddresses(['a', 'b', 'c'], () => 0.5);
    const tried = [addresses.current];
    for (let i = 0; i < 3; i += 1) {
      addresses.failed();
      tried.push(addresses.current);
    }
    expect(tried).toEqual(['a', 'b', 'c', 'a']);
  });

  it('let the page go on at once until all were tried', () => {
    const addresses = new GatewayAddresses(['a', 'b', 'c']);
    expect([addresses.failed(), addresses.failed(), addresses.failed(), addresses.failed()]).toEqual([true, true, false, false]);
    addresses.succeeded();
    expect(addresses.failed()).toBe(true);
  });

  it('stay with the one that answered', () => {
    const addresses = new GatewayAddresses(['a', 'b']);
    addresses.failed();
    addresses.succeeded();
    expect(addresses.current).toBe('b');
  });

  it('are in an order of each page for those after the first', () => {
    const order = (randoms: number[]) => {
      const addresses = new GatewayAddresses(['a', 'b', 'c'], () => randoms.shift() ?? 0);
      addresses.failed();
      return addresses.current;
    };
    expect(order([0.1, 0.9])).toBe('b');
    expect(order([0.9, 0.1])).toBe('c');
  });

  it('need no second gateway', () => {
    const alone = new GatewayAddresses(['a']);
    expect(alone.failed()).toBe(false);
    expect(alone.current).toBe('a');
  });
});
