import * as df from 'durable-functions'
import type { Host } from '../../src/host/host.ts'
import { control, instance, start, until } from './driving.ts'

/** One orchestrator that ends at once, and one that waits. */
export function keepAndHold() {
  // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
  df.app.orchestration('Keep', function* (context) {
    if (context.df.getInput() === 'fail') throw new Error('asked for')
    return context.df.getInput()
  })
  df.app.orchestration('Hold', function* (context) {
    return yield context.df.waitForExternalEvent('go')
  })
}

export const api = ({ baseUrl, systemKey }: Host, path: string) => {
  const url = new URL(`${baseUrl}/runtime/webhooks/durabletask/${path}`)
  url.searchParams.set('code', systemKey)
  return url
}
export const isStatus = (host: Host, id: string, status: string) =>
  until(
    () => instance(host, id),
    ({ runtimeStatus }) => runtimeStatus === status,
  )

/** One instance of each status, under the name of its status. */
export async function oneOfEach(host: Host): Promise<void> {
  await start(host, 'Keep', 'completed', { n: 1 })
  await start(host, 'Keep', 'failed', 'fail')
  for (const id of ['running', 'suspended', 'terminated']) {
    await start(host, 'Hold', id, null)
    await isStatus(host, id, 'Running')
  }
  await control(host, 'suspended', 'suspend', 'a%20while')
  await control(host, 'terminated', 'terminate', 'enough')
  for (const status of ['Completed', 'Failed', 'Suspended', 'Terminated'])
    await isStatus(host, status.toLowerCase(), status)
}
