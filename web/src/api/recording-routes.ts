/** The calls around recordings, typed by the server's own schemas. */
import type {
  Comment,
  commentBody,
  Deleted,
  Download,
  EditFace,
  editBody,
  finishBody,
  Mark,
  markBody,
  NewsFace,
  newsListSchema,
  openLinkBody,
  originalsSchema,
  Play,
  Quota,
  RetentionFace,
  Review,
  retentionPatch,
  reviewBody,
  Share,
  seenBody,
  shareBody,
  shareMadeSchema,
  Visit,
  viewingsSchema,
  visitTranscriptSchema,
} from '@server/recording/archive/schema';
import type { Transcript, TranscriptFormat, transcriptLineSchema, transcriptQuery } from '@server/recording/captions/schema';
import type { LedgerFace, MyRecordings, Withdrawn, withdrawBody } from '@server/recording/consent/schema';
import type { EvidenceKey, SignedManifestFace } from '@server/recording/evidence/schema';
import type {
  DownloadLink,
  downloadWish,
  RecordingDetail,
  RecordingFace,
  RecordingGap,
  recordingsQuery,
  recordingsSchema,
} from '@server/recording/schema';
import type { ActionItem, actionPatch, MyActions, newActionBody, Sentence, Summary, summaryBody } from '@server/recording/summary/schema';
import type { z } from 'zod';
import { type CallOptions, call } from './call';
import type { Identity } from './session';

export type RecordingList = z.output<typeof recordingsSchema>;
export type RecordingsAsk = Partial<Record<keyof z.input<typeof recordingsQuery>, string | number>>;
export type TranscriptAsk = Partial<Record<keyof z.input<typeof transcriptQuery>, string>>;
export type TranscriptLine = z.output<typeof transcriptLineSchema>;
export type SummaryInput = z.input<typeof summaryBody>;
export type MyRecording = MyRecordings['recordings'][number];
export type ShareInput = z.input<typeof shareBody>;
export type ShareMade = z.output<typeof shareMadeSchema>;
export type EditInput = z.input<typeof editBody>;
export type DownloadWish = z.input<typeof downloadWish>;
export type RecordingViewing = z.output<typeof viewingsSchema>['viewings'][number];
export type RecordingNewsList = z.output<typeof newsListSchema>;
export type Originals = z.output<typeof originalsSchema>;
export type {
  ActionItem,
  Comment as RecordingComment,
  Deleted as RecordingDeleted,
  Download as RecordingDownload,
  EditFace as RecordingEdit,
  EvidenceKey,
  LedgerFace,
  Mark as ReviewMark,
  MyActions,
  NewsFace as RecordingNews,
  Play,
  Quota,
  RecordingDetail,
  RecordingFace,
  RecordingGap,
  RetentionFace as RecordingRetention,
  Review,
  Sentence,
  Share as RecordingShare,
  SignedManifestFace,
  Summary,
  Transcript,
  TranscriptFormat,
  Visit,
};

type As = <Answer>(identity: Identity, path: string, options?: CallOptions) => Promise<Answer>;
type Bytes = (identity: Identity, path: string, options?: CallOptions) => Promise<Blob>;

/** A report is drawn when it is asked for. */
const fileMs = 3_600_000;

export function recordingRoutes(as: As, bytes: Bytes) {
  const mine = <Answer>(path: string, options?: CallOptions): Promise<Answer> => as<Answer>('account', path, options);
  const one = (id: string): string => `/api/recordings/${encodeURIComponent(id)}`;
  const part = (id: string, name: string, partId: string): string => `${one(id)}/${name}/${encodeURIComponent(partId)}`;
  const review = (id: string): string => `/api/recording-reviews/${encodeURIComponent(id)}`;
  const link = (id: string): string => `/api/recording-links/${encodeURIComponent(id)}`;
  const action = (id: string): string => `/api/action-items/${encodeURIComponent(id)}`;
  return {
    list: (query: RecordingsAsk, signal?: AbortSignal) => mine<RecordingList>('/api/recordings', { query, signal }),
    get: (id: string, signal?: AbortSignal) => mine<RecordingDetail>(one(id), { signal }),
    rename: (id: string, title: string) => mine<RecordingFace>(one(id), { method: 'PATCH', body: { title } }),
    remove: (id: string) => mine<Deleted>(one(id), { method: 'DELETE' }),
    retry: (id: string) => mine<RecordingFace>(`${one(id)}/retry`, { method: 'POST' }),

    news: (signal?: AbortSignal) => mine<RecordingNewsList>('/api/recording-news', { signal }),
    /** What is new about it, or these news, are seen. */
    seen: (body: z.input<typeof seenBody>) => mine<object>('/api/recording-news/seen', { method: 'POST', body }),

    /** Those that the caller was told of, or asked about. */
    ofMe: (before: string | null, signal?: AbortSignal) =>
      mine<MyRecordings>('/api/recordings/mine', { query: { before: before ?? undefined }, signal }),
    ledger: (id: string, signal?: AbortSignal) => mine<LedgerFace>(`${one(id)}/consent`, { signal }),
    withdraw: (id: string, body: z.input<typeof withdrawBody>) => mine<Withdrawn>(`${one(id)}/consent/withdraw`, { method: 'POST', body }),

    transcript: (id: string, query: TranscriptAsk, signal?: AbortSignal) =>
      mine<Transcript>(`${one(id)}/transcript`, { query: { ...query, format: 'json' }, signal }),
    transcriptFile: (id: string, format: Exclude<TranscriptFormat, 'json'>, query: TranscriptAsk) =>
      bytes('account', `${one(id)}/transcript`, { query: { ...query, format } }),
    correctLine: (id: string, lineId: string, text: string) =>
      mine<TranscriptLine>(`${one(id)}/transcript/${encodeURIComponent(lineId)}`, { method: 'PATCH', body: { text } }),

    summary: (id: string, signal?: AbortSignal) => mine<Summary>(`${one(id)}/summary`, { signal }),
    editSummary: (id: string, body: SummaryInput) => mine<Summary>(`${one(id)}/summary`, { method: 'PUT', body }),
    summaryAgain: (id: string) => mine<object>(`${one(id)}/summary/again`, { method: 'POST' }),
    postSummary: (id: string, number: number) => mine<Summary>(`${one(id)}/summary/post`, { method: 'POST', body: { number } }),
    addAction: (id: string, body: z.input<typeof newActionBody>) => mine<ActionItem>(`${one(id)}/action-items`, { method: 'POST', body }),
    changeAction: (id: string, body: z.input<typeof actionPatch>) => mine<ActionItem>(action(id), { method: 'PATCH', body }),
    setAction: (id: string, act: 'confirm' | 'dismiss' | 'done') => mine<ActionItem>(`${action(id)}/${act}`, { method: 'POST' }),
    myActions: (signal?: AbortSignal) => mine<MyActions>('/api/action-items/mine', { signal }),

    evidenceKey: (signal?: AbortSignal) => mine<EvidenceKey>('/api/recordings/evidence-key', { signal }),
    manifest: (id: string) => mine<SignedManifestFace>(`${one(id)}/manifest`),

    /** Begins a viewing; its right to the stream comes as a cookie. */
    play: (id: string) => mine<Play>(`${one(id)}/plays`, { method: 'POST' }),
    renewPlay: (id: string, playId: string) => mine<Play>(part(id, 'plays', playId), { method: 'POST' }),
    viewings: (id: string, signal?: AbortSignal) => mine<z.output<typeof viewingsSchema>>(`${one(id)}/viewings`, { signal }),
    /** One that the page shows. */
    file: (id: string, name: string, signal?: AbortSignal) => bytes('account', part(id, 'files', name), { query: { inline: '1' }, signal }),
    startDownload: (id: string) => mine<Download>(`${one(id)}/downloads`, { method: 'POST' }),
    download: (id: string, downloadId: string, signal?: AbortSignal) => mine<Download>(part(id, 'downloads', downloadId), { signal }),
    /** For the browser, which saves a large file by itself; its right to it comes as a cookie. */
    downloadLink: (body: z.input<typeof downloadWish>) => mine<DownloadLink>('/api/recording-downloads', { method: 'POST', body }),

    shares: (id: string, signal?: AbortSignal) => mine<{ shares: Share[] }>(`${one(id)}/shares`, { signal }),
    share: (id: string, body: ShareInput) => mine<ShareMade>(`${one(id)}/shares`, { method: 'POST', body }),
    unshare: (id: string, shareId: string) => mine<Share>(part(id, 'shares', shareId), { method: 'DELETE' }),

    comments: (id: string, signal?: AbortSignal) => mine<{ comments: Comment[] }>(`${one(id)}/comments`, { signal }),
    comment: (id: string, body: z.input<typeof commentBody>) => mine<Comment>(`${one(id)}/comments`, { method: 'POST', body }),
    removeComment: (id: string, commentId: string) => mine<object>(part(id, 'comments', commentId), { method: 'DELETE' }),

    reviews: (id: string, signal?: AbortSignal) => mine<{ reviews: Review[] }>(`${one(id)}/reviews`, { signal }),
    myReviews: (signal?: AbortSignal) => mine<{ reviews: Review[] }>('/api/recording-reviews/mine', { signal }),
    assignReview: (id: string, body: z.input<typeof reviewBody>) => mine<Review>(`${one(id)}/reviews`, { method: 'POST', body }),
    addMark: (reviewId: string, body: z.input<typeof markBody>) => mine<Review>(`${review(reviewId)}/marks`, { method: 'POST', body }),
    removeMark: (reviewId: string, markId: string) =>
      mine<Review>(`${review(reviewId)}/marks/${encodeURIComponent(markId)}`, { method: 'DELETE' }),
    withdrawReview: (reviewId: string) => mine<object>(review(reviewId), { method: 'DELETE' }),
    finishReview: (reviewId: string, body: z.input<typeof finishBody>) =>
      mine<Review>(`${review(reviewId)}/finish`, { method: 'POST', body }),
    reviewReport: (reviewId: string) => bytes('account', `${review(reviewId)}/report.pdf`, { timeOutMs: fileMs }),

    edits: (id: string, signal?: AbortSignal) => mine<{ edits: EditFace[] }>(`${one(id)}/edits`, { signal }),
    edit: (id: string, body: EditInput) => mine<EditFace>(`${one(id)}/edits`, { method: 'POST', body }),
    undoEdit: (id: string, editId: string, reason: string) =>
      mine<EditFace>(`${part(id, 'edits', editId)}/undo`, { method: 'POST', body: { reason } }),
    originals: (signal?: AbortSignal) => mine<Originals>('/api/recording-originals', { signal }),
    setOriginals: (body: Originals) => mine<Originals>('/api/recording-originals', { method: 'PUT', body }),

    retention: (id: string, signal?: AbortSignal) => mine<RetentionFace>(`${one(id)}/retention`, { signal }),
    setRetention: (id: string, body: z.input<typeof retentionPatch>) =>
      mine<RetentionFace>(`${one(id)}/retention`, { method: 'PATCH', body }),
    quota: (signal?: AbortSignal) => mine<Quota>('/api/recording-quota', { signal }),
    setQuota: (bytesAtMost: number | null) => mine<Quota>('/api/recording-quota', { method: 'PUT', body: { bytes: bytesAtMost } }),

    /** For whoever has the link; no account is needed. */
    openLink: (body: z.input<typeof openLinkBody>) => call<Visit>('/api/recording-links/open', { method: 'POST', body }),
    renewVisit: (visitId: string) => call<Visit>(`${link(visitId)}/renew`, { method: 'POST' }),
    visitTranscript: (visitId: string, signal?: AbortSignal) =>
      call<z.output<typeof visitTranscriptSchema>>(`${link(visitId)}/transcript`, { signal }),
    /** The cookie of the visit opens it. */
    visitFile: (visitId: string, name: string): string => `${link(visitId)}/files/${encodeURIComponent(name)}`,
  };
}
