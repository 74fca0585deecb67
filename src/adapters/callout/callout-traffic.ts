import type { RegionName, ReplicaId, StampId } from '../../domain/ids.ts'
import { ReplicaUnknown, StampUnknown } from '../../ports/catalog.ts'
import type { Residue, Traffic } from '../../ports/traffic.ts'
import type { CalloutClient } from './callout-client.ts'
import type { Outcome } from './callout-judge.ts'
import { OPERATIONS } from './callout-operations.ts'

/** Routing of an operator's own control plane, and what still arrives where. */
export class CalloutTraffic implements Traffic {
  readonly #client: CalloutClient

  constructor(client: CalloutClient) {
    this.#client = client
  }

  async route(replica: ReplicaId): ReturnType<Traffic['route']> {
    const outcome = await this.#client.ask(OPERATIONS.route, { at: { replica } })
    return outcome.kind === 'answer' ? outcome.value : undefined
  }

  async routes(region: RegionName): ReturnType<Traffic['routes']> {
    const { routes } = await this.#client.read(OPERATIONS.routes, { query: { region } })
    return routes
  }

  async setRoute({ replica, to, moveKey, epoch }: Parameters<Traffic['setRoute']>[0]) {
    const outcome = await this.#client.ask(OPERATIONS.setRoute, {
      at: { replica },
      // The reconciler sets the same route again under the same move: the epoch tells it from an older one.
      key: `${moveKey}/route/${epoch}`,
      body: { to, moveKey, epoch },
    })
    if (outcome.kind === 'answer') return outcome.value.kind
    switch (outcome.name) {
      case 'stale-epoch':
        return 'stale'
      case 'unknown-replica':
        throw new ReplicaUnknown(`${replica} is no replica of the platform: ${outcome.problem.detail}`)
      case 'unknown-stamp':
        throw new StampUnknown(`${to} takes no route of ${replica}: ${outcome.problem.detail}`)
      default:
        return outcome.name satisfies never
    }
  }

  async prepareRoute({ replica, to, moveKey }: Parameters<Traffic['prepareRoute']>[0]) {
    const outcome = await this.#client.ask(OPERATIONS.prepareRoute, {
      ...{ at: { replica }, key: `${moveKey}/prepare`, body: { to, moveKey } },
    })
    if (outcome.kind === 'answer') return outcome.value
    if (outcome.name === 'unknown-stamp')
      throw new StampUnknown(`no route of ${replica} to ${to} can be prepared: ${outcome.problem.detail}`)
    throw new ReplicaUnknown(`${replica} is no replica of the platform: ${outcome.problem.detail}`)
  }

  async settleRoute(replica: ReplicaId): Promise<void> {
    known(replica, await this.#client.ask(OPERATIONS.settleRoute, { at: { replica } }))
  }

  async residue(replica: ReplicaId, stamp: StampId): Promise<Residue> {
    return known(replica, await this.#client.ask(OPERATIONS.residue, { at: { replica, stamp } }))
  }

  async warm(replica: ReplicaId, stamp: StampId) {
    return known(replica, await this.#client.ask(OPERATIONS.warm, { at: { replica, stamp } }))
  }

  async pull(replica: ReplicaId, stamp: StampId) {
    return known(replica, await this.#client.ask(OPERATIONS.pull, { at: { replica, stamp } }))
  }
}

function known<T>(replica: ReplicaId, outcome: Outcome<T, 'unknown-replica'>): T {
  if (outcome.kind === 'answer') return outcome.value
  throw new ReplicaUnknown(`${replica} is no replica of the platform: ${outcome.problem.detail}`)
}
