import type { Provisioning } from '../../src/ports/provisioning.ts'

const none = () => Promise.reject(new Error('no stamp is made here'))

/** For tests in which no stamp is made, nor asked for. */
export const NO_PROVISIONING: Provisioning = { create: none, state: none, activate: none, remove: none }
