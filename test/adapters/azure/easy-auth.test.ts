import { expect, test } from 'vitest'
import { EasyAuthIdentity } from '../../../src/adapters/azure/easy-auth.ts'

const ROLE_URI = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'

function headersOf(
  principal: { readonly role_typ?: string; readonly claims: readonly { typ: string; val: string }[] },
  named: Readonly<Record<string, string>>,
) {
  const encoded = Buffer.from(JSON.stringify(principal)).toString('base64')
  const headers: Readonly<Record<string, string>> = { 'x-ms-client-principal': encoded, ...named }
  return { header: (name: string) => headers[name] ?? null }
}

const identity = new EasyAuthIdentity(true)

test('a person is known by the name and the roles that App Service tells', () => {
  const claims = [
    { typ: 'roles', val: 'Planner' },
    { typ: 'roles', val: 'Nobody' },
    { typ: 'groups', val: 'Admin' },
  ]
  const asked = headersOf({ claims }, { 'x-ms-client-principal-name': 'ada@example.com' })
  expect(identity.identify(asked)).toEqual({
    kind: 'known',
    principal: { name: 'ada@example.com', roles: ['Planner'] },
  })
})

test('roles count under the type that App Service names and as Entra sends them', () => {
  for (const typ of [ROLE_URI, 'roles']) {
    const asked = headersOf(
      { role_typ: ROLE_URI, claims: [{ typ, val: 'Reader' }] },
      { 'x-ms-client-principal-name': 'ada@example.com' },
    )
    expect(identity.identify(asked)).toMatchObject({ principal: { roles: ['Reader'] } })
  }
})

test('an application has no name, and is known by its id: so does Azure Monitor tell of alerts', () => {
  const asked = headersOf(
    { claims: [{ typ: 'roles', val: 'Alerter' }] },
    { 'x-ms-client-principal-id': '7d2c0c34-0f4b-4f5f-9c3e-000000000001' },
  )
  expect(identity.identify(asked)).toEqual({
    kind: 'known',
    principal: { name: '7d2c0c34-0f4b-4f5f-9c3e-000000000001', roles: ['Alerter'] },
  })
})

test('without a principal, or with App Service authentication off, nobody is known', () => {
  const asked = headersOf({ claims: [] }, { 'x-ms-client-principal-name': 'ada@example.com' })
  expect(new EasyAuthIdentity(false).identify(asked).kind).toBe('unknown')
  expect(identity.identify({ header: () => null }).kind).toBe('unknown')
  expect(identity.identify(headersOf({ claims: [] }, {})).kind).toBe('unknown')
})
