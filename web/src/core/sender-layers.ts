/**
 * Sends no more layers of a picture than somebody receives.
 *
 * Set on the browser's sender itself: mediasoup-client would negotiate anew for each change, which
 * takes longer than switching a layer on does, and the server knows all layers from the beginning.
 */
import type { types } from 'mediasoup-client';
import { demandedEncodings } from './media-encodings';

/** What this class needs of an RTCRtpSender. */
export interface LayeredSender {
  getParameters(): RTCRtpSendParameters;
  setParameters(parameters: RTCRtpSendParameters): Promise<void>;
}

/** More layers than anything has. */
export const wholePicture = Number.MAX_SAFE_INTEGER;

export class SenderLayers {
  readonly #sender: LayeredSender;
  readonly #full: readonly types.RtpEncodingParameters[];
  #wanted = wholePicture;
  #applied = wholePicture;
  #working = false;

  constructor(sender: LayeredSender, full: readonly types.RtpEncodingParameters[]) {
    this.#sender = sender;
    this.#full = full;
  }

  /** The highest layer that anybody receives; -1: nobody receives any. The latest wish wins. */
  async want(maxSpatialLayer: number): Promise<void> {
    this.#wanted = maxSpatialLayer;
    if (this.#working) return;
    this.#working = true;
    // The parameters may be set only as they were got last, so one change waits for the other.
    while (this.#wanted !== this.#applied) {
      const wanted = this.#wanted;
      await this.#apply(wanted);
      this.#applied = wanted;
    }
    this.#working = false;
  }

  async #apply(maxSpatialLayer: number): Promise<void> {
    const parameters = this.#sender.getParameters();
    const demanded = demandedEncodings(this.#full, maxSpatialLayer);
    const encodings = parameters.encodings.map((encoding, at) => ({ ...encoding, ...demanded[at] }));
    try {
      await this.#sender.setParameters({ ...parameters, encodings });
    } catch {
      // The sender was stopped, or the browser can't: it goes on sending what it sent, which is only more than needed.
    }
  }
}
