import { describe, expect, it } from 'vitest';
import { cameraEncodings } from '../../../../web/src/core/media-encodings';
import { type LayeredSender, SenderLayers } from '../../../../web/src/core/sender-layers';

/** As strict as a browser: parameters can be set once for each time that they were got (W3C webrtc, 5.2). */
class StrictSender implements LayeredSender {
  readonly set: boolean[][] = [];
  fails = false;
  #transaction = 0;
  #encodings: RTCRtpEncodingParameters[] = cameraEncodings(1280, 720).map((encoding, at) => ({ ...encoding, rid: `r${at}`, active: true }));

  getParameters(): RTCRtpSendParameters {
    this.#transaction += 1;
    return {
      transactionId: String(this.#transaction),
      encodings: structuredClone(this.#encodings),
      codecs: [],
      headerExtensions: [],
      rtcp: {},
    };
  }

  async setParameters({ transactionId, encodings }: RTCRtpSendParameters): Promise<void> {
    if (transactionId !== String(this.#transaction)) throw new Error('InvalidStateError');
    await Promise.resolve();
    this.#transaction += 1;
    if (this.fails) throw new Error('OperationError');
    this.#encodings = encodings;
    this.set.push(encodings.map(({ active }) => active === true));
  }

  get rids(): (string | undefined)[] {
    return this.#encodings.map(({ rid }) => rid);
  }
}

describe('the layers that a sender sends', () => {
  it('are those up to the one that is wanted, and keep their names', async () => {
    const sender = new StrictSender();
    await new SenderLayers(sender, cameraEncodings(1280, 720)).want(1);
    expect(sender.set).toEqual([[true, true, false]]);
    expect(sender.rids).toEqual(['r0', 'r1', 'r2']);
  });

  it('come back with the next wish', async () => {
    const sender = new StrictSender();
    const layers = new SenderLayers(sender, cameraEncodings(1280, 720));
    await layers.want(-1);
    await layers.want(2);
    expect(sender.set).toEqual([
      [false, false, false],
      [true, true, true],
    ]);
  });

  it('follow the latest of many wishes, one change after the other', async () => {
    const sender = new StrictSender();
    const layers = new SenderLayers(sender, cameraEncodings(1280, 720));
    await Promise.all([layers.want(0), layers.want(1), layers.want(-1), layers.want(0), layers.want(1)]);
    expect(sender.set.at(-1)).toEqual([true, true, false]);
    expect(sender.set.length).toBeLessThanOrEqual(2);
  });

  it('are left alone when the same is wished again', async () => {
    const sender = new StrictSender();
    const layers = new SenderLayers(sender, cameraEncodings(1280, 720));
    await layers.want(0);
    await layers.want(0);
    expect(sender.set).toHaveLength(1);
  });

  it('can be wished for again after the browser refused', async () => {
    const sender = new StrictSender();
    const layers = new SenderLayers(sender, cameraEncodings(1280, 720));
    sender.fails = true;
    await layers.want(0);
    sender.fails = false;
    await layers.want(1);
    expect(sender.set).toEqual([[true, true, false]]);
  });
});
