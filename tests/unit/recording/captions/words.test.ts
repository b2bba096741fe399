import { describe, expect, it } from 'vitest';
import { Glossary } from '../../../../src/recording/captions/text/glossary.js';
import { inScript } from '../../../../src/recording/captions/text/han-script.js';
import { plausible } from '../../../../src/recording/captions/text/plausible.js';
import { maskProfanity } from '../../../../src/recording/captions/text/profanity.js';
import { StablePrefix } from '../../../../src/recording/captions/text/stable-prefix.js';

describe('the glossary', () => {
  const glossary = new Glossary([
    { term: 'Causeway', heard: [] },
    { term: 'Dashwood', heard: [] },
    { term: 'Mei Ling Cheung', heard: ['may ling chung'] },
    { term: 'PostgreSQL', heard: ['post gress'] },
    { term: '陳大文', heard: ['程大文'] },
    { term: 'IFRS 17', heard: ['i f r s seventeen'] },
  ]);

  it.each([
    ['causeway is up', 'Causeway is up'],
    ['Cause-way and cause way', 'Causeway and Causeway'],
    ["causeway's port, two causeways", "Causeway's port, two Causeways"],
    ['Mr. John Dashwod had then', 'Mr. John Dashwood had then'],
    ['may ling chung and Mei-Ling Cheng', 'Mei Ling Cheung and Mei Ling Cheung'],
    ['we store it in post gress', 'we store it in PostgreSQL'],
    ['under i f r s seventeen', 'under IFRS 17'],
    ['程大文和陈大文在开会', '陳大文和陳大文在开会'],
  ])('makes of "%s" "%s"', (heard, right) => expect(glossary.apply(heard)).toBe(right));

  it.each(['The dashboard is washed.', 'because of the way', 'Post it, and dash. Wood is here', '大文件已經寄出', ''])(
    'leaves "%s" alone',
    (text) => expect(glossary.apply(text)).toBe(text),
  );

  it('does not put a name together across a full stop', () => {
    expect(glossary.apply('That is the cause. Way to go')).toBe('That is the cause. Way to go');
  });

  it('takes a thousand terms and a long line in its stride', () => {
    const many = new Glossary(Array.from({ length: 1_000 }, (_, index) => ({ term: `Projekt${index}name`, heard: [] })));
    const line = 'the quick brown fox jumps over projekt77name and goes on '.repeat(20);
    expect(many.apply(line)).toContain('Projekt77name');
  });
});

describe('Chinese', () => {
  it('is written as in Hong Kong for those who read it so', () => {
    expect(inScript('我们现在开会，发展计划之后再说', 'hant', 'cmn')).toBe('我們現在開會，發展計劃之後再説');
  });

  it('stays as it is where it is Traditional already, also where a character is right in both', () => {
    expect(inScript('皇后大道東嘅計劃', 'hant', 'yue')).toBe('皇后大道東嘅計劃');
  });

  it('is Simplified for those who read that', () => {
    expect(inScript('我哋而家開會', 'hans', 'yue')).toBe('我哋而家开会');
  });

  it('is not Japanese, and English passes', () => {
    expect(inScript('会議を始めます', 'hant', 'ja')).toBe('会議を始めます');
    expect(inScript('Let us start', 'hant', 'en')).toBe('Let us start');
  });
});

describe('profanity', () => {
  it('becomes asterisks behind its first letter', () => {
    expect(maskProfanity('What the Fucking mess, 仆街')).toBe('What the F****** mess, 仆*');
  });

  it.each(['Scunthorpe and Essex', 'the assessment of Mr. Dickens', 'a cockpit', '操作系統', '大撚化'])('is not in "%s"', (text) =>
    expect(maskProfanity(text)).toBe(text),
  );
});

describe('a stable prefix', () => {
  it('is what two guesses agree about, but the last word', () => {
    const prefix = new StablePrefix();
    expect(prefix.next('And Mr')).toEqual({ text: 'And Mr', stable: 0 });
    expect(prefix.next('And Mr. John')).toEqual({ text: 'And Mr. John', stable: 0 });
    expect(prefix.next('And Mr. John Dash')).toEqual({ text: 'And Mr. John Dash', stable: 7 });
    expect(prefix.next('And Mr. John Dashwood had')).toEqual({ text: 'And Mr. John Dashwood had', stable: 7 });
  });

  it('does not change when a later guess thinks otherwise', () => {
    const prefix = new StablePrefix();
    const shown = ['one two three', 'one two three four', 'won two three four five', 'won two three four five six'].map((guess) =>
      prefix.next(guess),
    );
    for (const [index, { text }] of shown.entries()) {
      const before = shown[index - 1];
      if (before) expect(text.slice(0, before.stable)).toBe(before.text.slice(0, before.stable));
    }
    expect(shown.at(-1)?.text).toContain('one two');
  });

  it('goes by characters in Chinese', () => {
    const prefix = new StablePrefix();
    prefix.next('我哋而家');
    expect(prefix.next('我哋而家開會')).toEqual({ text: '我哋而家開會', stable: 3 });
  });
});

describe('what engines make of noise', () => {
  it.each([
    ['you you you you you you you you you you', 5],
    ['thank you thank you thank you thank you thank you thank you thank you thank you thank you', 6],
    ['a'.repeat(200), 2],
  ])('is not taken for speech: %s', (text, seconds) => expect(plausible(text, seconds)).toBe(false));

  it.each([
    ['No, no, no, that is not what I said.', 2],
    ['我哋而家開會，大家好', 2],
    ['', 3],
  ])('%s is', (text, seconds) => expect(plausible(text, seconds)).toBe(true));
});
