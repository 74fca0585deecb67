import { test } from 'vitest'
import { startAzureWorld } from '../adapters/azure/azure-world.ts'
import { AZURE_EXAMPLE_MS_MAX, expectSameTable } from '../support/azure-example.ts'

test(
  'the worked example over the Azure adapters ends with the same table, each replica moved once',
  () => expectSameTable(({ twin, files, clock }) => startAzureWorld({ twin, fleet: files.fleet, clock })),
  AZURE_EXAMPLE_MS_MAX,
)
