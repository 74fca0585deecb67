// Photographs the dashboard of a running host: node scripts/screenshots.mjs LINK FOLDER, with a link that `npm start` printed.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium, HOW_TO_GET_ONE } from '../test/browser.ts'

const SETTLE_MS = 2_500
const VIEWPORT = { width: 1280, height: 900 }

const [link, folder] = process.argv.slice(2)
if (!link?.includes('#token=') || !folder) {
  console.error('expected a link with #token=... and a folder: node scripts/screenshots.mjs LINK FOLDER')
  process.exit(2)
}
const executablePath = findChromium(process.env)
if (!executablePath) {
  console.error(HOW_TO_GET_ONE)
  process.exit(3)
}

await mkdir(folder, { recursive: true })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const colorScheme of ['light', 'dark']) await photograph(colorScheme)
} finally {
  await browser.close()
}

/** The fleet, and the newest plan with its report where there is one. */
async function photograph(colorScheme) {
  const page = await browser.newPage({ colorScheme, viewport: VIEWPORT })
  await page.goto(link)
  await page.locator('.plot canvas').waitFor()
  await keep(page, `fleet-${colorScheme}`)
  await page.getByRole('link', { name: 'Plans' }).click()
  await page.getByRole('heading', { name: 'Plans' }).waitFor()
  const newest = page.locator('tbody th a').first()
  if ((await newest.count()) > 0) {
    await newest.click()
    await page.getByRole('heading', { name: 'Moves' }).waitFor()
    await keep(page, `plan-${colorScheme}`)
    const report = page.getByRole('link', { name: 'Report' })
    if ((await report.count()) > 0) {
      await report.click()
      await page.getByRole('heading', { name: 'CPU of each pool' }).waitFor()
      await keep(page, `report-${colorScheme}`)
    }
  }
  await page.close()
}

async function keep(page, name) {
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(join(folder, `${name}.png`))
}
