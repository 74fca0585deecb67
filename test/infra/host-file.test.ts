import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ROOT } from './compiler.ts'

const HostFile = z.looseObject({
  telemetryMode: z.string(),
  extensionBundle: z.object({ id: z.string(), version: z.string() }),
  extensions: z.looseObject({
    durableTask: z.looseObject({ hubName: z.string(), storageProvider: z.record(z.string(), z.unknown()) }),
  }),
})
const host = HostFile.parse(JSON.parse(readFileSync(join(ROOT, 'host.json'), 'utf8')))
const { Values: local } = z
  .object({ Values: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'local.settings.json'), 'utf8')))
const PROVIDER = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__'

test('in Azure the Durable Task Scheduler holds the runs, under nothing that only Azure Storage knows', () => {
  const { storageProvider, ...durable } = host.extensions.durableTask
  expect(storageProvider).toEqual({
    type: 'azureManaged',
    connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
  })
  const onlyOfStorage = /partition|controlQueue|workItemQueue|trackingStore|maxQueuePolling|extendedSessions/i
  expect(Object.keys(durable).filter((key) => onlyOfStorage.test(key))).toEqual([])
})

test('on one machine settings turn the same file to Azure Storage on Azurite', () => {
  const provider = Object.fromEntries(
    Object.entries(local).flatMap(([name, value]) =>
      name.startsWith(PROVIDER) ? [[name.slice(PROVIDER.length), value]] : [],
    ),
  )
  expect({ ...host.extensions.durableTask.storageProvider, ...provider }).toMatchObject({
    type: 'AzureStorage',
    connectionStringName: 'AzureWebJobsStorage',
  })
  expect(local.AzureWebJobsStorage).toBe('UseDevelopmentStorage=true')
  // Azure Storage takes letters and digits only; the scheduler takes those, too.
  expect(host.extensions.durableTask.hubName).toBe('%TASKHUB_NAME%')
  expect(local.TASKHUB_NAME).toMatch(/^[A-Za-z][A-Za-z0-9]+$/)
})

test('the bundle is one that has orchestration versions, and telemetry goes by OpenTelemetry', () => {
  expect(host.extensionBundle.id).toBe('Microsoft.Azure.Functions.ExtensionBundle')
  const [major = 0, minor = 0] =
    /\[(\d+)\.(\d+)/.exec(host.extensionBundle.version)?.slice(1).map(Number) ?? []
  expect([major, minor >= 38]).toEqual([4, true])
  expect(host.telemetryMode).toBe('OpenTelemetry')
})

test('assistants are spoken of only where a function has such a trigger', () => {
  const functions = readFileSync(join(ROOT, 'test', 'package', 'functions.txt'), 'utf8')
  expect('mcp' in host.extensions).toBe(/mcp/i.test(functions))
})
