/** Microseconds of the machine's monotonic clock: the same in all processes, so that one may stamp and another read. */
const readings = 200;

/** Between the two readings of a pair the process may have to wait, which makes the difference too small: the largest is right. */
const offset = Math.max(
  ...Array.from({ length: readings }, () => {
    const machine = Number(process.hrtime.bigint()) / 1_000;
    return machine - performance.now() * 1_000;
  }),
);

export function nowUs(): number {
  return offset + performance.now() * 1_000;
}
