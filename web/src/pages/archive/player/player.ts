/**
 * Where one is in a recording, and what moves it. All times are those of the recording, in milliseconds since
 * it began; the stream may begin later. Works without a stream too: a transcript has times and nothing to hear.
 */
import { Store } from '@/core/store';

export interface PlayerState {
  readonly atMs: number;
  readonly durationMs: number;
  /** Where the stream begins. */
  readonly beginMs: number;
  /** How far it has been fetched. */
  readonly fetchedMs: number;
  readonly isPlaying: boolean;
  /** It should go on, and waits for bytes. */
  readonly isWaiting: boolean;
  readonly hasEnded: boolean;
  /** A stream is tied to it, and can be played. */
  readonly isReady: boolean;
  readonly hasFailed: boolean;
  readonly rate: number;
  readonly volume: number;
  readonly isMuted: boolean;
}

export const rates = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5] as const;

export class Player {
  readonly state: Store<PlayerState>;
  #media: HTMLMediaElement | null = null;
  /** Where it shall begin when the stream is there, and whether it shall run then. */
  #wish: { atMs: number; play: boolean } | null = null;

  constructor({ durationMs, atMs = 0 }: { readonly durationMs: number; readonly atMs?: number }) {
    this.state = new Store<PlayerState>({
      atMs,
      durationMs,
      beginMs: 0,
      fetchedMs: 0,
      isPlaying: false,
      isWaiting: false,
      hasEnded: false,
      isReady: false,
      hasFailed: false,
      rate: 1,
      volume: 1,
      isMuted: false,
    });
    if (atMs > 0) this.#wish = { atMs, play: false };
  }

  /** Before there is a stream, it is remembered. */
  play(): void {
    if (!this.#media || !this.state.get().isReady) {
      this.#wish = { atMs: this.#wish?.atMs ?? this.state.get().atMs, play: true };
      return;
    }
    // Refused where the person hasn't touched the page; then it stays as it is, and the button is there.
    this.#media.play().catch(() => this.state.update({ isPlaying: false, isWaiting: false }));
  }

  pause(): void {
    if (this.#wish) this.#wish = { ...this.#wish, play: false };
    this.#media?.pause();
  }

  toggle(): void {
    if (this.state.get().isPlaying) this.pause();
    else this.play();
  }

  seek(toMs: number): void {
    const { beginMs, durationMs, isReady } = this.state.get();
    const atMs = Math.min(Math.max(toMs, beginMs), durationMs);
    this.state.update({ atMs, hasEnded: false });
    if (this.#media && isReady) this.#media.currentTime = (atMs - beginMs) / 1_000;
    else this.#wish = { atMs, play: this.#wish?.play ?? false };
  }

  skip(byMs: number): void {
    this.seek(this.state.get().atMs + byMs);
  }

  setRate(rate: number): void {
    this.state.update({ rate });
    if (this.#media) this.#media.playbackRate = rate;
  }

  /** The next speed up or down. */
  stepRate(step: 1 | -1): void {
    const { rate } = this.state.get();
    const next = step > 0 ? rates.find((candidate) => candidate > rate) : rates.findLast((candidate) => candidate < rate);
    if (next !== undefined) this.setRate(next);
  }

  setVolume(volume: number): void {
    this.state.update({ volume, isMuted: volume === 0 });
    this.#applySound();
  }

  toggleMuted(): void {
    const { isMuted, volume } = this.state.get();
    this.state.update({ isMuted: !isMuted, volume: isMuted && volume === 0 ? 1 : volume });
    this.#applySound();
  }

  /** What is known of it before there is a stream. */
  setExtent({ beginMs, durationMs }: { readonly beginMs: number; readonly durationMs: number }): void {
    if (this.#media) return;
    this.state.update({ beginMs, durationMs, atMs: Math.max(this.state.get().atMs, beginMs) });
  }

  fail(): void {
    this.state.update({ hasFailed: true, isPlaying: false, isWaiting: false });
  }

  /** Listens to the element to which the stream is tied. Gives what ends it; the place is kept for the next stream. */
  attach(media: HTMLMediaElement, { beginMs }: { readonly beginMs: number }): () => void {
    const { state } = this;
    const { rate, atMs } = state.get();
    this.#media = media;
    this.#wish ??= { atMs, play: false };
    state.update({ beginMs, isReady: false, hasFailed: false, hasEnded: false });
    this.#applySound();
    const listening = new AbortController();
    const on = (type: string, act: () => void): void => media.addEventListener(type, act, { signal: listening.signal });
    const now = (): number => media.currentTime * 1_000 + beginMs;
    on('loadedmetadata', () => {
      const wish = this.#wish;
      this.#wish = null;
      media.playbackRate = rate;
      if (Number.isFinite(media.duration)) state.update({ durationMs: media.duration * 1_000 + beginMs });
      state.update({ isReady: true });
      if (wish && wish.atMs > beginMs) this.seek(wish.atMs);
      if (wish?.play) this.play();
    });
    on('durationchange', () => {
      if (Number.isFinite(media.duration) && media.duration > 0) state.update({ durationMs: media.duration * 1_000 + beginMs });
    });
    on('timeupdate', () => {
      if (state.get().isReady && !media.seeking) state.update({ atMs: now() });
    });
    on('seeked', () => state.update({ atMs: now(), isWaiting: false }));
    on('progress', () => {
      const { buffered } = media;
      for (let at = 0; at < buffered.length; at += 1)
        if (buffered.start(at) <= media.currentTime && media.currentTime <= buffered.end(at))
          state.update({ fetchedMs: buffered.end(at) * 1_000 + beginMs });
    });
    on('play', () => state.update({ isPlaying: true, hasEnded: false }));
    on('playing', () => state.update({ isPlaying: true, isWaiting: false }));
    on('waiting', () => state.update({ isWaiting: true }));
    on('pause', () => state.update({ isPlaying: false, isWaiting: false }));
    on('ended', () => state.update({ isPlaying: false, hasEnded: true, atMs: state.get().durationMs }));
    on('error', () => {
      // Taking the stream away is no failure.
      if (media.getAttribute('src') !== null) this.fail();
    });
    return () => {
      listening.abort();
      const { atMs: left, isPlaying } = state.get();
      this.#wish = { atMs: left, play: isPlaying };
      this.#media = null;
      state.update({ isReady: false, isPlaying: false, isWaiting: false });
    };
  }

  #applySound(): void {
    if (!this.#media) return;
    const { volume, isMuted } = this.state.get();
    this.#media.volume = volume;
    this.#media.muted = isMuted;
  }
}
