import { z } from 'zod'
import { type AskGraph, readRows } from './graph-rows.ts'
import { type RegionResources, scaleSetWith } from './region-resources.ts'
import type { Asked, Told } from './told-interlock.ts'
import { Instant, lowerNamed } from './wire-values.ts'

const RUNNING = ['inprogress', 'retrynow', 'retrylater']
const PENDING = 'pending'
const DONE = 'completed'
const MAINTENANCE_SUFFIX = /\/providers\/microsoft\.maintenance\/.*$/i

const Update = z.object({
  status: z.string(),
  impactType: z.string().nullish(),
  notBefore: Instant,
  lastUpdateTime: Instant,
  resourceId: z.string().nullish(),
  properties: z.object({ resourceId: z.string().nullish() }).nullish(),
})
type Update = z.infer<typeof Update>

/** `updates` come as one or as a list under `value`, named for the resource; `applyUpdates` have one each. */
const Row = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.preprocess(
    lowerNamed,
    z.union([
      z.object({ value: z.array(Update) }).transform(({ value }) => value),
      Update.transform((one) => [one]),
    ]),
  ),
})

/**
 * Platform maintenance of scale sets and their nodes: what runs, and what the platform may begin. When it began is not known, since
 * an operator may begin it before the platform would: it counts from the start of the span that is asked about.
 */
export async function maintenanceOf(ask: AskGraph, at: RegionResources, asked: Asked): Promise<Told[]> {
  const rows = await ask(
    at.subscriptions,
    "maintenanceresources | where type in~ ('microsoft.maintenance/updates', 'microsoft.maintenance/applyupdates') | project id, name, properties",
  )
  return readRows('maintenanceresources', Row, rows).flatMap(({ id, name, properties }) =>
    properties.flatMap((update) => {
      const target = update.resourceId ?? update.properties?.resourceId
      const scaleSet =
        scaleSetWith(at, target ?? name) ?? scaleSetWith(at, id.replace(MAINTENANCE_SUFFIX, ''))
      const span = whileInForce(update, asked)
      if (!scaleSet || !span || update.impactType?.toLowerCase() === 'none') return []
      const impact = update.impactType ? ` (${update.impactType})` : ''
      const words = `platform maintenance of ${scaleSet.name} is ${update.status}${impact}`
      return [{ kind: 'rollout' as const, stamp: scaleSet.stamp, ...span, words }]
    }),
  )
}

function whileInForce(
  { status, notBefore, lastUpdateTime }: Update,
  { fromMs }: Asked,
): Pick<Told, 'fromMs' | 'untilMs'> | undefined {
  const state = status.toLowerCase()
  if (RUNNING.includes(state)) return { fromMs: Math.min(notBefore ?? fromMs, fromMs), untilMs: null }
  // Until then nobody but the operator begins it.
  if (state === PENDING && notBefore !== null) return { fromMs: notBefore, untilMs: null }
  if (state === DONE && lastUpdateTime !== null) return { fromMs, untilMs: lastUpdateTime }
  return undefined
}
