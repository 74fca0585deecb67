import type { HandMove } from '../../domain/shadow.ts'
import { type CsvRow, readCsv } from './csv-reader.ts'
import { instantIn } from './field-values.ts'
import { FileRefused } from './file-refused.ts'

const MOVES_MAX = 100_000

/** Reads moves that people made by hand: `timestamp,registry,from,to`, in any order. Throws `FileRefused`. */
export async function readMoves(path: string): Promise<HandMove[]> {
  const moves: HandMove[] = []
  const { brokenRows } = await readCsv(path, (header) => {
    const hint = 'expected timestamp,registry,from,to'
    const at = {
      time: header.needed('timestamp', hint),
      registry: header.needed('registry', hint),
      from: header.needed('from', hint),
      to: header.needed('to', hint),
    }
    return (row) => {
      const atMs = instantIn(row.bytes, row.starts[at.time] ?? 0, row.ends[at.time] ?? 0)
      const [registry, from, to] = [textIn(row, at.registry), textIn(row, at.from), textIn(row, at.to)]
      // A move that is left out would make all others wrong, so the file is refused as a whole.
      if (Number.isNaN(atMs) || registry === '' || from === '' || to === '')
        throw new FileRefused(
          `${path} line ${row.line}: a move lacks its time, registry, from or to; mend the row`,
        )
      if (moves.length === MOVES_MAX)
        throw new FileRefused(`${path} has more than ${MOVES_MAX} moves; give fewer weeks`)
      moves.push({ atMs, registry, from, to })
    }
  })
  if (brokenRows > 0)
    throw new FileRefused(`${path}: ${brokenRows} rows have wrong quotes or too many fields; mend them`)
  return moves
}

function textIn({ bytes, starts, ends }: CsvRow, column: number): string {
  return bytes.toString('utf8', starts[column], ends[column]).trim()
}
