/** What every benchmark has in common: its options, its figures, its output, and that it cleans up. */
import { parseArgs } from 'node:util';
import { Samples, type Unit } from './figure.js';
import type { Histogram } from './histogram.js';
import { describeMachine } from './machine.js';
import { writeReport } from './report.js';
import { type Figure, makeReport, type Setting } from './result.js';

/** Name -> default and sentence. Where the default is a number, a whole number is wanted; else any text, or one of those listed. */
export type OptionTable = Readonly<
  Record<string, { readonly default: number | string; readonly help: string; readonly among?: readonly string[] }>
>;

export interface Run<Table extends OptionTable> {
  option(name: keyof Table & string): number;
  text(name: keyof Table & string): string;
  /** Becomes part of the report's name. */
  scenario(name: string): void;
  /** Collects samples of one figure. */
  samples(name: string, unit: Unit, meaning: string): Samples;
  value(name: string, unit: Unit, value: number, meaning: string): void;
  /** Samples by the million, collected elsewhere. */
  histogram(name: string, histogram: Histogram, meaning: string): void;
  setting(name: string, value: Setting): void;
  /** A program that took part, with its version. */
  program(name: string, version: string): void;
  notMeasured(what: string): void;
  /** Undone at the end, the last first, whatever happens. */
  cleanup(undo: () => Promise<unknown>): void;
  progress(line: string): void;
}

export async function benchmark<Table extends OptionTable>(
  name: string,
  table: Table,
  measure: (run: Run<Table>) => Promise<void>,
): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      html: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(Object.keys(table).map((option) => [option, { type: 'string' } as const])),
    },
  });
  if (values.help) {
    process.stdout.write(helpText(name, table));
    return;
  }
  const options = readOptions(table, values);
  const at = new Date().toISOString();
  const figures: Figure[] = [];
  const settings: Record<string, Setting> = Object.fromEntries([...options].filter(([, value]) => value !== ''));
  let reportName = name;
  const programs: Record<string, string> = {};
  const notMeasured: string[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  // Taken before anything runs, so that the load is what others make.
  const machine = describeMachine();

  let cleaning: Promise<void> | undefined;
  const cleanUp = (): Promise<void> => (cleaning ??= undoAll(undo));
  const interrupted = (): void => {
    void cleanUp().then(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await measure({
      option: (option) => Number(options.get(option)),
      text: (option) => String(options.get(option)),
      scenario: (scenario) => {
        reportName = `${name}-${scenario}`;
      },
      samples: (figure, unit, meaning) => {
        const measured = new Samples(unit);
        figures.push({ name: figure, meaning, measured });
        return measured;
      },
      histogram: (figure, measured, meaning) => figures.push({ name: figure, meaning, measured }),
      value: (figure, unit, value, meaning) => figures.push({ name: figure, meaning, measured: { unit, value } }),
      setting: (setting, value) => {
        settings[setting] = value;
      },
      program: (program, version) => {
        programs[program] = version;
      },
      notMeasured: (what) => notMeasured.push(what),
      cleanup: (step) => undo.push(step),
      progress: (line) => process.stderr.write(`${line}\n`),
    });
  } finally {
    await cleanUp();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
  const { json, html } = values;
  const report = makeReport({ name: reportName, at, machine: { ...machine, ...programs }, settings, not_measured: notMeasured }, figures);
  await writeReport(report, { json: text(json), html: text(html) });
}

function readOptions(table: OptionTable, given: Readonly<Record<string, unknown>>): ReadonlyMap<string, number | string> {
  const options = new Map<string, number | string>();
  for (const [option, { default: usual, among }] of Object.entries(table)) {
    const wished = given[option] ?? usual;
    if (typeof usual === 'number') {
      const number = Number(wished);
      if (!Number.isInteger(number) || number < 0) throw new RangeError(`--${option} takes a whole number, not "${String(wished)}".`);
      options.set(option, number);
    } else {
      const text = String(wished);
      if (among && !among.includes(text)) throw new RangeError(`--${option} takes one of ${among.join(', ')}, not "${text}".`);
      options.set(option, text);
    }
  }
  return options;
}

function helpText(name: string, table: OptionTable): string {
  const options = Object.entries(table).map(([option, { default: value, help }]) => `  --${option} ${value}`.padEnd(24) + help);
  return `npm run bench:${name} -- [options]\n\n${options.join('\n')}\n  --json FILE           for programs\n  --html FILE           a page with plots\n`;
}

async function undoAll(undo: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of [...undo].reverse()) {
    await step().catch((error: unknown) => process.stderr.write(`Cleaning up: ${String(error)}\n`));
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
