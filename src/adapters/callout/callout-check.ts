import type { Checks } from '../../ports/checks.ts'
import type { Callout } from './callout.ts'
import { OFFERS } from './callout-shapes.ts'

/** Whether an operator's own control plane answers, and what it offers. */
export function createCalloutCheck(callout: Pick<Callout, 'capabilities'>): Checks {
  const check = 'control plane'
  return {
    async run() {
      try {
        const { name, offers } = await callout.capabilities()
        const ours = OFFERS.filter((offer) => !offers.includes(offer))
        const rest = ours.length > 0 ? `; Restamp does ${ours.join(', ')} itself` : ''
        const found = `${name} offers ${offers.join(', ') || 'nothing'}${rest}`
        return [{ check, outcome: 'holds', found, todo: null }]
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error)
        return [{ check, outcome: 'fix', found, todo: 'look at it with `restamp callout verify URL`' }]
      }
    },
  }
}
