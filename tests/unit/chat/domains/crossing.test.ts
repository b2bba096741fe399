import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Crossing, closedByDefault, crossings, type DomainRule, decide, decideAny } from '../../../../src/chat/domains/crossing.js';

const rule = (name: string, from: string | null, to: string | null, what: Crossing | null, allow: boolean): DomainRule => ({
  name,
  from,
  to,
  what,
  allow,
});

describe('A crossing between domains', () => {
  it('is none within one domain, whatever the rules say', () => {
    expect(decide([rule('never', 'cn', 'cn', 'files', false)], 'files', 'cn', 'cn').allow).toBe(true);
  });

  it('is refused by default', () => {
    expect(decide([], 'forward', 'cn', 'hk')).toEqual({ allow: false, rule: closedByDefault, from: 'cn', to: 'hk' });
  });

  it('goes one way: the other is another rule', () => {
    const rules = [rule('in', 'hk', 'cn', null, true)];
    expect(decide(rules, 'files', 'hk', 'cn').allow).toBe(true);
    expect(decide(rules, 'files', 'cn', 'hk')).toMatchObject({ allow: false, rule: closedByDefault });
  });

  it('is decided by the rule that names most', () => {
    const rules = [
      rule('all', null, null, null, true),
      rule('no files', null, null, 'files', false),
      rule('out of cn', 'cn', null, null, false),
      rule('files from cn to hk', 'cn', 'hk', 'files', true),
    ];
    expect(decide(rules, 'files', 'cn', 'hk')).toMatchObject({ allow: true, rule: 'files from cn to hk' });
    expect(decide(rules, 'files', 'sg', 'hk')).toMatchObject({ allow: false, rule: 'no files' });
    expect(decide(rules, 'forward', 'cn', 'hk')).toMatchObject({ allow: false, rule: 'out of cn' });
    expect(decide(rules, 'forward', 'sg', 'hk')).toMatchObject({ allow: true, rule: 'all' });
  });

  it('is refused when of two rules that name as much one refuses, in whatever order they come', () => {
    const rules = [rule('from cn', 'cn', null, null, true), rule('to hk', null, 'hk', null, false)];
    for (const order of [rules, [...rules].reverse()])
      expect(decide(order, 'people', 'cn', 'hk')).toMatchObject({ allow: false, rule: 'to hk' });
  });

  it('takes one domain of somebody who is in several', () => {
    const rules = [rule('from sg', 'sg', 'hk', 'people', true)];
    expect(decideAny(rules, 'people', ['cn', 'sg'], ['hk']).rule).toBe('from sg');
    expect(decideAny(rules, 'people', ['cn', 'hk'], ['hk']).rule).toBe('Same domain');
    expect(decideAny(rules, 'people', ['cn'], ['hk'])).toMatchObject({ allow: false, from: 'cn', to: 'hk' });
    expect(decideAny(rules, 'people', [], ['hk']).allow).toBe(false);
  });

  it('never depends on the order of the rules', () => {
    const domain = fc.constantFrom('cn', 'hk', 'sg');
    const maybe = fc.option(domain, { nil: null });
    const rules = fc.uniqueArray(
      fc.record({
        name: fc.constant(''),
        from: maybe,
        to: maybe,
        what: fc.option(fc.constantFrom(...crossings), { nil: null }),
        allow: fc.boolean(),
      }),
      { selector: ({ from, to, what }) => `${from}/${to}/${what}`, maxLength: 12 },
    );
    fc.assert(
      fc.property(rules, domain, domain, fc.constantFrom(...crossings), (all, from, to, what) => {
        expect(decide([...all].reverse(), what, from, to).allow).toBe(decide(all, what, from, to).allow);
      }),
    );
  });
});
