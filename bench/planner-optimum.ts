import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { bestWay, type Way } from '../test/domain/every-assignment.ts'
import { isSearched, planOf, wayOfPlan } from '../test/domain/plan-of.ts'
import { BINS, type RandomRegion, randomRegion } from '../test/domain/random-region.ts'

const REGIONS = 200
/** Seeds tried for so many regions that need a plan. */
const SEEDS_MAX = 2000

/** Compares plans with every way there is, on made-up regions and on regions of measured series. */
export function optimum(dataFolder: string): void {
  compare('made-up load', REGIONS, (seed) => randomRegion({ seed }))
  const shapes = measuredShapes(dataFolder)
  if (shapes.length === 0) console.log(`regions of measured series: skipped, there is no ${dataFolder}`)
  else compare('measured series', REGIONS / 2, (seed) => randomRegion({ seed, shapes }))
}

function compare(name: string, regions: number, regionOf: (seed: number) => RandomRegion): void {
  const counts = { regions: 0, moved: 0, optimal: 0, moreMoves: 0, overTarget: 0, mostMoves: 0 }
  for (let seed = 1; seed <= SEEDS_MAX && counts.regions < regions; seed += 1) {
    const region = regionOf(seed)
    const plan = planOf(region)
    // What is left as it is for a rule, such as the one about too many hot stamps, is no search.
    if (!isSearched(plan)) continue
    const way = wayOfPlan(region, plan)
    const best = bestWay(region)
    counts.regions += 1
    if (way === null) {
      counts.overTarget += 1
      console.log(`  seed ${seed}: the plan breaks a limit`)
      continue
    }
    if (way.moves > 0) counts.moved += 1
    if (isSame(way, best)) counts.optimal += 1
    else console.log(`  seed ${seed}: plan ${words(way)}, best ${words(best)}`)
    if (way.over === best.over && way.moves > best.moves) counts.moreMoves += 1
    if (way.over === best.over) counts.mostMoves = Math.max(counts.mostMoves, way.moves - best.moves)
  }
  console.log(
    `${name}: ${counts.regions} regions, ${counts.moved} with moves; optimal in ${((counts.optimal / counts.regions) * 100).toFixed(1)} %; at most ${counts.mostMoves} moves more than the fewest (${counts.moreMoves} regions); ${counts.overTarget} break a limit`,
  )
}

function isSame(a: Way, b: Way): boolean {
  return a.over === b.over && a.moves === b.moves && Math.abs(a.load - b.load) <= 1e-6 * b.load
}

function words({ over, moves, load }: Way): string {
  return `${over} over, ${moves} moves, ${load.toFixed(0)} core-minutes`
}

/** The CPU of measured machines as shapes of load, in bins of 5 minutes, each about 1 in the mean. */
function measuredShapes(folder: string): Float64Array[] {
  const path = `${folder}/azure-vm-cpu-5min/cpu.csv.gz`
  if (!existsSync(path)) return []
  const [, ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const byNode = new Map<string, number[]>()
  for (const line of lines) {
    const [, node = '', value] = line.split(',')
    const own = byNode.get(node) ?? []
    byNode.set(node, own)
    own.push(Number(value))
  }
  return [...byNode.values()].flatMap((values) =>
    [0, 5, 10, 15].map((day) => {
      const piece = Float64Array.from(values.slice(day * 288, day * 288 + BINS))
      const mean = piece.reduce((sum, value) => sum + value, 0) / BINS
      return piece.map((value) => value / Math.max(mean, 1e-9))
    }),
  )
}
