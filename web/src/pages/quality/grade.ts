/** How the figures of a call's quality are told. Pure. */
import type { BadgeTone } from '@/design';

export type GradeName = 'good' | 'fair' | 'bad' | 'none';

/** As the report has it: below 7 one notices, below 4 one suffers. */
const notices = 7;
const suffers = 4;

export function gradeName(grade: number | null): GradeName {
  if (grade === null) return 'none';
  if (grade >= notices) return 'good';
  return grade >= suffers ? 'fair' : 'bad';
}

export const gradeTone: Readonly<Record<GradeName, BadgeTone>> = { good: 'jade', fair: 'lantern', bad: 'live', none: 'plain' };

export interface Course {
  /** Of the line, in parts where something was reported. `M` and `L` of SVG. */
  readonly path: string;
  /** Single minutes between two gaps, which no line shows. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly lowest: { readonly grade: number; readonly minute: number } | null;
  readonly highest: number;
}

const best = 10;

/** The line of the grades by minute in a box of this size. */
export function course(grades: readonly (number | null)[], width: number, height: number): Course {
  const step = grades.length > 1 ? width / (grades.length - 1) : 0;
  const place = (grade: number, minute: number) => ({ x: round(minute * step), y: round(height - (grade / best) * height) });
  let path = '';
  const dots: { x: number; y: number }[] = [];
  let lowest: Course['lowest'] = null;
  let highest = 0;
  grades.forEach((grade, minute) => {
    if (grade === null) return;
    if (lowest === null || grade < lowest.grade) lowest = { grade, minute };
    highest = Math.max(highest, grade);
    const { x, y } = place(grade, minute);
    const follows = minute > 0 && grades[minute - 1] !== null;
    const leads = minute < grades.length - 1 && grades[minute + 1] !== null;
    if (!follows && !leads) dots.push({ x, y });
    else path += `${follows ? 'L' : 'M'}${x} ${y}`;
  });
  return { path, dots, lowest, highest };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
