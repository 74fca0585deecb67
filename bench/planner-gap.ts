import { wayOf } from '../test/domain/every-assignment.ts'
import { isSearched, planOf, wayOfPlan } from '../test/domain/plan-of.ts'
import {
  BIN_MINUTES,
  BINS,
  coresOf,
  type RandomRegion,
  ROLES,
  randomRegion,
} from '../test/domain/random-region.ts'

const REGIONS = 20
const SEEDS_MAX = 400
const TARGET = 60
const DAY = (24 * 60) / BIN_MINUTES
const PEAK = DAY / 2
const SECONDS_MAX = 5

interface Solver {
  solve(
    problem: string,
    options: { readonly time_limit: number; readonly mip_rel_gap: number },
  ): { readonly Status: string; readonly Columns: Readonly<Record<string, { readonly Primal?: number }>> }
}

/** The package's types describe another module format than what Node loads. */
async function solver(): Promise<Solver> {
  const load: unknown = (await import('highs')).default
  if (typeof load !== 'function') throw new TypeError('highs gave no loader')
  return load()
}

/** Compares plans of regions too large to enumerate with a MIP in which each pool's hot minutes stay where they are. */
export async function gap(): Promise<void> {
  const highs = await solver()
  const rows: { readonly more: number; readonly load: number }[] = []
  let [unsolved, replicas] = [0, 0]
  for (let seed = 1; seed <= SEEDS_MAX && rows.length < REGIONS; seed += 1) {
    const region = randomRegion({ seed, stampsMax: 8, movableMax: 60 })
    if (region.replicas.filter(({ movable }) => movable).length <= 20) continue
    const plan = planOf(region)
    if (!isSearched(plan)) continue
    const model = linearModel(region)
    const solution = highs.solve(model.text, { time_limit: SECONDS_MAX, mip_rel_gap: 1e-4 })
    const way = wayOfPlan(region, plan)
    const isTaken = (name: string) => Math.round(solution.Columns[name]?.Primal ?? 0) === 1
    if (solution.Status !== 'Optimal' || way === null || way.over > 0) {
      unsolved += 1
      if (solution.Status !== 'Optimal' || way === null) continue
      const truly = wayOf(region, model.homesOf(isTaken))
      const does = truly === null ? 'breaks a limit' : `leaves ${truly.over} pools over`
      console.log(`  seed ${seed}: the plan leaves ${way.over} pools over; the model's way in truth ${does}`)
      continue
    }
    replicas += region.replicas.length
    const bound = model.costOf(isTaken)
    rows.push({ more: way.moves - bound.moves, load: way.load / bound.load - 1 })
  }
  const equal = rows.filter(({ more }) => more === 0)
  const meanLoad = equal.reduce((sum, { load }) => sum + load, 0) / Math.max(1, equal.length)
  const most = Math.max(...rows.map(({ more }) => more))
  console.log(
    `${rows.length} regions of up to 8 stamps, ${(replicas / rows.length).toFixed(0)} replicas in the mean: as many moves as the linear model's bound in ${equal.length}, at most ${most} more; there ${(meanLoad * 100).toFixed(1)} % more load moved; ${unsolved} left out where the model has no way or no answer in ${SECONDS_MAX} s, or the plan leaves pools over`,
  )
}

/** A binary for each replica and stamp that it may go to; each pool's hot minutes change by the mean of what moves. */
function linearModel(region: RandomRegion) {
  const { stamps, replicas } = region
  const loads = replicas.map(({ cores }) =>
    ROLES.reduce(
      (sum, role) => sum + BIN_MINUTES * cores[role].slice(BINS - DAY).reduce((a, b) => a + b, 0),
      0,
    ),
  )
  const all = loads.reduce((sum, load) => sum + load, 0)
  const names = replicas.flatMap(({ movable, home }, r) =>
    movable ? stamps.flatMap((_, s) => (s === home ? [] : [{ r, s, name: `x${r}_${s}` }])) : [],
  )
  const pools = stamps.flatMap((stamp, s) =>
    ROLES.map((role) => {
      const { p95, bins } = hotMinutes(region, s, role)
      const pointsOf = (r: number) =>
        (bins.reduce((sum, bin) => sum + (replicas[r]?.cores[role][bin] ?? 0), 0) /
          bins.length /
          coresOf(stamp)) *
        100 *
        stamp.hottest
      const terms = names.flatMap(({ r, s: to, name }) => {
        if (to === s) return [`+ ${pointsOf(r).toFixed(6)} ${name}`]
        return replicas[r]?.home === s ? [`- ${pointsOf(r).toFixed(6)} ${name}`] : []
      })
      return ` p${s}_${role}: ${terms.join(' ')} <= ${(TARGET - p95).toFixed(6)}`
    }),
  )
  const once = replicas.flatMap((_, r) => {
    const own = names.filter((one) => one.r === r)
    return own.length > 0 ? [` o${r}: ${own.map(({ name }) => name).join(' + ')} <= 1`] : []
  })
  const cost = names.map(({ r, name }) => `${(1 + (0.5 * (loads[r] ?? 0)) / all).toFixed(9)} ${name}`)
  const text = `Minimize\n obj: ${cost.join('\n + ')}\nSubject To\n${[...pools, ...once].join('\n')}\nBinary\n ${names
    .map(({ name }) => name)
    .join('\n ')}\nEnd\n`
  const costOf = (isTaken: (name: string) => boolean) => {
    const taken = names.filter(({ name }) => isTaken(name))
    return { moves: taken.length, load: taken.reduce((sum, { r }) => sum + (loads[r] ?? 0), 0) }
  }
  const homesOf = (isTaken: (name: string) => boolean) =>
    replicas.map(({ home }, r) => names.find((one) => one.r === r && isTaken(one.name))?.s ?? home)
  return { text, costOf, homesOf }
}

/** A pool's hot-node P95 and the bins of its peak window at or above it. */
function hotMinutes({ stamps, replicas }: RandomRegion, s: number, role: (typeof ROLES)[number]) {
  const stamp = stamps[s]
  const here = replicas.filter(({ home }) => home === s)
  const hot = Array.from({ length: DAY }, (_, at) => {
    const cores = here.reduce((sum, replica) => sum + (replica.cores[role][BINS - DAY + at] ?? 0), 0)
    return (
      (stamp?.idlePercent ?? 0) +
      (cores / coresOf(stamp ?? { id: '', nodes: 1, idlePercent: 0, hottest: 1 })) *
        100 *
        (stamp?.hottest ?? 1)
    )
  })
  const means = hot
    .slice(0, DAY - PEAK + 1)
    .map((_, at) => hot.slice(at, at + PEAK).reduce((a, b) => a + b, 0))
  const from = means.lastIndexOf(Math.max(...means))
  const sorted = hot.slice(from, from + PEAK).toSorted((a, b) => a - b)
  const rank = ((PEAK - 1) * 95) / 100
  const low = sorted[Math.floor(rank)] ?? 0
  const p95 = low + (rank - Math.floor(rank)) * ((sorted[Math.floor(rank) + 1] ?? low) - low)
  const bins = hot.flatMap((value, at) =>
    at >= from && at < from + PEAK && value >= p95 ? [BINS - DAY + at] : [],
  )
  return { p95, bins }
}
