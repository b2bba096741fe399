/**
 * Proves that a media worker works, before it is kept: `node check-worker.mjs` with
 * MEDIASOUP_WORKER_BIN set.
 *
 * A worker that was built against unsuitable libraries starts, and forwards plain RTP, and
 * crashes at the first DTLS message. So an independent WebRTC peer (werift: ICE, DTLS and
 * SCTP in JavaScript) makes a handshake with it and sends and receives through it, and a
 * packet goes through the worker's SRTP in both directions.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as mediasoup from 'mediasoup';
import { RTCPeerConnection } from 'werift';

const opus = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 100 };
const patience = 30_000;

const worker = await mediasoup.createWorker({ logLevel: 'none' });
const watchdog = setTimeout(() => end(`no answer for ${patience / 1_000} seconds`), patience);
worker.on('died', () => end('the worker crashed'));

try {
  for (const role of ['client', 'server']) {
    await checkDtls(role);
    process.stdout.write(`DTLS handshake and data as ${role}: ok\n`);
  }
  await checkSrtp();
  process.stdout.write('SRTP: ok\n');
  end(null);
} catch (error) {
  end(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** A handshake in which the peer takes the given role, then one message in each direction over it. */
async function checkDtls(role) {
  const router = await worker.createRouter();
  const server = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp: true });
  const local = await router.createDirectTransport();

  const peer = new RTCPeerConnection({ iceAdditionalHostAddresses: ['127.0.0.1'], iceServers: [] });
  const channel = peer.createDataChannel('check', { negotiated: true, id: 0 });
  await peer.setLocalDescription(await peer.createOffer());
  const fingerprint = /^a=fingerprint:sha-256 (\S+)/m.exec(peer.localDescription.sdp)[1];
  const remoteRole = role === 'client' ? 'passive' : 'active';
  await peer.setRemoteDescription({ type: 'answer', sdp: answerOf(server, remoteRole) });
  await server.connect({ dtlsParameters: { role, fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] } });
  while (server.dtlsState !== 'connected') {
    await once(server, 'dtlsstatechange');
    assert.notEqual(server.dtlsState, 'failed', 'the DTLS handshake failed');
  }
  if (channel.readyState !== 'open') await channel.stateChanged.watch((state) => state === 'open');

  const stream = { streamId: 0, ordered: true };
  const upwards = await server.produceData({ sctpStreamParameters: stream });
  const heard = await local.consumeData({ dataProducerId: upwards.id });
  const arrivedThere = once(heard, 'message');
  channel.send(Buffer.from('to the worker'));
  assert.equal(String((await arrivedThere)[0]), 'to the worker');

  const downwards = await local.produceData();
  const said = await server.consumeData({ dataProducerId: downwards.id, ordered: true });
  assert.equal(said.sctpStreamParameters.streamId, 0);
  const arrivedHere = channel.onMessage.asPromise();
  downwards.send('from the worker');
  assert.equal(String((await arrivedHere)[0]), 'from the worker');

  await peer.close();
  router.close();
}

/** One RTP packet through two pipe transports that encrypt: the worker's SRTP against itself. */
async function checkSrtp() {
  const [from, to] = await Promise.all([0, 1].map(() => worker.createRouter({ mediaCodecs: [opus] })));
  const [out, into] = await Promise.all([from, to].map((router) => router.createDirectTransport()));
  const encodings = [{ ssrc: 1_000 }];
  const codec = { mimeType: opus.mimeType, clockRate: opus.clockRate, channels: opus.channels, payloadType: 100 };
  const producer = await out.produce({ kind: 'audio', rtpParameters: { codecs: [codec], encodings, rtcp: { cname: 'check' } } });
  const { pipeProducer } = await from.pipeToRouter({ producerId: producer.id, router: to, enableSrtp: true, keepId: false });
  const consumer = await into.consume({ producerId: pipeProducer.id, rtpCapabilities: to.rtpCapabilities });

  const payload = Buffer.alloc(120, 0x77);
  const header = Buffer.from([0x80, 100, 0x10, 0x00, 0, 0, 0, 0, 0, 0, 0x03, 0xe8]);
  const arrived = once(consumer, 'rtp');
  producer.send(Buffer.concat([header, payload]));
  const [packet] = await arrived;
  assert.ok(packet.subarray(-payload.length).equals(payload), 'the packet came out changed');
}

/** The worker's side of the handshake as the peer wants to read it (RFC 8841: data channels over DTLS). */
function answerOf(transport, setup) {
  const { iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256').value;
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    'm=application 7 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 127.0.0.1',
    'a=mid:0',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    ...iceCandidates.map((c) => `a=candidate:${c.foundation} 1 ${c.protocol} ${c.priority} ${c.address} ${c.port} typ ${c.type}`),
    'a=end-of-candidates',
    `a=setup:${setup}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=sctp-port:${sctpParameters.port}`,
    `a=max-message-size:${sctpParameters.maxMessageSize}`,
    '',
  ].join('\r\n');
}

function end(failure) {
  clearTimeout(watchdog);
  if (failure !== null) process.stderr.write(`The media worker does not work: ${failure}\n`);
  process.exit(failure === null ? 0 : 1);
}
