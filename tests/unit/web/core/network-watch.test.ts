import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkWatch } from '../../../../web/src/core/network-watch';

class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
}

class FakeConnection extends EventTarget {
  type = 'wifi';
}

let page: EventTarget;
let document: FakeDocument;
let connection: FakeConnection;
let asleepMs: number;
let watch: NetworkWatch;
let told: string[];

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  document = new FakeDocument();
  connection = new FakeConnection();
  asleepMs = 0;
  watch = new NetworkWatch({ page, document, connection, now: () => Date.now() + asleepMs });
  told = [];
  watch.on('changed', (how) => told.push(how));
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

const say = (target: EventTarget, name: string) => target.dispatchEvent(new Event(name));

describe('noticing another network', () => {
  it('believes the browser that is online again', () => {
    say(page, 'online');
    expect(told).toEqual(['moved']);
  });

  it('sees another kind of network, but not that the same one is faster', () => {
    say(connection, 'change');
    expect(told).toEqual([]);
    connection.type = 'cellular';
    say(connection, 'change');
    expect(told).toEqual(['moved']);
  });

  it('waits for a network when there is none', () => {
    connection.type = 'none';
    say(connection, 'change');
    expect(told).toEqual([]);
    connection.type = 'wifi';
    say(connection, 'change');
    expect(told).toEqual(['moved']);
  });

  it('notices that the computer slept by the clock on the wall', () => {
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
    asleepMs = 3_600_000;
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(['moved']);
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(['moved']);
  });

  it('takes a page that comes to the front for a reason to look, and after sleep for a move', () => {
    say(document, 'visibilitychange');
    expect(told).toEqual(['seen']);
    asleepMs = 3_600_000;
    say(document, 'visibilitychange');
    expect(told).toEqual(['seen', 'moved']);
  });

  it('says nothing of a page that is hidden', () => {
    document.visibilityState = 'hidden';
    say(document, 'visibilitychange');
    expect(told).toEqual([]);
  });

  it('says nothing any more when it is closed', () => {
    watch.close();
    say(page, 'online');
    say(document, 'resume');
    connection.type = 'cellular';
    say(connection, 'change');
    asleepMs = 3_600_000;
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual([]);
  });
});
