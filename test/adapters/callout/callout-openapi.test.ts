import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { calloutOpenApi } from '../../../src/adapters/callout/callout-openapi.ts'
import { OPERATIONS } from '../../../src/adapters/callout/callout-operations.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const FILE = join(ROOT, 'docs', 'callout-openapi.json')

it('the document in docs is what the schemas say; vitest run THIS-FILE --update writes it anew', async () => {
  await expect(`${JSON.stringify(calloutOpenApi(), null, 2)}\n`).toMatchFileSnapshot(FILE)
})

it('each operation is in the document once, under its own name', () => {
  const paths = Object.values(Object(calloutOpenApi()).paths)
  const ids = paths.flatMap((path) => Object.values(Object(path)).map((one) => Object(one).operationId))
  expect(ids.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted())
})

it('a linter of OpenAPI documents finds nothing', () => {
  const cli = join(ROOT, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js')
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const lint = [cli, 'lint', FILE, '--format=json']
  const { stdout } = spawnSync(process.execPath, lint, { env, encoding: 'utf8' })
  expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] })
})
