import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METRICS } from '../../src/domain/readings.ts'
import { INFRA, ROOT } from './compiler.ts'

const files = readdirSync(INFRA, { recursive: true, encoding: 'utf8' })
  .filter((path) => /workbook|alerts/.test(path))
  .map((path) => ({ path, text: readFileSync(join(INFRA, path), 'utf8') }))

/** Metrics of ours that a text asks for by name. */
const namedIn = (text: string) =>
  [...text.matchAll(/(?<!\[)["'](restamp\.[a-z_.]*[a-z])\\?["']/g)].map(([, name = '']) => name)
/** What a query takes apart a metric by. */
const splitBy = (query: string) =>
  [...query.matchAll(/customDimensions\.([a-zA-Z]+)/g)].map(([, name = '']) => name)

test('workbook and alert rules ask for no metric that the app does not send', () => {
  const sent = Object.keys(METRICS)
  const asked = files.flatMap(({ path, text }) => namedIn(text).map((name) => ({ path, name })))
  expect(asked.filter(({ name }) => !sent.includes(name) && !name.endsWith('.'))).toEqual([])
  expect(new Set(asked.map(({ path }) => path)).size).toBe(2)
  expect(namedIn(`where name == 'restamp.no_such_metric'`)).toEqual(['restamp.no_such_metric'])
})

test('the workbook takes no metric apart by what it is not sent with', () => {
  const workbook = files.find(({ path }) => path.endsWith('workbook.json'))?.text ?? ''
  const queries = JSON.parse(workbook).items.flatMap(
    (item: { content: { query?: string } }) => item.content.query ?? [],
  )
  const asked = queries.flatMap((query: string) => {
    const names = namedIn(query).filter((name) => name in METRICS)
    return names.map((name) => ({ name, by: splitBy(query) }))
  })
  expect(asked.length).toBeGreaterThan(5)
  const table = new Map<string, readonly string[]>(
    Object.entries(METRICS).map(([name, { by }]) => [name, by]),
  )
  for (const { name, by } of asked) expect(table.get(name), name).toEqual(expect.arrayContaining(by))
})

test('docs/figures.md lists every metric, with its unit, attributes and meaning', () => {
  const text = readFileSync(join(ROOT, 'docs', 'figures.md'), 'utf8')
  const listed = text.split('\n').filter((line) => line.startsWith('| `restamp.'))
  expect(listed).toEqual(
    Object.entries(METRICS).map(
      ([name, { unit, by, about }]) =>
        `| \`${name}\` | ${unit.replace(/[{}]/g, '')} | ${by.join(', ')} | ${about} |`,
    ),
  )
})
