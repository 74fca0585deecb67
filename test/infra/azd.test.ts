import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ROOT } from './compiler.ts'

// No YAML reader is among the packages of this project, and what is looked for stands in lines of its own.
const lines = readFileSync(join(ROOT, 'azure.yaml'), 'utf8').split('\n')
const valuesOf = (key: string) =>
  lines.flatMap((line) => new RegExp(`^\\s*${key}: (.+)$`).exec(line)?.[1] ?? [])
const parameters = readFileSync(join(ROOT, 'infra', 'main.bicepparam'), 'utf8')
const guide = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8')

test('azd finds the template, and deploys what npm run package writes', () => {
  expect(existsSync(join(ROOT, ...valuesOf('path'), `${valuesOf('module')}.bicep`))).toBe(true)
  expect(valuesOf('project')).toEqual(['.package'])
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
  expect(scripts).toHaveProperty('package')
})

test('every hook runs something that is there, the same on each system', () => {
  const runs = valuesOf('run')
  expect(runs).toHaveLength(6)
  for (const run of runs) {
    expect(runs.filter((other) => other === run)).toHaveLength(2)
    const script = /^node (\S+)/.exec(run)?.[1]
    expect(script ? existsSync(join(ROOT, script)) : run).toBe(script ? true : 'npm run package')
  }
})

test('every setting of an environment is told of in the guide, and every one that the guide names is read', () => {
  const read = [...parameters.matchAll(/readEnvironmentVariable\('(RESTAMP_\w+)'/g)].map(([, name]) => name)
  const section = guide.split('\n## Parameters\n')[1]?.split('\n## ')[0] ?? ''
  const told = [...section.matchAll(/`(RESTAMP_\w+)`/g)].map(([, name]) => name)
  const byHooks = ['RESTAMP_ROLE_FOR_ME']
  expect([...new Set(told)].toSorted()).toEqual([...new Set([...read, ...byHooks])].toSorted())
})
