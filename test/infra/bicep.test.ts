import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AzureMap } from '../../src/adapters/azure/azure-map.ts'
import { bicep, EXAMPLE_MAP, HOW_TO_GET_IT, hasCompiler, INFRA, predict, ROOT } from './compiler.ts'
import { digestOf, textOf } from './digest.ts'

const WHOLE = join(ROOT, 'test', 'infra', 'whole.bicepparam')
const sources = readdirSync(INFRA, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.bicep(param)?$/.test(path),
)

test('the example of a map is one that the app takes', () => {
  const map = JSON.parse(readFileSync(EXAMPLE_MAP, 'utf8'))
  expect(AzureMap.parse(map).regions).toHaveLength(2)
})

test.skipIf(hasCompiler)(`what is compiled is not looked at, since ${HOW_TO_GET_IT}`, (context) => {
  context.skip(HOW_TO_GET_IT)
})

describe.runIf(hasCompiler)('infra/, compiled', () => {
  test.each(['main.bicep', 'stamps/main.bicep', 'stamp-template/main.bicep'])(
    '%s compiles without a word of warning',
    (path) => {
      const { code, stderr } = bicep('build', join(INFRA, path), '--stdout')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )

  test('the parameters of azd compile without a word of warning', () => {
    const { code, stderr } = bicep('build-params', join(INFRA, 'main.bicepparam'), '--stdout')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('the linter has nothing to say', () => {
    const { code, stdout } = bicep('lint', join(INFRA, 'main.bicep'), '--diagnostics-format', 'sarif')
    const runs: { results: unknown[] }[] = JSON.parse(stdout).runs
    expect({ code, results: runs.flatMap(({ results }) => results) }).toEqual({ code: 0, results: [] })
  })

  test('every file is as the formatter writes it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'restamp-format-'))
    cpSync(INFRA, folder, { recursive: true })
    cpSync(WHOLE, join(folder, 'whole.bicepparam'))
    const { code, stderr } = bicep('format', '--pattern', join(folder, '**', '*.bicep*'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const path of sources) {
      expect(readFileSync(join(folder, path), 'utf8'), path).toBe(readFileSync(join(INFRA, path), 'utf8'))
    }
    expect(readFileSync(join(folder, 'whole.bicepparam'), 'utf8')).toBe(readFileSync(WHOLE, 'utf8'))
    rmSync(folder, { recursive: true, force: true })
  })

  test('a deployment with every switch on makes what is written down, and nothing else', async () => {
    await expect(textOf(digestOf(predict(readFileSync(WHOLE, 'utf8'))))).toMatchFileSnapshot('whole.jsonl')
  })

  test('a deployment before there is a map and a registration grants nothing outside its group, and lets nobody in', () => {
    const made = digestOf(
      predict(
        readFileSync(join(INFRA, 'main.bicepparam'), 'utf8').replace(
          "loadJsonContent('azure-map.json')",
          '{ regions: [], routing: null }',
        ),
      ),
    )
    expect(made.filter(({ where }) => where !== 'ff' && where !== 'ff/rg-restamp')).toEqual([])
    expect(made.some(({ name }) => name.includes('authsettings'))).toBe(false)
    expect(made.some(({ name }) => name.startsWith('ag-intake'))).toBe(false)
    expect(made.some(({ type }) => type.startsWith('Microsoft.Network'))).toBe(false)
  })

  test('with readOnly nothing at the stamps or at routing can be written', () => {
    const parameters = readFileSync(WHOLE, 'utf8')
    const readOnly = digestOf(predict(parameters.replace("grants = 'moving'", "grants = 'readOnly'")))
    const granted = readOnly.flatMap(({ grant }) => (grant?.to === 'run' ? [grant.role] : []))
    expect(granted).toContain('Restamp observer')
    expect(granted).not.toContain('Restamp minimum writer')
    const router = readOnly.find(({ facts }) => String(facts?.roleName).startsWith('Restamp router'))
    expect(JSON.stringify(router?.facts)).toContain('trafficManagerProfiles/read')
    expect(JSON.stringify(router?.facts)).not.toContain('/write')
  })
})
