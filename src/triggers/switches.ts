import type { HttpResponseInit } from '@azure/functions'
import type { Switch } from '../domain/switches.ts'
import type { SwitchList, SwitchRequest } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { allSwitches, turnSwitch } from '../queries/switches.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'
import { wake } from './wake.ts'

/** The kill switches: read by everyone, turned by a person with a reason, and by nothing else. */
export function registerSwitchRoutes(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.listSwitches, async () => ({ jsonBody: await switchList(ports) }))
  registerRoute(door, OPERATIONS.turnSwitch, (call) => turn(ports, call))
}

async function switchList(ports: Ports): Promise<SwitchList> {
  return { switches: [...(await allSwitches(ports))] }
}

async function turn(ports: Ports, call: Call<SwitchRequest>): Promise<HttpResponseInit> {
  const { scope, setting, reason } = call.body
  if (scope !== '*' && setting !== 'off') {
    const known = (await ports.catalog.fleet()).regions.map(({ name }) => name)
    if (!known.includes(scope))
      return problem('not-found', `there is no region ${scope}; known: ${known.join(', ')}, or * for all`)
  }
  const turned: Switch = { scope, setting, by: call.principal.name, reason, atMs: ports.clock.nowMs() }
  if ((await turnSwitch(ports, turned)) === 'overtaken') {
    return problem(
      'answered-already',
      `somebody else turned this switch at the same moment; look at it again`,
    )
  }
  await wakeRuns(ports, call)
  return { status: 202, jsonBody: await switchList(ports) }
}

/** Lets runs that wait look again at once. A wake that fails costs them no more than one turn of their cadence. */
async function wakeRuns(ports: Ports, call: Call<unknown>): Promise<void> {
  for (const { value: run } of await runsUnderWay(ports)) {
    if (run.status.kind === 'blocked') await wake(ports, run.planId, call.client)
  }
}
