import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CommonAlert, isTest, namesIn, wordsOf } from '../../src/messages/alert.ts'
import { anAlert } from './an-alert.ts'

const PAYLOADS = fileURLToPath(new URL('../../../shared/wire/alerts/', import.meta.url))

test('the words of a metric and of a log alert say rule, condition and what was measured', () => {
  const words = (options: Parameters<typeof anAlert>[0]) => wordsOf(CommonAlert.parse(anAlert(options)))
  expect(words({})).toBe('alert metric-rule fired; Sev2; Percentage CPU was 81.3 (GreaterThan 75)')
  expect(words({ kind: 'log', condition: 'Resolved' })).toBe(
    'alert log-rule resolved; Sev2; query was 12 (GreaterThan 75)',
  )
})

test('a stamp may be named by target, configuration item or dimension, in any letter case', () => {
  const alert = anAlert({ targets: ['VMSS-weu-a'], items: ['node-1.weu-b'], dimension: 'WEU-C' })
  const names = namesIn(CommonAlert.parse(alert))
  for (const name of ['vmss-weu-a', 'node-1.weu-b', 'weu-c']) expect(names).toContain(name)
})

test('an alert whose context has another shape is taken by its essentials', () => {
  const { data, schemaId } = anAlert({ targets: ['weu-a'] })
  const odd = CommonAlert.parse({
    schemaId,
    data: { ...data, alertContext: { SearchQuery: 'x', Threshold: 0 } },
  })
  expect([wordsOf(odd), namesIn(odd)]).toEqual([
    'alert metric-rule fired; Sev2',
    expect.arrayContaining(['weu-a']),
  ])
})

test('words have no control characters and an end', () => {
  const { data, schemaId } = anAlert()
  const essentials = { ...data.essentials, description: `line\n\u001b[31mred${'x'.repeat(2000)}` }
  const words = wordsOf(CommonAlert.parse({ schemaId, data: { ...data, essentials } }))
  expect(words).not.toMatch(/\p{Cc}/u)
  expect(words.length).toBe(500)
})

test('an alert of another schema is refused with what to do', () => {
  const found = CommonAlert.safeParse({ ...anAlert(), schemaId: 'AzureMonitorMetricAlert' })
  expect(found.error?.issues[0]?.message).toContain('turn the common alert schema on')
})

describe.skipIf(!existsSync(PAYLOADS))(
  'payloads as documented, skipped where ../shared/wire is not there',
  () => {
    const bodies = existsSync(PAYLOADS)
      ? readdirSync(PAYLOADS).filter((name) => !name.startsWith('context-'))
      : []
    test.each(bodies.filter((name) => !name.startsWith('noncommon')))('%s is understood', (name) => {
      const alert = CommonAlert.parse(JSON.parse(readFileSync(`${PAYLOADS}${name}`, 'utf8')))
      expect(wordsOf(alert)).toMatch(/^alert \S+ (fired|resolved)/)
      expect(isTest(alert)).toBe(alert.data.essentials.alertId.includes('11111111-1111'))
    })

    test.each(bodies.filter((name) => name.startsWith('noncommon')))('%s is refused', (name) => {
      expect(CommonAlert.safeParse(JSON.parse(readFileSync(`${PAYLOADS}${name}`, 'utf8'))).success).toBe(
        false,
      )
    })
  },
)
