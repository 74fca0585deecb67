import type { TwinFiles } from './twin-files.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Where the recorded span lies, and how it repeats behind its end. All bounds are whole bins. */
export interface Timeline {
  readonly binMs: number
  /** Start and end of the recorded span, epoch ms; the twin's own time begins at `endMs`. */
  readonly startMs: number
  readonly endMs: number
  /** Bins in the recorded span. */
  readonly bins: number
  /** Bins in the whole days that repeat. */
  readonly cycleBins: number
}

/** The recorded span is that of the CPU samples, or of the load where there is no sample. */
export function timelineOf(files: TwinFiles): Timeline {
  const binMs = files.load.series.length > 0 ? files.load.binMs : MINUTE_MS
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { samples } of files.cpu) {
    for (const timeMs of samples.timesMs) {
      if (timeMs < first) first = timeMs
      if (timeMs > last) last = timeMs
    }
  }
  if (first > last) {
    if (files.load.bins === 0)
      throw new Error('the files hold neither CPU samples nor load; a twin needs some')
    first = files.load.startMs
    last = files.load.startMs + files.load.bins * files.load.binMs - 1
  }

  const startMs = Math.floor(first / binMs) * binMs
  const endMs = (Math.floor(last / binMs) + 1) * binMs
  const days = Math.max(1, Math.floor((endMs - startMs) / DAY_MS))
  const bins = (endMs - startMs) / binMs
  return { binMs, startMs, endMs, bins, cycleBins: Math.ceil((days * DAY_MS) / binMs) }
}

/**
 * The recorded bin that stands for bin `at`, both counted from `startMs`; -1 before the recorded span. Behind the
 * span its last whole days repeat; where a day is only partly recorded, the rest of it repeats the recorded span.
 */
export function recordedBin(timeline: Timeline, at: number): number {
  if (at < timeline.bins) return at < 0 ? -1 : at
  const { bins, cycleBins } = timeline
  const inCycle = (at - bins) % cycleBins
  const recorded = bins - cycleBins + inCycle
  return recorded >= 0 ? recorded : inCycle % bins
}

/** Calls `visit` for each run of bins in [from, to) whose recorded bins follow one another. */
export function recordedRuns(
  timeline: Timeline,
  span: { readonly from: number; readonly to: number },
  visit: (run: { readonly at: number; readonly recorded: number; readonly bins: number }) => void,
): void {
  let at = span.from
  while (at < span.to) {
    const recorded = recordedBin(timeline, at)
    let bins = 1
    while (at + bins < span.to && follows(recorded, recordedBin(timeline, at + bins), bins)) bins++
    visit({ at, recorded, bins })
    at += bins
  }
}

function follows(first: number, next: number, bins: number): boolean {
  return first === -1 ? next === -1 : next === first + bins
}
