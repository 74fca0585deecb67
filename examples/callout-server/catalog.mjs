import { Refusal } from './problems.mjs'

/** Which stamp serves a replica. The epoch fences: who has read an older one than is there loses, and is told so. */
export class Catalog {
  #fleet
  #bindings = new Map()

  constructor(fleet) {
    this.#fleet = fleet
    for (const { name, replicas } of fleet.registries)
      for (const { region, homeStamp } of replicas) {
        const replica = `${name}@${region}`
        this.#bindings.set(replica, { replica, homeStamp, epoch: 1, lastMoveKey: null })
      }
  }

  /** The fleet as it is now: homes as bound, pools as scaled, stamps that were made beside those of the file. */
  fleet(stamps) {
    return {
      regions: this.#fleet.regions.map((region) => ({ ...region, stamps: stamps.inRegion(region.name) })),
      registries: this.#fleet.registries.map((registry) => ({
        ...registry,
        replicas: registry.replicas.map((replica) => ({
          ...replica,
          homeStamp: this.binding(`${registry.name}@${replica.region}`).homeStamp,
        })),
      })),
    }
  }

  bindings() {
    return [...this.#bindings.values()]
  }

  binding(replica) {
    const found = this.#bindings.get(replica)
    if (!found) throw new Refusal('unknown-replica', `${replica} is no replica of this fleet`)
    return found
  }

  rebind(replica, { to, expectedEpoch, moveKey }, stamps) {
    const before = this.binding(replica)
    stamps.mustBeIn(regionOf(replica), to)
    // First the key: its own move has raised the epoch, so a repeat looks stale.
    if (before.lastMoveKey === moveKey) return { kind: 'alreadyBound', binding: before }
    if (before.epoch !== expectedEpoch)
      throw new Refusal('stale-epoch', `${replica} is at epoch ${before.epoch}, not ${expectedEpoch}`, {
        binding: before,
      })
    const binding = { replica, homeStamp: to, epoch: before.epoch + 1, lastMoveKey: moveKey }
    this.#bindings.set(replica, binding)
    return { kind: 'bound', binding }
  }
}

export function regionOf(replica) {
  return replica.slice(replica.indexOf('@') + 1)
}
