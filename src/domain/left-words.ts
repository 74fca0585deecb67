import type { Leftover } from './forwarding.ts'

/** What is left of a replica at its old home, in words. */
export function leftWords({ inFlight, openUploads, stragglers }: Leftover): string {
  const open = `${inFlight} requests and ${openUploads} uploads open`
  return stragglers.length === 0 ? open : `${open}, by ${stragglers.join(', ')}`
}
