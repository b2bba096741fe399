import { describe, expect, it } from 'vitest';
import { recallableUntil } from '@/chat/recall-window';

const sentAt = 1_800_000_000_000;
const message = { senderId: 'ming', sentAt };
const member = { admin: false, kind: 'group' } as const;

describe('a message can be recalled', () => {
  it('by its sender as long as the server says', () => {
    expect(recallableUntil(message, member, 'ming', 600_000)).toBe(sentAt + 600_000);
  });

  it('by nobody else', () => {
    expect(recallableUntil(message, member, 'olivia', 600_000)).toBe(0);
  });

  it('by an admin of the conversation at any time', () => {
    expect(recallableUntil(message, { admin: true, kind: 'group' }, 'olivia', 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('between two people by its sender alone, whatever their roles', () => {
    const direct = { admin: true, kind: 'direct' } as const;
    expect(recallableUntil(message, direct, 'olivia', 600_000)).toBe(0);
    expect(recallableUntil(message, direct, 'ming', 600_000)).toBe(sentAt + 600_000);
  });
});
