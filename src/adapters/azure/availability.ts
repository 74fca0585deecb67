import { z } from 'zod'
import { type AskGraph, readRows } from './graph-rows.ts'
import { type RegionResources, type StampScaleSet, scaleSetWith } from './region-resources.ts'
import type { Asked, Told } from './told-interlock.ts'
import { Instant, unwritten } from './wire-values.ts'

const STATUS = "'microsoft.resourcehealth/availabilitystatuses'"
const DOWN = ['unavailable', 'degraded']
const STATUS_SUFFIX = /\/providers\/microsoft\.resourcehealth\/availabilitystatuses\/[^/]+$/i
const CHANGE = 'properties.availabilityState'

const StatusRow = z.object({
  id: z.string(),
  properties: z.object({
    targetResourceId: z.string().nullish(),
    availabilityState: z.string(),
    occurredTime: Instant,
    /** So spelt by the REST API. */
    occuredTime: Instant,
  }),
})

const Change = z.object({ previousValue: z.string().nullish(), newValue: z.string().nullish() })

const ChangeRow = z.object({
  properties: z.object({
    targetResourceId: z.string(),
    changeType: z.string().nullish(),
    changeAttributes: z.object({ timestamp: Instant }),
    changes: z.preprocess(unwritten, z.record(z.string(), z.unknown()).nullish()),
  }),
})

interface Turn {
  readonly atMs: number
  readonly before: string | null
  readonly after: string | null
}

/**
 * Outages of scale sets and their nodes by Resource Health. What is down now is down since it turned so; what was down in the
 * span is told by the changes that are kept for 14 days. A scale set of which nothing is known counts as down.
 */
export async function outagesOf(ask: AskGraph, at: RegionResources, asked: Asked): Promise<Told[]> {
  const { subscriptions } = at
  const statuses = readRows(
    'healthresources',
    StatusRow,
    await ask(
      subscriptions,
      `healthresources | where type =~ ${STATUS} | where id has 'virtualMachineScaleSets' | project id, properties`,
    ),
  )
  const changes = asked.fromMs < asked.toMs ? await ask(subscriptions, changesSince(asked.fromMs)) : []
  return [
    ...downNow(at, statuses),
    ...downBefore(at, readRows('healthresourcechanges', ChangeRow, changes), asked),
    ...notKnown(at, statuses, asked),
  ]
}

function changesSince(fromMs: number): string {
  return [
    `healthresourcechanges | where tostring(properties.targetResourceType) =~ ${STATUS}`,
    "where tostring(properties.targetResourceId) has 'virtualMachineScaleSets'",
    `where todatetime(properties.changeAttributes.timestamp) >= datetime(${new Date(fromMs).toISOString()})`,
    'project id, properties',
  ].join(' | ')
}

function downNow(at: RegionResources, statuses: readonly z.infer<typeof StatusRow>[]): Told[] {
  return statuses.flatMap(({ id, properties }) => {
    const { availabilityState, occurredTime, occuredTime, targetResourceId } = properties
    const target = targetResourceId ?? id.replace(STATUS_SUFFIX, '')
    const scaleSet = scaleSetWith(at, target)
    if (!scaleSet || !DOWN.includes(availabilityState.toLowerCase())) return []
    return [
      outage(scaleSet, target, {
        fromMs: occurredTime ?? occuredTime ?? 0,
        untilMs: null,
        state: availabilityState,
      }),
    ]
  })
}

/** The outages that have an end. One that had begun before the first change counts from the span's start. */
function downBefore(
  at: RegionResources,
  rows: readonly z.infer<typeof ChangeRow>[],
  { fromMs }: Asked,
): Told[] {
  const turns = Map.groupBy(rows.flatMap(turnOf), ({ target }) => target.toLowerCase())
  return [...turns.values()].flatMap((each) => {
    const [first] = each
    const scaleSet = scaleSetWith(at, first?.target)
    if (!first || !scaleSet) return []
    let downMs = fromMs
    return each
      .toSorted((a, b) => a.atMs - b.atMs)
      .flatMap(({ atMs, before, after, target }) => {
        const beganMs = downMs
        if (DOWN.includes(after ?? '') && !DOWN.includes(before ?? '')) downMs = atMs
        const ended = DOWN.includes(before ?? '') && !DOWN.includes(after ?? '')
        return ended
          ? [outage(scaleSet, target, { fromMs: beganMs, untilMs: atMs, state: before ?? '' })]
          : []
      })
  })
}

function turnOf({ properties }: z.infer<typeof ChangeRow>): (Turn & { readonly target: string })[] {
  const { targetResourceId, changeAttributes, changes, changeType } = properties
  const change = changes?.[CHANGE]
  const atMs = changeAttributes.timestamp
  if (atMs === null || change === undefined) return []
  const { previousValue, newValue } = Change.parse(change)
  return [
    {
      target: targetResourceId.replace(STATUS_SUFFIX, ''),
      atMs,
      before: previousValue?.toLowerCase() ?? null,
      after: changeType === 'Delete' ? null : (newValue?.toLowerCase() ?? null),
    },
  ]
}

function notKnown(
  at: RegionResources,
  statuses: readonly z.infer<typeof StatusRow>[],
  { fromMs }: Asked,
): Told[] {
  const known = new Set(
    statuses
      .filter(({ properties }) => properties.availabilityState.toLowerCase() !== 'unknown')
      .map(({ id, properties }) => scaleSetWith(at, properties.targetResourceId ?? id)),
  )
  return at.scaleSets
    .filter((scaleSet) => scaleSet.capacity !== 0 && !known.has(scaleSet))
    .map(({ stamp, name, capacity }) => {
      const what = capacity === null ? 'Resource Graph does not show' : 'Resource Health says nothing of'
      return { kind: 'incident', stamp, fromMs, untilMs: null, words: `${what} ${name}; may we read it?` }
    })
}

function outage(
  { stamp, name, id }: StampScaleSet,
  target: string,
  {
    fromMs,
    untilMs,
    state,
  }: { readonly fromMs: number; readonly untilMs: number | null; readonly state: string },
): Told {
  const node = target.slice(id.length).split('/').at(-1)
  const of = node ? `node ${node} of ${name}` : name
  return {
    kind: 'incident',
    stamp,
    fromMs,
    untilMs,
    words: `Resource Health: ${of} is ${state.toLowerCase()}`,
  }
}
