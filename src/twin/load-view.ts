import { replicaId } from '../domain/ids.ts'
import type { RegionLoad, ReplicaLoad } from '../domain/series.ts'
import { withColdCache } from './cache.ts'
import type { Region } from './region.ts'
import { routedTo, shareAt } from './routing.ts'
import { recordedRuns, type Timeline } from './timeline.ts'
import type { TwinFiles } from './twin-files.ts'

/** Of a heated stamp's requests so many fail for each time that it is hotter than it would be. */
const ERRORS_PER_HEAT = 0.02

/** The replicas' load in [fromMs, toMs) as it was offered: the files' own to their end, repeated behind it. */
export function loadBetween(
  parts: {
    readonly files: TwinFiles
    readonly timeline: Timeline
    readonly region: Region
    readonly only: ReadonlySet<string> | undefined
  },
  fromMs: number,
  toMs: number,
): RegionLoad {
  const { load } = parts.files
  const { binMs } = load
  const startMs = Math.ceil(fromMs / binMs) * binMs
  const bins = Math.max(0, Math.floor(toMs / binMs) - startMs / binMs)
  const span = { startMs, binMs, bins }
  const runs = fileRuns(parts, span)
  const { only } = parts
  const asked = only ? load.series.filter(({ registry }) => only.has(registry)) : load.series
  return {
    ...span,
    series: asked.map((series) => {
      const part = (column: Float64Array | null) => (column ? joined(column, runs, bins) : null)
      const view = {
        registry: series.registry,
        role: series.role,
        requests: part(series.requests),
        bytes: part(series.bytes),
        throttled: part(series.throttled),
        errors: part(series.errors),
        inFlight: part(series.inFlight),
        cpuSeconds: part(series.cpuSeconds),
      }
      return withFaults(
        withColdCache(view, span, { region: parts.region, name: parts.files.region }),
        span,
        parts,
      )
    }),
  }
}

interface FileRun {
  readonly from: number
  readonly to: number
  readonly bins: number
}

type Span = Pick<RegionLoad, 'startMs' | 'binMs' | 'bins'>

/** Which stretches of a file's column make up a span, places counted in the file's own grid. */
function fileRuns(
  { files, timeline }: { readonly files: TwinFiles; readonly timeline: Timeline },
  span: Span,
): FileRun[] {
  const { load } = files
  const shift = Math.round((timeline.startMs - load.startMs) / load.binMs)
  const first = Math.round((span.startMs - timeline.startMs) / load.binMs)
  const runs: FileRun[] = []
  recordedRuns(timeline, { from: first, to: first + span.bins }, ({ at, recorded, bins }) => {
    // Before the CPU's first sample the load file may still have rows of its own.
    const from = (recorded === -1 ? at : recorded) + shift
    runs.push({ from, to: at - first, bins })
  })
  return runs
}

/** The column's values over the runs. Where these are one stretch of the file it is a view of it, so nobody writes to it. */
function joined(column: Float64Array, runs: readonly FileRun[], bins: number): Float64Array {
  const [run] = runs
  if (run && runs.length === 1 && run.bins === bins && run.from >= 0 && run.from + bins <= column.length)
    return column.subarray(run.from, run.from + bins)
  const values = new Float64Array(bins)
  const isCovered = runs.every((run) => run.from >= 0 && run.from + run.bins <= column.length)
  if (!isCovered) values.fill(Number.NaN)
  for (const run of runs) {
    const skipped = Math.max(0, -run.from)
    if (skipped >= run.bins) continue
    values.set(column.subarray(run.from + skipped, run.from + run.bins), run.to + skipped)
  }
  return values
}

function withFaults(
  view: ReplicaLoad,
  span: Span,
  {
    region,
    files,
    timeline,
  }: { readonly region: Region; readonly files: TwinFiles; readonly timeline: Timeline },
): ReplicaLoad {
  const routing = region.routing(replicaId(view.registry, files.region))
  if (!routing || region.faults.length === 0) return view
  const heated = region.faults.flatMap(({ fault }) =>
    fault.kind === 'destination-worse' ? [fault.stamp] : [],
  )
  const own = ownColumns(view)
  const errors = heated.length > 0 ? (own.errors ?? new Float64Array(span.bins)) : own.errors
  for (let bin = 0; bin < span.bins; bin++) {
    const atMs = span.startMs + bin * span.binMs
    if (atMs < timeline.endMs) continue
    for (const stamp of new Set(heated)) {
      const share = shareAt(routing, stamp, atMs)
      const rate = ERRORS_PER_HEAT * (region.heatOf(stamp, atMs) - 1) * share
      if (errors && rate > 0) {
        const failed = Math.round(Math.min(1, rate) * (own.requests?.[bin] ?? 0))
        errors[bin] = (errors[bin] ?? 0) + failed
      }
    }
    if (!region.isSilent(routedTo(routing, atMs), atMs)) continue
    const columns = [own.requests, own.bytes, own.throttled, errors, own.inFlight, own.cpuSeconds]
    for (const column of columns) if (column) column[bin] = Number.NaN
  }
  return { ...own, errors }
}

/** A copy that may be written to. */
function ownColumns(view: ReplicaLoad): ReplicaLoad {
  return {
    ...view,
    requests: view.requests?.slice() ?? null,
    bytes: view.bytes?.slice() ?? null,
    throttled: view.throttled?.slice() ?? null,
    errors: view.errors?.slice() ?? null,
    inFlight: view.inFlight?.slice() ?? null,
    cpuSeconds: view.cpuSeconds?.slice() ?? null,
  }
}
