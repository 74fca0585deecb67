import type { RegionLoad } from '../domain/series.ts'
import { type Residue, STRAGGLERS_MAX } from '../ports/traffic.ts'
import { onTimeline } from './cost.ts'
import { type Routing, servedUntilMs, shareAt } from './routing.ts'
import { normalAt, numberOf, unitAt } from './seeded.ts'
import { recordedBin, type Timeline } from './timeline.ts'

const SECOND_MS = 1000
/** Up to this many requests in a bin each has a second of its own; more are a rate. */
const SINGLE_REQUESTS_MAX = 64
/** Where a file has bytes only: a request for so many. */
const BYTES_PER_REQUEST = 5e6
/** How long requests take: most a few seconds, none over a minute. */
const REQUEST_MEAN_SECONDS = 4
const REQUEST_SECONDS_MAX = 60
/** One request in so many pushes a layer, which takes from 20 seconds to 6 minutes. */
const REQUESTS_PER_UPLOAD = 150
const UPLOAD_SECONDS_MIN = 20
const UPLOAD_SECONDS_MAX = 360
const UPLOADS_PER_BIN_MAX = 200
/** A replica has so many clients. */
const CLIENTS = 40

/** The requests of one replica: how many in each recorded bin, on all roles. */
export interface RequestSource {
  readonly replica: string
  readonly perBin: Float64Array
  readonly busiest: number
}

export function requestSources(
  load: RegionLoad,
  timeline: Timeline,
  replicaOf: (registry: string) => string,
): Map<string, RequestSource> {
  const totals = new Map<string, Float64Array>()
  for (const series of load.series) {
    const replica = replicaOf(series.registry)
    const total = totals.get(replica) ?? new Float64Array(timeline.bins)
    const isCounted = series.requests !== null
    const requests = onTimeline(series.requests, load, timeline)
    const bytes = onTimeline(series.bytes, load, timeline)
    for (const at of total.keys()) {
      const count = isCounted ? (requests[at] ?? 0) : Math.ceil((bytes[at] ?? 0) / BYTES_PER_REQUEST)
      total[at] = (total[at] ?? 0) + Math.round(count)
    }
    totals.set(replica, total)
  }
  return new Map(
    [...totals].map(([replica, perBin]) => [
      replica,
      { replica, perBin, busiest: perBin.reduce((most, count) => Math.max(most, count), 0) },
    ]),
  )
}

/** Where a replica's requests arrive at one stamp: everything in it is a pure function of second and seed. */
interface Arrivals {
  readonly source: RequestSource
  readonly routing: Routing
  readonly stamp: string
  readonly timeline: Timeline
  readonly seed: number
}

/** What a stamp still serves of a replica at an instant. */
export function residueAt(parts: Omit<Arrivals, 'seed'> & { readonly seed: number }, nowMs: number): Residue {
  const arrivals = { ...parts, seed: (parts.seed ^ numberOf(parts.source.replica)) | 0 }
  if (parts.source.busiest === 0) return NO_RESIDUE
  const lastMs = lastRequestAtMs(arrivals, nowMs)
  const running = runningAt(arrivals, nowMs)
  const uploads = uploadsAt(arrivals, nowMs)
  const seen = [...running.map(({ atMs }) => atMs), ...(lastMs === null ? [] : [lastMs])]
  const clients = new Set(seen.map((atMs) => clientAt(arrivals, atMs)))
  return {
    lastRequestAtMs: lastMs,
    inFlight: running.reduce((sum, { count }) => sum + count, 0),
    openUploads: uploads.length,
    stragglers: [
      ...uploads.map((id) => ({ kind: 'upload' as const, id })),
      ...[...clients].map((id) => ({ kind: 'client' as const, id })),
    ].slice(0, STRAGGLERS_MAX),
  }
}

export const NO_RESIDUE: Residue = { lastRequestAtMs: null, inFlight: 0, openUploads: 0, stragglers: [] }

/** The client that sends a second's requests: the same few come again and again. */
function clientAt({ seed }: Arrivals, atMs: number): string {
  return `client-${Math.floor(CLIENTS * unitAt(seed, Math.floor(atMs / SECOND_MS), 0, 7))}`
}

function lastRequestAtMs(arrivals: Arrivals, nowMs: number): number | null {
  const { timeline, routing, stamp } = arrivals
  const untilMs = Math.min(nowMs, servedUntilMs(routing, stamp) ?? Number.NEGATIVE_INFINITY)
  for (let bin = binAt(timeline, untilMs); bin >= 0; bin--) {
    const startMs = timeline.startMs + bin * timeline.binMs
    const count = countIn(arrivals, bin)
    if (count === 0) continue
    const lastSecond = Math.min(secondsPerBin(timeline) - 1, Math.floor((untilMs - startMs) / SECOND_MS))
    const second = lastSecondWithRequest(arrivals, bin, lastSecond)
    if (second !== undefined) return startMs + second * SECOND_MS
  }
  return null
}

function lastSecondWithRequest(arrivals: Arrivals, bin: number, lastSecond: number): number | undefined {
  const count = countIn(arrivals, bin)
  if (count <= SINGLE_REQUESTS_MAX) {
    const seconds = singleRequests(arrivals, bin).filter((second) => second <= lastSecond)
    return seconds.length > 0 ? Math.max(...seconds) : undefined
  }
  for (let second = lastSecond; second >= 0; second--) {
    if (startsIn(arrivals, bin, second) > 0) return second
  }
  return undefined
}

/** The seconds of a quiet bin in which a request arrives at the stamp, one entry a request. */
function singleRequests(arrivals: Arrivals, bin: number): number[] {
  const { timeline, routing, stamp, seed } = arrivals
  const startMs = timeline.startMs + bin * timeline.binMs
  return Array.from({ length: countIn(arrivals, bin) }, (_, at) => at).flatMap((at) => {
    const second = Math.floor(secondsPerBin(timeline) * unitAt(seed, bin, at))
    const share = shareAt(routing, stamp, startMs + second * SECOND_MS)
    return share > 0 && isPicked(arrivals, { bin, at, share }) ? [second] : []
  })
}

/** Whether the client of one request is among those that still go to the stamp. */
function isPicked(
  { seed, stamp, routing }: Arrivals,
  pick: { readonly bin: number; readonly at: number; readonly share: number },
): boolean {
  const draw = unitAt(seed, pick.bin, pick.at, 1)
  // One draw decides between old stamp and new: the last route takes the low end, so that none is in two places.
  return stamp === (routing.changes.at(-1)?.to ?? routing.home) ? draw < pick.share : draw >= 1 - pick.share
}

/** How many requests start at the stamp in one second of a busy bin; none where chance says so. */
function startsIn(arrivals: Arrivals, bin: number, second: number): number {
  const { timeline, routing, stamp, seed } = arrivals
  const atMs = timeline.startMs + bin * timeline.binMs + second * SECOND_MS
  const share = shareAt(routing, stamp, atMs)
  if (share === 0) return 0
  const rate = (countIn(arrivals, bin) * share) / secondsPerBin(timeline)
  const draw = unitAt(seed, Math.floor(atMs / SECOND_MS), numberOf(stamp), 2)
  if (rate < 4) return draw < 1 - Math.exp(-rate) ? Math.max(1, Math.round(rate)) : 0
  const spread = Math.sqrt(rate) * normalAt(seed, Math.floor(atMs / SECOND_MS), numberOf(stamp), 2)
  return Math.max(1, Math.round(rate + spread))
}

/** The requests that still run, by the second in which they started, latest first. */
function runningAt(arrivals: Arrivals, nowMs: number): { readonly atMs: number; readonly count: number }[] {
  const { timeline, seed } = arrivals
  const running: { atMs: number; count: number }[] = []
  for (let age = 0; age < REQUEST_SECONDS_MAX; age++) {
    const atMs = nowMs - age * SECOND_MS
    const bin = binAt(timeline, atMs)
    if (bin < 0) break
    const second = Math.floor((atMs - timeline.startMs - bin * timeline.binMs) / SECOND_MS)
    const starts =
      countIn(arrivals, bin) > SINGLE_REQUESTS_MAX
        ? startsIn(arrivals, bin, second)
        : singleRequests(arrivals, bin).filter((one) => one === second).length
    // Each second's requests share a draw: as many of them still run as take longer than their age.
    const draw = unitAt(seed, Math.floor(atMs / SECOND_MS), 0, 3)
    const count = Math.floor(starts * Math.exp(-age / REQUEST_MEAN_SECONDS) + draw)
    if (count > 0) running.push({ atMs, count })
  }
  return running
}

/** The upload sessions that are open. */
function uploadsAt(arrivals: Arrivals, nowMs: number): string[] {
  const { timeline, routing, stamp, seed } = arrivals
  const binMs = timeline.binMs
  const oldest = Math.max(0, binAt(timeline, nowMs - UPLOAD_SECONDS_MAX * SECOND_MS))
  const open: string[] = []
  for (let bin = oldest; bin <= binAt(timeline, nowMs); bin++) {
    const expected = countIn(arrivals, bin) / REQUESTS_PER_UPLOAD
    const uploads = Math.min(UPLOADS_PER_BIN_MAX, Math.floor(expected + unitAt(seed, bin, 0, 4)))
    for (let at = 0; at < uploads; at++) {
      const startMs = timeline.startMs + bin * binMs + unitAt(seed, bin, at, 5) * binMs
      const seconds =
        UPLOAD_SECONDS_MIN + (UPLOAD_SECONDS_MAX - UPLOAD_SECONDS_MIN) * unitAt(seed, bin, at, 6) ** 2
      if (startMs > nowMs || startMs + seconds * SECOND_MS <= nowMs) continue
      const share = shareAt(routing, stamp, startMs)
      if (share > 0 && isPicked(arrivals, { bin, at, share })) open.push(`upload-${bin}-${at}`)
    }
  }
  return open
}

/** Bins count from the start of the files, on and on behind their end. */
function binAt(timeline: Timeline, atMs: number): number {
  if (atMs === Number.NEGATIVE_INFINITY) return -1
  return Math.floor((atMs - timeline.startMs) / timeline.binMs)
}

function countIn(arrivals: Arrivals, bin: number): number {
  return arrivals.source.perBin[recordedBin(arrivals.timeline, bin)] ?? 0
}

function secondsPerBin(timeline: Timeline): number {
  return timeline.binMs / SECOND_MS
}
