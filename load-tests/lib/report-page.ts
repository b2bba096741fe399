/** A report as one HTML file without anything from elsewhere: histogram and cumulative curve of each figure, as SVG. */
import { round } from './figure.js';
import { type Figure, isDistribution, type Report, type Setting } from './result.js';

const width = 560;
const height = 200;
const margin = { left: 44, right: 12, top: 12, bottom: 28 };
const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };

export function reportPage({ result, figures }: Report): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(result.name)} – Causeway benchmarks</title>
<style>${style}</style>
<h1>${escaped(result.name)}</h1>
<p>${escaped(result.at)}</p>
${summary(result.figures)}
${figures.map(section).join('\n')}
<h2>Machine and settings</h2>
${pairs({ ...result.machine })}
${pairs(result.settings)}
<h2>Not measured</h2>
<ul>${result.not_measured.map((what) => `<li>${escaped(what)}</li>`).join('')}</ul>
</html>
`;
}

function section({ name, meaning, measured }: Figure): string {
  const title = `<h2 id="${escaped(name)}">${escaped(name)}</h2><p>${escaped(meaning)}</p>`;
  if (!isDistribution(measured)) return `${title}<p class="value">${round(measured.value)} ${measured.unit}</p>`;
  if (measured.count === 0) return `${title}<p>No sample.</p>`;
  const sorted = measured.plotted();
  return `${title}<div class="plots">${histogram(sorted, measured.unit)}${cumulative(sorted, measured.unit)}</div>`;
}

function summary(figures: Report['result']['figures']): string {
  const rows = Object.entries(figures).map(([name, told]) => {
    const cells = 'n' in told ? [told.n, told.p50, told.p95, told.p99, told.p999, told.max] : [1, told.value, '', '', '', ''];
    return `<tr><th scope="row"><a href="#${escaped(name)}">${escaped(name)}</a></th><td>${told.unit}</td>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const titles = ['figure', 'unit', 'n', 'p50', 'p95', 'p99', 'p999', 'max'].map((title) => `<th scope="col">${title}</th>`).join('');
  return `<table><thead><tr>${titles}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function histogram(sorted: readonly number[], unit: string): string {
  const { low, high } = range(sorted);
  // Sturges' rule, and not fewer than shows a shape.
  const bins = Math.max(8, Math.ceil(Math.log2(sorted.length)) + 1);
  const counts = new Array<number>(bins).fill(0);
  for (const value of sorted) {
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const step = inner.width / bins;
  const bars = counts.map((count, bin) => {
    const tall = (count / most) * inner.height;
    const from = round(low + (bin * (high - low)) / bins);
    const to = round(low + ((bin + 1) * (high - low)) / bins);
    return `<rect class="bar" x="${px(margin.left + bin * step + 1)}" y="${px(margin.top + inner.height - tall)}" width="${px(step - 2)}" height="${px(tall)}"><title>${from} to ${to} ${unit}: ${count}</title></rect>`;
  });
  return plot('How often', `${axis(low, high, unit)}${scale(0, most)}${bars.join('')}`);
}

function cumulative(sorted: readonly number[], unit: string): string {
  const { low, high } = range(sorted);
  const x = (value: number): number => margin.left + ((value - low) / (high - low)) * inner.width;
  const y = (share: number): number => margin.top + (1 - share) * inner.height;
  // A page needs no more points than it has pixels.
  const stride = Math.max(1, Math.floor(sorted.length / 500));
  const points = sorted.flatMap((value, index) =>
    index % stride === 0 || index === sorted.length - 1 ? [[x(value), y((index + 1) / sorted.length)] as const] : [],
  );
  const path = points
    .map(([left, top], index) => `${index === 0 ? `M${px(left)} ${px(y(0))}V${px(top)}` : `H${px(left)}V${px(top)}`}`)
    .join('');
  const marks = [0.5, 0.95].map(
    (share) =>
      `<line class="mark" x1="${margin.left}" x2="${width - margin.right}" y1="${px(y(share))}" y2="${px(y(share))}"/><text x="${margin.left - 6}" y="${px(y(share) + 4)}" text-anchor="end">${share * 100}%</text>`,
  );
  return plot('Share below', `${axis(low, high, unit)}${marks.join('')}<path class="curve" d="${path}"/>`);
}

function plot(title: string, content: string): string {
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${content}</svg><figcaption>${title}</figcaption></figure>`;
}

function axis(low: number, high: number, unit: string): string {
  const base = margin.top + inner.height;
  const labels = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    const text = `${Math.round((low + share * (high - low)) * 10) / 10}${share === 1 ? ` ${unit}` : ''}`;
    return `<text x="${px(margin.left + share * inner.width)}" y="${base + 18}" text-anchor="${anchor}">${text}</text>`;
  });
  return `<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${base}" y2="${base}"/>${labels.join('')}`;
}

function scale(low: number, high: number): string {
  return `<text x="${margin.left - 6}" y="${margin.top + 10}" text-anchor="end">${high}</text><text x="${margin.left - 6}" y="${margin.top + inner.height}" text-anchor="end">${low}</text>`;
}

/** From nought when the values are near it, so that a small spread does not look like a large one. */
function range(sorted: readonly number[]): { low: number; high: number } {
  const least = sorted[0] ?? 0;
  const most = sorted.at(-1) ?? 0;
  const low = least >= 0 ? 0 : least;
  return { low, high: most > low ? most : low + 1 };
}

function pairs(record: Readonly<Record<string, Setting>>): string {
  return `<dl>${Object.entries(record)
    .map(([key, value]) => `<dt>${escaped(key)}</dt><dd>${escaped(String(value))}</dd>`)
    .join('')}</dl>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 14px/20px system-ui, sans-serif; --ink: light-dark(#17202a, #e9eef3); --soft: light-dark(#5a6675, #9aa8b7); --harbour: light-dark(#0b6e75, #4fb7bd); --line: light-dark(#e4e1da, #263341); background: light-dark(#fbfaf7, #0f1720); color: var(--ink); }
body { max-width: 1180px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 28px; line-height: 36px; } h2 { font-size: 20px; line-height: 28px; margin-top: 32px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--line); } th:first-child { text-align: left; }
a { color: var(--harbour); } .value { font-size: 20px; }
.plots { display: flex; flex-wrap: wrap; gap: 16px; } figure { margin: 0; flex: 1 1 420px; max-width: 580px; } figcaption, svg text { color: var(--soft); fill: var(--soft); font-size: 12px; }
.bar { fill: var(--harbour); } .curve { fill: none; stroke: var(--harbour); stroke-width: 2; } .axis, .mark { stroke: var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; } dt { color: var(--soft); } dd { margin: 0; }
`;
