/** Set-up can't go on; the message is one sentence for the person who waits, `details` what npm or the compiler said. */
export class SetupFailed extends Error {
  name = 'SetupFailed'
  constructor(message, details = '') {
    super(message)
    this.details = details
  }
}
