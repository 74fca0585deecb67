import { readFileSync } from 'node:fs'

/** The first-party application that Azure Monitor calls secure webhooks as. */
const AZURE_MONITOR = '461e8683-5575-4561-ac7f-899cc907d62a'
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
/** The one delegated right of the registration: to ask as oneself. */
const SCOPE_ID = '5c2fdb5a-7c3e-4a37-9d7b-0a6d5a1f00ff'
const CREDENTIAL = 'restamp-run'

const { map: roleOf, list: roles } = readRoles()

/**
 * The registration that people and alerts sign in to: made where it is not there, brought to what it should be where it is.
 * `graph(method, path, body)` asks Microsoft Graph. Answers with what the deployment needs of it. Safe to repeat.
 */
export async function prepare(graph, { environment }) {
  const displayName = `Restamp ${environment}`
  const app =
    (await one(graph, `/applications?$filter=displayName eq '${displayName}'`)) ??
    (await graph('POST', '/applications', { displayName, signInAudience: 'AzureADMyOrg' }))
  await graph('PATCH', `/applications/${app.id}`, {
    identifierUris: [`api://${app.appId}`],
    appRoles: roles,
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [scope()],
    },
  })
  // Apart from the scope: it can be named here only once it is there.
  await graph('PATCH', `/applications/${app.id}`, {
    api: { preAuthorizedApplications: [{ appId: AZURE_CLI, delegatedPermissionIds: [SCOPE_ID] }] },
  })
  const principal = await principalOf(graph, app.appId)
  // Who has no role gets no token at all.
  await graph('PATCH', `/servicePrincipals/${principal.id}`, { appRoleAssignmentRequired: true })
  return { clientId: app.appId, objectId: app.id }
}

/** What can only be said once the app is there: where people come back to, and who stands in for a secret. */
export async function complete(graph, { clientId, tenantId, url, runPrincipalId, roleForMe }) {
  const app = await one(graph, `/applications?$filter=appId eq '${clientId}'`)
  if (!app) throw new Error(`there is no registration ${clientId}; run the preprovision hook again`)
  await graph('PATCH', `/applications/${app.id}`, {
    web: {
      redirectUris: [`${url}/.auth/login/aad/callback`],
      implicitGrantSettings: { enableIdTokenIssuance: true },
    },
  })
  await trustRunIdentity(graph, { app, tenantId, runPrincipalId })
  const resource = await principalOf(graph, clientId)
  const monitor = await principalOf(graph, AZURE_MONITOR)
  await grant(graph, { resource, principalId: monitor.id, role: 'Alerter' })
  const me = await graph('GET', '/me')
  await grant(graph, { resource, principalId: me.id, role: roleForMe })
}

async function trustRunIdentity(graph, { app, tenantId, runPrincipalId }) {
  const path = `/applications/${app.id}/federatedIdentityCredentials`
  const credential = {
    issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    subject: runPrincipalId,
    audiences: ['api://AzureADTokenExchange'],
  }
  const { value } = await graph('GET', path)
  const known = value.find(({ name }) => name === CREDENTIAL)
  if (known) await graph('PATCH', `${path}/${known.id}`, credential)
  else await graph('POST', path, { name: CREDENTIAL, ...credential })
}

async function grant(graph, { resource, principalId, role }) {
  const appRoleId = roleOf.get(role)
  if (!appRoleId) throw new Error(`there is no role ${role}; there are ${[...roleOf.keys()].join(', ')}`)
  const path = `/servicePrincipals/${resource.id}/appRoleAssignedTo`
  const { value } = await graph('GET', path)
  const has = value.some((each) => each.principalId === principalId && each.appRoleId === appRoleId)
  if (!has) await graph('POST', path, { principalId, resourceId: resource.id, appRoleId })
}

async function principalOf(graph, appId) {
  return (
    (await one(graph, `/servicePrincipals?$filter=appId eq '${appId}'`)) ??
    (await graph('POST', '/servicePrincipals', { appId }))
  )
}

async function one(graph, path) {
  const { value } = await graph('GET', path)
  if (value.length > 1) throw new Error(`${path} names ${value.length} things; expected one`)
  return value[0]
}

function readRoles() {
  const named = JSON.parse(readFileSync(new URL('app-roles.json', import.meta.url), 'utf8'))
  const list = named.map(({ id, value, description }) => ({
    id,
    value,
    description,
    displayName: value,
    isEnabled: true,
    allowedMemberTypes: ['User', 'Application'],
  }))
  return { list, map: new Map(named.map(({ id, value }) => [value, id])) }
}

function scope() {
  const words = 'Ask Restamp as oneself'
  return {
    id: SCOPE_ID,
    value: 'user_impersonation',
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: words,
    adminConsentDescription: words,
    userConsentDisplayName: words,
    userConsentDescription: words,
  }
}
