import { expect, test } from 'vitest';
import { withoutPassages } from '../../../../src/recording/archive/originals.js';
import { markEntry, packetEntry, readSegment, reportEntry, segmentMagic } from '../../../../src/recording/capture/track-log.js';

const report = reportEntry(1_000, { ssrc: 4_000_000_000, ntp: 2n ** 63n, rtp: 4_000_000_000 });
const mark = markEntry(2_000, { what: 'lost', from: 5, to: 9 });
const packet = (at: number) => packetEntry(at, Buffer.from([128, 111, 0, 1, at & 255]));
const segment = (...entries: Buffer[]) => Buffer.concat([segmentMagic, ...entries]);

test('packets that arrived in a passage are taken out of a segment, byte by byte nothing else', () => {
  const before = segment(report, packet(1_000), mark, packet(2_000), packet(2_500), packet(3_001));
  expect(withoutPassages(before, [{ from: 2_000, to: 3_000 }])).toEqual(segment(report, packet(1_000), mark, packet(3_001)));
});

test('taking out again what was taken out changes nothing', () => {
  const once = withoutPassages(segment(packet(1), packet(2), packet(3)), [{ from: 2, to: 2 }]);
  expect(withoutPassages(once, [{ from: 2, to: 2 }])).toEqual(once);
});

test('a segment that a crash cut off stays readable', () => {
  const cut = segment(packet(1), packet(2)).subarray(0, -3);
  expect([...readSegment(withoutPassages(cut, []))]).toHaveLength(1);
});

test('what is no segment is refused and not written over', () => {
  expect(() => withoutPassages(Buffer.from('something else'), [])).toThrow('no segment');
});
