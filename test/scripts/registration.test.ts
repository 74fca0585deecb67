import { expect, test } from 'vitest'
import { complete, prepare } from '../../scripts/azure/registration.mjs'
import { Role } from '../../src/domain/principal.ts'
import { GraphDouble } from './graph-double.ts'

const azureMonitor = '461e8683-5575-4561-ac7f-899cc907d62a'

async function signInSetUp(graph: GraphDouble) {
  const { clientId, objectId } = await prepare(graph.ask, { environment: 'trial' })
  await complete(graph.ask, {
    clientId,
    tenantId: 'tenant',
    url: 'https://restamp.example.com',
    runPrincipalId: 'run',
    roleForMe: 'Planner',
  })
  return { clientId, objectId }
}

test('the registration has every role of the app, and gives no token to who has none', async () => {
  const graph = new GraphDouble()
  const { clientId, objectId } = await signInSetUp(graph)
  expect(graph.applications).toMatchObject([
    {
      id: objectId,
      appId: clientId,
      signInAudience: 'AzureADMyOrg',
      identifierUris: [`api://${clientId}`],
      appRoles: Role.options.map((value) => ({ value, isEnabled: true })),
      web: { redirectUris: ['https://restamp.example.com/.auth/login/aad/callback'] },
      api: { preAuthorizedApplications: [{}], oauth2PermissionScopes: [{ value: 'user_impersonation' }] },
    },
  ])
  expect(graph.servicePrincipals.find(({ appId }) => appId === clientId)).toMatchObject({
    appRoleAssignmentRequired: true,
  })
})

test('an identity stands in for the secret, so none is ever made', async () => {
  const graph = new GraphDouble()
  await signInSetUp(graph)
  expect(graph.credentials).toMatchObject([
    {
      subject: 'run',
      issuer: 'https://login.microsoftonline.com/tenant/v2.0',
      audiences: ['api://AzureADTokenExchange'],
    },
  ])
  expect(graph.applications[0]).not.toHaveProperty('passwordCredentials')
})

test('Azure Monitor may tell of alerts and nothing else; who deploys may plan', async () => {
  const graph = new GraphDouble()
  await signInSetUp(graph)
  const roles = graph.applications[0]?.appRoles
  const named = (role: string) =>
    Array.isArray(roles) ? roles.find(({ value }) => value === role)?.id : undefined
  const monitor = graph.servicePrincipals.find(({ appId }) => appId === azureMonitor)
  expect(graph.grants.map(({ principalId, appRoleId }) => ({ principalId, appRoleId }))).toEqual([
    { principalId: monitor?.id, appRoleId: named('Alerter') },
    { principalId: 'me', appRoleId: named('Planner') },
  ])
})

test('done again, it makes nothing twice', async () => {
  const graph = new GraphDouble()
  const first = await signInSetUp(graph)
  const before = JSON.stringify(graph)
  expect(await signInSetUp(graph)).toEqual(first)
  expect(JSON.stringify(graph)).toBe(before)
})

test('a role that is not there is refused by name', async () => {
  const graph = new GraphDouble()
  const { clientId } = await prepare(graph.ask, { environment: 'trial' })
  const rest = { clientId, tenantId: 'tenant', url: 'https://restamp.example.com', runPrincipalId: 'run' }
  await expect(complete(graph.ask, { ...rest, roleForMe: 'Owner' })).rejects.toThrow(
    'there is no role Owner; there are Reader, Planner',
  )
})
