import { fileURLToPath } from 'node:url'
import { WebhookNotifications } from './adapters/callout/webhook-notifications.ts'
import { PageFiles } from './adapters/local/page-files.ts'
import { telemetryParts } from './adapters/telemetry/telemetry-parts.ts'
import { createWorkerRehearsal } from './adapters/worker/worker-rehearsal.ts'
import { registerApp } from './app.ts'
import { appSettings } from './settings.ts'

/** The app on a Functions host: over Azure, or to try it out over a simulated region whose files lie in `RESTAMP_TWIN`. */
const { place, webhook, ticketHook, telemetry } = appSettings(process.env)
const watched = telemetryParts(telemetry)

registerApp({
  ...(await placed()),
  rehearse: createWorkerRehearsal(new URL('rehearsal.js', import.meta.url)),
  ticketHook,
  pages: new PageFiles(fileURLToPath(new URL('dashboard', import.meta.url))),
  ...(webhook ? { notifications: new WebhookNotifications({ ...webhook, nowMs: Date.now }) } : {}),
  ...watched,
})

/** Only what is needed is loaded: Azure's app has no use for a simulated region, and a cold start would wait for it. */
async function placed() {
  if (place.kind === 'twin') {
    const { partsOnTwin } = await import('./parts-on-twin.ts')
    return partsOnTwin(place.folder, process.env)
  }
  const { partsOnAzure } = await import('./parts-on-azure.ts')
  const folder = fileURLToPath(new URL('.', import.meta.url))
  return partsOnAzure(place.azure, { folder, log: watched.log })
}
