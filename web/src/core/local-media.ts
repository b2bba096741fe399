/**
 * What this person sends: microphone, camera, screen. It owns the tracks and the choices of
 * devices, from the device check until the end of the meeting; `Publisher` sends what it has.
 */
import {
  type DeviceChoices,
  type DeviceList,
  type DeviceProblem,
  listDevices,
  noDevices,
  openCamera,
  openDevices,
  openMicrophone,
  openScreen,
  readChoices,
  toDeviceProblem,
  writeChoices,
} from './devices';
import type { VideoCodec } from './media-encodings';
import { Store } from './store';

export interface LocalSource {
  readonly track: MediaStreamTrack | null;
  /** What the person wants. A microphone that is off keeps its track, silent; a camera gives it back, so that its light goes out. */
  readonly on: boolean;
  readonly opening: boolean;
  readonly problem: DeviceProblem | null;
}

export interface LocalMediaState {
  readonly microphone: LocalSource;
  readonly camera: LocalSource;
  readonly screen: LocalSource;
  readonly screenSound: MediaStreamTrack | null;
  readonly devices: DeviceList;
  readonly choices: DeviceChoices;
}

const off: LocalSource = { track: null, on: false, opening: false, problem: null };

export class LocalMedia extends Store<LocalMediaState> {
  #closed = false;
  /** Counts what was asked of each device, so that a late answer to an older wish is thrown away. */
  #wishes = { microphone: 0, camera: 0 };

  constructor() {
    super({ microphone: off, camera: off, screen: off, screenSound: null, devices: noDevices, choices: readChoices() });
    navigator.mediaDevices?.addEventListener('devicechange', this.#refresh);
  }

  /** Opens what was on the last time. Never fails: what can't be had has its `problem`. */
  async start(): Promise<void> {
    const { choices } = this.get();
    const wishes = { microphone: ++this.#wishes.microphone, camera: ++this.#wishes.camera };
    this.update({
      microphone: { ...off, on: choices.microphoneOn, opening: choices.microphoneOn },
      camera: { ...off, on: choices.cameraOn, opening: choices.cameraOn },
    });
    const opened = await openDevices({
      microphone: choices.microphoneOn ? choices.microphone : null,
      camera: choices.cameraOn ? choices.camera : null,
    });
    this.#opened('microphone', wishes.microphone, opened.microphone);
    this.#opened('camera', wishes.camera, opened.camera);
    await this.#refresh();
  }

  /** `remember` is false when a host did it. */
  async setMicrophone(on: boolean, remember = true): Promise<void> {
    if (remember) this.#choose({ microphoneOn: on });
    const { microphone, choices } = this.get();
    if (microphone.track) {
      microphone.track.enabled = on;
      this.update({ microphone: { ...microphone, on, problem: null } });
      return;
    }
    const wish = ++this.#wishes.microphone;
    this.update({ microphone: { ...off, on, opening: on } });
    if (on) this.#opened('microphone', wish, await openMicrophone(choices.microphone).catch(toDeviceProblem));
    await this.#refresh();
  }

  async setCamera(on: boolean, remember = true): Promise<void> {
    if (remember) this.#choose({ cameraOn: on });
    const { camera, choices } = this.get();
    const wish = ++this.#wishes.camera;
    if (!on) {
      this.update({ camera: off });
      this.#release(camera.track);
      return;
    }
    if (camera.track) return;
    this.update({ camera: { ...off, on, opening: true } });
    this.#opened('camera', wish, await openCamera(choices.camera).catch(toDeviceProblem));
    await this.#refresh();
  }

  async chooseMicrophone(id: string): Promise<void> {
    this.#choose({ microphone: id });
    if (!this.get().microphone.track) return;
    const wish = ++this.#wishes.microphone;
    this.#opened('microphone', wish, await openMicrophone(id).catch(toDeviceProblem));
  }

  async chooseCamera(id: string): Promise<void> {
    this.#choose({ camera: id });
    const { camera } = this.get();
    if (!camera.track) return;
    const wish = ++this.#wishes.camera;
    // Some systems let only one camera run at a time.
    this.#release(camera.track);
    this.update({ camera: { ...camera, track: null, opening: true } });
    this.#opened('camera', wish, await openCamera(id).catch(toDeviceProblem));
  }

  chooseSpeaker(id: string): void {
    this.#choose({ speaker: id });
  }

  /** What one's own picture is sent in; `Publisher` takes VP8 where it can't be had. */
  chooseCodec(codec: VideoCodec): void {
    this.#choose({ codec });
  }

  /** Gives camera, microphone and screen back, for one who does not send; the choices stay as they were. */
  rest(): void {
    this.stopScreen();
    const { microphone, camera } = this.get();
    this.#wishes.microphone += 1;
    this.#wishes.camera += 1;
    this.update({ microphone: off, camera: off });
    this.#release(microphone.track);
    this.#release(camera.track);
  }

  async shareScreen(): Promise<void> {
    if (this.get().screen.on) return;
    this.update({ screen: { ...off, on: true, opening: true } });
    try {
      const shared = await openScreen();
      if (!shared || this.#closed) {
        this.#release(shared?.picture ?? null);
        this.#release(shared?.sound ?? null);
        this.update({ screen: off });
        return;
      }
      shared.picture.addEventListener('ended', () => this.stopScreen());
      this.update({ screen: { track: shared.picture, on: true, opening: false, problem: null }, screenSound: shared.sound });
    } catch (thrown) {
      this.update({ screen: { ...off, problem: toDeviceProblem(thrown) } });
    }
  }

  stopScreen(): void {
    const { screen, screenSound } = this.get();
    this.update({ screen: off, screenSound: null });
    this.#release(screen.track);
    this.#release(screenSound);
  }

  /** Gives all devices back. Idempotent. */
  close(): void {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#refresh);
    const { microphone, camera, screen, screenSound } = this.get();
    this.update({ microphone: off, camera: off, screen: off, screenSound: null });
    for (const track of [microphone.track, camera.track, screen.track, screenSound]) this.#release(track);
  }

  #opened(source: 'microphone' | 'camera', wish: number, result: MediaStreamTrack | DeviceProblem | null): void {
    if (result === null) return;
    const isCurrent = wish === this.#wishes[source] && !this.#closed;
    if (typeof result === 'string') {
      const { track } = this.get()[source];
      // A microphone that could not be changed goes on as it was.
      if (isCurrent) this.#put(source, { track, on: track !== null && this.get()[source].on, opening: false, problem: result });
      return;
    }
    if (!isCurrent) {
      this.#release(result);
      return;
    }
    const before = this.get()[source];
    if (source === 'microphone') result.enabled = before.on;
    else result.contentHint = 'motion';
    result.addEventListener('ended', () => void this.#unplugged(source, result));
    this.#put(source, { track: result, on: before.on, opening: false, problem: null });
    this.#release(before.track);
  }

  /** The device is gone while it was in use. The microphone falls back to whatever the system has. */
  async #unplugged(source: 'microphone' | 'camera', track: MediaStreamTrack): Promise<void> {
    const before = this.get()[source];
    if (before.track !== track || this.#closed) return;
    const wish = ++this.#wishes[source];
    this.#put(source, { ...before, track: null, opening: source === 'microphone' });
    if (source === 'camera') this.#opened('camera', wish, 'missing');
    else this.#opened('microphone', wish, await openMicrophone('').catch(toDeviceProblem));
    await this.#refresh();
  }

  readonly #refresh = async (): Promise<void> => {
    const devices = await listDevices().catch(() => noDevices);
    if (!this.#closed) this.update({ devices });
  };

  #put(source: 'microphone' | 'camera', state: LocalSource): void {
    this.update(source === 'microphone' ? { microphone: state } : { camera: state });
  }

  #choose(change: Partial<DeviceChoices>): void {
    const choices = { ...this.get().choices, ...change };
    this.update({ choices });
    writeChoices(choices);
  }

  /** `stop` raises no `ended` event, so this is never taken for an unplugged device. */
  #release(track: MediaStreamTrack | null): void {
    track?.stop();
  }
}
