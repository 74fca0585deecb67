import { expect, it } from 'vitest'
import { webhookOf } from '../../../src/adapters/callout/notify-settings.ts'
import { SettingRefused } from '../../../src/adapters/callout/setting-refused.ts'

const url = 'https://hooks.example.com/services/a-secret-part'

it('without an address nobody is told over the network', () => {
  expect(webhookOf({ RESTAMP_NOTIFY_SECRET: 's' })).toBeUndefined()
})

it('an address alone gets our own document, unsigned', () => {
  expect(webhookOf({ RESTAMP_NOTIFY_URL: url })).toEqual({
    url,
    format: 'generic',
    secret: null,
    pageUrl: null,
  })
})

it.each([
  [{ RESTAMP_NOTIFY_URL: 'a-secret-part' }, 'RESTAMP_NOTIFY_URL is no URL'],
  [
    { RESTAMP_NOTIFY_URL: 'http://hooks.example.com/a-secret-part' },
    'RESTAMP_NOTIFY_URL must begin with https://',
  ],
  [
    { RESTAMP_NOTIFY_URL: url, RESTAMP_NOTIFY_FORMAT: 'fax' },
    'RESTAMP_NOTIFY_FORMAT is none of generic, teams, slack',
  ],
])('what can not be used is refused by the name of the setting, never with its value', (env, words) => {
  const refused = () => webhookOf(env)
  expect(refused).toThrow(SettingRefused)
  expect(refused).toThrow(words)
  expect(refused).not.toThrow(/a-secret-part/)
})

it('links lead to the page that is named, or to where App Service says that the app is', () => {
  const of = (env: object) => webhookOf({ RESTAMP_NOTIFY_URL: url, ...env })?.pageUrl
  expect(of({ WEBSITE_HOSTNAME: 'app.example.net' })).toBe('https://app.example.net/dashboard/')
  expect(
    of({ RESTAMP_PAGE_URL: 'https://restamp.example.com/dashboard/', WEBSITE_HOSTNAME: 'app.example.net' }),
  ).toBe('https://restamp.example.com/dashboard/')
  expect(() => of({ RESTAMP_PAGE_URL: 'http://restamp.example.com/' })).toThrow('must begin with https://')
})

it('plain HTTP is for a receiver on this machine', () => {
  expect(webhookOf({ RESTAMP_NOTIFY_URL: 'http://127.0.0.1:9000/' })?.url).toBe('http://127.0.0.1:9000/')
})
