import { describe, expect, it } from 'vitest';
import { helpText, loadOptions } from '../../../../load-tests/k6/options.js';
import { scenarios } from '../../../../load-tests/k6/plan.js';

function parsed(...args: string[]) {
  const options = loadOptions(args);
  if (!options) throw new Error('help');
  return options;
}

describe('Options of the load tests', () => {
  it('have defaults for every scenario', () => {
    for (const scenario of scenarios) expect(parsed(scenario).plan).toMatchObject({ scenario, members: 5 });
  });

  it('take another default where the scenario wants one', () => {
    expect(parsed('chat-soak').plan).toMatchObject({ users: 40, rate: 20, seconds: 1_800, churn: 120 });
  });

  it('are read wherever they stand, as two words or as one', () => {
    expect(parsed('--users', '20', 'chat-steady', '--rate=7', '--json', 'a.json', '--html', 'a.html')).toMatchObject({
      plan: { users: 20, rate: 7 },
      json: 'a.json',
      html: 'a.html',
      remote: null,
    });
  });

  it('ask for help', () => {
    expect(loadOptions(['--help'])).toBeNull();
    expect(loadOptions(['chat-steady', '-h'])).toBeNull();
    for (const word of [...scenarios, '--users', '--ack-p99', '--url', '--html']) expect(helpText()).toContain(word);
  });

  it.each([
    [[], /Name one scenario/],
    [['chat-steady', 'chat-ramp'], /Name one scenario/],
    [['chat-calm'], /no scenario "chat-calm"/],
    [['chat-steady', '--users', 'many'], /--users takes a whole number from 2 to 100000, not "many"/],
    [['chat-steady', '--users', '1'], /--users takes/],
    [['chat-steady', '--rate', '0'], /--rate takes/],
    [['chat-steady', '--rate=-5'], /--rate takes/],
    [['chat-steady', '--seconds', '1e3'], /--seconds takes/],
    [['chat-steady', '--errors', '0.5'], /--errors takes/],
    [['chat-steady', '--speed', '5'], /--speed/],
    [['chat-steady', '--users'], /--users/],
    [['chat-steady', '--seconds', '2'], /--warm must be less/],
    [['chat-steady', '--users', '11'], /leave one alone/],
    [['chat-storm', '--seconds', '8'], /--seconds must be twice --back/],
    [['chat-steady', '--seconds', '7200'], /tokens live an hour/],
    [['chat-steady', '--url', 'http://127.0.0.1:1'], /come together/],
    [['chat-steady', '--users-file', 'users.json'], /come together/],
    [['chat-steady', '--url', 'ftp://there', '--users-file', 'users.json'], /--url takes an address/],
    [['chat-steady', '--url', 'nowhere', '--users-file', 'users.json'], /--url takes an address/],
  ])('%j are refused with a sentence', (args, sentence) => {
    expect(() => loadOptions(args)).toThrow(RangeError);
    expect(() => loadOptions(args)).toThrow(sentence);
  });

  it('run as long as they like against a server that renews tokens', () => {
    const { plan, remote } = parsed(
      'chat-soak',
      '--users',
      '100',
      '--seconds',
      '86400',
      '--url',
      'http://127.0.0.1:1/x',
      '--users-file',
      'u',
    );
    expect(plan.seconds).toBe(86_400);
    expect(remote).toEqual({ url: 'http://127.0.0.1:1', usersFile: 'u' });
  });
});
