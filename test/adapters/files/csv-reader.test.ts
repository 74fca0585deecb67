import { chmodSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsv } from '../../../src/adapters/files/csv-reader.ts'
import { aFolder } from './written.ts'

const { csv, folder, gzip, write } = aFolder()
const PIECE_BYTES = 262_144

/** All rows as texts, each with its line; fields as many as the header has. */
async function rowsOf(path: string) {
  const rows: { line: number; fields: string[] }[] = []
  let columns = 0
  const counts = await readCsv(path, (header) => {
    columns = ['a', 'b', 'c'].filter((name) => header.optional(name) >= 0).length
    return ({ bytes, starts, ends, line }) => {
      const fields = Array.from({ length: columns }, (_, at) => bytes.toString('utf8', starts[at], ends[at]))
      rows.push({ line, fields })
    }
  })
  return { ...counts, lines: rows.map((row) => row.line), fields: rows.map((row) => row.fields) }
}

describe('RFC 4180', () => {
  test.each([
    ['plain fields', 'a,b\n1,2\n', [['1', '2']]],
    ['no newline behind a closing quote', 'a,b\n1,"2"', [['1', '2']]],
    ['no newline at the end', 'a,b\n1,2', [['1', '2']]],
    [
      'CRLF',
      'a,b\r\n1,2\r\n3,4',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a byte order mark', '\ufeffa,b\n1,2\n', [['1', '2']]],
    ['quoted names of columns', '"a","b"\n1,2\n', [['1', '2']]],
    ['quotes round fields', 'a,b\n"1","2"\r\n', [['1', '2']]],
    ['a comma, a newline and quotes in quotes', 'a,b\n"x,""y""\n",2\n', [['x,"y"\n', '2']]],
    ['only quotes in quotes', 'a,b\n"""","""a"""\n', [['"', '"a"']]],
    ['empty fields, quoted or not', 'a,b,c\n,"",\n', [['', '', '']]],
    ['blanks, which belong to the field', 'a,b\n 1 , 2\n', [[' 1 ', ' 2']]],
    ['a quote that is not at the start', 'a,b\n1"2,3\n', [['1"2', '3']]],
    [
      'blank lines, which are no rows',
      '\na,b\n\n1,2\n\r\n\n3,4\n\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['missing fields at the end, which are empty', 'a,b,c\n1,2\n', [['1', '2', '']]],
    ['empty fields too many', 'a,b\n1,2,,\n', [['1', '2']]],
    ['letters of many bytes', 'a,b\nnœud-é,\u{1f600}\n', [['nœud-é', '\u{1f600}']]],
  ])('%s', async (_, text, expected) => {
    expect((await rowsOf(write('x.csv', text))).fields).toEqual(expected)
    expect((await rowsOf(gzip(text))).fields).toEqual(expected)
  })

  test('a row knows its line, also behind newlines in quotes and blank lines', async () => {
    const { lines } = await rowsOf(csv('a,b', '1,"x', 'y"', '', '2,z'))
    expect(lines).toEqual([2, 5])
  })

  test.each(['"1"x,2', '1,"2" ', '1,2,3', '"1""2"3,4'])('the row %j is left out and counted', async (row) => {
    const { fields, brokenRows, rows } = await rowsOf(csv('a,b', '1,2', row, '3,4'))
    expect(fields).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    expect([brokenRows, rows]).toEqual([1, 3])
  })

  test('a row reads the same wherever the pieces of the file meet', async () => {
    const tricky = '"q""u,o\r\nte""","é",\r\n'
    for (let cut = 0; cut <= Buffer.byteLength(tricky) + 2; cut += 1) {
      const filler = 'x'.repeat(PIECE_BYTES - Buffer.byteLength('a,b,c\n') - 2 - 1 - cut)
      const text = `a,b,c\n${filler},,\n${tricky}1,2,3\n`
      const { fields } = await rowsOf(write('pieces.csv', text))
      expect(fields.slice(1)).toEqual([
        ['q"u,o\r\nte"', 'é', ''],
        ['1', '2', '3'],
      ])
    }
  })

  test('any fields come back as they were written', async () => {
    const anyField = fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r', 'x', ' ', 'é', '1'),
      maxLength: 8,
    })
    const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyField, anyField), { minLength: 1, maxLength: 20 }),
        async (table) => {
          const path = write(
            'any.csv',
            `a,b\n${table.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`,
          )
          expect((await rowsOf(path)).fields).toEqual(table)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a file that can not be used is refused in a clear sentence', () => {
  const refused = (path: string) => expect(rowsOf(path)).rejects
  const body = `a,b\n${Array.from({ length: 60_000 }, (_, n) => `${n},${Math.sin(n)}\n`).join('')}`

  test('truncated gzip, with the line that it got to', async () => {
    const whole = gzipSync(body)
    for (const share of [0.2, 0.5, 0.9, 0.9999]) {
      const path = write('cut.csv.gz', whole.subarray(0, Math.floor(whole.length * share)))
      await refused(path).toThrow(
        /cut\.csv\.gz is cut off: its gzip data end too early, after line \d+; .*again/,
      )
      await refused(path).toMatchObject({ name: 'FileRefused' })
    }
  })

  test('damaged gzip', async () => {
    const damaged = gzipSync(body)
    damaged.fill(0x55, 5000, 5400)
    await refused(write('bad.csv.gz', damaged)).toThrow(/bad\.csv\.gz is damaged/)
  })

  test('several gzip parts one after another are one file', async () => {
    const path = write('parts.csv.gz', Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')]))
    expect((await rowsOf(path)).fields).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
  })

  test('a quote that is never closed, with the line that it opens in', async () => {
    await refused(csv('a,b', '1,2', '3,"4', '5,6')).toThrow(
      /line 3: found a quote that is opened and never closed/,
    )
    await refused(write('open.csv', `a,b\n1,"${'x\n'.repeat(900_000)}`)).toThrow(
      /line 2: .* may never be closed/,
    )
  })

  test('a missing column, with the columns that are there', async () => {
    const reading = readCsv(csv('a,B', '1,2'), (header) => {
      header.needed('b', 'do this')
      return () => {}
    })
    await expect(reading).rejects.toThrow('line 1: found no column "b" among a, B; do this')
  })

  test('a column that is there twice', async () => {
    await refused(csv('a,b,a', '1,2,3')).toThrow('found the column "a" twice')
  })

  test('an empty file, another encoding, a folder, no file', async () => {
    await refused(write('empty.csv', '')).toThrow('is empty; expected CSV with a header line')
    await refused(write('empty.csv.gz', gzipSync(''))).toThrow('is empty')
    await refused(write('wide.csv', Buffer.from('\ufeffa,b\n', 'utf16le'))).toThrow(
      'found UTF-16; expected UTF-8',
    )
    await refused(folder).toThrow('is a directory; expected a file')
    await refused(`${folder}/none.csv`).toThrow('is not there; check the path')
  })

  test.skipIf(process.getuid?.() === 0)('a file without read permission', async () => {
    const path = csv('a,b')
    chmodSync(path, 0o000)
    await refused(path).toThrow('may not be read')
  })
})
