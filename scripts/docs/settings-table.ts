/** The settings of src/config.ts as a table, for the README. */
import { z } from 'zod';
import { environmentName, settings } from '../../src/config.js';
import { table } from './table.js';

/** Defaults that depend on the machine or on chance are said, not shown. */
const saidDefaults: Readonly<Record<string, string>> = {
  MEDIA_WORKERS: 'one per core',
  NODE_NAME: 'random',
  CAPTIONS_FOLDER: "the user's cache",
  CAPTIONS_PROCESSES: 'a quarter of the cores',
};

const Described = z.object({
  description: z.string(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, schema]) => {
    // Input says which words are allowed, output what the default becomes.
    const input = Described.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    const output = Described.parse(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    return [`\`${environmentName(name)}\``, saidDefaults[name] ?? shown(output.default), bounds(input), input.description];
  });
  return table(['Setting', 'Default', 'Allowed', 'What it is'], rows);
}

function shown(value: string | number | boolean | undefined): string {
  return value === undefined || value === '' ? '' : `\`${String(value)}\``;
}

function bounds({ minimum, maximum, enum: words }: z.output<typeof Described>): string {
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(' ');
  return minimum === undefined || maximum === undefined ? '' : `${grouped(minimum)} to ${grouped(maximum)}`;
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
