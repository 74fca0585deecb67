import { type Fleet, fleetProblems } from '../../domain/fleet.ts'
import type { ReplicaId } from '../../domain/ids.ts'
import {
  type Binding,
  type Catalog,
  type RebindOutcome,
  ReplicaUnknown,
  StampUnknown,
} from '../../ports/catalog.ts'
import { AnswerNotUnderstood } from '../../ports/platform-faults.ts'
import type { CalloutClient } from './callout-client.ts'
import { OPERATIONS } from './callout-operations.ts'
import type { Problem } from './callout-problems.ts'

/** The catalog of an operator's own control plane. */
export class CalloutCatalog implements Catalog {
  readonly #client: CalloutClient

  constructor(client: CalloutClient) {
    this.#client = client
  }

  async fleet(): Promise<Fleet> {
    const fleet = await this.#client.read(OPERATIONS.fleet, {})
    const [problem] = fleetProblems(fleet)
    if (problem) throw new AnswerNotUnderstood(`the platform's fleet can't be right: ${problem}`)
    return fleet
  }

  async binding(replica: ReplicaId): Promise<Binding | undefined> {
    const outcome = await this.#client.ask(OPERATIONS.binding, { at: { replica } })
    return outcome.kind === 'answer' ? ofReplica(replica, outcome.value) : undefined
  }

  async bindings(): Promise<readonly Binding[]> {
    const { bindings } = await this.#client.read(OPERATIONS.bindings, {})
    const seen = new Set<ReplicaId>()
    for (const { replica } of bindings) {
      if (seen.has(replica))
        throw new AnswerNotUnderstood(`the platform has two bindings of ${replica}; expected one each`)
      seen.add(replica)
    }
    return bindings
  }

  async rebind(move: Parameters<Catalog['rebind']>[0]): Promise<RebindOutcome> {
    const { replica, to, expectedEpoch, moveKey } = move
    const outcome = await this.#client.ask(OPERATIONS.rebind, {
      at: { replica },
      key: `${moveKey}/rebind/${expectedEpoch}`,
      body: { to, expectedEpoch, moveKey },
    })
    if (outcome.kind === 'answer') return rebound(move, outcome.value)
    switch (outcome.name) {
      case 'stale-epoch':
        return { kind: 'stale', binding: staleBinding(replica, outcome.problem) }
      case 'unknown-replica':
        throw new ReplicaUnknown(`${replica} is no replica of the platform: ${outcome.problem.detail}`)
      case 'unknown-stamp':
        throw new StampUnknown(`${to} takes no binding of ${replica}: ${outcome.problem.detail}`)
      default:
        return outcome.name satisfies never
    }
  }
}

/** What says that it bound is held to what was asked: another home, or another's key, is no success. */
function rebound(
  { replica, to, moveKey }: Parameters<Catalog['rebind']>[0],
  { kind, binding }: { readonly kind: 'bound' | 'alreadyBound'; readonly binding: Binding },
): RebindOutcome {
  ofReplica(replica, binding)
  const { homeStamp, lastMoveKey } = binding
  if (homeStamp !== to || lastMoveKey !== moveKey)
    throw new AnswerNotUnderstood(
      `the platform says that ${replica} is ${kind}, at ${homeStamp} by ${lastMoveKey ?? 'nobody'}; expected ${to} by ${moveKey}`,
    )
  return { kind, binding }
}

function staleBinding(replica: ReplicaId, { binding }: Problem): Binding {
  if (!binding)
    throw new AnswerNotUnderstood(
      `the platform refused a stale epoch of ${replica} without its binding; expected "binding" in the problem`,
    )
  return ofReplica(replica, binding)
}

function ofReplica(replica: ReplicaId, binding: Binding): Binding {
  if (binding.replica === replica) return binding
  throw new AnswerNotUnderstood(
    `the platform gave the binding of ${binding.replica}; expected that of ${replica}`,
  )
}
