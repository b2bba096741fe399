/** STUN and TURN servers: each is really asked, and an allocation made and ended with a fresh credential. */
import { z } from 'zod';
import { type Config, listOf } from '../config.js';
import { turnCredential } from '../signaling/index.js';
import { mediaAddresses } from './addresses.js';
import { type Check, type Finding, ok, reasonOf, type State, warning, wrong } from './check.js';
import { StunClient, type StunPlace } from './stun-client.js';
import { allocate, binding, type Challenge, createPermission, type Login, refresh, type StunAnswer } from './stun-message.js';

interface Server {
  readonly url: string;
  /** None: it is asked as a STUN server. */
  readonly login?: Login;
  /** The credential is made from our secret, so a refusal is about that. */
  readonly ours: boolean;
}

const iceServers = z.array(
  z.object({
    urls: z.union([z.string(), z.array(z.string())]),
    username: z.string().optional(),
    credential: z.string().optional(),
  }),
);
const worst: readonly State[] = ['ok', 'warning', 'wrong'];
const unauthorized = 401;
const forbidden = 403;
const staleNonce = 438;

export const turnCheck: Check = {
  name: 'TURN',
  async look({ config }) {
    const servers = serversOf(config);
    if (servers.length === 0)
      return ok('none named; people whose network lets nothing out but port 443 need one (docs/operations/firewall.md)');
    const findings: Finding[] = [];
    for (const server of servers) findings.push(await lookAt(server, config));
    const state = worst[Math.max(...findings.map((finding) => worst.indexOf(finding.state)))] ?? 'wrong';
    const advice = findings.find((finding) => finding.state === state)?.advice;
    return { state, found: findings.map(({ found }) => found).join('; '), ...(advice !== undefined && { advice }) };
  },
};

function serversOf(config: Config): Server[] {
  const named = iceServers.parse(JSON.parse(config.ICE_SERVERS)).flatMap(({ urls, username, credential }) =>
    [urls].flat().map((url) => ({
      url,
      ours: false,
      ...(username !== undefined && credential !== undefined && { login: { username, credential } }),
    })),
  );
  const { TURN_SECRET: secret } = config;
  if (secret === undefined) return named;
  const login = turnCredential(secret, Date.now() + config.TURN_CREDENTIAL_MS, 'doctor');
  return [...named, ...listOf(config.TURN_URLS).map((url) => ({ url, login, ours: true }))];
}

async function lookAt(server: Server, config: Config): Promise<Finding> {
  const place = placeOf(server.url);
  if (place === null) return warning(`${server.url} is not a server that the doctor can ask`, 'Write it as in RFC 7064 or RFC 7065.');
  let client: StunClient | undefined;
  try {
    client = await StunClient.open(place);
    const { mapped } = await client.ask(binding());
    if (server.login === undefined) return ok(`${server.url} answers and sees us as ${mapped ?? 'nobody'}`);
    return await lookAtRelay(client, server, server.login, config);
  } catch (error) {
    const advice = `Start the server, correct its address, and open ${place.protocol === 'udp' ? 'UDP' : 'TCP'} port ${place.port} to it.`;
    return wrong(`${server.url} does not answer (${reasonOf(error)})`, advice);
  } finally {
    client?.close();
  }
}

async function lookAtRelay(client: StunClient, { url, ours }: Server, login: Login, config: Config): Promise<Finding> {
  const first = await client.ask(allocate());
  if (first.success) return wrong(`${url} relays for anybody, without a password`, 'Turn its authentication on (coturn: use-auth-secret).');
  let challenge = challengeOf(first);
  if (first.code !== unauthorized || challenge === null)
    return wrong(`${url} refuses to relay (${first.code} ${first.reason})`, 'Look into its log and its settings.');
  let made = await client.ask(allocate(login, challenge));
  if (made.code === staleNonce) {
    challenge = challengeOf(made) ?? challenge;
    made = await client.ask(allocate(login, challenge));
  }
  if (made.code === unauthorized)
    return wrong(
      `${url} does not accept ${ours ? 'a credential made with CAUSEWAY_TURN_SECRET' : 'the password in CAUSEWAY_ICE_SERVERS'}`,
      ours
        ? 'Give both the same secret (coturn: use-auth-secret, static-auth-secret), and look that its clock is right.'
        : 'Correct the username and credential.',
    );
  if (!made.success) return wrong(`${url} gives no relay (${made.code} ${made.reason})`, 'Look into its log: quota, ports, relay address.');
  const refused = await refusedPeers(client, await mediaAddresses(config), login, challenge);
  await client.ask(refresh(0, login, challenge));
  if (refused.length > 0)
    return warning(
      `${url} relays, but not to ${refused.join(', ')}`,
      'That is where media is: let it relay there (coturn: allowed-peer-ip, denied-peer-ip).',
    );
  return ok(`${url} relays from ${made.relayed ?? 'an unknown address'}`);
}

/** Addresses of media that the server will not relay to; one that it has no socket for (443, another family) is not meant. */
async function refusedPeers(client: StunClient, addresses: readonly string[], login: Login, challenge: Challenge): Promise<string[]> {
  const refused: string[] = [];
  for (const address of addresses) {
    const { code } = await client.ask(createPermission(address, login, challenge));
    if (code === forbidden) refused.push(address);
  }
  return refused;
}

function challengeOf({ realm, nonce }: StunAnswer): Challenge | null {
  return realm && nonce ? { realm, nonce } : null;
}

/** RFC 7064 and RFC 7065. DTLS (`turns:...?transport=udp`) is not spoken here. */
function placeOf(url: string): StunPlace | null {
  const match = /^(stuns?|turns?):(\[[\da-f:.]+\]|[\w.-]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (!match) return null;
  const secure = match[1]?.toLowerCase().endsWith('s') === true;
  const transport = match[4]?.toLowerCase() ?? (secure ? 'tcp' : 'udp');
  if (secure && transport === 'udp') return null;
  return {
    protocol: secure ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
    host: (match[2] ?? '').replace(/^\[|\]$/g, ''),
    port: Number(match[3] ?? (secure ? 5_349 : 3_478)),
  };
}
