import { describe, expect, it } from 'vitest';
import { urgentMail } from '../../../../src/chat/notify/urgent-mail.js';

const link = 'https://meet.example.hk/chat/1?message=2';

describe('The e-mail about an urgent message', () => {
  it('is in English and Chinese when nobody knows what the person reads', () => {
    const { subject, text, html } = urgentMail(null, {}, link);
    for (const part of [subject, text, html]) {
      expect(part).toContain('confirm');
      expect(part).toContain('確認');
    }
  });

  it('is in one language where that is known', () => {
    const { subject, text } = urgentMail('zh-Hant', {}, link);
    expect(subject).toBe('有一則緊急訊息等待你確認');
    expect(text).not.toContain('waits');
    expect(urgentMail('zh-Hans', {}, link).subject).toBe('有一条紧急消息等待你确认');
  });

  it('says nothing of the message but that there is one, unless more may be shown', () => {
    const bare = JSON.stringify(urgentMail('en', {}, link));
    expect(bare).not.toContain('From');
    const { subject, text, html } = urgentMail('en', { sender: 'Ana', title: 'Weekly', text: 'The server room is hot.' }, link);
    expect(subject).toContain('Ana');
    for (const part of [text, html]) for (const shown of ['Ana', 'Weekly', 'The server room is hot.', link]) expect(part).toContain(shown);
  });

  it('shows HTML and script as the text that they are', () => {
    const evil = `<img src=x onerror="alert(1)"> & 'quotes'`;
    const { html } = urgentMail(null, { sender: evil, title: evil, text: `<script>alert(1)</script>${evil}` }, `${link}&x="><b>`);
    expect(html).not.toMatch(/<img|<script|<b>|onerror="/);
    expect(html).toContain('&lt;script&gt;');
    expect(html.match(/href="[^"]*"/g)).toHaveLength(2);
  });

  it('keeps a name that holds line breaks in one line of the header', () => {
    const { subject } = urgentMail('en', { sender: 'Ana\r\nBcc: all@example.hk\u2028' }, link);
    expect(subject).not.toMatch(/[\r\n\u2028]/);
  });

  it('says how to open Causeway where its address is not known', () => {
    const { html, text } = urgentMail('en', {}, null);
    expect(html).not.toContain('href');
    expect(text).toContain('Open Causeway');
  });
});
