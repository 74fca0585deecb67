import { Refusal } from './problems.mjs'

const NODE_READY_MS = 180_000
const CREATE_MS = 600_000
const REMOVE_MS = 300_000

/** Stamps with their pools, and those that are made and removed. */
export class Stamps {
  /** Stamp id to its region, its description, its pools' scale and, for a made one, who made it and how far it is. */
  #stamps = new Map()
  #nowMs

  constructor(fleet, nowMs) {
    this.#nowMs = nowMs
    for (const region of fleet.regions)
      for (const stamp of region.stamps) this.#add({ region: region.name, stamp, pools: stamp.pools })
  }

  inRegion(region) {
    return [...this.#stamps.values()]
      .filter((each) => each.region === region && this.#isThere(each))
      .map(({ stamp, scales }) => ({
        ...stamp,
        pools: stamp.pools.map((pool) => {
          const { nodes, minNodes } = scales.get(pool.role)
          return { ...pool, nodes, minNodes }
        }),
      }))
  }

  mustBeIn(region, id) {
    const found = this.#stamps.get(id)
    if (!found || found.region !== region || !this.#isThere(found))
      throw new Refusal('unknown-stamp', `${id} is no stamp of ${region}`)
  }

  pools(id) {
    const found = this.#stamps.get(id)
    if (!found || !this.#isThere(found)) return []
    return [...found.scales.values()].map(({ readyMs, readyBefore, ...scale }) => ({
      ...scale,
      readyNodes: readyMs <= this.#nowMs() ? scale.nodes : readyBefore,
    }))
  }

  /** Without `expectedEpoch` and `changeKey` it is made whoever changed the pool before. */
  setMinimum(id, role, { minNodes, expectedEpoch, changeKey }) {
    const found = this.#stamps.get(id)
    const scale = found && this.#isThere(found) ? found.scales.get(role) : undefined
    if (!scale) throw new Refusal('unknown-pool', `${id} has no pool ${role}`)
    if (minNodes > scale.maxNodes)
      throw new Refusal('not-possible', `${id} ${role} takes a minimum of at most ${scale.maxNodes} nodes`)
    if (changeKey === undefined && scale.minNodes === minNodes) return { kind: 'changed' }
    if (changeKey !== undefined) {
      if (scale.lastChangeKey === changeKey) return { kind: 'alreadyChanged' }
      if (scale.epoch !== expectedEpoch)
        throw new Refusal('stale-epoch', `${id} ${role} is at epoch ${scale.epoch}, not ${expectedEpoch}`)
    }
    const grown = minNodes > scale.nodes ? this.#grownTo(scale, minNodes) : {}
    Object.assign(scale, { minNodes, epoch: scale.epoch + 1, lastChangeKey: changeKey ?? null, ...grown })
    return { kind: 'changed' }
  }

  create(id, { region, customer, pools, key }) {
    const there = this.#stamps.get(id)
    if (there && this.#kindOf(there) !== 'absent') {
      if (there.key === key) return { kind: 'begunBefore' }
      throw new Refusal('taken', `${id} is there, and was not made under this key`)
    }
    const built = pools.map(({ role, nodes, like }) => {
      const model = this.#stamps.get(like)?.stamp.pools.find((pool) => pool.role === role)
      if (!model) throw new Refusal('not-possible', `${like} has no pool ${role} to build one like`)
      return { ...model, nodes, minNodes: nodes, maxNodes: Math.max(nodes, model.maxNodes) }
    })
    const stamp = { id, kind: 'isolated', state: 'provisioning', pools: built, labels: { customer } }
    this.#add({ region, stamp, pools: built, key, readyMs: this.#nowMs() + CREATE_MS })
    return { kind: 'begun' }
  }

  state(id) {
    const found = this.#stamps.get(id)
    const kind = found?.key === undefined ? 'absent' : this.#kindOf(found)
    return kind === 'absent' ? { kind } : { kind, key: found.key }
  }

  activate(id, { key }) {
    const { kind, key: owner } = this.state(id)
    if (owner !== key || !['ready', 'active'].includes(kind))
      throw new Refusal('not-ready', `${id} is ${kind}, or was made under another key`)
    this.#stamps.get(id).stamp.state = 'active'
    return { kind: 'active' }
  }

  remove(id, { key }, bindings) {
    const { kind, key: owner } = this.state(id)
    if (kind === 'absent') return { kind }
    if (owner !== key) throw new Refusal('not-ours', `${id} was made under another key`)
    if (bindings.some(({ homeStamp }) => homeStamp === id))
      throw new Refusal('in-use', `replicas are bound to ${id}`)
    this.#stamps.get(id).goneMs ??= this.#nowMs() + REMOVE_MS
    return { kind: 'removing' }
  }

  #add({ pools, ...rest }) {
    const scales = new Map()
    for (const { role, nodes, minNodes, maxNodes } of pools)
      scales.set(role, {
        ...{ role, nodes, minNodes, maxNodes, epoch: 1, lastChangeKey: null },
        ...{ readyMs: 0, readyBefore: nodes },
      })
    this.#stamps.set(rest.stamp.id, { ...rest, scales })
  }

  #grownTo({ nodes, readyMs, readyBefore }, minNodes) {
    const nowMs = this.#nowMs()
    return {
      nodes: minNodes,
      readyMs: nowMs + NODE_READY_MS,
      readyBefore: readyMs <= nowMs ? nodes : readyBefore,
    }
  }

  #kindOf({ key, stamp, readyMs, goneMs }) {
    if (key === undefined) return 'active'
    if (goneMs !== undefined) return goneMs <= this.#nowMs() ? 'absent' : 'removing'
    if (readyMs > this.#nowMs()) return 'creating'
    return stamp.state === 'active' ? 'active' : 'ready'
  }

  /** In the catalog are stamps that have their nodes and are not on their way out. */
  #isThere(found) {
    return ['ready', 'active'].includes(this.#kindOf(found))
  }
}
