/** Cameras, microphones and speakers: which there are, which were chosen, and what went wrong in words. */

import { isVideoCodec, type VideoCodec } from './media-encodings';

/** Why a device can't be used; the page has a sentence for each. */
export type DeviceProblem = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export interface DeviceInfo {
  readonly id: string;
  readonly label: string;
}

export interface DeviceList {
  readonly microphones: readonly DeviceInfo[];
  readonly cameras: readonly DeviceInfo[];
  readonly speakers: readonly DeviceInfo[];
}

/** Remembered on this computer. An empty id is the system's default. */
export interface DeviceChoices {
  readonly microphone: string;
  readonly camera: string;
  readonly speaker: string;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  /** What one's own picture is sent in, where browser and server can do it. */
  readonly codec: VideoCodec;
}

const storageKey = 'causeway.devices';
const defaults: DeviceChoices = { microphone: '', camera: '', speaker: '', microphoneOn: true, cameraOn: true, codec: 'vp8' };
export const noDevices: DeviceList = { microphones: [], cameras: [], speakers: [] };

export function readChoices(): DeviceChoices {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return defaults;
    const text = (name: 'microphone' | 'camera' | 'speaker'): string => {
      const value: unknown = Reflect.get(stored, name);
      return typeof value === 'string' ? value : '';
    };
    const codec: unknown = Reflect.get(stored, 'codec');
    return {
      microphone: text('microphone'),
      camera: text('camera'),
      speaker: text('speaker'),
      microphoneOn: Reflect.get(stored, 'microphoneOn') !== false,
      cameraOn: Reflect.get(stored, 'cameraOn') !== false,
      codec: isVideoCodec(codec) ? codec : 'vp8',
    };
  } catch {
    return defaults;
  }
}

export function writeChoices(choices: DeviceChoices): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(choices));
  } catch {
    // Storage is off or full: the choice holds for this visit.
  }
}

/** Labels and ids are empty until the person has allowed a device once; such entries say nothing and are left out. */
export async function listDevices(): Promise<DeviceList> {
  if (!navigator.mediaDevices) return noDevices;
  const all = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (kind: MediaDeviceKind): DeviceInfo[] =>
    all.filter((d) => d.kind === kind && d.deviceId !== '' && d.label !== '').map((d) => ({ id: d.deviceId, label: d.label }));
  return { microphones: ofKind('audioinput'), cameras: ofKind('videoinput'), speakers: ofKind('audiooutput') };
}

export function toDeviceProblem(thrown: unknown): DeviceProblem {
  if (!navigator.mediaDevices) return 'insecure';
  switch (thrown instanceof Error ? thrown.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

export function microphoneConstraints(id: string): MediaTrackConstraints {
  return { ...wish(id), echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };
}

export function cameraConstraints(id: string): MediaTrackConstraints {
  return {
    ...(id === '' ? { facingMode: { ideal: 'user' } } : wish(id)),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
}

/** A wish, not a demand: a remembered device that isn't plugged in today must not keep anybody out. */
function wish(id: string): MediaTrackConstraints {
  return id === '' ? {} : { deviceId: { ideal: id } };
}

/** Both with one question to the person; when one of them fails, the other is still there. */
export async function openDevices(wanted: {
  readonly microphone: string | null;
  readonly camera: string | null;
}): Promise<{ readonly microphone: MediaStreamTrack | DeviceProblem | null; readonly camera: MediaStreamTrack | DeviceProblem | null }> {
  const { microphone, camera } = wanted;
  if (microphone !== null && camera !== null) {
    try {
      const stream = await open({ audio: microphoneConstraints(microphone), video: cameraConstraints(camera) });
      return { microphone: stream.getAudioTracks()[0] ?? 'missing', camera: stream.getVideoTracks()[0] ?? 'missing' };
    } catch {
      // One of them is missing or busy. Asked for one by one each says its own reason.
    }
  }
  return {
    microphone: microphone === null ? null : await openMicrophone(microphone).catch(toDeviceProblem),
    camera: camera === null ? null : await openCamera(camera).catch(toDeviceProblem),
  };
}

export async function openMicrophone(id: string): Promise<MediaStreamTrack> {
  return first((await open({ audio: microphoneConstraints(id) })).getAudioTracks());
}

export async function openCamera(id: string): Promise<MediaStreamTrack> {
  return first((await open({ video: cameraConstraints(id) })).getVideoTracks());
}

/** Newer than the types of the DOM; browsers that don't know them pass them by. */
interface ScreenWish extends DisplayMediaStreamOptions {
  /** The meeting itself would show itself in itself. */
  readonly selfBrowserSurface: 'exclude';
  readonly surfaceSwitching: 'include';
  /** The sound of the whole system has the voices of the others in it, who would hear themselves. */
  readonly systemAudio: 'exclude';
}

const screenWish: ScreenWish = {
  video: { frameRate: { ideal: 15, max: 30 } },
  audio: true,
  selfBrowserSurface: 'exclude',
  surfaceSwitching: 'include',
  systemAudio: 'exclude',
};

/** A window, a tab or a screen, with its sound when the browser offers it. Null: the person changed their mind. */
export async function openScreen(): Promise<{ readonly picture: MediaStreamTrack; readonly sound: MediaStreamTrack | null } | null> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia(screenWish);
  } catch (thrown) {
    if (toDeviceProblem(thrown) === 'denied') return null;
    throw thrown;
  }
  const picture = first(stream.getVideoTracks());
  picture.contentHint = 'detail';
  return { picture, sound: stream.getAudioTracks()[0] ?? null };
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}

async function open(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Pages that are not secure have no mediaDevices at all.
  if (!navigator.mediaDevices) throw new DOMException('insecure', 'SecurityError');
  return navigator.mediaDevices.getUserMedia(constraints);
}

function first(tracks: readonly MediaStreamTrack[]): MediaStreamTrack {
  const track = tracks[0];
  if (!track) throw new DOMException('no track', 'NotFoundError');
  return track;
}
