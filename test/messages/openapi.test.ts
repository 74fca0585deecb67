import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openApi } from '../../src/messages/openapi.ts'
import { OPERATIONS } from '../../src/messages/operations.ts'
import { PROBLEMS } from '../../src/messages/problems.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FILE = join(ROOT, 'docs', 'openapi.json')

it('the document in docs is what the schemas say; vitest run THIS-FILE --update writes it anew', async () => {
  await expect(`${JSON.stringify(openApi(), null, 1)}\n`).toMatchFileSnapshot(FILE)
})

it('each operation is in the document once, under the name of its function', () => {
  const paths = Object.values(Object(openApi()).paths)
  const ids = paths.flatMap((path) => Object.values(Object(path)).map((one) => Object(one).operationId))
  expect(ids.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted())
  const functions = readFileSync(join(ROOT, 'test/package/functions.txt'), 'utf8')
  const api = [...functions.matchAll(/^httpTrigger (\S+)$/gm)].map(([, name]) => name)
  expect(ids.filter((id) => !api.includes(id))).toEqual([])
})

it('a linter of OpenAPI documents finds nothing', () => {
  const cli = join(ROOT, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js')
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const { stdout } = spawnSync(process.execPath, [cli, 'lint', FILE, '--format=json'], {
    env,
    encoding: 'utf8',
  })
  expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] })
})

it('docs/api.md says of each problem what it means and what to do', () => {
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (.+) \| (.+) \|$/gm)]
  expect(rows.map(([, name, status]) => [name, Number(status)]).toSorted()).toEqual(
    Object.entries(PROBLEMS)
      .map(([name, { status }]) => [name, status])
      .toSorted(),
  )
})
