import { test } from 'vitest'
import { startAzureWorld } from '../adapters/azure/azure-world.ts'
import { startLeadingPlane } from '../adapters/callout/leading-plane.ts'
import { AZURE_EXAMPLE_MS_MAX, expectSameTable } from '../support/azure-example.ts'

test(
  'the worked example ends with the same table where examples/callout-server owns bindings, routes and nodes',
  () =>
    expectSameTable(async ({ twin, files, clock }) => {
      const { fleet } = files
      const plane = await startLeadingPlane({ twin, fleet, clock })
      const world = await startAzureWorld({ twin, fleet, clock, elsewhere: plane.offered })
      const stop = async () => {
        await Promise.all([world.stop(), plane.close()])
      }
      return { ...world, stop }
    }),
  AZURE_EXAMPLE_MS_MAX,
)
