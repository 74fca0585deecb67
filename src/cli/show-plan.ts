import { pastWords } from '../domain/past-words.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import type { PlanList, PlanView } from '../messages/api.ts'
import { moment, percent } from './figures.ts'
import { showFaults } from './show-rehearsal.ts'
import { table } from './table.ts'

/** A plan for people: verdict, reason, phases, prediction, and what came of its rehearsal. */
export function showPlan({ plan, rehearsal }: Pick<PlanView, 'plan' | 'rehearsal'>): string {
  const parts = [
    `Plan ${plan.id}: ${plan.verdict}\n  ${plan.reason}\n  asked for by ${plan.requestedBy}, digest ${plan.digest}\n`,
    ...(plan.moves.length > 0 ? [phases(plan), predictions(plan)] : []),
    ...(plan.lowerings ? [lowerings(plan), predictions(plan)] : []),
    plan.endsAboutMs === undefined ? '' : endWords(plan.endsAboutMs),
    contributors(plan),
    ...plan.pools
      .filter(({ stamp }) => plan.moves.some(({ from }) => from === stamp))
      .map(
        ({ stamp, pool, ifNothingIsDone }) =>
          `  If nothing is done, ${stamp} ${pool}: ${ifNothingIsDone.words}\n`,
      ),
    ...(plan.whatWouldChange ?? []).map((words) => `  The verdict would change: ${words}\n`),
    ...plan.blocked.map(({ stamp, rule, detail }) => `  ${stamp} is blocked by ${rule}: ${detail}\n`),
    ...(rehearsal ? [`  Rehearsal ${rehearsal.status}: ${rehearsal.words}\n`, showFaults(rehearsal)] : []),
  ]
  return parts.join('')
}

/** So many moves are shown for people; `--json` has them all. */
const MOVES_SHOWN_MAX = 60

/** Each move with its place, its share and, once for each destination, why it and no other. */
export function showMoves({ moves, isolation }: Plan): string {
  if (moves.length === 0) return ''
  const rows = moves
    .slice(0, MOVES_SHOWN_MAX)
    .map((move) => [
      `${move.phase}-${move.batch}`,
      move.registry,
      move.from,
      move.to,
      percent(move.share * 100),
    ])
  const more = moves.length - rows.length
  const heaviest = moves.toSorted((a, b) => b.share - a.share)[0]
  return [
    table(['batch', 'registry', 'from', 'to', '>of hot minutes'], rows),
    more > 0 ? `  and ${more} more; --json has them all\n` : '',
    isolation
      ? `  Nodes needed: ${isolation.pools.map(({ role, nodes }) => `${role} ${nodes}`).join(', ')}\n`
      : '',
    heaviest ? `  ${heaviest.why}\n` : '',
    ...(heaviest?.whyNot ?? []).map((words) => `  Not ${words}\n`),
  ].join('')
}

function phases(plan: Plan): string {
  const batches = batchesOf(plan)
  const rows = plan.phases.map(({ name, observation }) => {
    const own = batches.filter((batch) => batch.phase === name)
    const moves = own.reduce((sum, batch) => sum + batch.moves.length, 0)
    const destinations = new Set(own.flatMap((batch) => batch.moves.map((move) => move.to)))
    return [name, String(own.length), String(moves), [...destinations].join(', '), observation]
  })
  return table(['phase', '>batches', '>registries', 'to', 'observed for'], rows)
}

function endWords(endsAboutMs: number | null): string {
  return endsAboutMs === null
    ? '  It has no end in sight: no window of the policy opens for it\n'
    : `  It ends about ${moment(endsAboutMs)} if every gate is answered at once\n`
}

/** Each step of a right-sizing, with the proof that it had when it was planned. */
function lowerings({ lowerings = [] }: Plan): string {
  const rows = lowerings.map(({ batch, stamp, pool, from, to }) => [
    `right-size-${batch}`,
    stamp,
    pool,
    String(from),
    String(to),
  ])
  const words = lowerings.map(({ stamp, pool, why }) => `  ${stamp} ${pool}: ${why}\n`)
  return `${table(['gate', 'stamp', 'pool', '>minimum', '>to'], rows)}${words.join('')}`
}

/** So many registries of each pool are shown for people. */
const CONTRIBUTORS_SHOWN_MAX = 4

/** Who causes the hot minutes, in points of the hottest node's percent. */
function contributors(plan: Plan): string {
  const rows = (plan.contributors ?? []).flatMap(({ stamp, pool, shown, registries, others, baseline }) => {
    const named = registries.slice(0, CONTRIBUTORS_SHOWN_MAX)
    const rest = registries.slice(CONTRIBUTORS_SHOWN_MAX)
    const points = rest.reduce((sum, one) => sum + one.points, others.points)
    const count = rest.length + others.count
    return [
      [stamp, pool, 'all', shown.toFixed(1), ''],
      ...named.map((one) => [
        '',
        '',
        one.registry,
        one.points.toFixed(1),
        `${one.low.toFixed(1)}..${one.high.toFixed(1)}`,
      ]),
      ...(count > 0 ? [['', '', `${count} others`, points.toFixed(1), '']] : []),
      ['', '', "the stamp's own", baseline.toFixed(1), ''],
    ]
  })
  return rows.length === 0 ? '' : table(['stamp', 'pool', 'hot minutes by', '>points', 'band'], rows)
}

function predictions(plan: Plan): string {
  const rows = plan.pools.map(({ stamp, pool, before, predicted, ifNothingIsDone }) => [
    stamp,
    pool,
    percent(before.hotNodeP95),
    percent(predicted.hotNodeP95),
    `${predicted.low.toFixed(1)}..${predicted.high.toFixed(1)}`,
    percent(ifNothingIsDone.hotNodeP95),
  ])
  const titles = ['stamp', 'pool', '>hot-node P95 now', '>predicted', '>band', '>if nothing is done']
  const past = plan.pools.flatMap(({ stamp, pool, past: one }) =>
    one ? [`  ${stamp} ${pool}: ${pastWords(one)}\n`] : [],
  )
  return `${table(titles, rows)}${past.join('')}`
}

export function showPlans({ plans }: PlanList): string {
  if (plans.length === 0) return 'There is no plan yet; `restamp scan` shows who needs one.\n'
  const rows = plans.map((plan) => [
    plan.id,
    plan.status,
    plan.verdict,
    String(plan.moves),
    plan.customer ?? '-',
    plan.region,
    plan.requestedBy,
    moment(plan.madeAtMs),
  ])
  return table(['plan', 'status', 'verdict', '>moves', 'customer', 'region', 'asked for by', 'made at'], rows)
}
