import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const STAND_IN = fileURLToPath(new URL('stand-in-az.mjs', import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restamp-sign-in-'))
  for (const name of ['az', 'azd']) {
    copyFileSync(STAND_IN, join(folder, name))
    chmodSync(join(folder, name), 0o755)
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function hook(step: string, env: Readonly<Record<string, string>>) {
  const path = [folder, dirname(process.execPath)].join(delimiter)
  return spawnSync(process.execPath, ['scripts/azure/sign-in.mjs', step], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { PATH: path, STAND_IN_FOLDER: folder, ...env },
  })
}

const asked = (): { method: string; path: string; filter: string | null }[] =>
  JSON.parse(readFileSync(join(folder, 'graph.json'), 'utf8'))

test('before resources are made, azd is told the registration that was made', () => {
  const { status, stderr } = hook('prepare', { AZURE_ENV_NAME: 'trial' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(readFileSync(join(folder, 'azd.log'), 'utf8')).toBe(
    'env set RESTAMP_AUTH_CLIENT_ID 0ad04412-c4d5-4796-b79c-f76d14c8d402\nenv set RESTAMP_AUTH_OBJECT_ID made\n',
  )
  expect(asked()[0]).toMatchObject({ method: 'GET', filter: "displayName eq 'Restamp trial'" })
})

test('a registration that somebody else made is left alone', () => {
  const { status } = hook('prepare', { RESTAMP_AUTH_CLIENT_ID: 'a', RESTAMP_AUTH_OBJECT_ID: 'b' })
  expect(status).toBe(0)
  expect(hook('complete', { RESTAMP_AUTH_BY_HAND: 'true' }).status).toBe(0)
  expect(existsSync(join(folder, 'graph.json'))).toBe(false)
})

test('afterwards the credential, the way back and both grants are set', () => {
  const { status, stdout, stderr } = hook('complete', {
    RESTAMP_AUTH_CLIENT_ID: 'app',
    RESTAMP_URL: 'https://restamp.example.com',
    RESTAMP_RUN_PRINCIPAL_ID: 'run',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe('Restamp is at https://restamp.example.com/dashboard/\n')
  expect(
    asked()
      .filter(({ method }) => method !== 'GET')
      .map(({ path }) => path.split('/').at(-1)),
  ).toEqual([
    'made',
    'federatedIdentityCredentials',
    'servicePrincipals',
    'servicePrincipals',
    'appRoleAssignedTo',
    'appRoleAssignedTo',
  ])
})

test('what is missing is named: a setting, or the Azure CLI', () => {
  expect(hook('prepare', {}).stderr).toBe(
    'Sign-in is not set up: AZURE_ENV_NAME is not set; this runs as a hook of azd, which sets it\n',
  )
  rmSync(join(folder, 'az'))
  const { status, stderr } = hook('prepare', { AZURE_ENV_NAME: 'trial' })
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'Sign-in is not set up: az was not found; install it and try again\n',
  })
})
