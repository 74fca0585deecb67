import { Fleet } from '../domain/fleet.ts'

export const WORKED_REGION = 'westeurope'
export const WORKED_CUSTOMER = 'contoso'

/** One registry of the worked example. `share` is 0..1 of its customer's traffic on the stamp. */
export interface WorkedRegistry {
  readonly name: string
  readonly customer: string
  readonly stamp: string
  readonly share: number
}

/** Of the customer's traffic on each stamp: two registries, three, and the nearly idle rest. */
const TOP_SHARE = 0.967
const MEDIUM_SHARE = 0.025
const TOP_SPLIT = [0.52, 0.48] as const
const MEDIUM_SPLIT = [0.36, 0.33, 0.31] as const
/** Each nearly idle registry has so much of the traffic of the one before it. */
const TAIL_DECAY = 0.88

const OTHERS = [
  'adatum',
  'fabrikam',
  'litware',
  'lucerne',
  'northwind',
  'proseware',
  'tailspin',
  'wingtip',
] as const

export function workedRegistries(): WorkedRegistry[] {
  return [
    ...customersOn('weu-a', { first: 1, count: 24 }),
    ...customersOn('weu-b', { first: 25, count: 16 }),
    ...othersOn('weu-a', 12),
    ...othersOn('weu-b', 12),
    ...othersOn('weu-d', 8),
  ]
}

function customersOn(
  stamp: string,
  { first, count }: { readonly first: number; readonly count: number },
): WorkedRegistry[] {
  const named = [
    ...TOP_SPLIT.map((share) => TOP_SHARE * share),
    ...MEDIUM_SPLIT.map((share) => MEDIUM_SHARE * share),
  ]
  const tail = Array.from({ length: count - named.length }, (_, at) => TAIL_DECAY ** at)
  const tailSum = tail.reduce((sum, weight) => sum + weight, 0)
  const shares = [...named, ...tail.map((weight) => ((1 - TOP_SHARE - MEDIUM_SHARE) * weight) / tailSum)]
  return shares.map((share, at) => ({
    name: `${WORKED_CUSTOMER}${String(first + at).padStart(2, '0')}`,
    customer: WORKED_CUSTOMER,
    stamp,
    share,
  }))
}

/** No other customer has much of a stamp: `share` is of what all others together have there. */
function othersOn(stamp: string, count: number): WorkedRegistry[] {
  const weights = Array.from({ length: count }, (_, at) => 1 + 0.5 * ((at * 5) % 7))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight, at) => {
    const customer = OTHERS[at % OTHERS.length] ?? OTHERS[0]
    return {
      name: `${customer}-${stamp}-${Math.floor(at / OTHERS.length) + 1}`,
      customer,
      stamp,
      share: weight / sum,
    }
  })
}

/** Stamps A and B, shared and at their minimum; C, isolated and empty; D, shared and cool, which nobody moves. */
export function workedFleet(): Fleet {
  const full = [
    { role: 'registry', nodes: 6, minNodes: 6, maxNodes: 12, vcpusPerNode: 8 },
    { role: 'dataproxy', nodes: 8, minNodes: 8, maxNodes: 20, vcpusPerNode: 16 },
  ]
  const small = [
    { role: 'registry', nodes: 4, minNodes: 4, maxNodes: 12, vcpusPerNode: 8 },
    { role: 'dataproxy', nodes: 6, minNodes: 6, maxNodes: 20, vcpusPerNode: 16 },
  ]
  return Fleet.parse({
    regions: [
      {
        name: WORKED_REGION,
        stamps: [
          { id: 'weu-a', kind: 'shared', state: 'active', pools: full },
          { id: 'weu-b', kind: 'shared', state: 'active', pools: full },
          { id: 'weu-c', kind: 'isolated', state: 'active', pools: small },
          { id: 'weu-d', kind: 'shared', state: 'active', pools: small },
        ],
      },
    ],
    registries: workedRegistries().map(({ name, customer, stamp }) => ({
      name,
      customer,
      replicas: [{ region: WORKED_REGION, homeStamp: stamp }],
    })),
  })
}
