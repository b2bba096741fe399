/**
 * AV1 out of its RTP payloads (RTP Payload Format for AV1, section 4). The library's own way loses the
 * second byte of units of temporal layers, which all of our publishers send.
 */

const temporalDelimiter = 2;

/** A temporal unit in the low-overhead format, as containers want it. @throws Error when lengths do not fit */
export function av1Unit(payloads: readonly Buffer[]): Buffer {
  const units: Buffer[] = [];
  for (const payload of payloads) {
    const head = payload[0] ?? 0;
    const [continues, count] = [(head & 0x80) !== 0, (head >> 4) & 3];
    let offset = 1;
    for (let index = 1; offset < payload.length; index += 1) {
      let size = payload.length - offset;
      // W: how many there are, the last one without a length; 0: all have one.
      if (count === 0 || index < count) {
        const length = readLeb128(payload, offset);
        size = length.value;
        offset = length.next;
      }
      if (offset + size > payload.length) throw new Error('a unit of AV1 is longer than its packet');
      const part = payload.subarray(offset, offset + size);
      offset += size;
      const last = units.at(-1);
      if (index === 1 && continues && last) units[units.length - 1] = Buffer.concat([last, part]);
      else units.push(part);
    }
  }
  return Buffer.concat(units.filter((unit) => unit.length > 0 && typeOf(unit) !== temporalDelimiter).map(withSize));
}

function typeOf(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 3) & 0x0f;
}

/** obu_has_size_field, then the size behind the head of one or two bytes (AV1 bitstream specification section 5.3). */
function withSize(unit: Buffer): Buffer {
  const head = unit[0] ?? 0;
  if ((head & 0x02) !== 0) return unit;
  const headBytes = (head & 0x04) !== 0 ? 2 : 1;
  const body = unit.subarray(headBytes);
  return Buffer.concat([Buffer.of(head | 0x02), unit.subarray(1, headBytes), leb128(body.length), body]);
}

function readLeb128(bytes: Buffer, from: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 128 ** index;
    if ((byte & 0x80) === 0) return { value, next: from + index + 1 };
  }
  throw new Error('a length of AV1 has no end');
}

function leb128(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push(left >= 128 ? (left % 128) | 0x80 : left);
    if (left < 128) return Buffer.from(bytes);
  }
}
