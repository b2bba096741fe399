/**
 * The words that people are shown before they are recorded, written as Cap. 486 (Personal Data (Privacy)
 * Ordinance), Schedule 1, Principle 1(3) asks: whether it is voluntary and what a no means (a)(i, ii),
 * the purpose and the classes of those whom the data may go to (b)(i), the rights of access and
 * correction and whom to ask (b)(ii); and how long it is kept (Principle 5(a), section 26).
 *
 * Whoever changes a word changes `noticeVersion`, too: a ledger names the version that was shown.
 */
import type { Language } from '../../platform/errors.js';
import type { NoticeText } from './schema.js';

export const noticeVersion = '2';

/** What of policy and meeting the words depend on. */
export interface NoticeFacts {
  readonly organisation: string;
  readonly contact: string;
  readonly webinar: boolean;
  /** Words alone; no sound, no picture. */
  readonly transcript: boolean;
  /** False: people are informed, and recorded unless they object. */
  readonly asks: boolean;
  readonly keepDays: number | null;
  readonly viewers: 'participants' | 'moderators';
  readonly download: boolean;
  /** Sound or words go to a service beyond this server, for captions or summaries. */
  readonly outside: boolean;
}

export const noticeTexts: Readonly<Record<Language, (facts: NoticeFacts) => NoticeText>> = {
  en: ({ organisation, contact, webinar, transcript, asks, keepDays, viewers, download, outside }) => {
    const meeting = webinar ? 'webinar' : 'meeting';
    return {
      title: transcript
        ? `What is said in this ${meeting} is ${asks ? 'to be ' : ''}written down`
        : `This ${meeting} is ${asks ? 'to be ' : ''}recorded`,
      what: transcript
        ? `${organisation} keeps in writing what you say, with your name and the times. A program turns speech into text and makes a summary of it. No sound and no picture is kept.`
        : `${organisation} records your voice, your camera, the screens you share, your name and the times. A program turns speech into text and makes a summary of it.`,
      purpose: `To have a record of what was said and decided: for those who were absent, for minutes and tasks, and where it has to be shown later what was agreed. It is used for nothing else unless you consent or the law requires it.`,
      kept:
        keepDays === null
          ? 'It is kept until it is no longer needed for this purpose and is deleted.'
          : `It is deleted after ${keepDays} ${keepDays === 1 ? 'day' : 'days'}, unless the law or a legal hold requires it to be kept longer.`,
      seenBy: [
        viewers === 'participants' ? `Those who were in the ${meeting} see it` : `The hosts of the ${meeting} see it`,
        `, and those with whom they share it, and administrators and reviewers of ${organisation}. `,
        download ? 'They may download a copy. ' : '',
        outside
          ? `Services that ${organisation} has engaged to turn speech into text, to translate or to summarise receive what they need for that.`
          : `It is kept and processed on the servers of ${organisation} alone.`,
      ].join(''),
      voluntary: asks
        ? `You are free to agree or not. You can take part in the ${meeting} all the same: without your consent nothing of your ${transcript ? 'words' : 'sound, picture and screen'} is taken, and silence counts as no. Nothing of what you say is captioned then either, unless you turn on captions of yourself; they are shown and not kept. What others say of you can still be in the recording.`
        : `You are free to object, now or later, and can take part in the ${meeting} all the same: from then on nothing of your ${transcript ? 'words' : 'sound, picture and screen'} is taken, and nothing of what you say is captioned, unless you turn on captions of yourself; they are shown and not kept. Who does not object is recorded.`,
      contact: `You can withdraw at any time, during the ${meeting} or afterwards, and have everything removed that was taken of you. To see or correct your personal data, write to: ${contact}.`,
    };
  },
  'zh-Hant': ({ organisation, contact, webinar, transcript, asks, keepDays, viewers, download, outside }) => {
    const meeting = webinar ? '網絡研討會' : '會議';
    return {
      title: transcript ? `本${meeting}的發言${asks ? '將會' : '現正'}以文字記錄` : `本${meeting}${asks ? '將會' : '現正'}錄影`,
      what: transcript
        ? `${organisation}會以文字記錄你的發言、姓名及發言時間，並由電腦程式把語音轉為文字及撰寫摘要，不會保存聲音及影像。`
        : `${organisation}會記錄你的聲音、鏡頭影像、分享的螢幕、姓名及有關時間，並由電腦程式把語音轉為文字及撰寫摘要。`,
      purpose: `用作記錄${meeting}上的發言及決定，供缺席者了解內容、撰寫會議記錄及跟進事項，並在日後需要時證明曾議定的事項。除非得到你的同意或法律另有規定，否則不會作其他用途。`,
      kept:
        keepDays === null
          ? '記錄會保存至上述用途不再需要時刪除。'
          : `記錄會在 ${keepDays} 日後刪除，除非法律或法律保留規定須保存更長時間。`,
      seenBy: [
        viewers === 'participants' ? `${meeting}的參加者` : `${meeting}的主持人`,
        `、獲其分享的人，以及${organisation}的管理員及覆核人員可以查看`,
        download ? '，並可下載副本。' : '。',
        outside
          ? `${organisation}委聘的語音轉文字、翻譯或摘要服務供應商會收到所需的部分。`
          : `記錄只會在${organisation}的伺服器上保存及處理。`,
      ].join(''),
      voluntary: asks
        ? `同意與否純屬自願。即使你不同意，仍可參加${meeting}：未經你同意，不會記錄你的${transcript ? '發言' : '聲音、影像及螢幕'}；沒有回覆即視為不同意。你的發言屆時亦不會有字幕，除非你自行開啟；該等字幕只會即時顯示，不會保存。其他人提及你的內容仍可能被記錄。`
        : `你可以隨時提出反對，並可繼續參加${meeting}；提出反對後，不會再記錄你的${transcript ? '發言' : '聲音、影像及螢幕'}，你的發言亦不會有字幕，除非你自行開啟；該等字幕只會即時顯示，不會保存。如沒有反對，則會被記錄。`,
      contact: `你可以在${meeting}期間或之後隨時撤回同意，並要求移除所有關於你的記錄。如要查閱或改正你的個人資料，請聯絡：${contact}。`,
    };
  },
  'zh-Hans': ({ organisation, contact, webinar, transcript, asks, keepDays, viewers, download, outside }) => {
    const meeting = webinar ? '网络研讨会' : '会议';
    return {
      title: transcript ? `本${meeting}的发言${asks ? '将' : '正在'}以文字记录` : `本${meeting}${asks ? '将被' : '正在'}录像`,
      what: transcript
        ? `${organisation}会以文字记录你的发言、姓名和发言时间，并由计算机程序把语音转为文字、撰写摘要，不会保存声音和图像。`
        : `${organisation}会记录你的声音、摄像头画面、共享的屏幕、姓名和有关时间，并由计算机程序把语音转为文字、撰写摘要。`,
      purpose: `用于记录${meeting}上的发言和决定，供缺席者了解内容、撰写会议纪要和跟进事项，并在日后需要时证明曾经商定的事项。除非得到你的同意或法律另有规定，不会用于其他用途。`,
      kept:
        keepDays === null ? '记录会保存到上述用途不再需要时删除。' : `记录会在 ${keepDays} 天后删除，除非法律或法律保留要求保存更长时间。`,
      seenBy: [
        viewers === 'participants' ? `${meeting}的参加者` : `${meeting}的主持人`,
        `、他们分享的对象，以及${organisation}的管理员和复核人员可以查看`,
        download ? '，并可下载副本。' : '。',
        outside
          ? `${organisation}委托的语音转文字、翻译或摘要服务提供商会收到所需的部分。`
          : `记录只在${organisation}的服务器上保存和处理。`,
      ].join(''),
      voluntary: asks
        ? `是否同意完全自愿。即使不同意，你仍可参加${meeting}：未经你同意，不会记录你的${transcript ? '发言' : '声音、图像和屏幕'}；没有答复即视为不同意。届时你的发言也不会有字幕，除非你自行开启；这些字幕只会实时显示，不会保存。其他人提及你的内容仍可能被记录。`
        : `你可以随时提出反对，并可继续参加${meeting}；提出反对后，不再记录你的${transcript ? '发言' : '声音、图像和屏幕'}，你的发言也不会有字幕，除非你自行开启；这些字幕只会实时显示，不会保存。如不反对，则会被记录。`,
      contact: `你可以在${meeting}期间或之后随时撤回同意，并要求移除关于你的全部记录。如要查阅或更正你的个人资料，请联系：${contact}。`,
    };
  },
};
