import { z } from 'zod'
import type { StampId } from '../../domain/ids.ts'
import { type AskGraph, readRows } from './graph-rows.ts'
import { type RegionResources, scaleSetWith } from './region-resources.ts'
import type { Asked, Told } from './told-interlock.ts'
import { Instant, lowerNamed } from './wire-values.ts'

const KINDS = new Map<string, Told['kind']>([
  ['ServiceIssue', 'incident'],
  ['PlannedMaintenance', 'rollout'],
])
/** Of every region at once. */
const GLOBAL = 'global'

const Event = z.object({
  id: z.string(),
  properties: z.preprocess(
    lowerNamed,
    z.object({
      eventType: z.string(),
      status: z.string(),
      title: z.string().min(1),
      trackingId: z.string().nullish(),
      impactStartTime: Instant,
      impactMitigationTime: Instant,
      lastUpdateTime: Instant,
      impact: z
        .array(
          z.object({
            impactedService: z.string(),
            impactedRegions: z.array(z.object({ impactedRegion: z.string(), status: z.string().nullish() })),
          }),
        )
        .nullish(),
    }),
  ),
})
type Event = z.infer<typeof Event>

const Impacted = z.object({
  id: z.string(),
  properties: z.preprocess(lowerNamed, z.object({ targetResourceId: z.string().nullish() })),
})

/**
 * Service issues and planned maintenance that touch a region, by Service Health. They are of the stamps whose scale sets are named
 * as impacted; where none is, of the whole region. Maintenance that names only what is not ours is none of ours.
 */
export async function eventsOf(
  ask: AskGraph,
  at: RegionResources,
  { asked, ignoredServices }: { readonly asked: Asked; readonly ignoredServices: readonly string[] },
): Promise<Told[]> {
  const { subscriptions } = at
  const events = await ask(
    subscriptions,
    "servicehealthresources | where type =~ 'microsoft.resourcehealth/events' | project id, properties",
  )
  const impacted = readRows(
    'servicehealthresources',
    Impacted,
    await ask(
      subscriptions,
      "servicehealthresources | where type =~ 'microsoft.resourcehealth/events/impactedresources' | project id, properties",
    ),
  )
  const resources = Map.groupBy(impacted, ({ id }) => trackedBy(id))
  const ignored = ignoredServices.map((name) => name.toLowerCase())
  // The same event stands in every subscription that it was sent to.
  const once = new Map(
    readRows('servicehealthresources', Event, events).map((event) => [trackedBy(event.id), event]),
  )
  return [...once.values()].flatMap((event) => {
    const kind = KINDS.get(event.properties.eventType)
    if (!kind || !touches(event, at.location, ignored)) return []
    const named = resources.get(trackedBy(event.id)) ?? []
    const told = { kind, ...whileInForce(event, kind, asked), words: wordsOf(event) }
    const stamps = new Set(
      named.flatMap(({ properties }) => scaleSetWith(at, properties.targetResourceId)?.stamp ?? []),
    )
    if (stamps.size > 0) return [...stamps].map((stamp: StampId) => ({ ...told, stamp }))
    return kind === 'rollout' && named.length > 0 ? [] : [told]
  })
}

/** The tracking id in `…/events/ID` and in `…/events/ID/impactedResources/N`. */
function trackedBy(id: string): string {
  const parts = id.toLowerCase().split('/')
  return parts[parts.indexOf('events') + 1] ?? id
}

/** An event that names no service and region says nothing of where it is, so it may be here. */
function touches({ properties }: Event, location: string, ignored: readonly string[]): boolean {
  const { impact } = properties
  if (!impact || impact.length === 0) return true
  return impact
    .filter(({ impactedService }) => !ignored.includes(impactedService.toLowerCase()))
    .some(({ impactedRegions }) =>
      impactedRegions.some(({ impactedRegion }) =>
        [location, GLOBAL].includes(impactedRegion.replaceAll(' ', '').toLowerCase()),
      ),
    )
}

/**
 * A service issue is over when it is resolved, whatever mitigation time it names before; maintenance ends when it says so. What is
 * over without a time may have been so to the end of the span.
 */
function whileInForce(
  { properties }: Event,
  kind: Told['kind'],
  { toMs }: Asked,
): { readonly fromMs: number; readonly untilMs: number | null } {
  const { status, impactStartTime, impactMitigationTime, lastUpdateTime } = properties
  const fromMs = impactStartTime ?? 0
  if (status.toLowerCase() !== 'active')
    return { fromMs, untilMs: impactMitigationTime ?? lastUpdateTime ?? toMs }
  return { fromMs, untilMs: kind === 'incident' ? null : impactMitigationTime }
}

function wordsOf({ properties: { title, trackingId } }: Event): string {
  return trackingId ? `${title} (${trackingId})` : title
}
