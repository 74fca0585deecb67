import { expect, test } from 'vitest'
import { appSettings } from '../src/settings.ts'

const azure = { COSMOS_ENDPOINT: 'https://c.example', BLOB_ENDPOINT: 'https://b.example' }
const id = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

test('a folder with files is a simulated region', () => {
  expect(appSettings({ RESTAMP_TWIN: 'data' })).toEqual({
    place: { kind: 'twin', folder: 'data' },
    webhook: undefined,
    telemetry: undefined,
  })
})

test('telemetry goes where the platform says, as the identity that it names', () => {
  const connection = 'InstrumentationKey=1;IngestionEndpoint=https://i.example'
  const of = (more: Record<string, string>) =>
    appSettings({ RESTAMP_TWIN: 'data', APPLICATIONINSIGHTS_CONNECTION_STRING: connection, ...more })
      .telemetry
  expect(of({})).toEqual({ connectionString: connection, clientId: undefined })
  expect(of({ APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${id};Authorization=AAD` })).toEqual({
    ...{ connectionString: connection, clientId: id },
  })
})

test('with the two addresses of a deployment it is Azure, by the names that a deployment gives', () => {
  expect(appSettings({ ...azure, AZURE_CLIENT_ID: id, RESTAMP_POLICY: '' }).place).toEqual({
    kind: 'azure',
    azure: { ...azure, AZURE_CLIENT_ID: id, COSMOS_DATABASE: 'restamp', RESTAMP_MAP: 'azure-map.json' },
  })
})

test.each([
  [{}, /neither RESTAMP_TWIN nor COSMOS_ENDPOINT is set: expected/],
  [{ COSMOS_ENDPOINT: 'https://c.example' }, /BLOB_ENDPOINT: .*https:\/\//],
  [{ ...azure, COSMOS_ENDPOINT: 'c.example' }, /COSMOS_ENDPOINT: expected an address that begins with https/],
  [{ ...azure, AZURE_CLIENT_ID: 'me' }, /AZURE_CLIENT_ID: expected an id such as/],
  [{ ...azure, RESTAMP_CALLOUT_URL: 'https://p.example' }, /RESTAMP_CALLOUT_URL is set without/],
  [
    { ...azure, RESTAMP_STAMP_TEMPLATE: 't.json', AZURE_CLIENT_ID: id },
    /RESTAMP_STAMP_TEMPLATE is set without PROVISION_CLIENT_ID/,
  ],
  [{ RESTAMP_TWIN: 'data', RESTAMP_NOTIFY_URL: 'nowhere' }, /RESTAMP_NOTIFY_URL/],
  [{ RESTAMP_TWIN: 'data', APPLICATIONINSIGHTS_CONNECTION_STRING: 'here' }, /an InstrumentationKey/],
  [
    { ...azure, APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'key' },
    /AUTHENTICATION_STRING: expected ClientId/,
  ],
])('settings that can not be used are named: %o', (env, words) => {
  expect(() => appSettings(env)).toThrow(words)
})

test('what is refused is never repeated, since it may be a secret', () => {
  const secret = 'too-short'
  const env = { ...azure, RESTAMP_CALLOUT_URL: 'https://p.example', RESTAMP_CALLOUT_SECRET: secret }
  expect(() => appSettings(env)).toThrow(/RESTAMP_CALLOUT_SECRET: expected at least 16 characters/)
  expect(() => appSettings(env)).not.toThrow(secret)
})
