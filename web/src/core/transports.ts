/** The two transports of a page, made as the server has made its side of them. */
import type { Device, types } from 'mediasoup-client';
import type { causeway } from '#proto';
import { RpcError } from './rpc-error';

export interface TransportDeps {
  readonly device: Device;
  readonly iceServers: RTCIceServer[];
  /** Tells the server this side of DTLS. */
  readonly connect: (transportId: string, dtlsParameters: string) => Promise<unknown>;
  /** The server would not have it. */
  readonly onRefused: (transport: types.Transport) => void;
  readonly onState: () => void;
}

export function createTransport(
  direction: 'send' | 'receive',
  options: causeway.TransportOptions.$Properties,
  { device, iceServers, connect, onRefused, onState }: TransportDeps,
): types.Transport {
  // mediasoup wrote these texts and mediasoup-client reads them; nothing in between needs their parts.
  const transportOptions: types.TransportOptions = {
    id: options.id ?? '',
    iceParameters: JSON.parse(options.iceParameters || '{}'),
    iceCandidates: JSON.parse(options.iceCandidates || '[]'),
    dtlsParameters: JSON.parse(options.dtlsParameters || '{}'),
    iceServers,
  };
  const transport = direction === 'send' ? device.createSendTransport(transportOptions) : device.createRecvTransport(transportOptions);
  transport.on('connect', ({ dtlsParameters }, done) => {
    connect(transport.id, JSON.stringify(dtlsParameters)).catch(() => onRefused(transport));
    // Not waited for: the first ICE check takes a round trip of its own, so the server knows in time.
    done();
  });
  transport.on('connectionstatechange', onState);
  return transport;
}

export function isBroken(transport: types.Transport): boolean {
  return transport.connectionState === 'disconnected' || transport.connectionState === 'failed';
}

/** @throws RpcError CALL_TIMEOUT, or SOCKET_LOST when it is closed meanwhile. */
export function connected(transport: types.Transport, timeoutMs: number): Promise<void> {
  if (transport.connectionState === 'connected') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      transport.off('connectionstatechange', look);
      transport.observer.off('close', gone);
      if (error) reject(error);
      else resolve();
    };
    const look = (state: types.ConnectionState): void => {
      if (state === 'connected') finish();
    };
    const gone = (): void => finish(RpcError.local('SOCKET_LOST'));
    const timer = setTimeout(() => finish(RpcError.local('CALL_TIMEOUT')), timeoutMs);
    transport.on('connectionstatechange', look);
    transport.observer.on('close', gone);
  });
}
