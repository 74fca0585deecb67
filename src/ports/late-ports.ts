import type { Anchors } from './anchors.ts'
import type { Checked, Checks } from './checks.ts'
import type { Metrics } from './metrics.ts'
import type { Ports } from './ports.ts'
import type { Provisioning } from './provisioning.ts'
import type { Collection, RecordOf, Records } from './records.ts'

/** What is loaded late: a function app has to have registered its functions long before the SDKs behind them are there. */
export interface LateParts {
  readonly ports: Omit<Ports, 'clock'>
  readonly provisioning: Provisioning
  readonly anchors: Anchors
  readonly checks: Checks
}

/** What an operator's own platform may stand behind, each in place of ours. */
export interface OwnParts extends Pick<Ports, 'catalog' | 'traffic' | 'capacity' | 'interlocks'> {
  readonly provisioning: Provisioning
}

/** Parts that are loaded when first asked something, once; where that failed, it is tried again when asked again. */
export function lateParts(load: () => Promise<LateParts>, { lateMs }: Pick<Metrics, 'lateMs'>): LateParts {
  let loaded: Promise<LateParts> | undefined
  const parts = () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
  const ports = async () => (await parts()).ports
  return {
    ports: {
      ...{
        catalog: lateCatalog(ports),
        metrics: { lateMs, ...lateMetrics(ports) },
        traffic: lateTraffic(ports),
      },
      ...{ capacity: lateCapacity(ports), records: new LateRecords(ports) },
      interlocks: { between: async (asked) => (await ports()).interlocks.between(asked) },
    },
    provisioning: {
      create: async (wanted) => (await parts()).provisioning.create(wanted),
      state: async (stamp) => (await parts()).provisioning.state(stamp),
      activate: async (made) => (await parts()).provisioning.activate(made),
      remove: async (made) => (await parts()).provisioning.remove(made),
    },
    anchors: {
      keep: async (anchor) => (await parts()).anchors.keep(anchor),
      list: async (chain) => (await parts()).anchors.list(chain),
    },
    checks: { run: () => parts().then(({ checks }) => checks.run(), notOpened) },
  }
}

/** Where nothing could be opened, that is the finding. */
function notOpened(error: unknown): readonly Checked[] {
  const found = error instanceof Error ? error.message : String(error)
  const todo = 'put that right first: nothing else can be looked at before'
  return [{ check: 'what lies behind the ports', outcome: 'fix', found, todo }]
}

type Loading = () => Promise<LateParts['ports']>

function lateCatalog(ports: Loading): Ports['catalog'] {
  return {
    fleet: async () => (await ports()).catalog.fleet(),
    binding: async (replica) => (await ports()).catalog.binding(replica),
    bindings: async () => (await ports()).catalog.bindings(),
    rebind: async (move) => (await ports()).catalog.rebind(move),
  }
}

function lateMetrics(ports: Loading): Omit<Metrics, 'lateMs'> {
  return {
    cpu: async (query) => (await ports()).metrics.cpu(query),
    load: async (query) => (await ports()).metrics.load(query),
  }
}

function lateTraffic(ports: Loading): Ports['traffic'] {
  return {
    route: async (replica) => (await ports()).traffic.route(replica),
    routes: async (region) => (await ports()).traffic.routes(region),
    prepareRoute: async (change) => (await ports()).traffic.prepareRoute(change),
    settleRoute: async (replica) => (await ports()).traffic.settleRoute(replica),
    setRoute: async (change) => (await ports()).traffic.setRoute(change),
    residue: async (replica, stamp) => (await ports()).traffic.residue(replica, stamp),
    warm: async (replica, stamp) => (await ports()).traffic.warm(replica, stamp),
    pull: async (replica, stamp) => (await ports()).traffic.pull(replica, stamp),
  }
}

function lateCapacity(ports: Loading): Ports['capacity'] {
  return {
    pools: async (stamp) => (await ports()).capacity.pools(stamp),
    setMinimum: async (change) => (await ports()).capacity.setMinimum(change),
    changeMinimum: async (change) => (await ports()).capacity.changeMinimum(change),
  }
}

class LateRecords implements Records {
  readonly #ports: Loading

  constructor(ports: Loading) {
    this.#ports = ports
  }

  async read<C extends Collection>(collection: C, id: string) {
    return (await this.#ports()).records.read(collection, id)
  }

  async create<C extends Collection>(collection: C, id: string, value: RecordOf<C>) {
    return (await this.#ports()).records.create(collection, id, value)
  }

  async replace<C extends Collection>(collection: C, id: string, value: RecordOf<C>, etag: string) {
    return (await this.#ports()).records.replace(collection, id, value, etag)
  }

  async list<C extends Collection>(collection: C, query: Parameters<Records['list']>[1]) {
    return (await this.#ports()).records.list(collection, query)
  }
}
