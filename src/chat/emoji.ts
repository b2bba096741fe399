/** One emoji, whatever it is made of: skin tones, flags, families (Unicode Technical Standard 51, section 1.4.9). */
const kinds = ['\\p{RGI_Emoji}', '\\p{Emoji_Presentation}', '\\p{Emoji}\\uFE0F'];
const emoji = new RegExp(`^(?:${kinds.join('|')})$`, 'v');

export function isEmoji(text: string): boolean {
  return text.length <= 32 && emoji.test(text);
}
