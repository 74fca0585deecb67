/** The host cannot start or go on with this hub; the message is one sentence for the person who started it. */
export class HubRefused extends Error {
  override readonly name = 'HubRefused'
}
