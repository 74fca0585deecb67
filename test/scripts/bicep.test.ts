import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fetchBicep, findBicep } from '../../scripts/setup/bicep.mjs'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'restamp-bicep-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

test('the compiler is the one that BICEP names, and none where that one is not there', () => {
  const own = join(root, 'bicep')
  writeFileSync(own, '')
  expect(findBicep(root, { BICEP: own })).toBe(own)
  expect(findBicep(root, { BICEP: join(root, 'nowhere') })).toBeUndefined()
  expect(findBicep(root, {})).toBeUndefined()
})

test('without dotnet it says what to install', async () => {
  vi.stubEnv('PATH', root)
  await expect(fetchBicep(root)).rejects.toThrow(
    /comes as a NuGet package, and dotnet was not found; install the \.NET SDK, or Bicep 0\.49\.2 itself and name it in BICEP/,
  )
  expect(findBicep(root, {})).toBeUndefined()
})
