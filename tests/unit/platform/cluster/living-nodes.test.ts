import { describe, expect, it } from 'vitest';
import { LivingNodes } from '../../../../src/platform/cluster/living-nodes.js';

const face = (id: string) => ({ id, mediaLoad: 0, gatewayUrl: '', draining: false });

describe('LivingNodes', () => {
  it('knows who is new, and takes the newest face', () => {
    const nodes = new LivingNodes(1_000);
    expect(nodes.heard(face('a'), 0)).toBe(true);
    expect(nodes.heard({ ...face('a'), draining: true }, 10)).toBe(false);
    expect(nodes.faces).toEqual([{ ...face('a'), draining: true }]);
  });

  it('gives up who was silent for longer than the lease, once', () => {
    const nodes = new LivingNodes(1_000);
    nodes.heard(face('a'), 0);
    nodes.heard(face('b'), 500);
    expect(nodes.takeSilent(1_000)).toEqual([]);
    expect(nodes.takeSilent(1_001)).toEqual(['a']);
    expect(nodes.takeSilent(1_001)).toEqual([]);
    expect(nodes.faces.map(({ id }) => id)).toEqual(['b']);
  });

  it('forgives a silence in which nobody could be heard, also when one is heard meanwhile', () => {
    const nodes = new LivingNodes(1_000);
    nodes.heard(face('a'), 0);
    nodes.heard(face('b'), 0);
    nodes.forgive(5_000);
    nodes.heard(face('a'), 4_000);
    expect(nodes.takeSilent(6_000)).toEqual([]);
    expect(nodes.takeSilent(6_001).sort()).toEqual(['a', 'b']);
  });
});
