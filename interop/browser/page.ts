/**
 * Opens the admin page in a real Chromium, holds it against what it promises, and takes its picture.
 *
 *   sh bin/node interop/browser/page.ts [URL [PICTURE.png]] [--width=1280] [--dark] [--seconds=6]
 *
 * Without a URL it looks at a page with invented traffic.
 */

import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startDemo } from './demo.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The little of playwright-core that is used here; it has its own package.json, beside this file. */
interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> }
}
interface Browser {
  newPage(options: object): Promise<Page>
  close(): Promise<void>
}
interface Page {
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
  on(event: 'pageerror', listener: (error: Error) => void): void
  on(event: 'request', listener: (request: { url(): string }) => void): void
  goto(url: string): Promise<unknown>
  waitForTimeout(ms: number): Promise<void>
  evaluate(script: string): Promise<unknown>
  screenshot(options: object): Promise<unknown>
}

/** What to open, how, and where the picture goes. */
export interface Look {
  readonly url: string
  readonly picture: string | null
  readonly width: number
  readonly dark: boolean
  /** How long traffic is watched before the verdict. */
  readonly seconds: number
  /** Whether to use what changes the proxy as well, down to its end. */
  readonly controls: boolean
}

/** Everything that is wrong with the page; empty when it is as it should be. */
export async function lookAtPage(look: Look): Promise<string[]> {
  const { url, picture, width, dark, seconds } = look
  const { chromium } = await playwright()
  if (!existsSync(CHROMIUM))
    throw new Error(
      `no Chromium at ${CHROMIUM}: apt-get install chromium, or say where it is in CHROMIUM`,
    )
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    const viewport = { width, height: 900 }
    const page = await browser.newPage({ viewport, colorScheme: dark ? 'dark' : 'light' })
    const wrong: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`))
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(url).origin)
        wrong.push(`asks elsewhere: ${request.url()}`)
    })
    await page.goto(url)
    await page.waitForTimeout(2500)
    const before = (await page.evaluate(READING)) as Reading
    await page.waitForTimeout(seconds * 1000)
    const after = (await page.evaluate(READING)) as Reading
    wrong.push(...verdict(before, after))
    if (picture !== null) await page.screenshot({ path: picture, fullPage: true })
    if (look.controls) {
      await page.evaluate(CONTROLS)
      await page.waitForTimeout(2500)
      wrong.push(...((await page.evaluate(CONTROLLED)) as string[]))
    }
    return wrong
  } finally {
    await browser.close()
  }
}

/** What a person would read off the page. */
interface Reading {
  readonly state: string
  readonly uptime: string
  readonly figures: string
  readonly hosts: number
  readonly points: number
  readonly overflow: number
}

const READING = `({
  state: document.getElementById('state').textContent,
  uptime: document.getElementById('facts').textContent,
  figures: [...document.querySelectorAll('.figure, #listeners td, .hosts td')].map((one) => one.textContent).join(' '),
  hosts: document.querySelectorAll('.hosts tbody tr').length,
  points: document.querySelector('.tile .line').getAttribute('d')?.split('L').length ?? 0,
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})`

/** Chooses another log level, thinks better of draining, then drains. */
const CONTROLS = `{
  const level = document.getElementById('level')
  level.value = 'debug'
  level.dispatchEvent(new Event('change'))
  const press = (id) => document.getElementById(id).click()
  for (const id of ['drain', 'stay', 'drain', 'go']) press(id)
}`

const CONTROLLED = `(async () => {
  const { log_level } = await (await fetch('/server_info')).json()
  const state = document.getElementById('state').textContent
  const wrong = []
  if (log_level !== 'debug') wrong.push('the log level did not become debug but ' + log_level)
  if (state !== 'draining') wrong.push('after the drain button the state is ' + state)
  return wrong
})()`

function verdict(before: Reading, after: Reading): string[] {
  const wrong: string[] = []
  if (after.state !== 'live') wrong.push(`the state is "${after.state}", not "live"`)
  if (after.hosts === 0) wrong.push('no host is shown')
  if (after.uptime === before.uptime) wrong.push('the uptime does not move')
  if (after.figures === before.figures) wrong.push('no figure moves')
  if (after.points <= before.points) wrong.push('the line of requests does not grow')
  if (after.overflow > 0) wrong.push(`the page is ${after.overflow} px wider than the window`)
  return wrong
}

async function playwright(): Promise<Playwright> {
  const name = 'playwright-core'
  try {
    return (await import(name)) as Playwright
  } catch (cause) {
    throw new Error('playwright-core is missing: npm ci --prefix interop/browser', { cause })
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      width: { type: 'string', default: '1280' },
      seconds: { type: 'string', default: '6' },
      dark: { type: 'boolean', default: false },
    },
  })
  const [given, picture = null] = positionals
  const demo = given === undefined || given === 'demo' ? await startDemo() : null
  try {
    const wrong = await lookAtPage({
      url: demo?.url ?? given!,
      picture,
      width: Number(values.width),
      dark: values.dark,
      seconds: Number(values.seconds),
      controls: demo !== null,
    })
    for (const one of wrong) console.error(`admin page: ${one}`)
    if (wrong.length === 0) console.log(`admin page: as it should be at ${values.width} px`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  } finally {
    await demo?.close()
  }
}

if (import.meta.main)
  await main().catch((error: Error) => {
    console.error(`admin page: ${error.message}`)
    process.exitCode = 1
  })
