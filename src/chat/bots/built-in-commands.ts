/** Slash commands that need no app: they only change what one writes. */
export interface BuiltInCommand {
  readonly name: string;
  readonly description: string;
  readonly hint: string;
  /** Markdown that is sent in the caller's name. Empty: there was nothing to say. */
  readonly write: (text: string) => string;
}

export const builtInCommands: readonly BuiltInCommand[] = [
  {
    name: 'me',
    description: 'Say what you are doing',
    hint: 'text',
    // A line of its own each: emphasis ends with the paragraph (CommonMark section 6.2).
    write: (text) =>
      text
        .split('\n')
        .map((line) => (line.trim() === '' ? '' : `*${line.trim().replaceAll(/[*_\\]/g, '\\$&')}*`))
        .join('\n'),
  },
  {
    name: 'shrug',
    description: 'Shrug',
    hint: 'text',
    // Backslash and underscores would be taken for Markdown.
    write: (text) => `${text.trim()} ¯\\\\\\_(ツ)\\_/¯`.trim(),
  },
];
