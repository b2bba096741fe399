import { describe, expect, test } from 'vitest';
import { announcedAddresses } from '../../../src/media/announced-addresses.js';

describe('The address that is announced', () => {
  test('may be left to the network interfaces', async () => {
    expect(await announcedAddresses(undefined)).toBeUndefined();
  });

  test('may be one of each kind, and is told IPv4 first', async () => {
    expect(await announcedAddresses(' 2001:db8::9 , 203.0.113.9')).toEqual(['203.0.113.9', '2001:db8::9']);
  });

  test('is looked up where it is a name, because not every browser does that', async () => {
    expect(await announcedAddresses('localhost')).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]));
  });

  test('refuses the start, in a sentence, where the name has no address', async () => {
    await expect(announcedAddresses('nowhere.invalid')).rejects.toThrow(
      /^nowhere\.invalid has no address .*CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS\.$/,
    );
  });
});
