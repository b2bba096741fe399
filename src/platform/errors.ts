/**
 * The catalogue of errors. Everything that Causeway refuses, it refuses with one of these.
 *
 * A code is `AREA_WHAT` and never changes its meaning; clients branch on it. Each entry says
 * what happened and what to do, in the three languages of the page. `docs/reference/errors.md`
 * is generated from here and a test holds the two together.
 */

export const languages = ['en', 'zh-Hant', 'zh-Hans'] as const;
export type Language = (typeof languages)[number];

export interface ErrorEntry {
  /** HTTP status of the answer when the error ends an HTTP request. */
  readonly status: number;
  /** WebSocket close code (4000 to 4999, RFC 6455 section 7.4.2) when it ends a socket. */
  readonly close?: number;
  /** The same call may succeed later, unchanged. */
  readonly retryable?: true;
  readonly message: Readonly<Record<Language, string>>;
}

const entry = (
  status: number,
  en: string,
  zhHant: string,
  zhHans: string,
  more: { close?: number; retryable?: true } = {},
): ErrorEntry => ({ status, message: { en, 'zh-Hant': zhHant, 'zh-Hans': zhHans }, ...more });

export const catalogue = {
  // The request itself
  REQUEST_INVALID: entry(400, 'Part of the input is not valid: {detail}.', '輸入的資料有誤：{detail}。', '输入的数据有误：{detail}。'),
  REQUEST_TOO_LARGE: entry(413, 'The request is too large. Send less at a time.', '請求過大，請分批傳送。', '请求过大，请分批发送。'),
  REQUEST_RATE: entry(429, 'Too many requests. Wait a moment and try again.', '請求過於頻密，請稍後再試。', '请求过于频繁，请稍后再试。', {
    close: 4029,
    retryable: true,
  }),
  REQUEST_ORIGIN: entry(
    403,
    'This page may not call the server. Open Causeway by its own address.',
    '此網頁不可連接伺服器，請使用 Causeway 的網址開啟。',
    '此网页不可连接服务器，请使用 Causeway 的网址打开。',
  ),
  ROUTE_NOT_FOUND: entry(404, 'There is nothing at this address.', '此網址沒有內容。', '此网址没有内容。'),
  METHOD_UNKNOWN: entry(
    404,
    'The server does not know this method. Reload the page to get the current version.',
    '伺服器不支援此操作，請重新載入網頁。',
    '服务器不支持此操作，请重新加载网页。',
  ),
  SERVER_FAULT: entry(
    500,
    'Something went wrong on the server. Nothing was changed. Try again; if it stays, tell your administrator the time.',
    '伺服器發生錯誤，資料沒有改動。請再試一次；如問題持續，請把時間告知管理員。',
    '服务器发生错误，数据没有改动。请再试一次；如问题持续，请把时间告知管理员。',
    { close: 4500, retryable: true },
  ),
  SERVER_DRAINING: entry(
    503,
    'The server is restarting. The page reconnects by itself.',
    '伺服器正在重新啟動，網頁會自動重新連線。',
    '服务器正在重新启动，网页会自动重新连接。',
    { close: 4012, retryable: true },
  ),
  CLUSTER_NODE_GONE: entry(
    503,
    'The server that held this meeting did not answer. Another one takes it over; try again in a moment.',
    '主持此會議的伺服器沒有回應，會議將由另一部伺服器接手，請稍後再試。',
    '承载此会议的服务器没有响应，会议将由另一台服务器接手，请稍后再试。',
    { retryable: true },
  ),

  // The socket
  SOCKET_FRAME_INVALID: entry(400, 'The frame could not be read.', '無法讀取資料框。', '无法读取数据帧。', { close: 4002 }),
  SOCKET_HELLO_EXPECTED: entry(
    401,
    'The first frame must be the hello, within 5 seconds.',
    '第一個資料框必須是 hello，並於 5 秒內送出。',
    '第一个数据帧必须是 hello，并在 5 秒内发出。',
    { close: 4001 },
  ),
  SOCKET_TOO_SLOW: entry(
    408,
    'The connection is too slow for the events of this session. The page reconnects and asks for what it missed.',
    '連線太慢，跟不上訊息。網頁會重新連線並補回。',
    '连接太慢，跟不上消息。网页会重新连接并补回。',
    { close: 4008, retryable: true },
  ),
  SOCKET_REPLACED: entry(
    409,
    'This session was taken up by another connection.',
    '此工作階段已由另一連線接手。',
    '此会话已由另一连接接手。',
    { close: 4010 },
  ),
  SOCKET_SESSIONS: entry(
    429,
    'You are connected too many times at once. Close Causeway in other tabs or on other devices.',
    '你同時開啟的連線過多，請關閉其他分頁或裝置上的 Causeway。',
    '你同时打开的连接过多，请关闭其他标签页或设备上的 Causeway。',
    { close: 4011, retryable: true },
  ),
  TOPIC_RESET: entry(
    410,
    'The missed events are no longer kept. Take a fresh snapshot.',
    '錯過的訊息已不再保留，請重新取得目前狀態。',
    '错过的消息已不再保留，请重新获取当前状态。',
  ),
  TOPIC_FORBIDDEN: entry(403, 'You are not subscribed to this topic.', '你沒有訂閱此主題。', '你没有订阅此主题。'),

  // Accounts
  AUTH_REQUIRED: entry(401, 'Sign in first.', '請先登入。', '请先登录。', { close: 4003 }),
  AUTH_EXPIRED: entry(401, 'The sign-in has ended. Sign in again.', '登入已過期，請重新登入。', '登录已过期，请重新登录。', {
    close: 4004,
  }),
  AUTH_SIGNED_OUT: entry(401, 'This device was signed out.', '此裝置已登出。', '此设备已退出登录。', { close: 4005 }),
  AUTH_WRONG: entry(401, 'E-mail or password is wrong.', '電郵或密碼不正確。', '邮箱或密码不正确。'),
  AUTH_FORBIDDEN: entry(
    403,
    'Your role does not allow this. Ask an administrator of your organisation.',
    '你的權限不足，請聯絡機構的管理員。',
    '你的权限不足，请联系机构的管理员。',
  ),
  ACCOUNT_SETUP_DONE: entry(
    409,
    'This server is set up already. Sign in instead.',
    '此伺服器已完成設定，請直接登入。',
    '此服务器已完成设置，请直接登录。',
  ),
  ACCOUNT_SETUP_LINK: entry(
    403,
    'This owner link is not valid (any more). The current one is printed when the server starts.',
    '此擁有者連結無效。伺服器啟動時會顯示目前的連結。',
    '此所有者链接无效。服务器启动时会显示当前的链接。',
  ),
  ACCOUNT_EMAIL_TAKEN: entry(409, 'There is an account with this e-mail already.', '此電郵已有帳戶。', '此邮箱已有账户。'),
  ACCOUNT_NO_DEVICE: entry(404, 'This device is not signed in (any more).', '此裝置並未登入，或已登出。', '此设备未登录，或已退出登录。'),
  INVITATION_INVALID: entry(
    404,
    'This invitation is used, withdrawn or too old. Ask for a new one.',
    '此邀請已使用、撤回或過期，請索取新的邀請。',
    '此邀请已使用、撤回或过期，请索取新的邀请。',
  ),

  // Meetings
  MEETING_NOT_FOUND: entry(404, 'There is no such meeting. Check the link.', '找不到此會議，請檢查連結。', '找不到此会议，请检查链接。'),
  MEETING_ENDED: entry(410, 'This meeting has ended.', '會議已結束。', '会议已结束。'),
  MEETING_LOCKED: entry(
    403,
    'The meeting is locked. Ask the host to unlock it.',
    '會議已鎖定，請主持人解鎖。',
    '会议已锁定，请主持人解锁。',
  ),
  MEETING_REMOVED: entry(403, 'A host has removed you from this meeting.', '主持人已將你移出會議。', '主持人已将你移出会议。'),
  MEETING_DENIED: entry(403, 'A host did not let you in.', '主持人沒有批准你加入。', '主持人没有批准你加入。'),
  MEETING_FULL: entry(
    409,
    'The meeting is full. Ask the host to make room.',
    '會議人數已滿，請聯絡主持人。',
    '会议人数已满，请联系主持人。',
  ),
  MEETING_FORBIDDEN: entry(403, 'Only a host may do this.', '只有主持人可以這樣做。', '只有主持人可以这样做。'),
  MEETING_NOT_IN: entry(409, 'You are not in this meeting. Join first.', '你不在此會議中，請先加入。', '你不在此会议中，请先加入。'),
  MEETING_NO_PARTICIPANT: entry(404, 'This person has left.', '對方已離開。', '对方已离开。'),
  MEETING_LAST_HOST: entry(
    409,
    'A meeting needs a host. Make somebody else host first.',
    '會議需要主持人，請先指定另一位主持人。',
    '会议需要主持人，请先指定另一位主持人。',
  ),
  MEETING_SPOTLIGHT_FULL: entry(
    409,
    'At most {limit} people can be in the spotlight. Take somebody out of it first.',
    '最多可聚焦 {limit} 人，請先取消其中一人。',
    '最多可聚焦 {limit} 人，请先取消其中一人。',
  ),
  MEETING_AGENDA_CHANGED: entry(
    409,
    'Somebody else has changed the agenda meanwhile. Look at it, then make your change again.',
    '其他人剛更改了議程，請先查看，再作更改。',
    '其他人刚更改了议程，请先查看，再作更改。',
  ),
  MEETING_NO_AGENDA_ITEM: entry(404, 'This item is no longer on the agenda.', '議程上已沒有這個項目。', '议程上已没有这个项目。'),
  MEETING_BEGUN: entry(
    409,
    'The meeting has begun; this can no longer be changed.',
    '會議已開始，不可再更改此項。',
    '会议已开始，不能再更改此项。',
  ),
  MEETING_GUESTS_OFF: entry(
    403,
    'This meeting takes no guests. Sign in with an account of the organisation.',
    '此會議不接受訪客，請以機構帳戶登入。',
    '此会议不接受访客，请以机构账户登录。',
  ),

  // Media
  MEDIA_BAD_CAPABILITIES: entry(
    400,
    'The receive capabilities are not valid: {detail}.',
    '接收能力的資料有誤：{detail}。',
    '接收能力的数据有误：{detail}。',
  ),
  MEDIA_BAD_PARAMETERS: entry(400, 'The media parameters are not valid: {detail}.', '媒體參數有誤：{detail}。', '媒体参数有误：{detail}。'),
  MEDIA_NOT_FOUND: entry(404, 'This transport, producer or consumer is gone.', '此媒體通道已不存在。', '此媒体通道已不存在。'),
  MEDIA_SOURCE_TAKEN: entry(
    409,
    'This source is sent already. Stop the other one first.',
    '此來源已在傳送中，請先停止。',
    '此来源已在发送中，请先停止。',
  ),
  MEDIA_SHARE_TAKEN: entry(
    409,
    'Somebody shares a screen already. Wait until it ends.',
    '已有人正在分享螢幕，請等候結束。',
    '已有人正在共享屏幕，请等候结束。',
  ),
  MEDIA_UNAVAILABLE: entry(
    503,
    'No media worker is running right now. The page tries again by itself.',
    '媒體服務暫時無法使用，網頁會自動重試。',
    '媒体服务暂时无法使用，网页会自动重试。',
    { retryable: true },
  ),

  // Chat
  CHAT_NOT_FOUND: entry(
    404,
    'There is no such conversation, or you are not in it.',
    '找不到此對話，或你不在其中。',
    '找不到此对话，或你不在其中。',
  ),
  CHAT_EMPTY: entry(400, 'Write something first.', '請先輸入內容。', '请先输入内容。'),
  CHAT_TOO_LONG: entry(
    400,
    'The message is too long. Send it in parts of at most {limit} characters.',
    '訊息太長，請分段傳送，每段最多 {limit} 字。',
    '消息太长，请分段发送，每段最多 {limit} 字。',
  ),
  CHAT_BAD_CLIENT_ID: entry(
    400,
    'The client id of a message must be a UUID.',
    '訊息的 client id 必須是 UUID。',
    '消息的 client id 必须是 UUID。',
  ),
  CHAT_FORBIDDEN: entry(
    403,
    'Your role in this conversation does not allow this. Ask one of its admins.',
    '你在此對話的角色不允許此操作，請聯絡對話管理員。',
    '你在此对话的角色不允许此操作，请联系对话管理员。',
  ),
  CHAT_MESSAGE_NOT_FOUND: entry(
    404,
    'There is no such message in this conversation, or it is from before you joined.',
    '此對話沒有該訊息，或該訊息早於你加入的時間。',
    '此对话没有该消息，或该消息早于你加入的时间。',
  ),
  CHAT_RECALLED: entry(
    409,
    'This message was recalled and can not be changed any more.',
    '此訊息已收回，不能再更改。',
    '此消息已撤回，不能再更改。',
  ),
  CHAT_RECALL_LATE: entry(
    409,
    'A message can be recalled for {minutes} minutes. Ask an admin of the conversation to take it back.',
    '訊息只可於 {minutes} 分鐘內收回，請聯絡對話管理員代為收回。',
    '消息只能在 {minutes} 分钟内撤回，请联系对话管理员代为撤回。',
  ),
  CHAT_ARCHIVED: entry(
    409,
    'This conversation is archived. It can be read, not written to.',
    '此對話已封存，只可閱讀。',
    '此对话已归档，只能阅读。',
  ),
  CHAT_MENTIONS: entry(
    400,
    'Mention at most {limit} people, all of them in the conversation; everybody at most once a minute.',
    '最多提及 {limit} 人，且須為對話成員；提及所有人每分鐘最多一次。',
    '最多提及 {limit} 人，且须为对话成员；提及所有人每分钟最多一次。',
  ),
  CHAT_ATTACHMENT: entry(
    400,
    'An attachment is not there, not complete, or not yours. Upload it again.',
    '附件不存在、未完成上載或不屬於你，請重新上載。',
    '附件不存在、未完成上传或不属于你，请重新上传。',
  ),
  UPLOAD_VERSION: entry(
    412,
    'Uploads speak version 1.0.0 of the tus protocol. Send the header "Tus-Resumable: 1.0.0".',
    '上載使用 tus 協定 1.0.0 版，請加上標頭「Tus-Resumable: 1.0.0」。',
    '上传使用 tus 协议 1.0.0 版，请加上标头“Tus-Resumable: 1.0.0”。',
  ),
  UPLOAD_NOT_FOUND: entry(
    404,
    'There is no such upload, or it was not finished within a day. Upload the file again.',
    '找不到此上載，或未於一日內完成，請重新上載檔案。',
    '找不到此上传，或未在一天内完成，请重新上传文件。',
  ),
  UPLOAD_OFFSET: entry(
    409,
    'The upload is not where you go on from. Ask how far it is (HEAD), and go on from there.',
    '上載的位置不符，請查詢目前進度（HEAD）再繼續。',
    '上传的位置不符，请查询当前进度（HEAD）再继续。',
  ),
  UPLOAD_TOO_LARGE: entry(
    413,
    'The file is too large. Files may have at most {limit}.',
    '檔案太大，上限為 {limit}。',
    '文件太大，上限为 {limit}。',
  ),
  UPLOAD_QUOTA: entry(
    409,
    'You have uploaded much that is not sent yet. Send or remove some of it first.',
    '你已上載但未傳送的檔案過多，請先傳送或移除部分檔案。',
    '你已上传但未发送的文件过多，请先发送或移除部分文件。',
  ),
  UPLOAD_STORAGE: entry(
    409,
    'Your files take all the room that one person has, {limit}. Recall messages with files that are not needed, or ask your administrator.',
    '你的檔案已用盡個人儲存空間（{limit}），請收回不再需要的檔案訊息，或聯絡管理員。',
    '你的文件已用完个人存储空间（{limit}），请撤回不再需要的文件消息，或联系管理员。',
  ),
  UPLOAD_PIECE_SMALL: entry(
    400,
    'Send at least {limit} of the file at once; only its last piece may be smaller.',
    '每次最少須上載檔案的 {limit}，只有最後一部分可較小。',
    '每次至少须上传文件的 {limit}，只有最后一部分可以更小。',
  ),
  ATTACHMENT_NOT_FOUND: entry(
    404,
    'There is no such file, or you may not see its message.',
    '找不到此檔案，或你無權查看其訊息。',
    '找不到此文件，或你无权查看其消息。',
  ),
  ATTACHMENT_RANGE: entry(416, 'The file has no such part.', '檔案沒有所要求的部分。', '文件没有所请求的部分。'),
  CHAT_REACTION: entry(
    400,
    'A reaction is one emoji, and a message has at most {limit} different ones.',
    '回應須為一個表情符號，每則訊息最多 {limit} 種。',
    '回应须为一个表情符号，每条消息最多 {limit} 种。',
  ),
  CHAT_PINS: entry(
    409,
    'A conversation has at most {limit} pinned messages. Unpin one first.',
    '每個對話最多置頂 {limit} 則訊息，請先取消其中一則。',
    '每个对话最多置顶 {limit} 条消息，请先取消其中一条。',
  ),
  CHAT_POLL: entry(
    409,
    'The poll is closed, has no such option, or takes one answer only.',
    '投票已結束、沒有該選項，或只可選一項。',
    '投票已结束、没有该选项，或只能选一项。',
  ),
  CHAT_MEMBERS: entry(
    400,
    'These people can not be in this conversation: {detail}.',
    '這些人不可加入此對話：{detail}。',
    '这些人不能加入此对话：{detail}。',
  ),
  CHAT_CONVERSATIONS_RATE: entry(
    429,
    'One person can begin {hour} conversations in an hour and {day} in a day. Wait a while, or use one that is there.',
    '每人每小時最多可建立 {hour} 個對話，每日最多 {day} 個，請稍後再試或使用現有對話。',
    '每人每小时最多可创建 {hour} 个对话，每天最多 {day} 个，请稍后再试或使用已有对话。',
    { retryable: true },
  ),
  CHAT_SEARCH_EMPTY: entry(
    400,
    'Search for at least one letter, digit or character, or in one conversation.',
    '請輸入最少一個字母、數字或中文字，或只搜尋一個對話。',
    '请输入至少一个字母、数字或汉字，或只搜索一个会话。',
  ),
  CHAT_DOMAIN_REFUSED: entry(
    403,
    'The rule "{rule}" does not let this cross from {from} to {to}. Ask the administrator who keeps the rules.',
    '規則「{rule}」不允許由「{from}」傳至「{to}」，請聯絡管理規則的管理員。',
    '规则“{rule}”不允许从“{from}”传至“{to}”，请联系管理规则的管理员。',
  ),
  CHAT_DLP_WARNED: entry(
    409,
    'The rule "{rule}" found {what}. Send it again if it is meant to be there.',
    '規則「{rule}」發現{what}。如確定要傳送，請再按一次。',
    '规则“{rule}”发现{what}。如确定要发送，请再按一次。',
  ),
  CHAT_DLP_REASON: entry(
    409,
    'The rule "{rule}" found {what}. Say why it has to be sent.',
    '規則「{rule}」發現{what}，請說明傳送原因。',
    '规则“{rule}”发现{what}，请说明发送原因。',
  ),
  CHAT_DLP_BLOCKED: entry(
    403,
    'The rule "{rule}" found {what}, which must not be sent here. Nothing was kept.',
    '規則「{rule}」發現{what}，不可在此傳送。內容沒有保留。',
    '规则“{rule}”发现{what}，不能在此发送。内容没有保留。',
  ),
  CHAT_DLP_UNREAD: entry(
    413,
    'The rule "{rule}" could not be applied to a text like this in time, so it was not sent. Send it in shorter messages.',
    '規則「{rule}」未能及時檢查此內容，因此沒有傳送。請分為較短的訊息傳送。',
    '规则“{rule}”未能及时检查此内容，因此没有发送。请分成较短的消息发送。',
  ),
  DLP_RULE_NOT_FOUND: entry(
    404,
    'There is no such DLP rule. Somebody else may have deleted it; reload the list.',
    '找不到此防洩規則，可能已被刪除，請重新載入清單。',
    '找不到此防泄漏规则，可能已被删除，请重新载入列表。',
  ),
  DLP_RULE_NAME_TAKEN: entry(
    409,
    'There is a DLP rule of this name. Choose another name.',
    '已有同名的防洩規則，請使用其他名稱。',
    '已有同名的防泄漏规则，请使用其他名称。',
  ),
  DLP_RULE_EMPTY: entry(
    400,
    'The rule looks for nothing. Choose a detector, a pattern or a file type.',
    '此規則沒有檢查任何內容，請選擇偵測項目、字樣或檔案類型。',
    '此规则没有检查任何内容，请选择检测项目、模式或文件类型。',
  ),
  DLP_RULES_FULL: entry(
    409,
    'An organisation has at most {limit} DLP rules. Delete one, or put several into one.',
    '每個機構最多有 {limit} 條防洩規則，請刪除或合併部分規則。',
    '每个机构最多有 {limit} 条防泄漏规则，请删除或合并部分规则。',
  ),
  DLP_PATTERN_INVALID: entry(
    400,
    'The pattern "{name}" can not be read: {detail}.',
    '無法讀取字樣「{name}」：{detail}。',
    '无法读取模式“{name}”：{detail}。',
  ),
  DLP_PATTERN_UNSUPPORTED: entry(
    400,
    'The pattern "{name}" has a look-around, a back-reference or a possessive repetition, which could keep the server busy without end. Write it without.',
    '字樣「{name}」使用了環視、反向引用或佔有量詞，可能令伺服器無法停止運算，請改寫。',
    '模式“{name}”使用了环视、反向引用或占有量词，可能使服务器无休止运算，请改写。',
  ),
  DLP_PATTERN_TOO_LARGE: entry(
    400,
    'The pattern "{name}" is too large. Make its repetitions smaller, or split it.',
    '字樣「{name}」過於複雜，請減少重複次數或分拆。',
    '模式“{name}”过于复杂，请减少重复次数或拆分。',
  ),
  DLP_PATTERN_EMPTY: entry(
    400,
    'The pattern "{name}" matches where there is nothing, so it would be found in every message.',
    '字樣「{name}」可與空白內容相符，所有訊息均會符合，請改寫。',
    '模式“{name}”可与空内容匹配，所有消息都会匹配，请改写。',
  ),
  DLP_REASON_CONTENT: entry(
    400,
    'The reason has in it what the rule "{rule}" looks for. Say why without repeating it.',
    '原因中含有規則「{rule}」所檢查的內容，請勿在原因中重複。',
    '原因中含有规则“{rule}”所检查的内容，请勿在原因中重复。',
  ),
  DLP_TEST_BUSY: entry(
    429,
    'A rule of your organisation is being tested already. Wait until it is done.',
    '你的機構正在測試另一條規則，請待完成後再試。',
    '你的机构正在测试另一条规则，请待完成后再试。',
    { retryable: true },
  ),
  CHAT_DOMAIN_NOT_FOUND: entry(404, 'There is no such data domain.', '找不到此資料域。', '找不到此数据域。'),
  CHAT_DOMAIN_RULE_NOT_FOUND: entry(404, 'There is no such rule between domains.', '找不到此資料域規則。', '找不到此数据域规则。'),
  CHAT_DOMAIN_NAME_TAKEN: entry(
    409,
    'There is one with this name, or about the same domains, already.',
    '已有同名或涉及相同資料域的項目。',
    '已有同名或涉及相同数据域的项目。',
  ),
  CHAT_DOMAIN_IN_USE: entry(
    409,
    'The domain is the default one, or has conversations or people. Move them to another first.',
    '此資料域為預設，或仍有對話或成員，請先把他們移至其他資料域。',
    '此数据域为默认，或仍有对话或成员，请先把它们移至其他数据域。',
  ),
  CHAT_NO_GUESTS: entry(
    409,
    'Guests can be invited to groups and project spaces that are not archived.',
    '只可邀請訪客加入未封存的群組或項目空間。',
    '只能邀请访客加入未归档的群组或项目空间。',
  ),
  CHAT_HELD: entry(
    409,
    'The legal hold "{hold}" keeps this. It can be deleted once the hold is released.',
    '法律保留「{hold}」涵蓋此項目，解除保留後方可刪除。',
    '法律保留“{hold}”涵盖此项目，解除保留后才能删除。',
  ),
  CHAT_HOLD_NOT_FOUND: entry(404, 'There is no such legal hold.', '找不到此法律保留。', '找不到此法律保留。'),
  CHAT_HOLD_RELEASED: entry(
    409,
    'This legal hold was released. Make a new one instead.',
    '此法律保留已解除，請另建新的保留。',
    '此法律保留已解除，请另建新的保留。',
  ),
  CHAT_EXPORT_NOT_FOUND: entry(
    404,
    'There is no such export. Exports are kept for {days} days.',
    '找不到此匯出。匯出檔案只保留 {days} 天。',
    '找不到此导出。导出文件只保留 {days} 天。',
  ),
  CHAT_EXPORT_NOT_READY: entry(
    409,
    'The export is not finished. Look at its progress.',
    '匯出尚未完成，請查看進度。',
    '导出尚未完成，请查看进度。',
  ),
  PERSON_NOT_FOUND: entry(404, 'There is no such person.', '找不到此人。', '找不到此人。'),
  CHAT_URGENT_LIMIT: entry(
    429,
    'At most {limit} urgent messages in an hour. Send it as an ordinary one, or wait.',
    '每小時最多發出 {limit} 則緊急訊息，請改為一般訊息，或稍後再試。',
    '每小时最多发出 {limit} 条紧急消息，请改为普通消息，或稍后再试。',
  ),
  CHAT_SCHEDULED_NOT_FOUND: entry(
    404,
    'There is no such scheduled message. It was sent or deleted.',
    '找不到此預定訊息，可能已發出或刪除。',
    '找不到此定时消息，可能已发出或删除。',
  ),
  CHAT_SCHEDULED_SENDING: entry(
    409,
    'This message is being sent right now and can not be changed any more.',
    '此訊息正在發出，不能再更改。',
    '此消息正在发出，不能再更改。',
  ),
  CHAT_SCHEDULED_LIMIT: entry(
    409,
    'At most {limit} messages can wait for their time. Delete one first.',
    '最多可有 {limit} 則預定訊息，請先刪除其中一則。',
    '最多可有 {limit} 条定时消息，请先删除其中一条。',
  ),
  CHAT_SCHEDULED_TIME: entry(400, 'Choose a time in the future, within a year.', '請選擇一年內的未來時間。', '请选择一年内的未来时间。'),
  NOTIFY_ADDRESS: entry(
    400,
    'The server may not call this address: {detail}.',
    '伺服器不可連接此網址：{detail}。',
    '服务器不可连接此网址：{detail}。',
  ),

  // Apps, webhooks and slash commands
  BOT_APP_NOT_FOUND: entry(404, 'There is no such app.', '找不到此應用程式。', '找不到此应用程序。'),
  BOT_WEBHOOK_NOT_FOUND: entry(
    404,
    'There is no such webhook, or it is switched off.',
    '找不到此 Webhook，或已停用。',
    '找不到此 Webhook，或已停用。',
  ),
  BOT_COMMAND_NOT_FOUND: entry(
    404,
    'There is no such command. Type / to see all.',
    '找不到此指令，輸入 / 可查看所有指令。',
    '找不到此命令，输入 / 可查看所有命令。',
  ),
  BOT_COMMAND_TAKEN: entry(
    409,
    'There is a command with this name already. Choose another one.',
    '已有同名指令，請選用其他名稱。',
    '已有同名命令，请选用其他名称。',
  ),
  BOT_COMMAND_FAILED: entry(
    502,
    'The app of this command gave no usable answer. Nothing was posted; try again, or tell your administrator.',
    '此指令的應用程式沒有正確回應，沒有發出任何訊息。請再試一次，或通知管理員。',
    '此命令的应用程序没有正确响应，没有发出任何消息。请再试一次，或通知管理员。',
    { retryable: true },
  ),
  BOT_NOT_MEMBER: entry(
    409,
    'The app is not in this conversation. An admin of the conversation can add it.',
    '此應用程式不在此對話中，對話管理員可把它加入。',
    '此应用程序不在此对话中，对话管理员可把它加入。',
  ),
  BOT_SCOPE: entry(
    403,
    'This app may not do this: its token lacks the scope {scope}.',
    '此應用程式沒有權限：權杖缺少 {scope}。',
    '此应用程序没有权限：令牌缺少 {scope}。',
  ),
  BOT_REDIRECT: entry(
    400,
    'This app did not register the address that it wants to be called back at. Ask who runs it.',
    '此應用程式沒有登記要返回的網址，請聯絡其負責人。',
    '此应用程序没有登记要返回的网址，请联系其负责人。',
  ),
  BOT_ADDRESS: entry(
    400,
    'The server may not call this address: {detail}',
    '伺服器不可連接此網址：{detail}',
    '服务器不可连接此网址：{detail}',
  ),
  BOT_LIMIT: entry(
    409,
    'There are {limit} of these already, which is the most. Delete one first.',
    '數目已達上限 {limit}，請先刪除其中一個。',
    '数量已达上限 {limit}，请先删除其中一个。',
  ),

  // Recording, captions, archive
  RECORDING_NOT_FOUND: entry(
    404,
    'There is no such recording, or it is not yours to see.',
    '沒有這段錄影，或你沒有權限觀看。',
    '没有这段录像，或你没有权限观看。',
  ),
  RECORDING_FORBIDDEN: entry(
    403,
    'You may not do this with the recording. Ask who started it, or an administrator.',
    '你沒有權限這樣處理這段錄影，請聯絡開始錄影的人或管理員。',
    '你没有权限这样处理这段录像，请联系开始录像的人或管理员。',
  ),
  RECORDING_NOT_ALLOWED: entry(
    403,
    'Your organisation does not allow recording in meetings of this kind.',
    '機構不允許在這類會議中錄影。',
    '机构不允许在这类会议中录像。',
  ),
  RECORDING_NOT_ON: entry(409, 'Nothing is being recorded now.', '現時沒有錄影。', '现在没有录像。'),
  RECORDING_OTHER_KIND: entry(
    409,
    'Something else is being recorded: stop it before you start this.',
    '另一項記錄正在進行，請先停止它。',
    '另一项记录正在进行，请先停止它。',
  ),
  RECORDING_NOTICE_CHANGED: entry(
    409,
    'The notice has changed since you read it. Read it again and answer.',
    '通知內容已更改，請重新閱讀後再回覆。',
    '通知内容已更改，请重新阅读后再回复。',
  ),
  RECORDING_QUOTA: entry(
    409,
    'The storage for recordings is full. Delete old recordings, or ask an administrator for more.',
    '錄影的儲存空間已滿，請刪除舊錄影，或請管理員增加空間。',
    '录像的存储空间已满，请删除旧录像，或请管理员增加空间。',
  ),
  RECORDING_HELD: entry(
    409,
    'The legal hold “{hold}” keeps this recording. It can be deleted when the hold has been lifted.',
    '法律保留「{hold}」規定保存這段錄影，解除保留後才可刪除。',
    '法律保留“{hold}”规定保存这段录像，解除保留后才可删除。',
  ),
  RECORDING_NOT_READY: entry(
    409,
    'The recording is not ready yet. Wait until it has been put together.',
    '錄影仍在處理，請待完成後再試。',
    '录像仍在处理，请待完成后再试。',
    { retryable: true },
  ),
  CAPTIONS_UNAVAILABLE: entry(
    503,
    'Captions are not available in this language on this server. Ask your administrator for a model.',
    '伺服器沒有這種語言的字幕，請聯絡管理員安裝語音模型。',
    '服务器没有这种语言的字幕，请联系管理员安装语音模型。',
  ),
  TRANSCRIPT_LINE_NOT_FOUND: entry(404, 'The transcript has no such line any more.', '逐字稿已沒有這一句。', '逐字稿已没有这一句。'),
  SHARE_NOT_FOUND: entry(
    404,
    'This link does not lead anywhere: it is wrong, has ended, or was withdrawn.',
    '此連結無效：網址有誤、已到期或已撤回。',
    '此链接无效：网址有误、已到期或已撤回。',
  ),
  SUMMARY_NOT_FOUND: entry(404, 'This recording has no such summary.', '這段錄影沒有此摘要。', '这段录像没有此摘要。'),
  SUMMARY_CHANGED: entry(
    409,
    'Somebody has changed the summary meanwhile. Read it again before you go on.',
    '其間有人更改了摘要，請重新閱讀後再繼續。',
    '其间有人更改了摘要，请重新阅读后再继续。',
  ),
  SUMMARY_POSTED: entry(409, 'This summary has been posted already.', '此摘要已經發佈。', '此摘要已经发布。'),
  ACTION_ITEM_NOT_FOUND: entry(
    404,
    'There is no such action item, or it is not yours to see.',
    '沒有此跟進事項，或你沒有權限查看。',
    '没有此待办事项，或你没有权限查看。',
  ),
  ACTION_ITEM_STATE: entry(
    409,
    'Only an action item that was confirmed can be done. Confirm it first.',
    '只有已確認的跟進事項才可標記為完成，請先確認。',
    '只有已确认的待办事项才能标记为完成，请先确认。',
  ),
  ACTION_ITEMS_FULL: entry(
    409,
    'A recording has at most {limit} action items.',
    '一段錄影最多可有 {limit} 項跟進事項。',
    '一段录像最多可有 {limit} 项待办事项。',
  ),
  SHARE_PERSON: entry(
    409,
    'The recording can be shared with colleagues and with conversations that you are in, not with this one.',
    '錄影只可與同事或你所在的對話分享。',
    '录像只能与同事或你所在的会话分享。',
  ),
  RECORDING_FILE_NOT_FOUND: entry(404, 'The recording has no such file.', '這段錄影沒有此檔案。', '这段录像没有此文件。'),
  RECORDING_WATERMARK: entry(
    403,
    'This recording is given out with your name in the picture only. Ask for a download with a watermark.',
    '這段錄影只會連同印有你姓名的浮水印提供，請要求附浮水印的下載。',
    '这段录像只会连同印有你姓名的水印提供，请要求附水印的下载。',
  ),
  RECORDING_PLAY_ENDED: entry(
    403,
    'The time for watching has run out, or the recording has changed. Start it again.',
    '觀看時限已過或錄影已更改，請重新播放。',
    '观看时限已过或录像已更改，请重新播放。',
  ),
  RECORDING_DOWNLOAD_NOT_FOUND: entry(
    404,
    'There is no such download any more. Ask for it again.',
    '此下載已不存在，請重新要求。',
    '此下载已不存在，请重新请求。',
  ),
  RECORDING_LIMIT: entry(409, 'There are {limit} of these already, which is the most.', '數目已達上限 {limit}。', '数量已达上限 {limit}。'),
  COMMENT_NOT_FOUND: entry(404, 'There is no such comment any more.', '此留言已不存在。', '此评论已不存在。'),
  REVIEW_NOT_FOUND: entry(
    404,
    'There is no such review, or it is not yours to see.',
    '沒有此覆核，或你沒有權限查看。',
    '没有此复核，或你没有权限查看。',
  ),
  REVIEW_FINISHED: entry(
    409,
    'The review is finished and can not be changed any more.',
    '覆核已完成，不可再更改。',
    '复核已完成，不可再更改。',
  ),
  REVIEW_OPEN: entry(409, 'The report is there when the review is finished.', '覆核完成後才有報告。', '复核完成后才有报告。'),
  EDIT_NOT_FOUND: entry(404, 'The recording has no such edit.', '這段錄影沒有此編輯。', '这段录像没有此编辑。'),
  EDIT_FINAL: entry(
    409,
    'This edit can not be undone any more: it was undone before, or the originals of the passage were deleted.',
    '此編輯已復原，或片段的原始資料已刪除，不可再復原。',
    '此编辑已撤销，或片段的原始资料已删除，不能再撤销。',
  ),
  EDIT_LEAVES_NOTHING: entry(
    409,
    'The recording would have nothing left. To remove all of it, delete it.',
    '編輯後錄影將沒有內容。如要全部移除，請刪除錄影。',
    '编辑后录像将没有内容。如要全部移除，请删除录像。',
  ),
  SHARE_PASSWORD: entry(401, 'The password of this link is not right.', '連結的密碼不正確。', '链接的密码不正确。'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof catalogue;

export interface ErrorDetails {
  /** Which part of the input is wrong. */
  readonly field?: string;
  /** Fills the places in braces of the entry's message. */
  readonly fill?: Readonly<Record<string, string | number>>;
  /** The same call may succeed after this time, milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A refusal that the caller sees. Anything else that is thrown becomes SERVER_FAULT. */
export class CausewayError extends Error {
  override readonly name = 'CausewayError';
  readonly field: string | undefined;
  readonly fill: Readonly<Record<string, string | number>>;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    details: ErrorDetails = {},
  ) {
    super(sentence(code, 'en', details.fill), { cause: details.cause });
    this.field = details.field;
    this.fill = details.fill ?? {};
    this.retryAfterMs = details.retryAfterMs;
  }

  get entry(): ErrorEntry {
    return catalogue[this.code];
  }

  /** The sentence for a person, in the caller's language. */
  say(language: Language): string {
    return sentence(this.code, language, this.fill);
  }
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}

/** Takes what was thrown anywhere and gives what a caller may see. */
export function toCausewayError(thrown: unknown): CausewayError {
  if (thrown instanceof CausewayError) return thrown;
  if (isUnstorable(thrown))
    return new CausewayError('REQUEST_INVALID', { fill: { detail: 'a text has a NUL, or half of a character' }, cause: thrown });
  return new CausewayError('SERVER_FAULT', { cause: thrown });
}

/**
 * What PostgreSQL says of text that it does not hold: character_not_in_repertoire, untranslatable_character, and of
 * JSON with half of a surrogate pair invalid_text_representation. Only a caller's text has such.
 */
function isUnstorable(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false;
  if (thrown.code === '22P02') return 'detail' in thrown && String(thrown.detail).includes('surrogate');
  return thrown.code === '22021' || thrown.code === '22P05';
}

/** The nearest language that we speak, for a BCP 47 tag or an Accept-Language header. */
export function pickLanguage(wish: string | undefined): Language {
  for (const part of (wish ?? '').split(',')) {
    const tag = part.split(';')[0]?.trim().toLowerCase() ?? '';
    if (/^zh\b/.test(tag)) return /hans|cn|sg/.test(tag) ? 'zh-Hans' : 'zh-Hant';
    if (/^en\b/.test(tag)) return 'en';
  }
  return 'en';
}

function sentence(code: ErrorCode, language: Language, fill: Readonly<Record<string, string | number>> = {}): string {
  return catalogue[code].message[language].replace(/\{(\w+)\}/g, (_, key: string) => String(fill[key] ?? '…'));
}
