import { type CsvRow, readCsv } from './csv-reader.ts'
import { instantIn } from './field-values.ts'
import { FileRefused } from './file-refused.ts'

const MOVES_MAX = 100_000

/** A move as a file lists it, epoch ms. */
export interface MoveRow {
  readonly atMs: number
  readonly registry: string
  readonly from: string
  readonly to: string
  /** Null where the file has no such column, or says nothing in it. */
  readonly region: string | null
  /** When it was done, `atMs` where the file has no column `landed`; null where that is empty: it is under way. */
  readonly landedAtMs: number | null
}

/** Reads moves: `timestamp,registry,from,to`, optionally `region` and `landed`, in any order. Throws `FileRefused`. */
export async function readMoves(path: string): Promise<MoveRow[]> {
  const moves: MoveRow[] = []
  const { brokenRows } = await readCsv(path, (header) => {
    const hint = 'expected timestamp,registry,from,to'
    const at = {
      time: header.needed('timestamp', hint),
      registry: header.needed('registry', hint),
      from: header.needed('from', hint),
      to: header.needed('to', hint),
      region: header.optional('region'),
      landed: header.optional('landed'),
    }
    return (row) => {
      const atMs = instantAt(row, at.time)
      const [registry, from, to] = [textIn(row, at.registry), textIn(row, at.from), textIn(row, at.to)]
      const landedAtMs =
        at.landed < 0 ? atMs : textIn(row, at.landed) === '' ? null : instantAt(row, at.landed)
      // A move that is left out would make all others wrong, so the file is refused as a whole.
      if (Number.isNaN(atMs) || Number.isNaN(landedAtMs ?? 0) || registry === '' || from === '' || to === '')
        throw new FileRefused(
          `${path} line ${row.line}: a move lacks its time, registry, from or to; mend the row`,
        )
      if (moves.length === MOVES_MAX)
        throw new FileRefused(`${path} has more than ${MOVES_MAX} moves; give fewer weeks`)
      const region = at.region < 0 ? '' : textIn(row, at.region)
      moves.push({ atMs, registry, from, to, region: region === '' ? null : region, landedAtMs })
    }
  })
  if (brokenRows > 0)
    throw new FileRefused(`${path}: ${brokenRows} rows have wrong quotes or too many fields; mend them`)
  return moves
}

function instantAt({ bytes, starts, ends }: CsvRow, column: number): number {
  return instantIn(bytes, starts[column] ?? 0, ends[column] ?? 0)
}

function textIn({ bytes, starts, ends }: CsvRow, column: number): string {
  return bytes.toString('utf8', starts[column], ends[column]).trim()
}
