/** The one form in which every benchmark tells what it found (docs/performance.md): a table, JSON, a page with plots. */
import { writeFile } from 'node:fs/promises';
import { reportPage } from './report-page.js';
import type { Report, Result, Setting } from './result.js';

export interface Outputs {
  readonly json?: string | undefined;
  readonly html?: string | undefined;
}

export async function writeReport(report: Report, { json, html }: Outputs): Promise<void> {
  process.stdout.write(`\n${table(report.result)}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report.result, null, 2)}\n`);
  if (html !== undefined) await writeFile(html, reportPage(report));
}

/** For people. */
export function table({ name, machine, settings, figures, not_measured }: Result): string {
  const header = ['figure', 'unit', 'n', 'p50', 'p95', 'p99', 'p999', 'max'];
  const rows = Object.entries(figures).map(([figure, told]) =>
    'n' in told
      ? [figure, told.unit, ...[told.n, told.p50, told.p95, told.p99, told.p999, told.max].map(String)]
      : [figure, told.unit, '1', String(told.value), '', '', '', ''],
  );
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const pairs = (record: Readonly<Record<string, Setting>>): string =>
    Object.entries(record)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  return [
    name,
    `  on ${pairs(machine)}`,
    `  with ${pairs(settings)}`,
    '',
    ...[header, ...rows].map((row) => `  ${line(row)}`),
    '',
    ...not_measured.map((what) => `  Not measured: ${what}.`),
  ].join('\n');
}
