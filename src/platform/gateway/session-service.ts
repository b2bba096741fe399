/** Calls about the session itself, which the gateway answers. */
import type { Clock } from '../clock.js';
import { CausewayError } from '../errors.js';
import type { Principal } from '../principal.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import { LiveSession } from './live-session.js';
import type { Handlers } from './rpc.js';
import type { Session } from './session.js';
import { isSamePerson } from './session-store.js';

export interface SessionServiceDeps {
  readonly clock: Clock;
  readonly authenticate: (accessToken: string) => Promise<Principal>;
  readonly metrics: Pick<GatewayMetrics, 'replayed'>;
}

export function sessionService({ clock, authenticate, metrics }: SessionServiceDeps): Handlers<'SessionService'> {
  return {
    async ping() {
      return { serverTimeMs: clock.now() };
    },

    async renew(session, { accessToken }) {
      const principal = await authenticate(accessToken);
      // A token of somebody else, or of another device, must not carry this session on past its sign-out.
      if (!isSamePerson(session.principal, principal) || session.principal.signInId !== principal.signInId)
        throw new CausewayError('AUTH_FORBIDDEN');
      own(session).renew(principal);
      return {};
    },

    async replay(session, { topic, after }) {
      const { events, latest } = own(session).replay(topic, after);
      metrics.replayed.inc(events);
      return { latest };
    },
  };
}

/** Every session of this gateway is a LiveSession. */
function own(session: Session): LiveSession {
  if (!(session instanceof LiveSession)) throw new TypeError('not a session of this gateway');
  return session;
}
