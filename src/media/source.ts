/** What a peer sends from. */
export const sources = ['microphone', 'camera', 'screen', 'screen-audio'] as const;
export type Source = (typeof sources)[number];
