/** An app asks an administrator for leave, in a real browser, and gets its token (RFC 6749 section 4.1). */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { type AppMade, askToken, makeApp, pkce } from '../integration/chat/bots/bots-world.js';
import { password, type SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { waitFor } from '../support/index.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person } from './person.js';

const name = 'ERP <img src=x onerror="document.title=1">';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let owner: SignedIn;
let app: AppMade;
/** The app's own server, where browsers come back. */
let home: Server;
let redirectUri: string;
const returned: URLSearchParams[] = [];

beforeAll(async () => {
  home = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', redirectUri);
    if (pathname === '/cb') returned.push(searchParams);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,"><h1>Back at the app</h1>');
  });
  home.listen(0, '127.0.0.1');
  await once(home, 'listening');
  const address = home.address();
  if (typeof address !== 'object' || address === null) throw new Error('The app does not listen.');
  redirectUri = `http://127.0.0.1:${address.port}/cb`;
  server = await startTestServer();
  browser = await openBrowser();
  olivia = await Person.at(browser, 'Olivia');
  await olivia.setUp(`${server.url}${server.server.setupPath}`);
  owner = await server.signIn('Olivia');
  const description = 'Sends <b>orders</b>';
  app = await makeApp(server, owner, { name, description, scopes: ['messages:read', 'messages:write'], redirectUris: [redirectUri] });
});
afterAll(async () => {
  await browser?.close();
  home?.close();
  home?.closeAllConnections();
  await server?.close();
});
beforeEach(({ task }) => {
  returned.length = 0;
  onTestFailed(() => browser?.screenshots(task.name));
});

function address(challenge: string, over: Record<string, string> = {}): string {
  const asked = {
    response_type: 'code',
    client_id: app.id,
    redirect_uri: redirectUri,
    scope: 'messages:write',
    state: 'order 7 & more',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...over,
  };
  return `${server.url}/oauth/authorize?${new URLSearchParams(asked)}`;
}

async function isBack(person: Person): Promise<URLSearchParams> {
  await person.page.getByRole('heading', { name: 'Back at the app' }).waitFor();
  const answer = await waitFor(() => returned[0], 'the browser to come back');
  expect(answer.get('state')).toBe('order 7 & more');
  return answer;
}

describe('An administrator whom an app asks', () => {
  it('sees who asks for what, allows it, and the app gets its token', async () => {
    const { verifier, challenge } = pkce();
    await olivia.page.goto(address(challenge));
    // As text, whatever stands in it.
    await olivia.page.getByRole('heading', { name }).waitFor();
    await olivia.page.getByText('Sends <b>orders</b>').waitFor();
    expect(await olivia.page.title()).not.toBe('1');
    await olivia.button('Approve').click();
    const answer = await isBack(olivia);
    const token = await askToken(server, {
      grant_type: 'authorization_code',
      client_id: app.id,
      client_secret: app.clientSecret,
      code: answer.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    expect([token.status, token.body.scope]).toEqual([200, 'messages:write']);
  });

  it('may refuse', async () => {
    await olivia.page.goto(address(pkce().challenge));
    await olivia.button('Refuse').click();
    const answer = await isBack(olivia);
    expect([answer.get('error'), answer.get('code')]).toEqual(['access_denied', null]);
  });

  it('signs in first, and is asked then', async () => {
    const later = await Person.at(browser, 'Olivia later');
    await later.page.goto(address(pkce().challenge));
    await later.page.getByLabel('E-mail').fill('olivia@harbour.example');
    await later.page.getByLabel('Password', { exact: true }).fill(password);
    await later.button('Sign in').click();
    await later.page.getByRole('heading', { name }).waitFor();
    await later.visitor.close();
  });

  it('stays here when the address is not the app’s, or the app is unknown', async () => {
    for (const over of [{ redirect_uri: redirectUri.replace('/cb', '/other') }, { client_id: crypto.randomUUID() }]) {
      await olivia.page.goto(address(pkce().challenge, over));
      await olivia.page.getByRole('alert').waitFor();
      expect(await olivia.button('Approve').count()).toBe(0);
      expect(new URL(olivia.page.url()).pathname).toBe('/oauth/authorize');
    }
    expect(returned).toEqual([]);
  });
});

describe('Somebody who is no administrator', () => {
  it('can not allow it', async () => {
    await server.invite(owner, 'Ana');
    const ana = await Person.at(browser, 'Ana');
    await ana.signIn(server.url);
    await ana.page.goto(address(pkce().challenge));
    await ana.page.getByText('Only administrators approve apps').waitFor();
    expect(await ana.button('Approve').count()).toBe(0);
    expect(returned).toEqual([]);
    await ana.visitor.close();
  });
});
