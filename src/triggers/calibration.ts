import type { HttpResponseInit } from '@azure/functions'
import { calibrationsOf, isMiss } from '../domain/calibration.ts'
import type { OrderRequest } from '../messages/api.ts'
import type { CalibrationView } from '../messages/needs-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { predictionsOf } from '../queries/calibrations.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** How predictions have done, and a person's word that misses were looked into. */
export function registerCalibrationRoutes(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.readCalibration, () => calibration(ports))
  registerRoute(door, OPERATIONS.acceptMisses, (call) => accept(ports, call))
}

async function calibration(ports: Ports): Promise<HttpResponseInit> {
  const regions = (await ports.catalog.fleet()).regions.map(async ({ name: region }) => {
    const predictions = (await predictionsOf(ports, region)).map(({ value }) => value)
    return { region, pools: calibrationsOf(predictions), predictions }
  })
  const body: CalibrationView = { regions: await Promise.all(regions) }
  return { jsonBody: body }
}

async function accept(ports: Ports, call: Call<OrderRequest>): Promise<HttpResponseInit> {
  const region = call.param('region')
  const [stamp, pool] = [call.param('stamp'), call.param('pool')]
  const own = (await predictionsOf(ports, region)).filter(
    ({ value }) => value.stamp === stamp && value.pool === pool,
  )
  const missed = own.filter(({ value }) => isMiss(value) && !value.accepted)
  if (missed.length === 0)
    return problem(
      'not-found',
      `no prediction of ${stamp} ${pool} in ${region} was beyond its band and waits for anybody`,
    )
  const accepted = { by: call.principal.name, reason: call.body.reason, atMs: ports.clock.nowMs() }
  for (const { id, value, etag } of missed)
    await ports.records.replace('predictions', id, { ...value, accepted }, etag)
  return calibration(ports)
}
