/** Addresses that administrators enter for the server to call. */
import { CausewayError } from '../../platform/errors.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';

/**
 * Refuses at once what would never work. That an address is good now does not make it so later:
 * each call is checked again when it connects. @throws BOT_ADDRESS
 */
export async function checkAddress(outbound: OutboundHttp, url: string): Promise<void> {
  try {
    await outbound.assertPublic(url);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CausewayError('BOT_ADDRESS', { field: 'url', fill: { detail: error.message }, cause: error });
  }
}
