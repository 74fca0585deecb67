/** A minute of each day in which one registry's traffic falls on one node. Cores of that node's. */
interface Burst {
  readonly registry: string
  readonly minuteOfDay: number
  readonly node: number
  readonly cores: number
}

/** What happens on one pool: cores in use at the height of the day by the one customer and by all others together. */
export interface PoolStory {
  readonly customerCores: number
  readonly otherCores: number
  /** The hottest node's load as a multiple of the mean. */
  readonly hotNodeWeight: number
  readonly bursts: readonly Burst[]
}

/** What a request and a byte cost in cores for one a minute, and how much of a replica's cost its requests make. */
export interface UnitCost {
  readonly perRequest: number
  readonly perByte: number
  readonly requestPart: number
}

export const UNIT_COSTS: Readonly<Record<string, UnitCost>> = {
  registry: { perRequest: 0.001, perByte: 1e-9, requestPart: 0.9 },
  dataproxy: { perRequest: 0.001, perByte: 1 / 6e9, requestPart: 0.25 },
}

/** 12:36, while the one customer's pipelines pause. */
const NOON_JOB = 756
/** 10:41, when the one customer rolls a large image out. */
const ROLL_OUT = 641

/** Sized so that the files show the published figures before the move; what follows from a move is up to the twin. */
export const STORIES: Readonly<Record<string, PoolStory>> = {
  'weu-a/registry': {
    customerCores: 0.66,
    otherCores: 8.6,
    hotNodeWeight: 1.4,
    bursts: [{ registry: 'fabrikam-weu-a-1', minuteOfDay: NOON_JOB, node: 1, cores: 2.4 }],
  },
  'weu-a/dataproxy': {
    customerCores: 11.15,
    otherCores: 21.45,
    hotNodeWeight: 1.55,
    bursts: [
      { registry: 'contoso01', minuteOfDay: ROLL_OUT, node: 1, cores: 9.55 },
      { registry: 'fabrikam-weu-a-1', minuteOfDay: NOON_JOB, node: 1, cores: 6 },
    ],
  },
  'weu-b/registry': {
    customerCores: 3.4,
    otherCores: 6.8,
    hotNodeWeight: 1.5,
    bursts: [{ registry: 'northwind-weu-b-1', minuteOfDay: NOON_JOB, node: 1, cores: 3.2 }],
  },
  'weu-b/dataproxy': {
    customerCores: 15.5,
    otherCores: 20,
    hotNodeWeight: 1.5,
    bursts: [{ registry: 'northwind-weu-b-1', minuteOfDay: NOON_JOB, node: 1, cores: 8 }],
  },
  'weu-d/registry': { customerCores: 0, otherCores: 4, hotNodeWeight: 1.3, bursts: [] },
  'weu-d/dataproxy': { customerCores: 0, otherCores: 12, hotNodeWeight: 1.4, bursts: [] },
}
