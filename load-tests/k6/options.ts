/** Options of `npm run load`. */
import { parseArgs } from 'node:util';
import { type KnobName, knobNames, knobs, type Plan, planOf, type Scenario, scenarios, usualOf } from './plan.js';

export interface Remote {
  readonly url: string;
  /** JSON: a list of `{ "email", "password" }`. */
  readonly usersFile: string;
}

export interface LoadOptions {
  readonly plan: Plan;
  /** A server that is there already. */
  readonly remote: Remote | null;
  readonly json: string | undefined;
  readonly html: string | undefined;
}

/** Where people are inserted with tokens, which live an hour, nobody can be signed in anew. */
export const fewPeople = 50;
const longestWithTokens = 3_000;

/** Null: help was asked for. @throws RangeError with a sentence for who typed it. */
export function loadOptions(args: readonly string[]): LoadOptions | null {
  const { values, positionals } = read(args);
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  if (values.help === true) return null;
  const [scenario, ...more] = positionals;
  if (scenario === undefined || more.length > 0) throw new RangeError(`Name one scenario: ${scenarios.join(', ')}.`);
  const plan = planOf(scenario, text, (knob) => `--${knob}`);
  const remote = remoteOf(text('url'), text('users-file'));
  if (!remote && plan.users > fewPeople && plan.seconds > longestWithTokens)
    throw new RangeError(`With more than ${fewPeople} people --seconds is at most ${longestWithTokens}: their tokens live an hour.`);
  return { plan, remote, json: text('json'), html: text('html') };
}

export function helpText(): string {
  const lines = knobNames.map((knob) => `  --${knob} ${usualText(knob)}`.padEnd(26) + knobs[knob].help);
  return `npm run load -- SCENARIO [options]

SCENARIO is one of ${scenarios.join(', ')}.

${lines.join('\n')}
  --url URL               a server that is there already, in place of one that is started for this
  --users-file FILE       with --url: JSON, a list of { "email", "password" }
  --json FILE             for programs
  --html FILE             a page with plots

Exits with 1 where a limit was not kept.
`;
}

interface Typed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function read(args: readonly string[]): Typed {
  try {
    return parse(args);
  } catch (error) {
    // Node's sentence says which option it doesn't know, or which has no value.
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

function parse(args: readonly string[]): Typed {
  const string = { type: 'string' } as const;
  const names = [...knobNames, 'url', 'users-file', 'json', 'html'];
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, ...Object.fromEntries(names.map((name) => [name, string])) },
  });
}

function remoteOf(url: string | undefined, usersFile: string | undefined): Remote | null {
  if (url === undefined && usersFile === undefined) return null;
  if (url === undefined || usersFile === undefined) throw new RangeError('--url and --users-file come together.');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new RangeError(`--url takes an address, not "${url}".`);
  return { url: new URL(url).origin, usersFile };
}

function usualText(knob: KnobName): string {
  const values = new Set(scenarios.map((scenario: Scenario) => usualOf(knob, scenario)));
  return [...values].join('|');
}
