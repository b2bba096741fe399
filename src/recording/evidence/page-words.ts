/** Words of the readable pages of an export. */
import type { Language } from '../../platform/errors.js';

export interface PageWords {
  /** How the language calls itself. */
  readonly language: string;
  readonly evidence: string;
  readonly organisation: string;
  readonly meeting: string;
  readonly startedBy: string;
  readonly from: string;
  readonly until: string;
  readonly version: string;
  readonly reasons: Readonly<Record<string, string>>;
  readonly times: string;
  readonly files: string;
  readonly file: string;
  readonly bytes: string;
  readonly moreFiles: (count: number) => string;
  readonly rawTracks: (count: number) => string;
  readonly participants: string;
  readonly name: string;
  readonly joined: string;
  readonly left: string;
  readonly consent: string;
  readonly consentNote: string;
  readonly answer: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly shownIn: string;
  readonly client: string;
  readonly when: string;
  readonly notice: string;
  readonly tracks: string;
  readonly source: string;
  readonly sources: Readonly<Record<string, string>>;
  readonly gaps: string;
  readonly gapWhat: Readonly<Record<string, string>>;
  readonly pauses: string;
  readonly missing: string;
  readonly missingWhat: Readonly<Record<string, string>>;
  readonly edits: string;
  readonly none: string;
  readonly transcript: string;
  readonly check: string;
  readonly checkText: readonly string[];
}

export const pageWords: Readonly<Record<Language, PageWords>> = {
  en: {
    language: 'English',
    evidence: 'Evidence of a recording',
    organisation: 'Organisation',
    meeting: 'Meeting',
    startedBy: 'Started by',
    from: 'From',
    until: 'Until',
    version: 'Version',
    reasons: {
      first: 'the first',
      withdrawal: 'made again after consent was withdrawn',
      edit: 'made again after it was edited',
      again: 'made again',
    },
    times: 'All times are UTC.',
    files: 'Files',
    file: 'File',
    bytes: 'Bytes',
    moreFiles: (count) => `And ${count} more files for playing it in a browser, in the folder files.`,
    rawTracks: (count) => `What was captured of each track, as it arrived, is in the folder tracks (${count} pieces).`,
    participants: 'Who was in the meeting',
    name: 'Name',
    joined: 'Came',
    left: 'Left',
    consent: 'Consent',
    consentNote: 'Rows are only added. The last answer of each person counts.',
    answer: 'Answer',
    answers: {
      asked: 'was asked',
      informed: 'was informed',
      yes: 'agreed',
      no: 'did not agree',
      withdrawn: 'withdrew from then on',
      'withdrawn-all': 'withdrew, and had everything removed',
    },
    shownIn: 'Shown in',
    client: 'Program',
    when: 'When',
    notice: 'The notice that was shown',
    tracks: 'What was recorded of whom',
    source: 'What',
    sources: { microphone: 'microphone', camera: 'camera', screen: 'screen', 'screen-audio': 'sound of the screen' },
    gaps: 'Gaps',
    gapWhat: {
      lost: 'never came from the sender',
      'disk-full': 'not kept: the disk was full',
      'disk-slow': 'not kept: the disk was too slow',
      interrupted: 'capture was cut off',
      damaged: 'damaged after it was kept',
      'node-lost': 'the server that had it never came back',
    },
    pauses: 'Pauses',
    missing: 'What is missing',
    missingWhat: {
      withdrawn: 'deleted because consent was withdrawn',
      'not-sealed': 'the machine that captured it was lost before it was stored',
      lost: 'was not in the store any more when this was signed',
      damaged: 'had another size in the store when this was signed',
    },
    edits: 'Edits',
    none: 'None.',
    transcript: 'Transcript',
    check: 'How to check this',
    checkText: [
      'manifest.json names every file with its SHA-256. chain.json names the SHA-256 of manifest.json, and that of the chain.json of the organisation’s recording before (previous.json). manifest.sig is the Ed25519 signature of chain.json.',
      'With Causeway, on any machine: npm run verify -- FOLDER. With OpenSSL 3: openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in chain.json -sigfile manifest.sig, then sha256sum manifest.json.',
      'Whoever made this export could have brought a key of his own. Compare the fingerprint of public-key.pem with the one that the organisation gave you by another way.',
    ],
  },
  'zh-Hant': {
    language: '繁體中文',
    evidence: '錄影證據',
    organisation: '機構',
    meeting: '會議',
    startedBy: '開始錄影者',
    from: '由',
    until: '至',
    version: '版本',
    reasons: { first: '首個版本', withdrawal: '因撤回同意而重新製作', edit: '因編輯而重新製作', again: '重新製作' },
    times: '所有時間均為協調世界時（UTC）。',
    files: '檔案',
    file: '檔案',
    bytes: '位元組',
    moreFiles: (count) => `另有 ${count} 個供瀏覽器播放的檔案，載於 files 資料夾。`,
    rawTracks: (count) => `各音軌及影像軌收到時的原始資料載於 tracks 資料夾（共 ${count} 段）。`,
    participants: '會議參加者',
    name: '姓名',
    joined: '加入時間',
    left: '離開時間',
    consent: '同意記錄',
    consentNote: '記錄只會新增，不會修改。以每人最後的回覆為準。',
    answer: '回覆',
    answers: {
      asked: '已徵詢',
      informed: '已通知',
      yes: '同意',
      no: '不同意',
      withdrawn: '撤回同意，自此不再記錄',
      'withdrawn-all': '撤回同意，並要求移除所有記錄',
    },
    shownIn: '通知語言',
    client: '程式',
    when: '時間',
    notice: '曾顯示的通知',
    tracks: '記錄內容及對象',
    source: '類別',
    sources: { microphone: '麥克風', camera: '鏡頭', screen: '螢幕', 'screen-audio': '螢幕聲音' },
    gaps: '缺漏',
    gapWhat: {
      lost: '未有從傳送者收到',
      'disk-full': '磁碟已滿，未能保存',
      'disk-slow': '磁碟過慢，未能保存',
      interrupted: '記錄曾經中斷',
      damaged: '保存後損壞',
      'node-lost': '存有資料的伺服器未能恢復',
    },
    pauses: '暫停',
    missing: '缺少的資料',
    missingWhat: {
      withdrawn: '因撤回同意而刪除',
      'not-sealed': '負責記錄的電腦在存檔前失去連線',
      lost: '簽署時已不在儲存庫',
      damaged: '簽署時在儲存庫的大小不符',
    },
    edits: '編輯',
    none: '沒有。',
    transcript: '文字記錄',
    check: '如何核實',
    checkText: [
      'manifest.json 載有每個檔案的 SHA-256；chain.json 載有 manifest.json 的 SHA-256，以及機構上一段錄影的 chain.json（即 previous.json）的 SHA-256；manifest.sig 是 chain.json 的 Ed25519 簽署。',
      '在任何電腦上使用 Causeway：npm run verify -- 資料夾。使用 OpenSSL 3：openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in chain.json -sigfile manifest.sig，然後 sha256sum manifest.json。',
      '製作本匯出檔的人可能附上自己的公開密碼匙。請將 public-key.pem 的指紋與機構以其他途徑提供的指紋核對。',
    ],
  },
  'zh-Hans': {
    language: '简体中文',
    evidence: '录像证据',
    organisation: '机构',
    meeting: '会议',
    startedBy: '开始录像者',
    from: '从',
    until: '至',
    version: '版本',
    reasons: { first: '首个版本', withdrawal: '因撤回同意而重新制作', edit: '因编辑而重新制作', again: '重新制作' },
    times: '所有时间均为协调世界时（UTC）。',
    files: '文件',
    file: '文件',
    bytes: '字节',
    moreFiles: (count) => `另有 ${count} 个供浏览器播放的文件，在 files 文件夹中。`,
    rawTracks: (count) => `各音轨和视频轨收到时的原始数据在 tracks 文件夹中（共 ${count} 段）。`,
    participants: '会议参加者',
    name: '姓名',
    joined: '加入时间',
    left: '离开时间',
    consent: '同意记录',
    consentNote: '记录只会新增，不会修改。以每人最后的答复为准。',
    answer: '答复',
    answers: {
      asked: '已征询',
      informed: '已通知',
      yes: '同意',
      no: '不同意',
      withdrawn: '撤回同意，从此不再记录',
      'withdrawn-all': '撤回同意，并要求移除全部记录',
    },
    shownIn: '通知语言',
    client: '程序',
    when: '时间',
    notice: '曾显示的通知',
    tracks: '记录内容和对象',
    source: '类别',
    sources: { microphone: '麦克风', camera: '摄像头', screen: '屏幕', 'screen-audio': '屏幕声音' },
    gaps: '缺失',
    gapWhat: {
      lost: '没有从发送者收到',
      'disk-full': '磁盘已满，未能保存',
      'disk-slow': '磁盘过慢，未能保存',
      interrupted: '记录曾经中断',
      damaged: '保存后损坏',
      'node-lost': '存有数据的服务器未能恢复',
    },
    pauses: '暂停',
    missing: '缺少的数据',
    missingWhat: {
      withdrawn: '因撤回同意而删除',
      'not-sealed': '负责记录的机器在存档前失去联系',
      lost: '签名时已不在存储中',
      damaged: '签名时在存储中的大小不符',
    },
    edits: '编辑',
    none: '没有。',
    transcript: '文字记录',
    check: '如何核实',
    checkText: [
      'manifest.json 列出每个文件的 SHA-256；chain.json 列出 manifest.json 的 SHA-256，以及机构上一段录像的 chain.json（即 previous.json）的 SHA-256；manifest.sig 是 chain.json 的 Ed25519 签名。',
      '在任何机器上使用 Causeway：npm run verify -- 文件夹。使用 OpenSSL 3：openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in chain.json -sigfile manifest.sig，然后 sha256sum manifest.json。',
      '制作本导出文件的人可能附上自己的公钥。请把 public-key.pem 的指纹与机构通过其他途径提供的指纹核对。',
    ],
  },
};
