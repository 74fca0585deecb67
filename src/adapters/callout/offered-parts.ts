import type { OwnParts } from '../../ports/late-ports.ts'
import type { Callout } from './callout.ts'

/** What an operator's own control plane stands behind, by its own word. Throws where it doesn't answer. */
export async function offeredParts(callout: Callout): Promise<Partial<OwnParts>> {
  const { offers } = await callout.capabilities()
  const { catalog, traffic, capacity, interlocks, provisioning } = callout
  const parts = Object.entries({ catalog, traffic, capacity, interlocks, provisioning })
  return Object.fromEntries(parts.filter(([name]) => offers.some((offer) => offer === name)))
}
