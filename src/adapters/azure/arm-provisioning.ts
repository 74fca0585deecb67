import type { Deployment } from '@azure/arm-resourcesdeployments'
import type { StampId } from '../../domain/ids.ts'
import { type NewStamp, type Provisioning, StampNotReady, type StampState } from '../../ports/provisioning.ts'
import type { AzureMap } from './azure-map.ts'
import { createAzureStamps, stampIn } from './azure-stamps.ts'
import type { ClientOptions } from './client-options.ts'
import { groupOf, type Place, placesOf } from './made-stamp.ts'
import { createPlaceClient, groupsAt, modelOf, type PlaceClient } from './provisioning-clients.ts'
import { isBeingDeleted, isFailed, isForeign, isUnderWay, type StampOnArm, stateOf } from './stamp-on-arm.ts'
import type { StampRegister } from './stamp-register.ts'
import { keyIn, newStampIn, tagsOf } from './stamp-tags.ts'
import { deploymentOf, resourcesOf, StampTemplate } from './stamp-template.ts'
import { whyRefused } from './what-if.ts'

/** A deployment that is not made, since what it would do is not allowed or ARM does not take it. Nothing was done. */
export class DeploymentRefused extends Error {
  override readonly name = 'DeploymentRefused'
}

/**
 * Makes stamps by ARM deployments at subscription scope, each in a resource group of its own. It keeps nothing: what the
 * deployment, the group and their tags say is how far a stamp is, so that any process goes on where another one stopped.
 */
export function createArmProvisioning(
  options: ClientOptions & {
    readonly map: AzureMap
    /** See `StampTemplate`. */
    readonly template: unknown
    readonly register: StampRegister
  },
): Provisioning {
  return new ArmProvisioning(options, StampTemplate.parse(options.template))
}

interface Found extends StampOnArm {
  readonly client: PlaceClient
  readonly place: Place
}

class ArmProvisioning implements Provisioning {
  readonly #options: Parameters<typeof createArmProvisioning>[0]
  readonly #template: StampTemplate
  readonly #clients: ReadonlyMap<Place, PlaceClient>

  constructor(options: Parameters<typeof createArmProvisioning>[0], template: StampTemplate) {
    this.#options = options
    this.#template = template
    this.#clients = new Map(
      placesOf(options.map).map((place) => [place, createPlaceClient(options, place)] as const),
    )
  }

  async create(wanted: NewStamp): ReturnType<Provisioning['create']> {
    const { stamp, key } = wanted
    const [place, client] = this.#placeIn(wanted.region)
    const found = await this.#find(stamp)
    const there = await this.#stateOf(stamp, found)
    if (there.kind !== 'absent') return there.key === key ? 'begunBefore' : 'taken'
    if ((found && isForeign(found)) || (await this.#isKnown(stamp))) return 'taken'
    const deployment = deploymentOf(this.#template, place, { wanted, models: await this.#models(wanted) })
    await this.#refuse(place, client, { wanted, deployment })
    const begun = await client.begin(stamp, deployment)
    if (begun.kind === 'refused') throw new DeploymentRefused(`${stamp} is not made: ${begun.reason}`)
    if (begun.kind === 'begun') return 'begun'
    // Somebody was faster; whose it is stands in the tags.
    return keyIn((await client.find(stamp)).deployment?.tags) === key ? 'begunBefore' : 'taken'
  }

  async state(stamp: StampId): Promise<StampState> {
    return this.#stateOf(stamp, await this.#find(stamp))
  }

  async activate({ stamp, key }: Parameters<Provisioning['activate']>[0]): Promise<void> {
    const found = await this.#find(stamp)
    const state = await this.#stateOf(stamp, found)
    if (state.kind === 'absent' || state.key !== key || !['ready', 'active'].includes(state.kind))
      throw new StampNotReady(`${stamp} is ${state.kind} and can't take replicas; wait until it is ready`)
    if (state.kind === 'active') return
    const { key: _, ...made } = newStampIn(found?.group?.tags)
    await this.#options.register.enter(made)
  }

  async remove({ stamp, key }: Parameters<Provisioning['remove']>[0]): ReturnType<Provisioning['remove']> {
    const found = await this.#find(stamp)
    const state = await this.#stateOf(stamp, found)
    if (!found || state.kind === 'absent') return 'absent'
    if (state.key !== key) return 'notOurs'
    if (!(await this.#isLeft(stamp, found))) return 'inUse'
    const { client, place, group, deployment } = found
    // What is under way would go on making things while they are deleted.
    if (isUnderWay(found)) await client.cancel(stamp)
    if (group && keyIn(group.tags) === key && !isBeingDeleted(group))
      await client.groups.remove(groupOf(place, stamp))
    if (deployment && isFailed(deployment)) await client.forget(stamp)
    return 'removing'
  }

  /** Whether nobody is on a stamp and nobody can come any more. */
  async #isLeft(stamp: StampId, { group }: Found): Promise<boolean> {
    const { register } = this.#options
    if ((await register.replicasOn(stamp)) > 0) return false
    if ((await register.stateOf(stamp)) === undefined) return true
    await register.leave(stamp)
    if ((await register.replicasOn(stamp)) === 0) return true
    // Somebody was bound to it between the two: it has to be listed, or those replicas would have no home.
    const { key: _, ...made } = newStampIn(group?.tags)
    await register.enter(made)
    return false
  }

  async #stateOf(stamp: StampId, found: Found | undefined): Promise<StampState> {
    if (!found) return { kind: 'absent' }
    const state = stateOf(found, false)
    if (state.kind === 'absent' || state.kind === 'removing') return state
    const listed = await this.#options.register.stateOf(stamp)
    return stateOf(found, listed !== undefined && listed !== 'provisioning')
  }

  /** Whether the map or the catalog has a stamp of that name, which we did not make. */
  async #isKnown(stamp: StampId): Promise<boolean> {
    const { map, register } = this.#options
    return stampIn(map, stamp) !== undefined || (await register.stateOf(stamp)) !== undefined
  }

  async #find(stamp: StampId): Promise<Found | undefined> {
    for (const [place, client] of this.#clients) {
      const found = await client.find(stamp)
      if (found.group || found.deployment) return { ...found, client, place }
    }
    return undefined
  }

  #placeIn(region: string): [Place, PlaceClient] {
    const entry = [...this.#clients].find(([place]) => place.region.name === region)
    if (!entry) throw new Error(`no stamps may be made in ${region}: its map says nothing of provisioning`)
    return entry
  }

  async #models({ pools }: NewStamp) {
    const { map } = this.#options
    const stamps = createAzureStamps({ map, groupsAt: groupsAt(this.#options) })
    return Promise.all(
      pools.map(async ({ role, like }) => {
        const stamp = await stamps.find(like)
        if (!stamp) throw new Error(`${like} is not in the map to build a stamp like; nothing was made`)
        return modelOf(this.#options, stamp, role)
      }),
    )
  }

  async #refuse(
    place: Place,
    client: PlaceClient,
    { wanted, deployment }: { readonly wanted: NewStamp; readonly deployment: Deployment },
  ): Promise<void> {
    const { stamp } = wanted
    const groupId = `/subscriptions/${place.subscriptionId}/resourceGroups/${groupOf(place, stamp)}`
    const why = whyRefused(await client.whatIf(stamp, deployment), {
      ...{ groupId, tags: tagsOf(wanted), resources: resourcesOf(place, wanted) },
    })
    if (why) throw new DeploymentRefused(`${stamp} is not made: ${why}`)
  }
}
