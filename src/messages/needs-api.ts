import { z } from 'zod'
import { Calibration, Prediction } from '../domain/calibration.ts'
import { RegionName, RegistryName, StampId } from '../domain/ids.ts'
import { Incident } from '../domain/incident.ts'
import { Readiness } from '../domain/scan.ts'
import { Reason } from './api.ts'

/** POST /api/v1/customer-reports: what a customer told of a registry, or of a stamp. */
export const CustomerReport = z
  .strictObject({
    region: RegionName.optional(),
    registry: RegistryName.optional(),
    stamp: StampId.optional(),
    words: Reason,
  })
  .refine((body) => Boolean(body.registry) !== Boolean(body.stamp), 'name a registry or a stamp')
export type CustomerReport = z.infer<typeof CustomerReport>

/** What taking in an alert or a report came to: scans, and the stamps that it names. */
export const TakenIn = z.object({ scans: z.array(z.string()), stamps: z.array(StampId), words: z.string() })
export type TakenIn = z.infer<typeof TakenIn>

/** POST /api/v1/scans: the ids of the orchestrations that scan. */
export const ScansStarted = z.object({ scans: z.array(z.string()) })

/** GET /api/v1/incidents?region=&all=1: open ones first, then the latest. `next` is the `after` of the page behind this one. */
export const IncidentList = z.object({
  incidents: z.array(Incident),
  next: z.string().nullable().default(null),
})
export type IncidentList = z.infer<typeof IncidentList>

/** GET /api/v1/readiness: signals of the latest scans that can't be judged by. */
export const ReadinessView = z.object({
  regions: z.array(
    z.object({ region: RegionName, scannedAtMs: z.number().nullable(), missing: z.array(Readiness) }),
  ),
})
export type ReadinessView = z.infer<typeof ReadinessView>

/** GET /api/v1/calibration: predicted against actual, pool by pool. */
export const CalibrationView = z.object({
  regions: z.array(
    z.object({ region: RegionName, pools: z.array(Calibration), predictions: z.array(Prediction) }),
  ),
})
export type CalibrationView = z.infer<typeof CalibrationView>
