import type { Draft } from './draft.ts'
import type { Forecasts } from './forecasts.ts'
import { type Blocked, blockedOf, byStampAndRule, immovable, isReturn, listed } from './movable.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import { destinationsOf } from './search-space.ts'
import { shareLimit } from './share-limit.ts'
import { type DraftMove, dayLoadOf, type Situation, tenantsAt } from './situation.ts'

/** So many other stamps are named for each replica. */
const WHY_NOT_MAX = 3

/**
 * Moves everybody off a stamp who may move, before it is retired: the heaviest first picks the stamp that stays coolest. Who
 * can't leave is named, since the stamp is not empty then.
 */
export function draftEvacuation(situation: Situation, stamp: string, forecasts: Forecasts): Draft {
  const members = tenantsAt(situation, stamp)
  if (members.length === 0) return { kind: 'none', reason: `${stamp} is empty already.`, blocked: [] }
  const { open, closed } = destinationsOf(situation)
  const movable = members
    .filter((tenant) => immovable(tenant, situation) === null)
    .map((tenant) => ({ tenant, load: dayLoadOf(situation, tenant.registry, stamp) }))
    .toSorted((a, b) => a.load - b.load || byId(a.tenant.registry, b.tenant.registry))
  const { movesMax } = situation.policy
  const leaving = movable.slice(0, movesMax).toReversed()
  const found = placed(situation, { forecasts, leaving, to: open.filter((id) => id !== stamp) })
  const blocked = [
    ...blockedOf(members, situation),
    ...stuckWords(stamp, 'no-destination', 'fit on no other active shared stamp', found.stuck),
    ...stuckWords(
      stamp,
      'moves-max',
      `are more than the ${movesMax} moves of one plan; plan again after it`,
      movable.slice(movesMax).map(({ tenant }) => tenant),
    ),
  ].toSorted(byStampAndRule)
  const staying = members.length - found.moves.length
  const left = staying === 0 ? 'it is empty then' : `${staying} stay, so it is not empty then`
  const reason = `${stamp} is to be emptied: ${found.moves.length} of ${members.length} replicas leave it; ${left}.`
  if (found.moves.length === 0)
    return {
      kind: 'none',
      reason,
      blocked: [...blocked, ...closed.filter((one) => one.stamp !== stamp)].toSorted(byStampAndRule),
    }
  return {
    ...{ kind: 'moves', verdict: 'evacuate', customer: null, reason, blocked },
    ...{ moves: found.moves, nodes: new Map(), newPools: [], whyNot: found.whyNot },
  }
}

interface Placed {
  readonly moves: readonly DraftMove[]
  readonly stuck: readonly Tenant[]
  readonly whyNot: ReadonlyMap<string, readonly string[]>
}

function placed(
  situation: Situation,
  parts: {
    readonly forecasts: Forecasts
    readonly leaving: readonly { readonly tenant: Tenant; readonly load: number }[]
    readonly to: readonly string[]
  },
): Placed {
  const isAllowed = shareLimit(situation)
  const moves: DraftMove[] = []
  const stuck: Tenant[] = []
  const whyNot = new Map<string, readonly string[]>()
  // Idle replicas change no forecast: what their stamps show is told once.
  const idle = new Map<string, number>()
  for (const { tenant, load } of parts.leaving) {
    const { registry, homeStamp: from } = tenant
    const worstAt = (to: string) => {
      const { takes, worst } = parts.forecasts.of(to, [...moves, { registry, from, to }])
      return takes ? worst : Number.POSITIVE_INFINITY
    }
    const shown = (to: string) => {
      if (load > 0) return worstAt(to)
      const known = idle.get(to) ?? worstAt(to)
      idle.set(to, known)
      return known
    }
    const fits = parts.to
      .filter((to) => !isReturn(registry, to, situation))
      .map((to) => ({ to, worst: shown(to) }))
      .filter(({ to, worst }) => Number.isFinite(worst) && isAllowed([...moves, { registry, from, to }]))
      .toSorted((a, b) => a.worst - b.worst || byId(a.to, b.to))
    const [best] = fits
    if (!best) {
      stuck.push(tenant)
      continue
    }
    moves.push({ registry, from, to: best.to })
    const others = fits.slice(1, 1 + WHY_NOT_MAX)
    whyNot.set(
      registry,
      others.map(
        ({ to, worst }) => `${to}: would show up to ${percent(worst)}, ${best.to} ${percent(best.worst)}`,
      ),
    )
  }
  return { moves: moves.toSorted((a, b) => byId(a.registry, b.registry)), stuck, whyNot }
}

function stuckWords(stamp: string, rule: string, words: string, some: readonly Tenant[]): Blocked[] {
  if (some.length === 0) return []
  return [{ stamp, rule, detail: `${listed(some.map(({ registry }) => registry))}: ${words}` }]
}
