/** Microseconds of the machine's monotonic clock: the same in all processes, so that one may stamp and another read. */
const offset = Number(process.hrtime.bigint()) / 1_000 - performance.now() * 1_000;

export function nowUs(): number {
  return offset + performance.now() * 1_000;
}
