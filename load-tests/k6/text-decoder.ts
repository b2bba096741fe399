/** The generated protocol code reads text by TextDecoder, which k6 does not have. To be imported first. */

/** Of UTF-8 alone. Throws where the bytes are none, as the strict one does. */
class Utf8Decoder {
  decode(bytes: Uint8Array): string {
    let text = '';
    let hasOthers = false;
    for (const byte of bytes) {
      if (byte >= 0x80) hasOthers = true;
      text += String.fromCharCode(byte);
    }
    if (!hasOthers) return text;
    return decodeURIComponent(text.replace(/[%\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`));
  }
}

if (!('TextDecoder' in globalThis)) Object.assign(globalThis, { TextDecoder: Utf8Decoder });
