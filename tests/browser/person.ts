/** A person at a page: does what people do by clicking and typing, and sees and hears what they would. */
import type { Locator, Page } from 'playwright-core';
import { password } from '../support/api.js';
import type { TestBrowser, Visitor, VisitorOptions } from '../support/browser.js';
import type { Arrival } from '../support/page-probe.js';
import { waitFor } from '../support/wait-for.js';

export type ArrivalKind = Arrival['kind'];

/** The deadline only ends a test that would hang: a busy machine with several pages that encode and decode is slow. */
export const patienceMs = 90_000;
const lookEveryMs = 250;
/** For the place of somebody who should be on the stage: long enough for a busy machine to answer. */
const placeMs = 10_000;
/** Decoded pictures after which it isn't chance. */
const enoughFrames = 5;
/** A beep of the fake microphone brings ten times this; comfort noise and the end of a fade bring next to nothing. */
const enoughEnergy = 0.01;

export class Person {
  readonly name: string;
  readonly visitor: Visitor;

  private constructor(name: string, visitor: Visitor) {
    this.name = name;
    this.visitor = visitor;
  }

  static async at(browser: TestBrowser, name: string, options?: VisitorOptions): Promise<Person> {
    const visitor = await browser.visit(name, options);
    // Also for the pages and windows that this one opens.
    visitor.context.setDefaultTimeout(patienceMs);
    return new Person(name, visitor);
  }

  get page(): Page {
    return this.visitor.page;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  // Accounts

  /** Makes the organisation and the owner by the printed link. */
  async setUp(ownerLink: string): Promise<void> {
    await this.page.goto(ownerLink);
    await this.page.getByLabel('Organisation').fill('Harbour Ltd');
    await this.page.getByLabel('Your name').fill(this.name);
    await this.page.getByLabel('E-mail').fill(`${this.name.toLowerCase()}@harbour.example`);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Set up and sign in').click();
    await this.isHome();
  }

  async signIn(url: string): Promise<void> {
    await this.page.goto(`${url}/sign-in`);
    await this.page.getByLabel('E-mail').fill(`${this.name.toLowerCase()}@harbour.example`);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Sign in').click();
    await this.isHome();
  }

  async acceptsInvitation(invitation: string): Promise<void> {
    await this.page.goto(invitation);
    await this.page.getByLabel('Your name').fill(this.name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Make the account').click();
    await this.isHome();
  }

  async isHome(): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Main' }).waitFor();
  }

  /** Invites by the page of people, and gives the link that is shown once. */
  async invites(email: string): Promise<string> {
    await this.page.getByRole('link', { name: 'People' }).click();
    await this.button('Invite').first().click();
    await this.page.getByLabel('E-mail').fill(email);
    await this.button('Make the link').click();
    return this.page.getByRole('dialog').getByLabel('Link', { exact: true }).inputValue();
  }

  // Coming in

  /** Starts a meeting from home, and stands before the mirror. Gives its link. */
  async startsMeeting(): Promise<string> {
    await this.button('Start a meeting now').click();
    await this.page.waitForURL(/\/m\//);
    await this.button('Join').waitFor();
    return this.page.url();
  }

  /** Opens the link and stands before the mirror. */
  async openMeeting(link: string): Promise<void> {
    await this.page.goto(link);
    await this.button('Join').waitFor();
  }

  /** Joins; a guest says the name first. */
  async clickJoin(as: 'oneself' | 'a guest' = 'oneself'): Promise<void> {
    // A guest who was here before is remembered.
    if (as === 'a guest' && (await this.page.getByLabel('Your name').isVisible())) await this.page.getByLabel('Your name').fill(this.name);
    await this.button('Join').click();
  }

  /** Sees oneself among the others; a presence from before a reload may still be there for a moment, under the same name. */
  async isIn(): Promise<void> {
    await this.tile(`${this.name} (you)`).waitFor();
  }

  /** When the page was loaded, which changes with a reload. */
  loadedAt(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin);
  }

  // Who is there

  /** The place of somebody on the stage. */
  tile(name: string): Locator {
    return this.page.locator('[data-kind="camera"]').and(this.page.getByRole('group', { name: startingWith(name) }));
  }

  screenOf(name: string): Locator {
    return this.page.getByRole('group', { name: startingWith(`${name}'s screen`) });
  }

  /** Everything that arrives from somebody now. */
  async arrivalsFrom(name: string, kind: ArrivalKind): Promise<Arrival[]> {
    const id = await this.tile(name).first().getAttribute('data-participant', { timeout: placeMs });
    const all = await this.page.evaluate(() => window.causewayProbe.arrivals());
    return all.filter((arrival) => arrival.participantId === id && arrival.kind === kind);
  }

  /** Waits until pictures of somebody are decoded one after the other, and move before the eye. Gives the track; `besides` are tracks from before. */
  async sees(
    name: string,
    { kind = 'camera', besides = [] }: { kind?: 'camera' | 'screen'; besides?: readonly string[] } = {},
  ): Promise<string> {
    return this.#follow(name, kind, besides, (before, now) => {
      if (now.grid.length === 0) return 'the picture has not begun';
      if (Math.max(...now.grid) - Math.min(...now.grid) < 16) return 'the picture is of one colour';
      if (now.framesDecoded - before.framesDecoded < enoughFrames)
        return `${now.framesDecoded - before.framesDecoded} pictures were decoded`;
      return now.grid.some((brightness, at) => Math.abs(brightness - (before.grid[at] ?? 0)) > 8) ? null : 'the picture stands still';
    });
  }

  /** Waits until sound of somebody is played that isn't silence. Gives the track. */
  async hears(name: string, { besides = [] }: { besides?: readonly string[] } = {}): Promise<string> {
    return this.#follow(name, 'sound', besides, (before, now) =>
      now.audioEnergy - before.audioEnergy > enoughEnergy ? null : `silence (energy ${now.audioEnergy})`,
    );
  }

  /** Waits until nothing is played of somebody for as long as the fake microphone pauses between two beeps. */
  async hearsNothingOf(name: string): Promise<void> {
    const energy = async () => (await this.arrivalsFrom(name, 'sound'))[0]?.audioEnergy ?? 0;
    let quiet = 0;
    let before = await energy();
    await waitFor(
      async () => {
        await this.page.waitForTimeout(lookEveryMs);
        const now = await energy();
        quiet = now - before < enoughEnergy / 100 ? quiet + 1 : 0;
        before = now;
        return quiet > 5;
      },
      `${this.name} hears nothing of ${name}`,
      { deadlineMs: patienceMs },
    );
  }

  async seesAndHears(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.sees(name);
      await this.hears(name);
    }
  }

  /** Tracks of everybody now, to tell later ones from them. */
  async tracks(): Promise<string[]> {
    return (await this.page.evaluate(() => window.causewayProbe.arrivals())).map(({ trackId }) => trackId);
  }

  /** Compares one track with itself some time before, until nothing is missing any more. */
  async #follow(
    name: string,
    kind: ArrivalKind,
    besides: readonly string[],
    missing: (before: Arrival, now: Arrival) => string | null,
  ): Promise<string> {
    const first = new Map<string, Arrival>();
    const deadline = Date.now() + patienceMs;
    let reason = 'nothing arrives';
    while (Date.now() < deadline) {
      const arrivals = await this.arrivalsFrom(name, kind).catch((error: unknown) => {
        reason = error instanceof Error ? `no place on the stage (${error.message.split('\n')[0]})` : String(error);
        return [];
      });
      for (const now of arrivals) {
        if (besides.includes(now.trackId)) {
          reason = 'only the tracks from before are there';
          continue;
        }
        const before = first.get(now.trackId);
        // A picture that has not begun is nothing to compare with.
        if (!before || (kind !== 'sound' && before.grid.length === 0)) first.set(now.trackId, now);
        else {
          const lack = missing(before, now);
          if (lack === null) return now.trackId;
          reason = lack;
        }
      }
      await this.page.waitForTimeout(lookEveryMs);
    }
    throw new Error(
      `${this.name} does not ${kind === 'sound' ? 'hear' : 'see'} ${name}${kind === 'screen' ? "'s screen" : ''}: ${reason}.`,
    );
  }

  // Talking

  /** Says what is in a WAV file, and gives when it began and ended. The visitor `speaks`. */
  async says(wav: Buffer): Promise<{ fromMs: number; toMs: number }> {
    return this.page.evaluate(async (audio) => {
      const fromMs = Date.now();
      await window.causewaySay(audio);
      return { fromMs, toMs: Date.now() };
    }, wav.toString('base64'));
  }

  async openChat(): Promise<void> {
    if (await this.page.getByRole('textbox', { name: 'Write a message' }).isVisible()) return;
    await this.page.getByRole('button', { name: /^Chat/ }).click();
  }

  async writes(text: string): Promise<void> {
    await this.openChat();
    const box = this.page.getByRole('textbox', { name: 'Write a message' });
    await box.fill(text);
    await box.press('Enter');
  }

  async reads(text: string): Promise<void> {
    await this.openChat();
    await this.page.getByText(text, { exact: true }).first().waitFor();
  }

  async opensPeople(): Promise<void> {
    await this.page.getByRole('button', { name: /^People, / }).click();
  }

  /** Chat or people, whichever is open. */
  async closesPanel(): Promise<void> {
    await this.page.getByRole('button', { name: /^Close the (chat|list)$/ }).click();
  }

  /** Opens what one can do with somebody, and does one of it. */
  async does(action: string, name: string): Promise<void> {
    await this.tile(name).hover();
    await this.button(`Actions for ${name}`).first().click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }
}

function startingWith(words: string): RegExp {
  return new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
