import { expect, test } from 'vitest'
import { stampsNamed } from '../../src/domain/stamp-names.ts'

const STAMPS = ['weu-1', 'weu-10', 'weu-10-b', 'NEU-2']

test.each([
  ['weu-1', ['weu-1']],
  ['vmss-weu-1-registry', ['weu-1']],
  ['vmss_weu_10.registry', ['weu-10']],
  ['vmss-weu-10-b-registry', ['weu-10-b']],
  ['VMSS-neu-2', ['NEU-2']],
  ['vmss-weu-100', []],
  ['xweu-1', []],
  ['', []],
])('%s speaks of %j', (name, stamps) => {
  expect(stampsNamed(name, STAMPS)).toEqual(stamps)
})
