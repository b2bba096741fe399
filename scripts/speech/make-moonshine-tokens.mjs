/**
 * Writes the tokens.txt that sherpa-onnx wants beside Moonshine, which its package does not have: one line
 * for each token, base64 of its bytes, a tab, its number. Moonshine has the tokens of Llama and a few more.
 *
 *   node make-moonshine-tokens.mjs OUTPUT
 */
import { writeFileSync } from 'node:fs';
import tokenizer from 'llama-tokenizer-js';

const vocabulary = 32_768;
const lines = Array.from({ length: vocabulary }, (_, id) => {
  const token = tokenizer.vocabById[id] ?? `<<extra_${id}>>`;
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
  const bytes = byte ? Buffer.from([Number.parseInt(byte[1], 16)]) : Buffer.from(token.replaceAll('▁', ' '));
  return `${bytes.toString('base64')}\t${id}`;
});

writeFileSync(process.argv[2], `${lines.join('\n')}\n`);
