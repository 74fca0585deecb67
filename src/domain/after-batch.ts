import { outlooksOf } from './outlooks.ts'
import type { PastMove } from './past-moves.ts'
import type { Move } from './plan.ts'
import type { Policy } from './policy.ts'
import type { RegionData } from './region-data.ts'
import { situationOf } from './situation.ts'

/** What a destination's pool is predicted to show once a batch has arrived there. Percent, at `nodes` nodes. */
export interface AfterBatch {
  readonly role: string
  readonly hotNodeP95: number
  readonly nodes: number
}

/**
 * Predicts a destination's pools with a batch's moves on top of what is there: the summed series of the last day, with moves
 * that landed lately or are in flight as landed. Null where too many minutes are missing.
 */
export function afterBatch(
  data: RegionData,
  batch: {
    readonly stamp: string
    /** Those that are not there yet. */
    readonly moves: readonly Move[]
    /** Nodes that the destination will have, by role. */
    readonly nodes: ReadonlyMap<string, number>
    readonly policy: Policy
    readonly pastMoves: readonly PastMove[]
  },
): readonly AfterBatch[] | null {
  const { stamp, policy, pastMoves, nodes } = batch
  const moves = batch.moves.filter(({ to }) => to === stamp)
  const outlooks = outlooksOf(situationOf(data, { policy, pastMoves }), {
    ...{ kind: 'moves', verdict: 'rebalance', customer: null, reason: '', blocked: [], newPools: [] },
    ...{ moves, nodes, whyNot: new Map() },
  })
  return (
    outlooks
      ?.filter((outlook) => outlook.stamp === stamp)
      .map(({ pool: role, predicted, nodes: stated }) => ({
        role,
        hotNodeP95: predicted.hotNodeP95,
        nodes: stated ?? nodes.get(role) ?? 0,
      })) ?? null
  )
}
