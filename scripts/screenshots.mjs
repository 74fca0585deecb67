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

/** Every view: of the newest plan those that a plan has. */
async function photograph(colorScheme) {
  const page = await browser.newPage({ colorScheme, viewport: VIEWPORT })
  await page.goto(link)
  await page.locator('.plot canvas').waitFor()
  const stamp = await page.locator('a.stamp-name').first().getAttribute('href')
  await page.goto(at('#/plans'))
  const newest = await page.locator('tbody th a').first().getAttribute('href')
  const plan = newest?.replace('#/plans/', '')
  const views = {
    ...{ fleet: '#/fleet', stamp, plans: '#/plans', incidents: '#/incidents', policy: '#/policy' },
    ...(plan ? { plan: newest, report: `${newest}/report`, audit: `#/audit/${plan}` } : {}),
  }
  for (const [name, address] of Object.entries(views)) {
    await page.goto(at(address))
    if (name === 'incidents') await page.getByLabel('Those that are over, too').check()
    await keep(page, `${name}-${colorScheme}`)
    // The guide of a first run is the same on every view.
    if (name === 'fleet') await page.getByText('First run, step').click()
  }
  await page.close()
}

function at(fragment) {
  return new URL(fragment, link).href
}

async function keep(page, name) {
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(join(folder, `${name}.png`))
}
