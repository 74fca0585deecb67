import { z } from 'zod'
import type { OPERATIONS } from '../../../src/adapters/callout/callout-operations.ts'
import {
  KeyRequest,
  MinimumRequest,
  OFFERS,
  PrepareRequest,
  RebindRequest,
  RouteRequest,
  SpanQuery,
  StampRequest,
} from '../../../src/adapters/callout/callout-shapes.ts'
import { ReplicaId, StampId } from '../../../src/domain/ids.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import type { Provisioning } from '../../../src/ports/provisioning.ts'
import { PortRefusal } from './port-refusal.ts'

export type ServedPorts = Pick<Ports, 'catalog' | 'traffic' | 'capacity' | 'interlocks'> & {
  readonly provisioning: Provisioning
}

/** A request's parts, as strings; `body` is what its JSON says. */
interface AskedPort {
  readonly at: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

type Handler = (asked: AskedPort) => Promise<object>
export type OperationName = keyof typeof OPERATIONS

const replicaOf = ({ at }: AskedPort) => ReplicaId.parse(at.replica)
const stampOf = ({ at }: AskedPort) => StampId.parse(at.stamp)
const place = (asked: AskedPort) => [replicaOf(asked), stampOf(asked)] as const

/** Each operation of the contract, asked of ports. */
export function handlersOf(
  ports: ServedPorts,
  nowMs: () => number,
): Readonly<Record<OperationName, Handler>> {
  const { catalog, traffic, capacity, provisioning, interlocks } = ports
  return {
    capabilities: async () => ({ contract: 1, name: 'ports', offers: OFFERS, nowMs: nowMs() }),
    fleet: () => catalog.fleet(),
    bindings: async () => ({ bindings: await catalog.bindings() }),
    binding: async (asked) =>
      (await catalog.binding(replicaOf(asked))) ?? refuse('unknown-replica', replicaOf(asked)),
    rebind: async (asked) => {
      const replica = replicaOf(asked)
      const outcome = await catalog.rebind({ replica, ...RebindRequest.parse(asked.body) })
      if (outcome.kind === 'stale') refuse('stale-epoch', replica, { binding: outcome.binding })
      return outcome
    },
    routes: async ({ query }) => ({ routes: await traffic.routes(z.string().parse(query.region)) }),
    route: async (asked) =>
      (await traffic.route(replicaOf(asked))) ?? refuse('unknown-replica', replicaOf(asked)),
    prepareRoute: async (asked) =>
      traffic.prepareRoute({ replica: replicaOf(asked), ...PrepareRequest.parse(asked.body) }),
    settleRoute: async (asked) => {
      await traffic.settleRoute(replicaOf(asked))
      return { kind: 'settled' }
    },
    setRoute: async (asked) => {
      const replica = replicaOf(asked)
      const kind = await traffic.setRoute({ replica, ...RouteRequest.parse(asked.body) })
      return kind === 'routed' ? { kind } : refuse('stale-epoch', replica)
    },
    residue: (asked) => traffic.residue(...place(asked)),
    warm: (asked) => traffic.warm(...place(asked)),
    pull: (asked) => traffic.pull(...place(asked)),
    pools: async (asked) => ({ pools: await capacity.pools(stampOf(asked)) }),
    setMinimum: (asked) => setMinimum(ports, asked),
    create: async (asked) => {
      const stamp = stampOf(asked)
      const kind = await provisioning.create({ stamp, ...StampRequest.parse(asked.body) })
      return kind === 'taken' ? refuse('taken', stamp) : { kind }
    },
    state: (asked) => provisioning.state(stampOf(asked)),
    activate: async (asked) => {
      await provisioning.activate({ stamp: stampOf(asked), ...KeyRequest.parse(asked.body) })
      return { kind: 'active' }
    },
    remove: async (asked) => {
      const kind = await provisioning.remove({ stamp: stampOf(asked), ...KeyRequest.parse(asked.body) })
      if (kind === 'notOurs') refuse('not-ours', stampOf(asked))
      return kind === 'inUse' ? refuse('in-use', stampOf(asked)) : { kind }
    },
    interlocks: async ({ query }) => ({ interlocks: await interlocks.between(SpanQuery.parse(query)) }),
  }
}

async function setMinimum({ capacity }: ServedPorts, asked: AskedPort): Promise<object> {
  const stamp = stampOf(asked)
  const role = z.string().parse(asked.at.role)
  const body = MinimumRequest.parse(asked.body)
  const pools = await capacity.pools(stamp)
  if (!pools.some((pool) => pool.role === role)) refuse('unknown-pool', `${stamp} ${role}`)
  if (!('changeKey' in body)) {
    await capacity.setMinimum({ stamp, role, ...body })
    return { kind: 'changed' }
  }
  const outcome = await capacity.changeMinimum({ stamp, role, ...body })
  return outcome.kind === 'stale' ? refuse('stale-epoch', `${stamp} ${role}`) : outcome
}

function refuse(...refusal: ConstructorParameters<typeof PortRefusal>): never {
  throw new PortRefusal(...refusal)
}
