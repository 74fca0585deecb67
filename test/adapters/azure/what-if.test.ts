import { describe, expect, it } from 'vitest'
import { createArmProvisioning, DeploymentRefused } from '../../../src/adapters/azure/arm-provisioning.ts'
import { anyCredential } from './azure-client.ts'
import { SUBSCRIPTION } from './deployments-server.ts'
import { listedStamps } from './listed-stamps.ts'
import { azure, known, map, name, puts, region, stamp, wanted } from './provisioned-azure.ts'
import { stampTemplate } from './stamp-template-example.ts'

describe('ArmProvisioning looks first at what a deployment would do', () => {
  const outside = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-weu-a`
  const resource = `${outside}/providers/Microsoft.Network/loadBalancers/lb`
  type Told = { status: string; properties: Record<string, unknown> }
  const withChange = (change: object) => (told: Told) => ({
    ...told,
    properties: { changes: [...changesOf(told), change] },
  })
  const changesOf = ({ properties: { changes } }: Told) => (Array.isArray(changes) ? changes : [])

  it.each([
    [
      'changes another group',
      withChange({ resourceId: resource, changeType: 'Modify' }),
      /Modify .*rg-weu-a/,
    ],
    ['deletes elsewhere', withChange({ resourceId: resource, changeType: 'Delete' }), /Delete .*rg-weu-a/],
    [
      'makes what would outlive it',
      withChange({ resourceId: resource, changeType: 'Create' }),
      /not the stamp/,
    ],
    [
      'lies in a group whose name only begins alike',
      withChange({ resourceId: `${outside.replace('weu-a', 'restamp-weu-iso-10')}`, changeType: 'Create' }),
      /not the stamp/,
    ],
    ['can not be told', withChange({ changeType: 'Unsupported' }), /something without an id/],
    [
      'is hidden in a nested deployment',
      (told: Told) => ({
        ...told,
        properties: {
          ...told.properties,
          diagnostics: [
            { code: 'NestedDeploymentShortCircuited', level: 'Warning', message: 'A nested deployment got' },
          ],
        },
      }),
      /did not look into all/,
    ],
    [
      'lacks the tag of its key',
      (told: Told) => ({
        ...told,
        properties: { changes: changesOf(told).map((change) => ({ ...change, after: {} })) },
      }),
      /without the tag restamp-key/,
    ],
    [
      'lacks a pool',
      (told: Told) => ({ ...told, properties: { changes: changesOf(told).slice(0, -1) } }),
      /would not make .*scale-weu-iso-1-dataproxy/,
    ],
    [
      'failed itself',
      (told: Told) => ({ ...told, status: 'Failed', error: { code: 'MultipleErrorsOccurred', details: [] } }),
      /what-if came back Failed: MultipleErrorsOccurred/,
    ],
  ])('one that %s is refused, and nothing is made', async (_, whatIf, words) => {
    const under = azure({ whatIf })
    const made = under.provisioning.create(wanted)

    await expect(made).rejects.toThrow(DeploymentRefused)
    await expect(made).rejects.toThrow(words)
    expect(puts(under)).toEqual([])
  })

  it('what stays as it is elsewhere does not matter', async () => {
    const { provisioning } = azure({ whatIf: withChange({ resourceId: resource, changeType: 'NoChange' }) })
    expect(await provisioning.create(wanted)).toBe('begun')
  })

  it.each([
    ['what-if', 'POST', 'whatIf'],
    ['the deployment', 'PUT', name],
  ])(
    'a template that ARM does not take for %s is refused with the innermost words',
    async (_, asked, end) => {
      const { provisioning, faults } = azure()
      const details = [{ code: 'AccountNameInvalid', message: 'a is not a valid name', target: 'a' }]
      const error = { code: 'InvalidTemplateDeployment', message: 'See inner errors for details.', details }
      faults.push((method, path) =>
        method === asked && path.endsWith(end) ? { status: 400, body: { error } } : undefined,
      )
      const made = provisioning.create(wanted)

      await expect(made).rejects.toThrow(DeploymentRefused)
      await expect(made).rejects.toThrow(/AccountNameInvalid: a is not a valid name \(a\)$/)
      expect(await provisioning.state(stamp)).toEqual({ kind: 'absent' })
    },
  )

  it('a template without the parameters of a stamp is refused at once', () => {
    const { register } = listedStamps({ region, home: known })
    const template = { ...stampTemplate, parameters: {} }
    expect(() => createArmProvisioning({ credential: anyCredential, map, template, register })).toThrow(
      /resourceGroup/,
    )
  })
})
