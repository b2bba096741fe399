import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompiledRule, summary } from '../../../../src/chat/dlp/compiled-rule.js';
import { Content } from '../../../../src/chat/dlp/content.js';
import { listedType } from '../../../../src/chat/dlp/file-type.js';
import { fold, withoutMarkup } from '../../../../src/chat/dlp/fold.js';
import { mask } from '../../../../src/chat/dlp/mask.js';
import { compilePattern } from '../../../../src/chat/dlp/pattern.js';
import { dlpRuleBody } from '../../../../src/chat/dlp/schema.js';
import type { AttachmentFace } from '../../../../src/chat/ports.js';
import { CausewayError } from '../../../../src/platform/errors.js';

const file = (name: string, type = 'application/octet-stream'): AttachmentFace => ({ id: 'f', name, type, size: 1 });
const ruleOf = (over: object) => new CompiledRule(dlpRuleBody.parse({ name: 'Rule', action: 'block', ...over }));
const find = (over: object, text: string, attachments: readonly AttachmentFace[] = []) => {
  const [rule, content] = [ruleOf(over), new Content(text, attachments)];
  return rule.find(content, rule.patterns?.find(content.views, inTime) ?? []);
};
const inTime = () => undefined;
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof CausewayError) return error.code;
    throw error;
  }
  return 'nothing';
};

describe('Folding', () => {
  it.each([
    ['ｆｕｌｌ　ｗｉｄｔｈ１', 'full width1'],
    ['zero\u200b-\u200cwi\u200dd\u2060t\ufeffh', 'zero-width'],
    ['soft\u00adhyphen', 'softhyphen'],
    ['l\u202eeft\u2069', 'left'],
    ['tag\u{e0041}s', 'tags'],
    ['fil\u3164ler\u115f', 'filler'],
    ['c\u0001ontrol\u0008', 'control'],
    ['①②³⁴', '1234'],
    ['𝟙𝟚𝟛', '123'],
    ['１️⃣', '1'],
    ['1\u03362\u0336', '12'],
    ['٠١٢ ०१२ ০১২', '012 012 012'],
    ['a‐b–c—d−e', 'a-b-c-d-e'],
    ['a\u00a0b\u3000c\u2009d', 'a b c d'],
    ['lines\nand\ttabs stay\r\n', 'lines\nand\ttabs stay\r\n'],
    ['機密 é ñ', '機密 é ñ'],
  ])('turns %j into %j', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });

  it('reads Markdown as it is rendered', () => {
    expect(withoutMarkup('A**123**4~~5~~6\\(`3`\\)')).toBe('A123456(3)');
    expect(withoutMarkup('A1&#50;3&#x34;56(3) &#xffffffff; &#0;')).toBe('A123456(3) &#xffffffff; &#0;');
  });
});

describe('A rule', () => {
  it.each([
    ['a plain number', 'A123456(3)'],
    ['emphasis inside', 'A**123**456(3)'],
    ['emphasis around', '**A123456(3)**'],
    ['escapes', 'A123456\\(3\\)'],
    ['references', '&#65;123456(3)'],
    ['an underscore before', 'id_A123456(3)'],
    ['code', '`A123456(3)`'],
    ['a list', '- A123456(3)'],
    ['a table', '|A123456(3)|'],
    ['invisible characters in emphasis', 'A1\u200b**2**\u200b3456(3)'],
  ])('finds an identity card through %s', (_, text) => {
    expect(find({ detectors: ['hkid'] }, text)).toMatchObject([{ detector: 'hkid', what: 'HKID', count: 1 }]);
  });

  it('counts different numbers, and the same one once', () => {
    expect(find({ detectors: ['hkid'], minimum: 2 }, 'A123456(3) a1234563 A 123456 3')).toEqual([]);
    expect(find({ detectors: ['hkid'], minimum: 2 }, 'A123456(3) G123456(A)')).toMatchObject([{ count: 2 }]);
  });

  it('adds what its detectors and patterns find to its minimum', () => {
    const rule = { detectors: ['hkid', 'card'], patterns: [{ name: 'Word', pattern: 'secret' }], minimum: 3 };
    expect(find(rule, 'A123456(3) 4111 1111 1111 1111')).toEqual([]);
    const found = find(rule, 'A123456(3) 4111 1111 1111 1111 Secret');
    expect(summary(found)).toBe('HKID (1), CARD (1), Word (1)');
  });

  it('says nothing of the content but a masked piece', () => {
    expect(find({ detectors: ['hkid'] }, 'see A123456(3)')).toEqual([{ detector: 'hkid', what: 'HKID', count: 1, excerpt: 'A123•••(•)' }]);
  });

  it('reads the names of files as text', () => {
    expect(find({ detectors: ['hkid'] }, '', [file('A123456(3).pdf')])).toHaveLength(1);
  });

  it('holds in conversations of its domains and its kinds', () => {
    const [a, b] = ['018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b'];
    const everywhere = ruleOf({ detectors: ['hkid'] });
    const inA = ruleOf({ detectors: ['hkid'], scope: { domains: [a] } });
    const groupsOfA = ruleOf({ detectors: ['hkid'], scope: { domains: [a], kinds: ['group'] } });
    expect(everywhere.covers({ domainId: null, kind: 'direct' }, null)).toBe(true);
    expect(inA.covers({ domainId: a, kind: 'direct' }, b)).toBe(true);
    expect(inA.covers({ domainId: b, kind: 'direct' }, a)).toBe(false);
    expect(inA.covers({ domainId: null, kind: 'direct' }, a)).toBe(true);
    expect(inA.covers({ domainId: null, kind: 'direct' }, null)).toBe(false);
    expect(groupsOfA.covers({ domainId: a, kind: 'direct' }, null)).toBe(false);
    expect(groupsOfA.covers({ domainId: a, kind: 'group' }, null)).toBe(true);
  });
});

describe('Patterns', () => {
  const places = (pattern: string, text: string, over: object = {}) =>
    compilePattern({ name: 'p', pattern, caseSensitive: false, ...over })
      .find(fold(text), 5, inTime)
      .map(({ value }) => value);

  it('find words in any script, whatever their case unless it matters', () => {
    expect(places('機密|confidential', 'CONFIDENTIAL 機密文件')).toEqual(['CONFIDENTIAL', '機密']);
    expect(places('confidential', 'CONFIDENTIAL', { caseSensitive: true })).toEqual([]);
    expect(places('PROJ-\\d{3}', 'ｐｒｏｊ－１２３')).toEqual(['proj-123']);
    expect(places('😀x', '😀😀x')).toEqual(['😀x']);
  });

  it('see underscores, and words that emphasis tears apart', () => {
    expect(find({ patterns: [{ name: 'p', pattern: 'project_x' }] }, 'PROJECT_X')).toHaveLength(1);
    expect(find({ patterns: [{ name: 'p', pattern: 'secret' }] }, 'se**cr**et')).toHaveLength(1);
  });

  it.each([
    ['(?=a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?!a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?<=a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?<!a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(a)\\1', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?<n>a)\\k<n>', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?>a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['a++b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(', 'DLP_PATTERN_INVALID'],
    ['[z-a]', 'DLP_PATTERN_INVALID'],
    ['a{1001}', 'DLP_PATTERN_INVALID'],
    ['\\', 'DLP_PATTERN_INVALID'],
    ['((a{50}){50}){50}', 'DLP_PATTERN_INVALID'],
    [`${'(a?){50}'.repeat(20)}b`, 'DLP_PATTERN_TOO_LARGE'],
    ['((a{5}){10}){20}x{500}', 'DLP_PATTERN_TOO_LARGE'],
    ['.*', 'DLP_PATTERN_EMPTY'],
    ['a|', 'DLP_PATTERN_EMPTY'],
    ['\\b|x', 'nothing'],
  ])('refuse %s with %s', (pattern, code) => {
    expect(codeOf(() => compilePattern({ name: 'p', pattern, caseSensitive: true }))).toBe(code);
  });

  it('name the pattern that is refused', () => {
    expect(() => ruleOf({ patterns: [{ name: 'Ours', pattern: '(a)\\1' }] })).toThrow('"Ours"');
  });

  // An engine that backtracks would not end before the sun does.
  it.each(['(a+)+$', '(a|aa)+$', '(a|a?)+b', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y', '(?:a?){100}a{100}b'])(
    'take a bomb for %s',
    (pattern) => {
      const engine = compilePattern({ name: 'p', pattern, caseSensitive: true });
      for (const bomb of [`${'a'.repeat(20_000)}!`, `${'x'.repeat(20_000)}!`, `${'ab'.repeat(10_000)}!`])
        expect(engine.find(bomb, 1, inTime).length).toBeLessThanOrEqual(1);
    },
  );

  it('are found beside each other, whatever each is made of', () => {
    const patterns = ['(?i)ABC', '(?s)a.b', '(?P<n>x)1', '(?P<n>x)2', 'a|b', '^start', 'end$', '\\Qa)|(?:b', '\\Qz\\E', 'Case'];
    const texts = ['abc', 'a\nb', 'x1', 'x2', 'b', 'start', 'the end', 'a)|(?:b', 'z', 'Case', 'case', 'c'];
    for (const some of [patterns, patterns.slice(0, 7).filter((_, index) => index !== 3), patterns.slice(2, 4), patterns.slice(7)]) {
      const list = some.map((pattern, index) => ({ name: String(index), pattern, caseSensitive: pattern === 'Case' }));
      for (const text of texts) {
        const alone = list.filter((one) => compilePattern(one).find(text, 1, inTime).length > 0).map(({ name }) => name);
        expect(find({ patterns: list }, text).map(({ what }) => what)).toEqual(alone);
      }
    }
  });

  it('are found beside each other as they are alone, whatever is written', () => {
    const pattern = fc.string({
      unit: fc.constantFrom(...'ab01()[]?*+|\\.^$', '(?i)', '(?s)', '\\Q', '\\E', '(?P<n>', '\\b'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 2, maxLength: 4 }),
        fc.string({ unit: fc.constantFrom(...'abAB01()| \n') }),
        (some, text) => {
          const list = some
            .map((one, index) => ({ name: String(index), pattern: one, caseSensitive: index % 2 === 0 }))
            .filter((one) => codeOf(() => compilePattern(one)) === 'nothing');
          const alone = list.filter((one) => compilePattern(one).find(fold(text), 1, inTime).length > 0).map(({ name }) => name);
          expect(find({ patterns: list }, text).map(({ what }) => what)).toEqual(alone);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('are refused or compiled, whatever is written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab01()[]{}?*+|\\.^$,-<=!:pPLk項'), minLength: 1, maxLength: 30 }),
        fc.string(),
        (pattern, text) => {
          let engine: ReturnType<typeof compilePattern>;
          try {
            engine = compilePattern({ name: 'p', pattern, caseSensitive: false });
          } catch (error) {
            if (error instanceof CausewayError) return;
            throw error;
          }
          for (const { start, end, value } of engine.find(text, 3, inTime)) expect(text.slice(start, end)).toBe(value);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('File types', () => {
  it.each([
    [['exe'], file('setup.exe'), 'exe'],
    [['exe'], file('SETUP.EXE'), 'exe'],
    [['exe'], file('report.pdf', 'application/x-msdownload'), 'exe'],
    [['exe'], file('setup.exe. .'), 'exe'],
    [['exe'], file('setup.ｅｘｅ'), 'exe'],
    [['exe'], file('setup.e\u200bxe'), 'exe'],
    [['exe'], file('photo\u202egpj.exe'), 'exe'],
    [['dll'], file('report.txt', 'application/x-msdownload'), 'dll'],
    [['zip'], file('photos.jpg', 'application/zip'), 'zip'],
    [['application/zip'], file('photos.jpg', 'application/zip'), 'application/zip'],
    [['video/*'], file('film', 'video/mp4'), 'video/*'],
    [['text/plain'], file('a', 'Text/Plain; charset=utf-8'), 'text/plain'],
    [['exe'], file('exe'), null],
    [['exe'], file('.exe'), 'exe'],
    [['exe'], file('report.exe.pdf', 'application/pdf'), null],
    [['exe'], file('report.pdf', 'application/pdf'), null],
    [['video/*'], file('a', 'videos/x'), null],
    [['zip'], file('slides.pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'), null],
    [[], file('setup.exe'), null],
  ] as const)('%j sees %j as %s', (listed, attachment, type) => {
    expect(listedType(listed, attachment)).toBe(type);
  });

  it('are said with a dot, or as the media type that they are', () => {
    expect(summary(find({ fileTypes: ['.EXE', 'video/*'] }, '', [file('a.exe'), file('b.exe'), file('c', 'video/mp4')]))).toBe(
      '.exe (2), video/* (1)',
    );
  });

  it.each(['', 'a b', '*/*', '../x', 'a'.repeat(200)])('refuse to list %j', (type) => {
    expect(dlpRuleBody.safeParse({ name: 'Rule', action: 'block', fileTypes: [type] }).success).toBe(false);
  });
});

describe('Masking', () => {
  it.each([
    ['A123456(3)', 'A123•••(•)'],
    ['4111 1111 1111 1111', '4111 •••• •••• ••••'],
    ['secret', 'sec•••'],
    ['機密', '機•'],
    ['a', '•'],
    ['😀', '😀'],
    ['', ''],
    ['line\nline', 'line ••••'],
  ])('shows of %j %j', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it('never shows more than four letters, nor more than half of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc123 ()-') }), (text) => {
        const letters = text.replace(/[^a-z0-9]/g, '').length;
        expect(mask(text).replace(/[^a-z0-9]/g, '').length).toBeLessThanOrEqual(Math.min(4, letters / 2));
      }),
    );
  });
});
