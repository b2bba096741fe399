/** One thing that the doctor looks at, and what it says about it. */
import type { Config } from '../config.js';
import { createLog, type Log } from '../platform/log.js';

export type State = 'ok' | 'warning' | 'wrong';

export interface Finding {
  readonly state: State;
  /** What is, as a phrase. */
  readonly found: string;
  /** What to do, as a sentence. Always there when something is wrong. */
  readonly advice?: string;
}

export interface Check {
  readonly name: string;
  look(patient: Patient): Promise<Finding>;
}

/** Whom the doctor looks at: this machine with these settings. */
export interface Patient {
  readonly config: Config;
  /** True when a Causeway with these settings answers already: then it is right that ports are taken. */
  readonly running: boolean;
}

export const ok = (found: string, advice?: string): Finding => finding('ok', found, advice);
export const warning = (found: string, advice: string): Finding => finding('warning', found, advice);
export const wrong = (found: string, advice: string): Finding => finding('wrong', found, advice);

function finding(state: State, found: string, advice: string | undefined): Finding {
  return { state, found, ...(advice !== undefined && { advice }) };
}

/** The first line of what was thrown. */
export function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return message.split('\n', 1)[0] ?? message;
}

/** What an engine logs while it is looked at stands in its finding. */
export function silentLog(): Log {
  return createLog({ LOG_LEVEL: 'silent', NODE_NAME: 'doctor' });
}
