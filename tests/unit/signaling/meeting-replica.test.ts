import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import type { Topics } from '../../../src/platform/gateway/index.js';
import { MeetingReplica } from '../../../src/signaling/meeting-replica.js';
import type { Snapshot } from '../../../src/signaling/meeting-words.js';

const meetingId = 'm';
const at = (number: number, ids: readonly string[] = []): Snapshot => ({ meetingId, number, participants: ids.map((id) => ({ id })) });
const joined = (id: string): causeway.MeetingEvent.$Properties => ({ participantJoined: { id } });

/** A replica, how its topic speaks, and what the home answers. */
function open(home: () => Snapshot | null = () => null) {
  let listener: Parameters<Topics['watch']>[1] | null = null;
  let asked = 0;
  const topics: Topics = {
    publish: () => undefined,
    publishVolatile: () => undefined,
    publishHere: () => undefined,
    live: () => [],
    drop: () => undefined,
    watch: (topic, watcher) => {
      expect(topic).toBe(`meeting/${meetingId}`);
      listener = watcher;
      return () => {
        listener = null;
      };
    },
  };
  const replica = new MeetingReplica(meetingId, topics, async () => {
    asked += 1;
    return home();
  });
  return {
    replica,
    hear: (number: number, meeting: causeway.MeetingEvent.$Properties) => listener?.(number, { meeting }),
    people: () => [...(replica.state?.participants.keys() ?? [])],
    asked: () => asked,
  };
}

describe('MeetingReplica', () => {
  it('follows the snapshot by events, and passes over those that it includes', () => {
    const { replica, hear, people } = open();
    replica.take(at(2, ['a']));
    hear(2, joined('again'));
    hear(3, joined('b'));
    hear(0, { activeSpeaker: { participantId: 'b' } });
    expect(people()).toEqual(['a', 'b']);
    expect(replica.state).toMatchObject({ number: 3, activeSpeakerId: 'b' });
  });

  it('keeps events that come before the first snapshot', () => {
    const { replica, hear, people, asked } = open();
    hear(2, joined('included'));
    hear(3, joined('b'));
    replica.take(at(2, ['a']));
    expect(people()).toEqual(['a', 'b']);
    expect(asked()).toBe(0);
  });

  it('takes no snapshot that is older than what it knows', () => {
    const { replica, people } = open();
    replica.take(at(5, ['a', 'b']));
    replica.take(at(4, ['a']));
    expect(people()).toEqual(['a', 'b']);
  });

  it('asks the home when an event is missing, once', async () => {
    const { replica, hear, people, asked } = open(() => at(4, ['a', 'b', 'c']));
    replica.take(at(2, ['a']));
    hear(4, joined('c'));
    hear(5, joined('d'));
    expect(people()).toEqual(['a']);
    await turn();
    expect(people()).toEqual(['a', 'b', 'c', 'd']);
    expect(asked()).toBe(1);
  });

  it('begins anew with what the home has, though its numbers are lower', async () => {
    const { replica, people } = open(() => at(3, ['b']));
    replica.take(at(9, ['a']));
    replica.restart();
    expect(replica.state).toBeNull();
    await turn();
    expect(people()).toEqual(['b']);
  });

  it('hears nothing any more once it is closed', () => {
    const { replica, hear, people } = open();
    replica.take(at(1));
    replica.close();
    hear(2, joined('b'));
    expect(people()).toEqual([]);
  });
});
