import { numberOf, unitAt } from '../../../src/twin/seeded.ts'

/** What may befall a request: `lost` and `cutOff` after its effect was made, `twice` makes it once more before it is answered. */
const READ_FAULTS = ['tooMany', 'unavailable', 'gateway', 'silent', 'lost', 'cutOff'] as const
const EFFECT_FAULTS = [...READ_FAULTS, 'twice', 'slow'] as const
export type FaultKind = (typeof EFFECT_FAULTS)[number]

export interface PortFaults {
  readonly seed: number
  /** Of all requests, 0..1. */
  readonly share: number
  /** Only these, where a test asks for it. */
  readonly kinds?: readonly FaultKind[]
}

/** Draws by seed, request and how often it came before, so that requests at once don't change each other's faults. */
export function faultDrawer(faults: PortFaults | undefined) {
  const met = new Map<FaultKind, number>()
  const times = new Map<string, number>()
  return {
    met,
    draw(request: string, isEffect: boolean): FaultKind | undefined {
      if (!faults) return undefined
      const before = times.get(request) ?? 0
      times.set(request, before + 1)
      const number = numberOf(request)
      if (unitAt(faults.seed, number, before, 1) >= faults.share) return undefined
      const kinds = (isEffect ? EFFECT_FAULTS : READ_FAULTS).filter(
        (kind) => faults.kinds?.includes(kind) ?? true,
      )
      const kind = kinds[Math.floor(unitAt(faults.seed, number, before, 2) * kinds.length)]
      if (kind) met.set(kind, (met.get(kind) ?? 0) + 1)
      return kind
    },
  }
}
