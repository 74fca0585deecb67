import { eachChunk } from './bytes-of-file.ts'
import { FileRefused } from './file-refused.ts'

const COLUMNS_MAX = 1024
/** A longer row is taken for a quote that was never closed. */
const ROW_BYTES_MAX = 1_048_576
const NAMES_SHOWN_MAX = 20
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const NOTHING: Buffer = Buffer.alloc(0)
const [COMMA, QUOTE, NEWLINE, RETURN] = [0x2c, 0x22, 0x0a, 0x0d] as const

/** One row where it lies in the reader's buffer: good only until the next row, unquoted in place. */
export interface CsvRow {
  readonly bytes: Buffer
  /** Field f is `bytes[starts[f]..ends[f])`; behind the last one all are empty. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly fields: number
  /** The line that the row begins in, from 1. */
  readonly line: number
}

/** Where the columns of a file are, by name. */
export interface CsvHeader {
  /** The column's place; refuses the file where it isn't there, with a hint what to do. */
  needed(column: string, hint: string): number
  /** The column's place, or -1 where the file has none. */
  optional(column: string): number
}

export interface CsvCounts {
  readonly rows: number
  /** Rows that were left out, since their quotes or their number of fields are wrong. */
  readonly brokenRows: number
}

/**
 * Streams an RFC 4180 file, plain or gzip, with a header line: `begin` gets the header and returns what takes each
 * row. Only one piece of the file is held at a time. Blank lines are no rows. Throws `FileRefused`.
 */
export async function readCsv(
  path: string,
  begin: (header: CsvHeader) => (row: CsvRow) => void,
): Promise<CsvCounts> {
  const reader = new CsvReader(path, begin)
  await eachChunk(
    path,
    (chunk) => reader.take(chunk),
    () => `after line ${reader.line - 1}`,
  )
  return reader.end()
}

class CsvReader {
  readonly #path: string
  readonly #begin: (header: CsvHeader) => (row: CsvRow) => void
  readonly #row = {
    bytes: NOTHING,
    starts: new Int32Array(COLUMNS_MAX),
    ends: new Int32Array(COLUMNS_MAX),
    fields: 0,
    line: 1,
  }
  readonly #escaped: number[] = []
  #next = 0
  #newlines = 0
  #broken = false
  #first = true
  #columns = 0
  #take: ((row: CsvRow) => void) | undefined
  #rows = 0
  #brokenRows = 0

  constructor(path: string, begin: (header: CsvHeader) => (row: CsvRow) => void) {
    this.#path = path
    this.#begin = begin
  }

  /** The line that the next row begins in. */
  get line(): number {
    return this.#row.line
  }

  take(chunk: Buffer): void {
    const row = this.#row
    row.bytes = row.bytes.length > 0 ? Buffer.concat([row.bytes, chunk]) : chunk
    if (this.#first && row.bytes.length < BYTE_ORDER_MARK.length) return
    this.#skipByteOrderMark()
    let at = 0
    while (this.#scan(at, 'more')) {
      this.#finish()
      at = this.#next
    }
    row.bytes = row.bytes.subarray(at)
    if (row.bytes.length > ROW_BYTES_MAX) {
      throw this.#refuse(`a row of more than ${ROW_BYTES_MAX} bytes; a quote may never be closed`)
    }
  }

  end(): CsvCounts {
    this.#skipByteOrderMark()
    if (this.#row.bytes.length > 0) {
      if (!this.#scan(0, 'last')) throw this.#refuse('a quote that is opened and never closed')
      this.#finish()
    }
    if (this.#take === undefined) {
      throw new FileRefused(`${this.#path} is empty; expected CSV with a header line`)
    }
    return { rows: this.#rows, brokenRows: this.#brokenRows }
  }

  #skipByteOrderMark(): void {
    if (!this.#first) return
    this.#first = false
    const { bytes } = this.#row
    if (bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) this.#row.bytes = bytes.subarray(3)
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw this.#refuse('UTF-16; expected UTF-8, so save it as that')
    }
  }

  /** Finds the fields of the row that begins at `at`; false where the row doesn't end in what was read. */
  #scan(at: number, which: 'more' | 'last'): boolean {
    const { bytes, starts, ends } = this.#row
    const length = bytes.length
    this.#newlines = 0
    this.#broken = false
    this.#escaped.length = 0
    let i = at
    for (let field = 0; ; field += 1) {
      let start = i
      let end = -1
      if (bytes[i] === QUOTE) {
        start = i + 1
        end = this.#closingQuote(start, field)
        if (end < 0) return false
        i = end + 1
      }
      const after = i
      for (; i < length; i += 1) {
        const byte = bytes[i] ?? 0
        if (byte === COMMA || byte === NEWLINE) break
      }
      if (i >= length && which === 'more') return false
      const ending = i >= length || bytes[i] === NEWLINE
      const stop = ending && i > after && bytes[i - 1] === RETURN ? i - 1 : i
      // Something between a closing quote and the comma: nobody can tell what the field was meant to be.
      if (end >= 0 && stop > after) this.#broken = true
      starts[field] = start
      ends[field] = end >= 0 ? end : stop
      i += 1
      if (!ending) continue
      this.#row.fields = field + 1
      this.#next = Math.min(i, length)
      return true
    }
  }

  /** Where the quote stands that closes the field; -1 where it wasn't read yet, or may be half of an escape. */
  #closingQuote(from: number, field: number): number {
    const { bytes } = this.#row
    for (let i = from; i < bytes.length; i += 1) {
      const byte = bytes[i]
      if (byte === NEWLINE) this.#newlines += 1
      if (byte !== QUOTE) continue
      if (bytes[i + 1] !== QUOTE) return i
      if (this.#escaped.at(-1) !== field) this.#escaped.push(field)
      i += 1
    }
    return -1
  }

  #finish(): void {
    const row = this.#row
    const blank = row.fields === 1 && row.starts[0] === row.ends[0]
    if (!blank) {
      for (const field of this.#escaped) this.#unescape(field)
      if (this.#take === undefined) this.#readHeader()
      else this.#readRow(this.#take)
    }
    row.line += 1 + this.#newlines
  }

  #readRow(take: (row: CsvRow) => void): void {
    const row = this.#row
    this.#rows += 1
    for (let field = row.fields; field < this.#columns; field += 1) row.starts[field] = row.ends[field] = 0
    for (let field = this.#columns; field < row.fields; field += 1) {
      // Values behind the last column mean that an unquoted comma has shifted them.
      if (field >= COLUMNS_MAX || row.starts[field] !== row.ends[field]) this.#broken = true
    }
    if (this.#broken) this.#brokenRows += 1
    else take(row)
  }

  #readHeader(): void {
    const { bytes, starts, ends, fields } = this.#row
    if (fields > COLUMNS_MAX) throw this.#refuse(`${fields} columns; expected at most ${COLUMNS_MAX}`)
    const names = Array.from({ length: fields }, (_, at) =>
      bytes.toString('utf8', starts[at], ends[at]).trim(),
    )
    const optional = (column: string) => {
      const at = names.indexOf(column)
      if (at >= 0 && names.indexOf(column, at + 1) >= 0) throw this.#refuse(`the column "${column}" twice`)
      return at
    }
    const needed = (column: string, hint: string) => {
      const at = optional(column)
      if (at >= 0) return at
      throw this.#refuse(`no column "${column}" among ${names.slice(0, NAMES_SHOWN_MAX).join(', ')}; ${hint}`)
    }
    this.#columns = fields
    this.#take = this.#begin({ needed, optional })
  }

  #unescape(field: number): void {
    const { bytes, starts, ends } = this.#row
    const end = ends[field] ?? 0
    let to = starts[field] ?? 0
    for (let from = to; from < end; from += 1) {
      const byte = bytes[from] ?? 0
      if (byte === QUOTE) from += 1
      bytes[to] = byte
      to += 1
    }
    ends[field] = to
  }

  #refuse(found: string): FileRefused {
    return new FileRefused(`${this.#path} line ${this.#row.line}: found ${found}`)
  }
}
