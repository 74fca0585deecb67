import { type Calibration, calibrationsOf, type Prediction } from '../domain/calibration.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, type Stored } from '../ports/records.ts'

/** All predictions of a region's pools that were compared with what came. */
export async function predictionsOf(
  { records }: Pick<Ports, 'records'>,
  region: string,
): Promise<readonly Stored<Prediction>[]> {
  return everyRecord(records, 'predictions', `${region}/`)
}

/** How predictions of a region's pools have done. */
export async function calibrations(ports: Pick<Ports, 'records'>, region: string): Promise<Calibration[]> {
  return calibrationsOf((await predictionsOf(ports, region)).map(({ value }) => value))
}
