import type { Deployment } from '@azure/arm-resourcesdeployments'
import { z } from 'zod'
import type { NewStamp } from '../../ports/provisioning.ts'
import { autoscaleIdOf, madeStampAt, type Place, scaleSetIdOf } from './made-stamp.ts'
import { tagsOf } from './stamp-tags.ts'
import { isToFillIn } from './to-fill-in.ts'

const declared = z.looseObject({ type: z.string() })

/**
 * The operator's ARM template for one stamp, at subscription scope. It makes the group `resourceGroup` with exactly `tags`, and
 * in it, for each of `pools`, a scale set and an autoscale setting of the given names; all else in the group is its own affair.
 */
export const StampTemplate = z
  .looseObject({
    $schema: z
      .string()
      .regex(/subscriptionDeploymentTemplate\.json#?$/, 'expected a template for a subscription deployment'),
    parameters: z.looseObject({
      location: declared,
      stamp: declared,
      resourceGroup: declared,
      tags: declared,
      host: declared,
      pools: declared,
    }),
  })
  .refine(
    (template) => !isMarked(template),
    'expected all values that are marked "? fill in" to be filled in',
  )
export type StampTemplate = z.infer<typeof StampTemplate>

/** Whether a value within still waits for somebody to say it. */
function isMarked(value: unknown): boolean {
  if (typeof value === 'string') return isToFillIn(value)
  return value instanceof Object && Object.values(value).some(isMarked)
}

/** What a pool of the stamp named by `like` is built of. */
export interface PoolModel {
  readonly role: string
  readonly scaleSetId: string
  readonly sku: string
  readonly zones: readonly string[]
  readonly maxNodes: number
}

/** The deployment that makes a stamp: one pool each like its model, with the wanted nodes as minimum. */
export function deploymentOf(
  template: StampTemplate,
  place: Place,
  { wanted, models }: { readonly wanted: NewStamp; readonly models: readonly PoolModel[] },
): Deployment {
  const at = madeStampAt(place, wanted)
  const pools = at.pools.map(({ role, scaleSet, autoscaleSetting }) => {
    const model = models.find((each) => each.role === role)
    const nodes = wanted.pools.find((pool) => pool.role === role)?.nodes ?? 0
    return {
      ...{ role, nodes, scaleSet, autoscaleSetting },
      maxNodes: Math.max(model?.maxNodes ?? 0, nodes),
      sku: model?.sku,
      zones: model?.zones ?? [],
      like: model?.scaleSetId,
    }
  })
  const parameters = {
    location: { value: place.region.location },
    stamp: { value: at.stamp },
    resourceGroup: { value: at.resourceGroup },
    tags: { value: tagsOf(wanted) },
    host: { value: at.host },
    pools: { value: pools },
  }
  return {
    location: place.region.location,
    tags: tagsOf(wanted),
    properties: { mode: 'Incremental', template, parameters },
  }
}

/** The ids that the deployment has to make, without which the stamp could be neither measured nor sized. */
export function resourcesOf(place: Place, wanted: NewStamp): string[] {
  const at = madeStampAt(place, wanted)
  return at.pools.flatMap((pool) => [scaleSetIdOf(at, pool), autoscaleIdOf(at, pool)])
}
