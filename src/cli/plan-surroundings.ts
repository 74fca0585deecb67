import { FileInterlocks } from '../adapters/files/file-interlocks.ts'
import { type MoveRow, readMoves } from '../adapters/files/read-moves.ts'
import { type Interlock, vetoesOf } from '../domain/interlocks.ts'
import type { Veto } from '../domain/movable.ts'
import type { PastMove } from '../domain/past-moves.ts'
import { type RegionData, regionOf } from '../domain/region-data.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'

/** Files of what is known beside the telemetry. */
interface SurroundingFiles {
  readonly interlocks?: string | undefined
  readonly moves?: string | undefined
}

/** What forbids moves at the end of the data, and the moves until then. Throws `CliError` or `FileRefused`. */
export async function surroundingsOf(
  data: RegionData,
  { interlocks, moves }: SurroundingFiles,
): Promise<{ interlocks: Veto[]; pastMoves: PastMove[] }> {
  return {
    interlocks: interlocks === undefined ? [] : await vetoesIn(interlocks, data),
    pastMoves: moves === undefined ? [] : await pastMovesIn(moves, data),
  }
}

async function vetoesIn(path: string, data: RegionData): Promise<Veto[]> {
  const { region, nowMs } = data
  const known = await new FileInterlocks(path).between({ region, fromMs: nowMs, toMs: nowMs })
  for (const one of known) refuseUnknown(path, one, data)
  return vetoesOf(known, nowMs)
}

/** An interlock on a name that nobody has would hold nothing, and nobody would notice. */
function refuseUnknown(path: string, { stamp, registry, customer }: Interlock, data: RegionData): void {
  const { registries } = data.fleet
  const unknown = [
    stamp === undefined || regionOf(data).stamps.some(({ id }) => id === stamp) ? undefined : stamp,
    registry === undefined || registries.some(({ name }) => name === registry) ? undefined : registry,
    customer === undefined || registries.some((one) => one.customer === customer) ? undefined : customer,
  ].find((name) => name !== undefined)
  if (unknown === undefined) return
  throw new CliError(
    `${path} holds ${unknown}, which ${data.region} does not have; mend the file`,
    EXIT.usage,
  )
}

async function pastMovesIn(path: string, data: RegionData): Promise<PastMove[]> {
  const { region: ours, nowMs } = data
  const begun = (await readMoves(path)).filter(({ atMs }) => atMs <= nowMs)
  const moves = begun.map(({ registry, from, to, region, landedAtMs }): PastMove => {
    const isUnderWay = landedAtMs === null || landedAtMs > nowMs
    return { registry, from, to, region: region ?? ours, landedAtMs: isUnderWay ? null : landedAtMs }
  })
  for (const one of latestOf(begun, ours)) refuseContradiction(path, one, data)
  return moves
}

/** The latest move of each registry in this region. */
function latestOf(rows: readonly MoveRow[], ours: string): MoveRow[] {
  const here = rows.filter(({ region }) => region === null || region === ours)
  return [...new Map(here.toSorted((a, b) => a.atMs - b.atMs).map((one) => [one.registry, one])).values()]
}

/** Homes in fleet.json are those of now: where a move ended elsewhere, one of the two files is old. */
function refuseContradiction(path: string, { registry, from, to, landedAtMs }: MoveRow, data: RegionData) {
  const home = data.fleet.registries
    .find(({ name }) => name === registry)
    ?.replicas.find(({ region }) => region === data.region)?.homeStamp
  const isUnderWay = landedAtMs === null || landedAtMs > data.nowMs
  if (home === to || (isUnderWay && home === from)) return
  const found = home === undefined ? `has no replica in ${data.region}` : `is at ${home} in the fleet`
  throw new CliError(
    `${path}: ${registry} went from ${from} to ${to}, and ${found}; give both files as of the end of the data`,
    EXIT.usage,
  )
}
