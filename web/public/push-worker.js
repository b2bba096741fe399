/**
 * Shows pushes while no page is open. What a push may say is decided by the server; mostly it has ids
 * alone, and the words are these. The page registers it (src/core/push.ts).
 */

const words = {
  en: {
    message: 'New message',
    mention: 'You were mentioned',
    urgent: 'Urgent message: please confirm',
    'scheduled-refused': 'A scheduled message was not sent',
    'recording-shared': 'A recording was shared with you',
    'recording-review-assigned': 'A recording waits for your review',
    'recording-review-finished': 'A review that you gave out is finished',
    'recording-review-withdrawn': 'A review was withdrawn',
  },
  'zh-Hant': {
    message: '新訊息',
    mention: '有人提及你',
    urgent: '緊急訊息：請確認',
    'scheduled-refused': '預定訊息未能發出',
    'recording-shared': '有人與你分享了錄影',
    'recording-review-assigned': '有錄影等待你覆核',
    'recording-review-finished': '你指派的覆核已完成',
    'recording-review-withdrawn': '一項覆核已撤回',
  },
  'zh-Hans': {
    message: '新消息',
    mention: '有人提到你',
    urgent: '紧急消息：请确认',
    'scheduled-refused': '定时消息未能发送',
    'recording-shared': '有人与你分享了录像',
    'recording-review-assigned': '有录像等待你复核',
    'recording-review-finished': '你指派的复核已完成',
    'recording-review-withdrawn': '一项复核已撤回',
  },
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// A new version works at once; there is nothing that pages would have in mind of the old one.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('push', (event) => event.waitUntil(show(read(event.data))));

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? '/chat'));
});

/** A browser shows something of its own when a push shows nothing, therefore whatever can't be read is a message too. */
function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

function show(push) {
  const lang = Object.hasOwn(words, push.language) ? push.language : 'en';
  const kind = Object.hasOwn(words.en, push.kind) ? push.kind : 'message';
  const word = words[lang][kind];
  const names = [push.sender, push.title].filter((name) => typeof name === 'string' && name !== '');
  const conversation = typeof push.conversation === 'string' && uuid.test(push.conversation) ? push.conversation : null;
  const number = Number.isInteger(push.number) && push.number > 0 ? push.number : null;
  const urgent = kind === 'urgent';
  const ofRecording = kind.startsWith('recording-');
  const recording = typeof push.recording === 'string' && uuid.test(push.recording) ? push.recording : null;
  return registration.showNotification(names.length > 0 ? names.join(' · ') : 'Causeway', {
    body: typeof push.text === 'string' && push.text !== '' ? (kind === 'message' ? push.text : `${word}\n${push.text}`) : word,
    lang,
    icon: '/icon.svg',
    // One for each conversation, in place of the one before; each urgent message stands for itself.
    tag: ofRecording ? `${kind}/${recording}` : conversation === null ? 'causeway' : urgent ? `${conversation}/${number}` : conversation,
    renotify: kind !== 'message',
    requireInteraction: urgent,
    data: { path: ofRecording ? archivePath(kind, recording) : chatPath(conversation, number) },
  });
}

function chatPath(conversation, number) {
  if (conversation === null) return '/chat';
  return number === null ? `/chat/${conversation}` : `/chat/${conversation}/${number}`;
}

function archivePath(kind, recording) {
  if (recording === null) return '/archive';
  return kind === 'recording-shared' ? `/archive/${recording}` : `/archive/${recording}?tab=review`;
}

/** In a page that is open already; never in one that shows a meeting, which would end it. */
async function open(path) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ url }) => !new URL(url).pathname.startsWith('/m/'));
  if (!page) return clients.openWindow(path);
  page.postMessage({ type: 'causeway.open', path });
  return page.focus();
}
