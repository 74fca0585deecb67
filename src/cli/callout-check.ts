import type { Callout } from '../adapters/callout/callout.ts'
import { type Asked, type CalloutPlace, type Received, send } from '../adapters/callout/callout-request.ts'
import type { Capabilities, Offer } from '../adapters/callout/callout-shapes.ts'
import { replicaId, StampId } from '../domain/ids.ts'

/** What nobody has, so that asking for an effect on it has none. */
export const NOBODY = replicaId('restamp-verify-none', 'nowhere')
export const NOWHERE = StampId.parse('restamp-verify-none')

/** A control plane under check. */
export interface UnderCheck {
  readonly callout: Callout
  readonly place: CalloutPlace
  readonly capabilities: Capabilities
}

/** One thing that the contract asks for. `run` says what was found, and throws what it found instead. */
export interface Check {
  readonly name: string
  readonly offer: Offer | null
  readonly run: (under: UnderCheck) => Promise<string>
}

export interface Checked {
  readonly name: string
  readonly outcome: 'holds' | 'fails' | 'not checked'
  readonly found: string
}

/** What a check found is not what the contract says. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

/** There is nothing to check it by. */
export class NotChecked extends Error {
  override readonly name = 'NotChecked'
}

export async function checked(check: Check, under: UnderCheck): Promise<Checked> {
  const { name, offer } = check
  if (offer && !under.capabilities.offers.includes(offer))
    return { name, outcome: 'not checked', found: `it offers no ${offer}` }
  try {
    return { name, outcome: 'holds', found: await check.run(under) }
  } catch (error) {
    const outcome = error instanceof NotChecked ? 'not checked' : 'fails'
    return { name, outcome, found: error instanceof Error ? error.message : String(error) }
  }
}

export function expect(holds: boolean, found: string): void {
  if (!holds) throw new CheckFailed(found)
}

/** Sends one request by hand, with what happens to it on the way. */
export function sendRaw(
  { place }: UnderCheck,
  asked: Partial<Asked>,
  onTheWay: (url: string, init: RequestInit, headers: Headers) => { readonly url: string },
): Promise<Received> {
  const whole: Asked = { method: 'GET', path: '/', key: '', body: '', bytesMax: 2 ** 20, ...asked }
  const fetched: typeof fetch = (input, init = {}) => {
    const headers = new Headers(init.headers)
    const changed = { ...init, headers }
    const { url } = onTheWay(String(input), changed, headers)
    return place.fetch(url, changed)
  }
  return send({ ...place, fetch: fetched }, whole)
}
