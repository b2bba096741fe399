import { describe, expect, it } from 'vitest';
import { meeting, summarize, tasks } from '../meeting.js';

const amy = 'Amy Wong';
const bob = 'Bob Chiu';
const both = [amy, bob] as const;

describe('A promise', () => {
  it('is the task of who says "I", with the day that he names', async () => {
    expect(await tasks(both, 'Amy: I will send the minutes by tomorrow.')).toEqual([`${amy}: Send the minutes by tomorrow (2026-03-05)`]);
    expect(await tasks(both, "Bob: I'm going to fix the printer.")).toEqual([`${bob}: Fix the printer`]);
  });

  it.each([
    "I'll share my screen.",
    "I'll be quick.",
    "I'll see you next week.",
    'I won’t do that.',
    'I sent the report yesterday.',
    'If we had more time I would write a second report.',
    "I'd say we should look at the costs.",
    'I will stop here.',
    'I can see your screen.',
    'Let me know if anything changes.',
    'Let me share the agenda.',
    'They will send the parts next week.',
  ])('is not: "%s"', async (said) => {
    expect(await tasks(both, `Amy: ${said}`, 'Bob: Fine.')).toEqual([]);
  });

  it('is one task, however often it is said again', async () => {
    const said = ['Amy: I will prepare the slides for the board.', 'Bob: Good.', "Amy: I'll have the slides ready by Friday."];
    expect(await tasks(both, ...said)).toEqual([`${amy}: Prepare the slides for the board (2026-03-06)`]);
  });
});

describe('A request', () => {
  it('is the task of who is called by name', async () => {
    expect(await tasks(both, 'Amy: Bob, can you order the cables by Friday?', 'Bob: Sure.')).toEqual([
      `${bob}: Order the cables by Friday (2026-03-06)`,
    ]);
    expect(await tasks(both, 'Amy: Bob will order the cables.')).toEqual([`${bob}: Order the cables`]);
    expect(await tasks(both, 'Amy: Please send me the contract, Bob.')).toEqual([`${bob}: Send me the contract, Bob`]);
  });

  it('to "you" is the task of who answers', async () => {
    const three = [amy, bob, 'Carl Ip'];
    expect(await tasks(three, 'Bob: Hm.', 'Amy: Could you call the bank?', 'Carl: Yes, no problem.')).toEqual(['Carl Ip: Call the bank']);
  });

  it('takes the day from the answer', async () => {
    expect(await tasks(both, 'Amy: Bob, could you update the runbook?', 'Bob: Yes. By when?', 'Amy: End of next week is fine.')).toEqual([
      `${bob}: Update the runbook (2026-03-13)`,
    ]);
  });

  it('that is declined is nobody’s', async () => {
    expect(await tasks(both, 'Amy: Bob, can you update the website?', "Bob: I can't, I'm on leave.")).toEqual([
      'nobody: Update the website',
    ]);
  });

  it('of what has been done, or that is taken back, is none', async () => {
    expect(await tasks(both, 'Amy: Bob, please enable the alert today.', 'Bob: Already done, I did it this morning.')).toEqual([]);
    expect(await tasks(both, 'Amy: Bob, please order more paper.', 'Amy: Actually, never mind.')).toEqual([]);
  });

  it('to nobody waits for who takes it', async () => {
    expect(await tasks(both, 'Amy: Somebody needs to follow up on the contract.', "Bob: I'll take that.")).toEqual([
      `${bob}: Follow up on the contract`,
    ]);
    expect(await tasks(both, 'Amy: Somebody needs to follow up on the contract.', 'Bob: Right.')).toEqual([
      'nobody: Follow up on the contract',
    ]);
  });

  it.each(['Can you hear me?', 'Could you repeat that?', 'Can you share your screen?', 'Bob, what do you think?', 'Bob, did you send it?'])(
    'is not: "%s"',
    async (said) => {
      expect(await tasks(both, `Amy: ${said}`, 'Bob: Yes.')).toEqual([]);
    },
  );
});

describe('In Chinese', () => {
  const people = ['陳美玲', '李國強'];

  it.each([
    ['美玲: 我會改好海報，聽日之前send畀大家。', '陳美玲: 我會改好海報，聽日之前send畀大家 (2026-03-05)'],
    ['美玲: 國強，你負責聯絡報館，下星期三前要落實。', '李國強: 國強，你負責聯絡報館，下星期三前要落實 (2026-03-11)'],
    ['美玲: 唔該國強跟進保險。', '李國強: 唔該國強跟進保險'],
    ['美玲: 麻煩你查詢保險公司，十五號之前回覆。', '李國強: 麻煩你查詢保險公司，十五號之前回覆 (2026-03-15)'],
    ['美玲: 请你三天内提交报告。', '李國強: 请你三天内提交报告 (2026-03-07)'],
    ['美玲: 我聽日 follow up 個 client。', '陳美玲: 我聽日 follow up 個 client (2026-03-05)'],
    ['美玲: 由我準備演示的資料。', '陳美玲: 由我準備演示的資料'],
  ])('%s', async (said, task) => {
    expect(await tasks(people, said, '國強: 好。')).toEqual([task]);
  });

  it.each([
    '我唔會去。',
    '我已經寄咗信。',
    '我上星期寫好咗報告。',
    '如果有時間，我會整兩個版本。',
    '我覺得應該換新嘅。',
    '佢話會星期五送貨。',
    '我哋下次再傾。',
    '国强昨天写了报告。',
    '我會講三點。',
  ])('is no task: %s', async (said) => {
    expect(await tasks(people, `美玲: ${said}`, '國強: 係。')).toEqual([]);
  });

  it('a question when is answered by a day alone', async () => {
    expect(await tasks(people, '美玲: 國強，份報價你幾時交到？', '國強: 下星期三交到。')).toEqual([
      '李國強: 國強，份報價你幾時交到 (2026-03-11)',
    ]);
  });
});

it('A task stands on the line and the moment at which it was said', async () => {
  const { actions } = await summarize(meeting(both, 'Bob: Good morning.', 'Amy: First the budget. I will send the report.'));
  expect(actions[0]?.said).toMatchObject({ lineId: 'l2', personId: amy, speaker: amy, origin: 'speech', text: 'I will send the report.' });
  expect(actions[0]?.said.atMs).toBeGreaterThan(5_000);
  expect(actions[0]?.said.atMs).toBeLessThan(9_500);
});
